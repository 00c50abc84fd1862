// Matrix products, convolutions, pooling and their gradients: bit for bit the chains of models/abi/npu.h, whatever views their operands come through.
#include <catch2/catch.hpp>

#include "network.h"

namespace spinvp::workloads::compiler::test {
namespace {

using I = std::int64_t;

// c[g][i][j] = chain over k of a(g, i, k) b(g, k, j).
template <typename A, typename B>
Numbers product(I batch, I m, I n, I k, A&& a, B&& b) {
  Numbers c;
  for (I g = 0; g < batch; ++g)
    for (I i = 0; i < m; ++i)
      for (I j = 0; j < n; ++j) {
        float sum = 0;
        for (I l = 0; l < k; ++l) sum = std::fma(a(g, i, l), b(g, l, j), sum);
        c.push_back(sum);
      }
  return c;
}

void check_all(Network& net, TensorId y, const Numbers& wanted, ElementType element) {
  for (const CompileOptions& options : net.variants()) {
    auto result = net.run(options);
    CHECK(first_difference(result.of[y], rounded(wanted, element)) == -1);
  }
}

std::size_t kernels_of(const CompiledProgram& program, std::uint32_t operation) {
  std::size_t count = 0;
  for (const CompiledKernel& kernel : program.kernels) count += kernel.descriptor.operation == operation ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("Gemm with all its settings is one kernel") {
  for (const ElementType element : {ElementType::float32, ElementType::bfloat16})
    for (const double alpha : {1.0, 0.3})
      for (const double beta : {1.0, 0.7})
        for (const int turned : {0, 1, 2, 3})
          for (const Shape& bias : {Shape{}, Shape{4}, Shape{3, 1}, Shape{3, 4}}) {
            Network net(element);
            const bool turn_a = (turned & 1) != 0, turn_b = (turned & 2) != 0;
            const TensorId a = net.input("a", turn_a ? Shape{5, 3} : Shape{3, 5}, drawn(15, 1)),
                           b = net.input("b", turn_b ? Shape{4, 5} : Shape{5, 4}, drawn(20, 2));
            const TensorId c = net.input("c", bias, drawn(elements(bias), 3));
            const TensorId y = net.one("Gemm", {a, b, c}, with({{"alpha", alpha}, {"beta", beta}, {"transA", I{turn_a}}, {"transB", I{turn_b}}}));
            net.graph.add_output(y);
            const auto &va = net.values[a], &vb = net.values[b], &vc = net.values[c];
            Numbers wanted = product(
                1, 3, 4, 5, [&](I, I i, I k) { return va[static_cast<std::size_t>(turn_a ? k * 3 + i : i * 5 + k)]; },
                [&](I, I k, I j) { return vb[static_cast<std::size_t>(turn_b ? j * 5 + k : k * 4 + j)]; });
            for (std::size_t i = 0; i < 12; ++i) {
              const std::size_t at = bias.empty() ? 0 : bias == Shape{4} ? i % 4 : bias == Shape{3, 1} ? i / 4 : i;
              const auto al = static_cast<float>(alpha), be = static_cast<float>(beta);
              wanted[i] = (alpha == 1 ? wanted[i] : wanted[i] * al) + (beta == 1 ? vc[at] : vc[at] * be);
            }
            INFO(name_of(element) << " alpha " << alpha << " beta " << beta << " turned " << turned << " bias " << text_of(bias));
            CHECK(net.compiled().kernels.size() == 1);
            check_all(net, y, wanted, element);
          }
}

TEST_CASE("MatMul: vectors, tall products, batches, operands that repeat") {
  struct Case {
    Shape a, b;
    std::uint32_t batch;  // of the command
  };
  for (const Case& c : {Case{{3, 4}, {4, 5}, 0}, Case{{4}, {4, 5}, 0}, Case{{3, 4}, {4}, 0}, Case{{2, 3, 4}, {4, 5}, 0}, Case{{2, 3, 4}, {1, 4, 5}, 0},
                        Case{{2, 3, 4}, {2, 4, 5}, 2}, Case{{3, 4}, {2, 4, 5}, 2}, Case{{2, 1, 3, 4}, {3, 4, 5}, 6}}) {
    Network net;
    const TensorId a = net.input("a", c.a, drawn(elements(c.a), 1)), b = net.input("b", c.b, drawn(elements(c.b), 2));
    const TensorId y = net.one("MatMul", {a, b});
    net.graph.add_output(y);
    const auto &va = net.values[a], &vb = net.values[b];
    const I batch = c.a.size() == 4 ? 6 : std::max<I>(c.a.size() == 3 ? c.a[0] : 1, c.b.size() == 3 ? c.b[0] : 1);
    const I m = c.a.size() == 1 ? 1 : 3, n = c.b.size() == 1 ? 1 : 5;
    const I a_count = static_cast<I>(va.size()) / (m * 4), b_count = static_cast<I>(vb.size()) / (4 * n);
    const Numbers wanted = product(
        batch, m, n, 4,
        [&](I g, I i, I k) {
          return va[static_cast<std::size_t>(((c.a.size() == 4 ? g / 3 : a_count == 1 ? 0 : g) * m + i) * 4 + k)];
        },
        [&](I g, I k, I j) {
          return vb[static_cast<std::size_t>(((c.a.size() == 4 ? g % 3 : b_count == 1 ? 0 : g) * 4 + k) * n + j)];
        });
    INFO(text_of(c.a) << " by " << text_of(c.b));
    const CompiledProgram program = net.compiled();
    CHECK(program.kernels.back().descriptor.batch == c.batch);
    check_all(net, y, wanted, ElementType::float32);
  }
}

TEST_CASE("a transpose of the last two dimensions is a flag of the product; heads that lie across are copied once") {
  Network net;
  // [batch 2][length 3][heads 2][width 4] -> [batch][heads][length][width]
  const TensorId q = net.input("q", {2, 3, 2, 4}, drawn(48, 1)), k = net.input("k", {2, 3, 2, 4}, drawn(48, 2));
  const TensorId qh = net.one("Transpose", {q}, with({{"perm", Wholes{0, 2, 1, 3}}})), kh = net.one("Transpose", {k}, with({{"perm", Wholes{0, 2, 1, 3}}}));
  const TensorId kt = net.one("Transpose", {kh}, with({{"perm", Wholes{0, 1, 3, 2}}}));
  const TensorId scores = net.one("MatMul", {qh, kt}), again = net.one("MatMul", {scores, kh});
  net.graph.add_output(scores);
  net.graph.add_output(again);
  const auto head = [](const Numbers& v, I g, I row, I column) { return v[static_cast<std::size_t>(((g / 2 * 3 + row) * 2 + g % 2) * 4 + column)]; };
  const Numbers wanted = product(
      4, 3, 3, 4, [&](I g, I i, I l) { return head(net.values[q], g, i, l); }, [&](I g, I l, I j) { return head(net.values[k], g, j, l); });
  const Numbers then = product(
      4, 3, 4, 3, [&](I g, I i, I l) { return wanted[static_cast<std::size_t>((g * 3 + i) * 3 + l)]; },
      [&](I g, I l, I j) { return head(net.values[k], g, l, j); });
  const CompiledProgram program = net.compiled();
  // Two copies, two products: k is copied once for both.
  CHECK(program.kernels.size() == 4);
  CHECK((program.kernels[2].descriptor.flags & SPINVP_NPU_TRANSPOSE_B) != 0);
  check_all(net, scores, wanted, ElementType::float32);
  check_all(net, again, then, ElementType::float32);
}

TEST_CASE("convolutions: groups, strides, dilation, uneven pads, one spatial extent; bias and ReLU ride along") {
  struct Case {
    Shape x, w;
    Wholes strides, pads, dilations;
    I groups;
  };
  for (const ElementType element : {ElementType::float32, ElementType::bfloat16})
    for (const Case& c : {Case{{2, 3, 6, 5}, {4, 3, 3, 2}, {1, 1}, {0, 0, 0, 0}, {1, 1}, 1}, Case{{1, 4, 7, 6}, {6, 2, 3, 3}, {2, 1}, {1, 0, 2, 1}, {1, 2}, 2},
                          Case{{2, 3, 9}, {3, 1, 3}, {2}, {1, 1}, {1}, 3}}) {
      Network net(element);
      const TensorId x = net.input("x", c.x, drawn(elements(c.x), 1)), w = net.weight("w", {element, c.w}, drawn(elements(c.w), 2));
      const TensorId bias = net.weight("b", {element, {c.w[0]}}, drawn(static_cast<std::uint64_t>(c.w[0]), 3));
      const TensorId y = net.one("Conv", {x, w, bias}, with({{"strides", c.strides}, {"pads", c.pads}, {"dilations", c.dilations}, {"group", c.groups}}));
      const TensorId relu = net.one("Relu", {y});
      net.graph.add_output(relu);
      net.complete();
      Shape xs = c.x, ws = c.w, ys = net.graph.tensor(y).type.shape;
      Wholes strides = c.strides, pads = c.pads, dilations = c.dilations;
      if (xs.size() == 3) {
        for (Shape* s : {&xs, &ws, &ys}) s->insert(s->begin() + 2, 1);
        strides.insert(strides.begin(), 1);
        dilations.insert(dilations.begin(), 1);
        pads = {0, pads[0], 0, pads[1]};
      }
      Numbers wanted;
      const auto &vx = net.values[x], &vw = net.values[w], &vb = net.values[bias];
      const I per_group = ys[1] / c.groups;
      for (I n = 0; n < ys[0]; ++n)
        for (I o = 0; o < ys[1]; ++o)
          for (I oy = 0; oy < ys[2]; ++oy)
            for (I ox = 0; ox < ys[3]; ++ox) {
              float sum = 0;
              for (I i = 0; i < ws[1]; ++i)
                for (I ky = 0; ky < ws[2]; ++ky)
                  for (I kx = 0; kx < ws[3]; ++kx) {
                    const I iy = oy * strides[0] - pads[0] + ky * dilations[0], ix = ox * strides[1] - pads[1] + kx * dilations[1];
                    const bool inside = iy >= 0 && iy < xs[2] && ix >= 0 && ix < xs[3];
                    const float in = inside ? vx[static_cast<std::size_t>(((n * xs[1] + o / per_group * ws[1] + i) * xs[2] + iy) * xs[3] + ix)] : 0.0f;
                    sum = std::fma(in, vw[static_cast<std::size_t>(((o * ws[1] + i) * ws[2] + ky) * ws[3] + kx)], sum);
                  }
              sum += vb[static_cast<std::size_t>(o)];
              wanted.push_back(sum > 0 ? sum : 0.0f);
            }
      INFO(text_of(c.x) << " with " << text_of(c.w));
      const CompiledProgram program = net.compiled();
      CHECK(program.kernels.size() == 1);
      CHECK((program.kernels[0].descriptor.flags & (SPINVP_NPU_FUSE_RELU | SPINVP_NPU_EPILOGUE)) == SPINVP_NPU_FUSE_RELU);
      check_all(net, relu, wanted, element);
    }
}

TEST_CASE("a convolution's gradients are the chains over dy") {
  // The adjoint is checked in double: <dy, conv(x)> changes by <dx, delta> and by <dw, delta>.
  Network net;
  const Shape xs = {2, 4, 6, 5}, ws = {6, 2, 3, 3};
  const Attributes settings = with({{"strides", Wholes{2, 1}}, {"pads", Wholes{1, 0, 1, 1}}, {"group", I{2}}});
  const TensorId x = net.input("x", xs, drawn(elements(xs), 1)), w = net.input("w", ws, drawn(elements(ws), 2));
  const TensorId y = net.one("Conv", {x, w}, settings);
  const Shape ys = {2, 6, 3, 4};
  const TensorId dy = net.input("dy", ys, drawn(elements(ys), 3));
  Attributes of_data = settings, of_weight = settings;
  of_data.set("input_shape", xs);
  of_weight.set("weight_shape", ws);
  const TensorId dx = net.one("ConvDataGradient", {dy, w}, of_data), dw = net.one("ConvWeightGradient", {x, dy}, of_weight);
  for (const TensorId t : {y, dx, dw}) net.graph.add_output(t);
  auto result = net.run();
  const auto inner = [](const Numbers& a, const Numbers& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
  };
  const double pairing = inner(result.of[y], net.values[dy]);
  CHECK(inner(result.of[dx], net.values[x]) == Approx(pairing).epsilon(1e-5));
  CHECK(inner(result.of[dw], net.values[w]) == Approx(pairing).epsilon(1e-5));
}

TEST_CASE("pooling and its gradients") {
  for (const ElementType element : {ElementType::float32, ElementType::bfloat16}) {
    Network net(element);
    const Shape xs = {2, 3, 6, 6}, ys = {2, 3, 3, 3};
    const Attributes window = with({{"kernel_shape", Wholes{3, 3}}, {"strides", Wholes{2, 2}}, {"pads", Wholes{1, 1, 1, 1}}});
    Attributes winners = window, back = window;
    winners.set("winners", I{1});
    back.set("input_shape", xs);
    const TensorId x = net.input("x", xs, drawn(elements(xs), 1)), dy = net.input("dy", ys, drawn(elements(ys), 2));
    const auto largest = net.node("MaxPool", {x}, 2, winners);
    const TensorId dx = net.one("MaxPoolGradient", {dy, largest[1]}, back);
    const TensorId mean = net.one("AveragePool", {x}, window), dmean = net.one("AveragePoolGradient", {dy}, back);
    const TensorId all = net.one("GlobalAveragePool", {x}), most = net.one("GlobalMaxPool", {x});
    for (const TensorId t : {largest[0], dx, mean, dmean, all, most}) net.graph.add_output(t);
    Numbers y, gx(elements(xs), 0), avg, gavg(elements(xs), 0), whole, top;
    const auto &vx = net.values[x], &vdy = net.values[dy];
    std::vector<bool> hit(elements(xs), false);
    for (std::size_t plane = 0; plane < 6; ++plane) {
      float total = 0, best_of_all = vx[plane * 36];
      for (std::size_t i = 0; i < 36; ++i) {
        total += vx[plane * 36 + i];
        best_of_all = std::max(best_of_all, vx[plane * 36 + i]);
      }
      whole.push_back(total * static_cast<float>(1.0 / 36));
      top.push_back(best_of_all);
      for (I oy = 0; oy < 3; ++oy)
        for (I ox = 0; ox < 3; ++ox) {
          std::vector<std::size_t> places;
          for (I ky = 0; ky < 3; ++ky)
            for (I kx = 0; kx < 3; ++kx) {
              const I iy = oy * 2 + ky - 1, ix = ox * 2 + kx - 1;
              if (iy >= 0 && iy < 6 && ix >= 0 && ix < 6) places.push_back(plane * 36 + static_cast<std::size_t>(iy * 6 + ix));
            }
          std::size_t best = places[0];
          float sum = 0;
          for (const std::size_t p : places) {
            if (vx[p] > vx[best]) best = p;
            sum += vx[p];
          }
          const float d = vdy[plane * 9 + static_cast<std::size_t>(oy * 3 + ox)], count = static_cast<float>(places.size());
          y.push_back(vx[best]);
          gx[best] = hit[best] ? gx[best] + d : d;
          hit[best] = true;
          avg.push_back(sum / count);
          for (const std::size_t p : places) gavg[p] += d / count;
        }
    }
    auto result = net.run();
    CHECK(first_difference(result.of[largest[0]], y) == -1);
    CHECK(first_difference(result.of[dx], rounded(gx, element)) == -1);
    CHECK(first_difference(result.of[mean], rounded(avg, element)) == -1);
    CHECK(first_difference(result.of[dmean], rounded(gavg, element)) == -1);
    CHECK(first_difference(result.of[all], rounded(whole, element)) == -1);
    CHECK(first_difference(result.of[most], top) == -1);
    CHECK(kernels_of(result.program, SPINVP_NPU_REDUCE) == 2);
  }
}

}  // namespace spinvp::workloads::compiler::test
