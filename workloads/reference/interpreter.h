// Runs a graph on the host, node by node: the reference that runs on the NPU must equal bit for bit, and, in double precision, what gradients are checked against.
//
// With T = float, every node computes in fp32, each operation rounded, sums in the order that its kernel states, and rounds its results to their tensors' type when it is done (bfloat16:
// to nearest even). Constants that follow from attributes and shapes (1 / N, 1 - momentum, ...) are computed in double and rounded once. A NaN is 0x7fc00000. So results do not depend on
// how an engine fuses, tiles or places the work. With T = double nothing is rounded to narrower types.
//
// A kernel is a row in the file of its family (kernels.h). An operator without one, a label or an index out of range: InputError that names the node.
#pragma once

#include <cstdint>
#include <vector>

#include "models/abi/program.h"
#include "workloads/graph/graph.h"

namespace spinvp::workloads {

// Of one tensor: reals or whole numbers, by its type.
template <typename T>
struct TensorValues {
  std::vector<T> real;
  std::vector<std::int64_t> whole;
};

template <typename T>
class Interpreter {
 public:
  // Tensors that have values in the graph start with them. The graph must be complete, and stay.
  explicit Interpreter(const Graph& graph);

  // Of inputs and stored tensors; as many as the tensor has elements. Reals are rounded to its type.
  void set(TensorId tensor, std::vector<T> values);
  void set_whole(TensorId tensor, std::vector<std::int64_t> values);
  // Significant bits that the operands of products are rounded to as they are read, from the next run on (T = float alone); 0: what they have.
  void set_bits(const spinvp_program_precision& bits) { bits_ = bits; }
  // All nodes in order. Throws InputError where a tensor that is read was never set.
  void run();
  // Takes a computed value over to a stored tensor.
  void replace(TensorId stored, TensorId value) { values_[index(stored)] = values_[index(value)]; }

  [[nodiscard]] const std::vector<T>& real(TensorId tensor) const { return values_[index(tensor)].real; }
  [[nodiscard]] const std::vector<std::int64_t>& whole(TensorId tensor) const { return values_[index(tensor)].whole; }

 private:
  const Graph& graph_;
  std::vector<TensorValues<T>> values_;
  spinvp_program_precision bits_{};

  void run(const Node& node);
  void round(TensorId tensor);
  [[nodiscard]] std::vector<TensorValues<T>> narrowed_operands(const Node& node, const std::vector<const TensorValues<T>*>& inputs) const;
};

extern template class Interpreter<float>;
extern template class Interpreter<double>;

}  // namespace spinvp::workloads
