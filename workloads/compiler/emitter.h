// What a lowering row has in hand: the node, its operands as views, new buffers, and the kernels that it emits.
//
//   Lowering  the state of the whole network: where each tensor lies, copies that were made already
//   Emitter   one node's part of it
//   Pass      one map or reduction being written:
//               Pass pass(emit, shape);  pass.write(pass.e.add(pass.operand(0), pass.operand(1)), emit.output());  pass.done();
//
// Kernels carry the node's layer and phase. Nothing here knows addresses.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "workloads/compiler/draft.h"
#include "workloads/compiler/machine.h"
#include "workloads/graph/node_view.h"

namespace spinvp::workloads::compiler {

class Lowering {
 public:
  // `results`: tensors that are wanted beside those that nodes read.
  Lowering(const Graph& graph, const std::vector<TensorId>& results, const CompileOptions& options);
  const Graph& graph;
  const CompileOptions& options;
  Draft draft;

  // Of a tensor that was defined, or of one that is stored or fed: these get their buffer here.
  const View& view(TensorId id);
  void define(TensorId id, View view) { views_[index(id)] = std::move(view); }
  [[nodiscard]] bool defined(TensorId id) const { return views_[index(id)].has_value(); }
  // Refuses an element type that the machine does not have.
  [[nodiscard]] Format format_of(TensorId id) const;

 private:
  friend class Emitter;
  std::vector<std::optional<View>> views_;
  std::vector<bool> needed_;
  // Views that were brought into one piece: buffer, offset, shape, strides, format of the copy.
  std::map<std::tuple<BufferId, std::int64_t, Shape, std::vector<std::int64_t>, Format>, BufferId> copies_;
};

class Emitter {
 public:
  Emitter(Lowering& lowering, NodeId id) : node(lowering.graph, lowering.graph.node(id)), lowering_(lowering) {}
  const NodeView node;

  [[nodiscard]] bool has(std::size_t i) const { return node.has(i); }
  // Somebody reads output i.
  [[nodiscard]] bool wants(std::size_t i) const {
    return i < node.node().outputs.size() && node.node().outputs[i].has_value() && lowering_.needed_[index(*node.node().outputs[i])];
  }
  [[nodiscard]] View input(std::size_t i) { return lowering_.view(tensor(i)); }
  // Of a constant of one element.
  [[nodiscard]] std::optional<float> scalar(std::size_t i) const;
  [[nodiscard]] const Shape& output_shape(std::size_t i = 0) const { return lowering_.graph.tensor(*node.node().outputs[i]).type.shape; }
  [[nodiscard]] Format output_format(std::size_t i = 0) const { return lowering_.format_of(*node.node().outputs[i]); }
  // A buffer of its own for output i.
  View output(std::size_t i = 0) { return output(i, output_format(i)); }
  View output(std::size_t i, Format format);
  // The output where it is asked for, otherwise a buffer that holds the same for a while.
  View output_or_temporary(std::size_t i, Format format, const Shape& shape) { return wants(i) ? output(i) : temporary(format, shape); }
  // Output i is these elements.
  void alias(std::size_t i, View view) { lowering_.define(*node.node().outputs[i], std::move(view)); }
  View temporary(Format format, const Shape& shape);

  [[nodiscard]] Format format(const View& view) const { return lowering_.draft.buffer(view.buffer).format; }
  // The same elements in one piece, in this format and on a whole word; a copy where they are not.
  View dense(const View& view, Format format);
  View dense(const View& view) { return dense(view, format(view)); }

  // Operands of a kernel that is neither map nor reduction; dense.
  static Operand reads(std::uint64_t spinvp_npu_descriptor::*field, const View& view);
  static Operand writes(std::uint64_t spinvp_npu_descriptor::*field, const View& view);
  void emit(const spinvp_npu_descriptor& descriptor, std::vector<Operand> operands, std::optional<Program> program = std::nullopt);

  [[nodiscard]] const CompileOptions& options() const { return lowering_.options; }
  [[nodiscard]] TensorId tensor(std::size_t i) const {
    node.require(has(i), "input " + std::to_string(i) + " is missing, it is needed");
    return *node.node().inputs[i];
  }

 private:
  Lowering& lowering_;
};

// 32-bit fields of descriptors; what is larger refuses the node.
std::uint32_t narrow(const NodeView& node, std::int64_t value);
std::uint32_t number_of(Format format);
// Of an operation on reals alone; refuses the node where it has others.
std::uint32_t number_of_reals(const NodeView& node, Format format);

class Pass {
 public:
  // A map over `shape`.
  Pass(Emitter& emit, Shape shape) : Pass(emit, shape, std::vector<bool>(shape.size(), false), SPINVP_NPU_COMBINE_SUM) {}
  // A reduction of `shape` along some of its dimensions.
  Pass(Emitter& emit, Shape shape, std::vector<bool> reduced, spinvp_npu_map_combine combine);
  Expression& e;
  Expression& finish;  // of a reduction

  // The view's element, repeated along the shape as broadcasting has it.
  Value read(const View& view);
  // Input i of the node: a constant where it is one.
  Value operand(std::size_t i);
  // The view has the pass's shape.
  void write(Value value, const View& to);
  // Of a reduction: what comes out for `value`, to be used in `finish`.
  Value total(Value value);
  // The view has the pass's shape with extents of 1 along what is reduced.
  void write_total(Value finished, const View& to);
  void done();

 private:
  Emitter& emit_;
  Shape shape_;
  Program program_;
  bool reduces_;
  [[nodiscard]] Stream stream_of(const View& view) const;
};

}  // namespace spinvp::workloads::compiler
