// What the interpreter computes for each operator: one row for each, in the file of its family (workloads/reference/*.cpp).
#pragma once

#include <string_view>
#include <vector>

#include "workloads/graph/node_view.h"
#include "workloads/graph/shape.h"
#include "workloads/reference/interpreter.h"
#include "workloads/reference/special_functions.h"

namespace spinvp::workloads::reference {

// A node at work. Outputs have their size already; those that the node leaves out can be written all the same.
template <typename T>
class Work {
 public:
  Work(const Graph& graph, const Node& node, std::vector<const TensorValues<T>*> inputs, std::vector<TensorValues<T>*> outputs)
      : view(graph, node), graph_(graph), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  NodeView view;

  [[nodiscard]] const TensorValues<T>& values(std::size_t i) const {
    if (i >= inputs_.size() || inputs_[i] == nullptr) (void)view.input(i);  // refuses the node
    return *inputs_[i];
  }
  [[nodiscard]] const std::vector<T>& in(std::size_t i) const { return values(i).real; }
  [[nodiscard]] const std::vector<std::int64_t>& whole(std::size_t i) const { return values(i).whole; }
  [[nodiscard]] TensorValues<T>& results(std::size_t i) { return *outputs_[i]; }
  [[nodiscard]] std::vector<T>& out(std::size_t i) { return outputs_[i]->real; }
  [[nodiscard]] bool has_output(std::size_t i) const { return i < view.outputs() && view.node().outputs[i].has_value(); }
  [[nodiscard]] const TensorType& output_type(std::size_t i) const { return graph_.tensor(*view.node().outputs[i]).type; }
  [[nodiscard]] const Shape& output_shape(std::size_t i) const { return output_type(i).shape; }
  // Of an attribute, rounded once.
  [[nodiscard]] T real(std::string_view name, double otherwise) const { return static_cast<T>(view.real(name, otherwise)); }
  // Of a constant input that holds one number, or an attribute.
  [[nodiscard]] bool is_real(std::size_t i) const { return is_floating(view.element(i)); }

 private:
  const Graph& graph_;
  std::vector<const TensorValues<T>*> inputs_;
  std::vector<TensorValues<T>*> outputs_;
};

template <typename T>
struct Kernel {
  std::string_view name;
  void (*run)(Work<T>&);
};

// Null where there is none.
template <typename T>
const Kernel<T>* find_kernel(std::string_view name);

// The families.
template <typename T>
const std::vector<Kernel<T>>& activation_gradient_kernels();
template <typename T>
const std::vector<Kernel<T>>& elementwise_kernels();
template <typename T>
const std::vector<Kernel<T>>& movement_kernels();
template <typename T>
const std::vector<Kernel<T>>& normalisation_kernels();
template <typename T>
const std::vector<Kernel<T>>& pooling_kernels();
template <typename T>
const std::vector<Kernel<T>>& product_kernels();
template <typename T>
const std::vector<Kernel<T>>& reduction_kernels();
template <typename T>
const std::vector<Kernel<T>>& step_kernels();

// ---- What kernels share

// `to = left > right ? left : right`, as the NPU's steps have it: a NaN on the left gives the right.
template <typename T>
constexpr T maximum(T left, T right) {
  return left > right ? left : right;
}
template <typename T>
constexpr T minimum(T left, T right) {
  return left < right ? left : right;
}
// 1 / count, rounded once.
template <typename T>
constexpr T inverse(std::uint64_t count) {
  return static_cast<T>(1.0 / static_cast<double>(count));
}
// x^e: 1 for 0, x for 1, products for 2 and 3, a square root for 1/2, otherwise exp(e * log(x)).
template <typename T>
T power(T x, T e) {
  if (e == T(0)) return T(1);
  if (e == T(1)) return x;
  if (e == T(2)) return x * x;
  if (e == T(3)) return (x * x) * x;
  if (e == T(0.5)) return square_root(x);
  return exponential(e * logarithm(x));
}

std::vector<std::size_t> strides_of(const Shape& shape);
// For each element of `to`, row by row, its place in a tensor of `from` that repeats to grow to it.
std::vector<std::size_t> broadcast_places(const Shape& from, const Shape& to);
// For each element of a block of `shape`, row by row: first + the sum of index * steps.
std::vector<std::size_t> block_places(const Shape& shape, std::int64_t first, const std::vector<std::int64_t>& steps);

}  // namespace spinvp::workloads::reference
