// Matrix products and convolutions: every result is one chain of fused multiply-adds in ascending k from +0 (models/abi/npu.h), then bias.
#include <algorithm>

#include "workloads/reference/kernels.h"
#include "workloads/reference/taps.h"
#include "workloads/training/matrix_product.h"

namespace spinvp::workloads::reference {
namespace {

// c [m][n] = a [m][k] b [k][n].
void product(ProductShape shape, const float* a, const float* b, float* c) {
  matrix_product(ArithmeticPolicy::npu(), shape, {a, shape.rows * shape.depth}, {b, shape.depth * shape.columns}, {c, shape.rows * shape.columns});
}
void product(ProductShape shape, const double* a, const double* b, double* c) {
  std::fill_n(c, shape.rows * shape.columns, 0.0);
  for (std::size_t m = 0; m < shape.rows; ++m)
    for (std::size_t k = 0; k < shape.depth; ++k)
      for (std::size_t n = 0; n < shape.columns; ++n) c[m * shape.columns + n] += a[m * shape.depth + k] * b[k * shape.columns + n];
}

template <typename T>
std::vector<T> turned(const T* from, std::size_t rows, std::size_t columns) {
  std::vector<T> to(rows * columns);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
  return to;
}

template <typename T>
void general(Work<T>& work) {
  const Shape &a = work.view.shape(0), &b = work.view.shape(1), &y = work.output_shape(0);
  const bool turn_a = work.view.whole("transA", 0) != 0, turn_b = work.view.whole("transB", 0) != 0;
  const auto matrix = [&](std::size_t i, bool turn, const Shape& s) {
    return turn ? turned(work.in(i).data(), static_cast<std::size_t>(s[0]), static_cast<std::size_t>(s[1])) : work.in(i);
  };
  const auto k = static_cast<std::size_t>(a[turn_a ? 0 : 1]);
  product({static_cast<std::size_t>(y[0]), static_cast<std::size_t>(y[1]), k}, matrix(0, turn_a, a).data(), matrix(1, turn_b, b).data(), work.out(0).data());
  const T alpha = work.real("alpha", 1), beta = work.real("beta", 1);
  for (T& value : work.out(0)) value = value * alpha;
  if (!work.view.has(2)) return;
  const auto places = broadcast_places(work.view.shape(2), y);
  for (std::size_t i = 0; i < places.size(); ++i) work.out(0)[i] = work.out(0)[i] + work.in(2)[places[i]] * beta;
}

// Stacks of matrices that repeat to grow to each other.
template <typename T>
void stacked(Work<T>& work) {
  Shape a = work.view.shape(0), b = work.view.shape(1);
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  const auto m = static_cast<std::size_t>(a[a.size() - 2]), k = static_cast<std::size_t>(a.back()), n = static_cast<std::size_t>(b.back());
  const Shape a_stack(a.begin(), a.end() - 2), b_stack(b.begin(), b.end() - 2);
  const Shape stack = work.view.grown(a_stack, b_stack);
  if (b_stack.empty()) {
    product({elements(stack) * m, n, k}, work.in(0).data(), work.in(1).data(), work.out(0).data());
    return;
  }
  const auto a_at = broadcast_places(a_stack, stack), b_at = broadcast_places(b_stack, stack);
  for (std::size_t i = 0; i < a_at.size(); ++i)
    product({m, n, k}, work.in(0).data() + a_at[i] * m * k, work.in(1).data() + b_at[i] * k * n, work.out(0).data() + i * m * n);
}

// ---- Convolution: unfolded, so that the product's k is the one that npu.h names.
struct Extents {
  std::size_t images, in, out, groups;  // channels of one group
};
template <typename T>
Extents extents(Work<T>& work, const Shape& x, const Shape& w) {
  const auto groups = static_cast<std::size_t>(work.view.whole("group", 1));
  return {static_cast<std::size_t>(x[0]), static_cast<std::size_t>(w[1]), static_cast<std::size_t>(w[0]) / groups, groups};
}

std::vector<std::int64_t> window_of(const Shape& w) { return {w.begin() + 2, w.end()}; }

// k = (channel, tap).
template <typename T>
void convolution(Work<T>& work) {
  const Shape &x = work.view.shape(0), &w = work.view.shape(1);
  const Taps taps = taps_of(work.view, x, work.output_shape(0), window_of(w));
  const Extents e = extents(work, x, w);
  const std::size_t depth = e.in * taps.window;
  std::vector<T> columns(depth * taps.positions);
  for (std::size_t image = 0; image < e.images * e.groups; ++image) {
    for (std::size_t k = 0; k < depth; ++k) {
      const T* plane = work.in(0).data() + (image * e.in + k / taps.window) * taps.inputs;
      const std::size_t* at = taps.inputs_at.data() + k % taps.window;
      for (std::size_t p = 0; p < taps.positions; ++p, at += taps.window) columns[k * taps.positions + p] = *at == outside ? T(0) : plane[*at];
    }
    const std::size_t group = image % e.groups;
    T* to = work.out(0).data() + image * e.out * taps.positions;
    product({e.out, taps.positions, depth}, work.in(1).data() + group * e.out * depth, columns.data(), to);
    if (!work.view.has(2)) continue;
    for (std::size_t i = 0; i < e.out * taps.positions; ++i) to[i] = to[i] + work.in(2)[group * e.out + i / taps.positions];
  }
}

// k = (filter, tap); between strides and outside dy stand zeros.
template <typename T>
void data_gradient(Work<T>& work) {
  const Shape &dy = work.view.shape(0), &w = work.view.shape(1), &x = work.output_shape(0);
  const Taps taps = taps_of(work.view, x, dy, window_of(w));
  const Extents e = extents(work, x, w);
  const std::size_t depth = e.out * taps.window;
  std::vector<T> columns(depth * taps.inputs), weights(e.in * depth);
  for (std::size_t image = 0; image < e.images * e.groups; ++image) {
    for (std::size_t k = 0; k < depth; ++k) {
      const T* plane = work.in(0).data() + (image * e.out + k / taps.window) * taps.positions;
      const std::size_t* at = taps.outputs_at.data() + k % taps.window;
      for (std::size_t i = 0; i < taps.inputs; ++i, at += taps.window) columns[k * taps.inputs + i] = *at == outside ? T(0) : plane[*at];
    }
    const T* kernel = work.in(1).data() + image % e.groups * e.out * e.in * taps.window;
    for (std::size_t c = 0; c < e.in; ++c)
      for (std::size_t k = 0; k < depth; ++k) weights[c * depth + k] = kernel[(k / taps.window * e.in + c) * taps.window + k % taps.window];
    product({e.in, taps.inputs, depth}, weights.data(), columns.data(), work.out(0).data() + image * e.in * taps.inputs);
  }
}

// k = (image, position).
template <typename T>
void weight_gradient(Work<T>& work) {
  const Shape &x = work.view.shape(0), &dy = work.view.shape(1), &w = work.output_shape(0);
  const Taps taps = taps_of(work.view, x, dy, window_of(w));
  const Extents e = extents(work, x, w);
  const std::size_t depth = e.images * taps.positions, width = e.in * taps.window;
  std::vector<T> rows(depth * width), gradients(e.out * depth);
  for (std::size_t group = 0; group < e.groups; ++group) {
    for (std::size_t k = 0; k < depth; ++k) {
      const std::size_t image = k / taps.positions, p = k % taps.positions;
      const T* from = work.in(0).data() + (image * e.groups + group) * e.in * taps.inputs;
      const std::size_t* at = taps.inputs_at.data() + p * taps.window;
      T* row = rows.data() + k * width;
      for (std::size_t channel = 0; channel < e.in; ++channel, from += taps.inputs)
        for (std::size_t tap = 0; tap < taps.window; ++tap) *row++ = at[tap] == outside ? T(0) : from[at[tap]];
      const T* gradient = work.in(1).data() + (image * e.groups + group) * e.out * taps.positions;
      for (std::size_t o = 0; o < e.out; ++o) gradients[o * depth + k] = gradient[o * taps.positions + p];
    }
    product({e.out, width, depth}, gradients.data(), rows.data(), work.out(0).data() + group * e.out * width);
  }
}

}  // namespace

template <typename T>
const std::vector<Kernel<T>>& product_kernels() {
  static const std::vector<Kernel<T>> kernels = {
      {"Conv", convolution<T>}, {"ConvDataGradient", data_gradient<T>}, {"ConvWeightGradient", weight_gradient<T>}, {"Gemm", general<T>},
      {"MatMul", stacked<T>},
  };
  return kernels;
}

template const std::vector<Kernel<float>>& product_kernels<float>();
template const std::vector<Kernel<double>>& product_kernels<double>();

}  // namespace spinvp::workloads::reference
