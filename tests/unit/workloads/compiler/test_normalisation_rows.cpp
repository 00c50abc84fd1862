// Normalisations, softmax, reductions, losses and optimisers: the contract's order of arithmetic, bit for bit.
#include <catch2/catch.hpp>

#include "network.h"

namespace spinvp::workloads::compiler::test {
namespace {

using I = std::int64_t;

void check_all(Network& net, const std::vector<std::pair<TensorId, Numbers>>& wanted) {
  for (const CompileOptions& options : net.variants()) {
    auto result = net.run(options);
    for (const auto& [tensor, numbers] : wanted) {
      INFO("tensor " << net.graph.tensor(tensor).name << (options.fusion ? " fused" : "") << (options.residency ? " resident" : ""));
      CHECK(first_difference(result.of[tensor], rounded(numbers, net.graph.tensor(tensor).type.element)) == -1);
    }
  }
}

}  // namespace

TEST_CASE("batch normalisation at inference, and as the epilogue of its convolution") {
  for (const ElementType element : {ElementType::float32, ElementType::bfloat16}) {
    Network net(element);
    const TensorId x = net.input("x", {2, 3, 2, 2}, drawn(24, 1)), w = net.weight("w", {element, {4, 3, 1, 1}}, drawn(12, 2));
    const TensorId scale = net.weight("scale", {element, {4}}, drawn(4, 3)), bias = net.weight("bias", {element, {4}}, drawn(4, 4));
    const TensorId mean = net.weight("mean", {element, {4}}, drawn(4, 5)), var = net.weight("var", {element, {4}}, drawn(4, 6, 0.1f, 2));
    const TensorId conv = net.one("Conv", {x, w}), norm = net.one("BatchNormalization", {conv, scale, bias, mean, var}), y = net.one("Relu", {norm});
    net.graph.add_output(y);
    Numbers wanted;
    for (std::size_t n = 0; n < 2; ++n)
      for (std::size_t c = 0; c < 4; ++c)
        for (std::size_t p = 0; p < 4; ++p) {
          float sum = 0;
          for (std::size_t i = 0; i < 3; ++i) sum = std::fma(net.values[x][(n * 3 + i) * 4 + p], net.values[w][c * 3 + i], sum);
          if (element == ElementType::bfloat16) sum = through_bf16(sum);
          const float s = net.values[scale][c] / std::sqrt(net.values[var][c] + 1e-5f);
          float v = ((sum - net.values[mean][c]) * s) + net.values[bias][c];
          if (element == ElementType::bfloat16) v = through_bf16(v);
          wanted.push_back(v > 0 ? v : 0.0f);
        }
    CHECK(net.compiled().kernels.size() == 2);  // s for each channel, then all of it
    CHECK(net.compiled({.fusion = false}).kernels.size() == 4);
    check_all(net, {{y, wanted}});
  }
}

TEST_CASE("batch normalisation in training: statistics of the batch, gradients, running statistics in place") {
  for (const ElementType element : {ElementType::float32, ElementType::bfloat16}) {
    Network net(element);
    const TensorType channels{ElementType::float32, {3}};
    const TensorId x = net.input("x", {2, 3, 4, 2}, drawn(48, 1)), dy = net.input("dy", {2, 3, 4, 2}, drawn(48, 2));
    const TensorId scale = net.weight("scale", {element, {3}}, drawn(3, 3)), bias = net.weight("bias", {element, {3}}, drawn(3, 4));
    const TensorId running_mean = net.weight("rm", channels, drawn(3, 5)), running_var = net.weight("rv", channels, drawn(3, 6, 0.5f, 1));
    const auto out = net.node("BatchNormalizationTraining", {x, scale, bias, running_mean, running_var}, 5, with({{"momentum", 0.75}}));
    const auto back = net.node("BatchNormalizationGradient", {dy, x, scale, out[1], out[2]}, 3);
    for (const TensorId t : {out[0], out[1], out[2], back[0], back[1], back[2]}) net.graph.add_output(t);
    net.request.replacements = {{running_mean, out[3]}, {running_var, out[4]}};
    Numbers y(48), dx(48), mean(3), rstd(3), new_mean(3), new_var(3), dscale(3), dbias(3);
    const auto &vx = net.values[x], &vdy = net.values[dy];
    const auto at = [](std::size_t c, std::size_t i) { return (i / 8 * 3 + c) * 8 + i % 8; };
    const float r = 1.0f / 16.0f;
    for (std::size_t c = 0; c < 3; ++c) {
      float sum = 0, squares = 0, db = 0, ds = 0;
      for (std::size_t i = 0; i < 16; ++i) sum += vx[at(c, i)];
      mean[c] = sum * r;
      for (std::size_t i = 0; i < 16; ++i) {
        const float d = vx[at(c, i)] - mean[c], square = d * d;
        squares += square;
      }
      const float var = squares * r, s = net.values[scale][c];
      rstd[c] = 1.0f / std::sqrt(var + 1e-5f);
      for (std::size_t i = 0; i < 16; ++i) {
        const float xhat = (vx[at(c, i)] - mean[c]) * rstd[c], term = vdy[at(c, i)] * xhat;
        y[at(c, i)] = (xhat * s) + net.values[bias][c];
        db += vdy[at(c, i)];
        ds += term;
      }
      for (std::size_t i = 0; i < 16; ++i) {
        const float xhat = (vx[at(c, i)] - mean[c]) * rstd[c];
        dx[at(c, i)] = (s * rstd[c]) * ((vdy[at(c, i)] - db * r) - (xhat * (ds * r)));
      }
      dscale[c] = ds;
      dbias[c] = db;
      new_mean[c] = net.values[running_mean][c] * 0.75f + mean[c] * 0.25f;
      new_var[c] = net.values[running_var][c] * 0.75f + var * 0.25f;
    }
    check_all(
        net,
        {{out[0], y}, {out[1], mean}, {out[2], rstd}, {back[0], dx}, {back[1], dscale}, {back[2], dbias}, {running_mean, new_mean}, {running_var, new_var}});
  }
}

TEST_CASE("layer normalisation and its gradient") {
  for (const ElementType element : {ElementType::float32, ElementType::bfloat16}) {
    Network net(element);
    const TensorId x = net.input("x", {2, 3, 4}, drawn(24, 1)), dy = net.input("dy", {2, 3, 4}, drawn(24, 2));
    const TensorId scale = net.weight("scale", {element, {4}}, drawn(4, 3)), bias = net.weight("bias", {element, {4}}, drawn(4, 4));
    const auto out = net.node("LayerNormalization", {x, scale, bias}, 3, with({{"axis", I{-1}}, {"epsilon", 1e-3}}));
    const auto back = net.node("LayerNormalizationGradient", {dy, x, scale, out[1], out[2]}, 3, with({{"axis", I{-1}}}));
    for (const TensorId t : {out[0], back[0], back[1], back[2]}) net.graph.add_output(t);
    Numbers y(24), dx(24), dscale(4, 0), dbias(4, 0);
    const auto &vx = net.values[x], &vdy = net.values[dy], &vs = net.values[scale];
    for (std::size_t row = 0; row < 6; ++row) {
      float sum = 0, squares = 0, s1 = 0, s2 = 0;
      for (std::size_t j = 0; j < 4; ++j) sum += vx[row * 4 + j];
      const float mean = sum * 0.25f;
      for (std::size_t j = 0; j < 4; ++j) {
        const float d = vx[row * 4 + j] - mean, square = d * d;
        squares += square;
      }
      const float rstd = 1.0f / std::sqrt(squares * 0.25f + 1e-3f);
      const auto xhat = [&](std::size_t j) { return (vx[row * 4 + j] - mean) * rstd; };
      for (std::size_t j = 0; j < 4; ++j) {
        y[row * 4 + j] = (xhat(j) * vs[j]) + net.values[bias][j];
        const float g = vdy[row * 4 + j] * vs[j], term = g * xhat(j), weighted = vdy[row * 4 + j] * xhat(j);
        s1 += g;
        s2 += term;
        dscale[j] += weighted;
        dbias[j] += vdy[row * 4 + j];
      }
      for (std::size_t j = 0; j < 4; ++j) dx[row * 4 + j] = rstd * ((vdy[row * 4 + j] * vs[j] - s1 * 0.25f) - (xhat(j) * (s2 * 0.25f)));
    }
    check_all(net, {{out[0], y}, {back[0], dx}, {back[1], dscale}, {back[2], dbias}});
  }
}

TEST_CASE("softmax and its gradient along any axis") {
  for (const I axis : {I{-1}, I{1}, I{0}}) {
    Network net;
    const Shape shape = {3, 4, 5};
    const TensorId x = net.input("x", shape, drawn(60, 1)), dp = net.input("dp", shape, drawn(60, 2));
    const TensorId p = net.one("Softmax", {x}, with({{"axis", axis}})), dx = net.one("SoftmaxGradient", {dp, p}, with({{"axis", axis}}));
    net.graph.add_output(p);
    net.graph.add_output(dx);
    const std::size_t step = axis == 0 ? 20 : axis == 1 ? 5 : 1, count = axis == 0 ? 3 : axis == 1 ? 4 : 5;
    Numbers wanted(60), gradient(60);
    for (std::size_t first = 0; first < 60; ++first) {
      if (first / step % count != 0) continue;
      float largest = net.values[x][first], sum = 0, g = 0;
      for (std::size_t j = 0; j < count; ++j) largest = std::max(largest, net.values[x][first + j * step]);
      for (std::size_t j = 0; j < count; ++j) sum += spinvp_exp_f32(net.values[x][first + j * step] - largest);
      for (std::size_t j = 0; j < count; ++j) {
        const std::size_t i = first + j * step;
        wanted[i] = spinvp_exp_f32(net.values[x][i] - largest) / sum;
        const float term = net.values[dp][i] * wanted[i];
        g += term;
      }
      for (std::size_t j = 0; j < count; ++j) gradient[first + j * step] = wanted[first + j * step] * (net.values[dp][first + j * step] - g);
    }
    INFO("axis " << axis);
    check_all(net, {{p, wanted}, {dx, gradient}});
  }
}

TEST_CASE("a logarithm of softmax is the logarithm of what softmax gives, to rounding") {
  Network net;
  const TensorId x = net.input("x", {3, 7}, drawn(21, 1)), y = net.one("LogSoftmax", {x}), p = net.one("Softmax", {x});
  net.graph.add_output(y);
  net.graph.add_output(p);
  auto result = net.run();
  for (std::size_t i = 0; i < 21; ++i) CHECK(std::exp(result.of[y][i]) == Approx(result.of[p][i]).epsilon(1e-5));
}

TEST_CASE("reductions: ascending over what is reduced, from +0") {
  for (const ElementType element : {ElementType::float32, ElementType::bfloat16}) {
    Network net(element);
    const TensorId x = net.input("x", {2, 3, 4}, drawn(24, 1));
    const Attributes outer = with({{"axes", Wholes{0, 2}}, {"keepdims", I{0}}});
    const TensorId sum = net.one("ReduceSum", {x}, outer), mean = net.one("ReduceMean", {x}, outer), most = net.one("ReduceMax", {x}, outer);
    const TensorId least = net.one("ReduceMin", {x}, with({{"axes", Wholes{1}}})), all = net.one("ReduceSum", {x});
    // A map before a reduction goes into it.
    const TensorId squares = net.one("ReduceSum", {net.one("Mul", {x, x})}, outer);
    for (const TensorId t : {sum, mean, most, least, all, squares}) net.graph.add_output(t);
    Numbers s(3, 0), m, top(3, -9), low(8, 9), total(1, 0), sq(3, 0);
    const auto& v = net.values[x];
    for (std::size_t i = 0; i < 24; ++i) {
      const std::size_t c = i / 4 % 3, kept = i / 12 * 4 + i % 4;
      s[c] += v[i];
      top[c] = std::max(top[c], v[i]);
      low[kept] = std::min(low[kept], v[i]);
      total[0] += v[i];
      sq[c] += element == ElementType::bfloat16 ? through_bf16(v[i] * v[i]) : v[i] * v[i];
    }
    for (const float t : s) m.push_back(t * 0.125f);
    check_all(net, {{sum, s}, {mean, m}, {most, top}, {least, low}, {all, total}, {squares, sq}});
    CHECK(net.compiled().kernels.size() == 6);
  }
}

TEST_CASE("cross entropy: mean loss over the rows, gradient times the scale") {
  for (const ElementType element : {ElementType::float32, ElementType::bfloat16})
    for (const double scale : {1.0, 3.0}) {
      Network net(element);
      const TensorId logits = net.input("logits", {4, 6}, drawn(24, 1)), labels = net.input("labels", {ElementType::int32, {4}}, {3, 0, 5, 2});
      const auto out = net.node("SoftmaxCrossEntropy", {logits, labels}, 2, with({{"scale", scale}}));
      net.request.loss = out[0];
      net.graph.add_output(out[1]);
      const Numbers &v = net.values[logits], &label = net.values[labels];
      Numbers loss(1, 0), d;
      for (std::size_t i = 0; i < 4; ++i) {
        float largest = v[i * 6], sum = 0;
        for (std::size_t j = 0; j < 6; ++j) largest = std::max(largest, v[i * 6 + j]);
        for (std::size_t j = 0; j < 6; ++j) sum += spinvp_exp_f32(v[i * 6 + j] - largest);
        const auto chosen = static_cast<std::size_t>(label[i]);
        for (std::size_t j = 0; j < 6; ++j) {
          const float g = (spinvp_exp_f32(v[i * 6 + j] - largest) / sum - (j == chosen ? 1.0f : 0.0f)) * 0.25f;
          d.push_back(scale == 1 ? g : g * 3.0f);
        }
        loss[0] += spinvp_log_f32(sum) - (v[i * 6 + chosen] - largest);
      }
      loss[0] *= 0.25f;
      check_all(net, {{out[0], loss}, {out[1], d}});
    }
}

TEST_CASE("mean squared error") {
  Network net;
  const TensorId y = net.input("y", {2, 5}, drawn(10, 1)), target = net.input("t", {2, 5}, drawn(10, 2));
  const auto out = net.node("MeanSquared", {y, target}, 2, with({{"scale", 4.0}}));
  net.request.loss = out[0];
  net.graph.add_output(out[1]);
  float sum = 0;
  Numbers dy;
  for (std::size_t i = 0; i < 10; ++i) {
    const float d = net.values[y][i] - net.values[target][i], square = d * d;
    sum += square;
    dy.push_back((d * static_cast<float>(0.2)) * 4.0f);
  }
  check_all(net, {{out[0], {sum * static_cast<float>(0.1)}}, {out[1], dy}});
}

TEST_CASE("optimisers write new values over the old ones, step after step") {
  for (const ElementType gradient : {ElementType::float32, ElementType::bfloat16}) {
    Network net;
    const TensorType scalar{ElementType::float32, {}}, state{ElementType::float32, {8}};
    const TensorId rate = net.input("rate", scalar, {0.1f}), epsilon = net.input("epsilon", scalar, {1e-3f});
    const TensorId g = net.input("g", {gradient, {8}}, drawn(8, 1));
    const TensorId w1 = net.weight("w1", state, drawn(8, 2)), w2 = net.weight("w2", state, drawn(8, 3)), w3 = net.weight("w3", state, drawn(8, 4));
    const TensorId v2 = net.weight("v2", state, drawn(8, 5)), m3 = net.weight("m3", state, drawn(8, 6)), v3 = net.weight("v3", state, drawn(8, 7, 0, 1));
    const TensorId copy = net.weight("copy", {ElementType::bfloat16, {8}}, drawn(8, 8));
    const auto sgd = net.node("SgdUpdate", {w1, g, rate}, 2, with({{"scale", 0.5}}));
    const auto momentum = net.node("MomentumUpdate", {w2, g, v2, rate}, 2, with({{"momentum", 0.9}}));
    const auto adam = net.node("AdamUpdate", {w3, g, m3, v3, rate, epsilon}, 3, with({{"beta1", 0.9}, {"beta2", 0.999}}));
    net.request.replacements = {{w1, sgd[0]}, {copy, sgd[1]}, {w2, momentum[0]}, {v2, momentum[1]}, {w3, adam[0]}, {m3, adam[1]}, {v3, adam[2]}};
    net.request.training = true;
    auto values = net.values;
    for (int step = 0; step < 3; ++step)
      for (std::size_t i = 0; i < 8; ++i) {
        const float grad = values[g][i];
        values[w1][i] = std::fma(-0.1f, grad * 0.5f, values[w1][i]);
        values[copy][i] = through_bf16(values[w1][i]);
        values[v2][i] = std::fma(0.9f, values[v2][i], grad);
        values[w2][i] = std::fma(-0.1f, values[v2][i], values[w2][i]);
        values[m3][i] = std::fma(0.9f, values[m3][i], static_cast<float>(1 - 0.9) * grad);
        values[v3][i] = std::fma(0.999f, values[v3][i], static_cast<float>(1 - 0.999) * (grad * grad));
        values[w3][i] = values[w3][i] - (0.1f * values[m3][i]) / (std::sqrt(values[v3][i]) + 1e-3f);
      }
    for (const CompileOptions& options : net.variants()) {
      auto result = net.run(options, 3);
      CHECK(result.program.kernels.size() == 3);  // in place: no copies
      for (const TensorId t : {w1, copy, w2, v2, w3, m3, v3}) {
        INFO(net.graph.tensor(t).name);
        CHECK(first_difference(result.of[t], values[t]) == -1);
      }
    }
  }
}

TEST_CASE("a weight that is read after its update is renewed at the end of the step") {
  Network net;
  const TensorType state{ElementType::float32, {4}};
  const TensorId w = net.weight("w", state, drawn(4, 1)), g = net.input("g", {4}, drawn(4, 2)), rate = net.input("rate", {ElementType::float32, {}}, {0.5f});
  const TensorId fresh = net.one("SgdUpdate", {w, g, rate}), late = net.one("Mul", {w, g});
  net.graph.add_output(late);
  net.request.replacements = {{w, fresh}};
  Numbers product, updated;
  for (std::size_t i = 0; i < 4; ++i) {
    product.push_back(net.values[w][i] * net.values[g][i]);
    updated.push_back(std::fma(-0.5f, net.values[g][i], net.values[w][i]));
  }
  check_all(net, {{late, product}, {w, updated}});
}

}  // namespace spinvp::workloads::compiler::test
