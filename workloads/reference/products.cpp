// Matrix products and convolutions: every result is one chain of fused multiply-adds in ascending k from +0 (models/abi/npu.h), then bias. Of a node that is marked sparse (graph/sparsity.h) only
// the largest weights of each group of k are part of the chain (models/abi/npu_product.h).
#include <algorithm>
#include <bit>
#include <cmath>
#include <type_traits>

#include "workloads/graph/sparsity.h"
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

// The places of the `keep` largest of each `group` neighbours, ascending; of equals the first.
template <typename T>
std::vector<std::size_t> kept_places(const Sparsity& sparsity, const T* values, std::size_t count) {
  const auto larger = [&](std::size_t left, std::size_t right) {
    if constexpr (std::is_same_v<T, float>)
      return (std::bit_cast<std::uint32_t>(values[left]) & 0x7fffffffu) > (std::bit_cast<std::uint32_t>(values[right]) & 0x7fffffffu);
    else
      return std::abs(values[left]) > std::abs(values[right]);
  };
  std::vector<std::size_t> places;
  const auto group = static_cast<std::size_t>(sparsity.group), keep = static_cast<std::size_t>(sparsity.keep);
  for (std::size_t first = 0; first < count; first += group) {
    std::vector<std::size_t> of_group(std::min(group, count - first));
    for (std::size_t i = 0; i < of_group.size(); ++i) of_group[i] = first + i;
    std::stable_sort(of_group.begin(), of_group.end(), larger);
    of_group.resize(std::min(keep, of_group.size()));
    std::sort(of_group.begin(), of_group.end());
    places.insert(places.end(), of_group.begin(), of_group.end());
  }
  return places;
}

// c [rows][columns] = weights [rows][depth] by other [depth][columns], as the node's mark says.
template <typename T>
void product_of_weights(const Work<T>& work, ProductShape shape, const T* weights, const T* other, T* c) {
  const Sparsity sparsity = sparsity_of(work.view.node());
  if (sparsity.dense()) return product(shape, weights, other, c);
  std::vector<T> values, rows;
  for (std::size_t r = 0; r < shape.rows; ++r) {
    const T* row = weights + r * shape.depth;
    values.clear();
    rows.clear();
    for (const std::size_t k : kept_places(sparsity, row, shape.depth)) {
      values.push_back(row[k]);
      rows.insert(rows.end(), other + k * shape.columns, other + (k + 1) * shape.columns);
    }
    product({1, shape.columns, values.size()}, values.data(), rows.data(), c + r * shape.columns);
  }
}

// c [m][n] = a [m][k] b [k][n] where b holds the weights.
template <typename T>
void product_by_weights(const Work<T>& work, ProductShape shape, const T* a, const T* b, T* c) {
  if (sparsity_of(work.view.node()).dense()) return product(shape, a, b, c);
  const std::vector<T> weights = turned(b, shape.depth, shape.columns), other = turned(a, shape.rows, shape.depth);
  std::vector<T> across(shape.rows * shape.columns);
  product_of_weights<T>(work, {shape.columns, shape.rows, shape.depth}, weights.data(), other.data(), across.data());
  const std::vector<T> result = turned(across.data(), shape.columns, shape.rows);
  std::copy(result.begin(), result.end(), c);
}

template <typename T>
void general(Work<T>& work) {
  const Shape &a = work.view.shape(0), &b = work.view.shape(1), &y = work.output_shape(0);
  const bool turn_a = work.view.whole("transA", 0) != 0, turn_b = work.view.whole("transB", 0) != 0;
  const auto matrix = [&](std::size_t i, bool turn, const Shape& s) {
    return turn ? turned(work.in(i).data(), static_cast<std::size_t>(s[0]), static_cast<std::size_t>(s[1])) : work.in(i);
  };
  const auto k = static_cast<std::size_t>(a[turn_a ? 0 : 1]);
  product_by_weights<T>(work, {static_cast<std::size_t>(y[0]), static_cast<std::size_t>(y[1]), k}, matrix(0, turn_a, a).data(), matrix(1, turn_b, b).data(),
                        work.out(0).data());
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
    product_by_weights<T>(work, {elements(stack) * m, n, k}, work.in(0).data(), work.in(1).data(), work.out(0).data());
    return;
  }
  const auto a_at = broadcast_places(a_stack, stack), b_at = broadcast_places(b_stack, stack);
  for (std::size_t i = 0; i < a_at.size(); ++i)
    product_by_weights<T>(work, {m, n, k}, work.in(0).data() + a_at[i] * m * k, work.in(1).data() + b_at[i] * k * n, work.out(0).data() + i * m * n);
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
    product_of_weights<T>(work, {e.out, taps.positions, depth}, work.in(1).data() + group * e.out * depth, columns.data(), to);
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
    product_of_weights<T>(work, {e.in, taps.inputs, depth}, weights.data(), columns.data(), work.out(0).data() + image * e.in * taps.inputs);
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
