#include "workloads/compiler/lowering.h"

#include <algorithm>
#include <unordered_map>

#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads::compiler {
namespace {

constexpr const std::vector<LoweringRow>& (*families[])() = {elementwise_lowerings, activation_gradient_lowerings,
                                                             product_lowerings,     convolution_lowerings,
                                                             reduction_lowerings,   normalisation_lowerings,
                                                             pooling_lowerings,     movement_lowerings,
                                                             view_lowerings,        training_lowerings};

const std::unordered_map<std::string_view, const LoweringRow*>& rows() {
  static const auto all = [] {
    std::unordered_map<std::string_view, const LoweringRow*> map;
    for (const auto family : families)
      for (const LoweringRow& row : family()) map.emplace(row.name, &row);
    return map;
  }();
  return all;
}

// An operator that nobody knows: its largest input is read and its outputs are written. Values would mean nothing.
void lower_unknown(Emitter& emit) {
  emit.node.require(emit.options().phantom, "an operator that is not known runs with phantom data alone");
  std::optional<std::size_t> largest;
  for (std::size_t i = 0; i < emit.node.inputs(); ++i)
    if (emit.has(i) && (!largest || elements(emit.node.shape(i)) > elements(emit.node.shape(*largest)))) largest = i;
  for (std::size_t o = 0; o < emit.node.outputs(); ++o) {
    if (!emit.wants(o)) continue;
    const bool alike = largest && elements(emit.node.shape(*largest)) == elements(emit.output_shape(o));
    if (largest && o == 0 && !alike) {
      const View all = emit.input(*largest);
      Pass pass(emit, all.shape);
      pass.write(pass.read(all), emit.temporary(emit.format(all), all.shape));
      pass.done();
    }
    View to = emit.output(o);
    if (largest && o == 0 && alike) to = *reshaped(to, emit.node.shape(*largest));
    Pass pass(emit, to.shape);
    pass.write(largest && o == 0 && alike ? pass.operand(*largest) : pass.e.constant(0), to);
    pass.done();
  }
}

// An empty tensor takes part in a concatenation alone.
void refuse_empty(const Graph& graph, const Node& node) {
  const auto is_empty = [&](const std::optional<TensorId>& id) { return id && elements(graph.tensor(*id).type.shape) == 0; };
  const bool joins = node.type == "Concat";
  if (std::any_of(node.outputs.begin(), node.outputs.end(), is_empty) || (!joins && std::any_of(node.inputs.begin(), node.inputs.end(), is_empty)))
    graph.refuse(node, "a tensor without elements, the NPU has kernels for at least one");
}

}  // namespace

const LoweringRow* find_lowering(std::string_view name) {
  const auto found = rows().find(name);
  return found == rows().end() ? nullptr : found->second;
}

std::vector<std::string_view> lowering_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, row] : rows()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

Draft lower(const Graph& graph, const CompileRequest& request, const CompileOptions& options) {
  const auto& [stored, loss, kept, training] = request;
  std::vector<TensorId> results = graph.outputs();
  for (const Stored& pair : stored) results.push_back(pair.new_value);
  if (loss) results.push_back(*loss);
  results.insert(results.end(), kept.begin(), kept.end());
  Lowering lowering(graph, results, options);
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (node.folded) continue;
    Emitter emit(lowering, id);
    bool wanted = false;
    for (std::size_t i = 0; i < node.outputs.size(); ++i) wanted = wanted || emit.wants(i);
    if (!wanted) continue;
    refuse_empty(graph, node);
    if (node.rules == &unknown_operator()) {
      lower_unknown(emit);
      continue;
    }
    const LoweringRow* row = find_lowering(node.type);
    if (row == nullptr) {
      std::string list;
      for (const std::string_view name : lowering_names()) list += (list.empty() ? "" : ", ") + std::string(name);
      graph.refuse(node, "the NPU has no kernels for this operator, it has for " + list);
    }
    row->lower(emit);
  }
  Draft& draft = lowering.draft;
  // Outputs are buffers of their own in one piece.
  const auto owned = [&](TensorId tensor) {
    const View view = lowering.view(tensor);
    const Buffer& buffer = draft.buffer(view.buffer);
    if (buffer.kind == BufferKind::temporary && is_dense(view) && buffer.elements == elements(view.shape)) return view.buffer;
    const Tensor& t = graph.tensor(tensor);
    const NodeId last = t.producer ? *t.producer : graph.order().back();
    Emitter emit(lowering, last);
    const View copy = emit.temporary(lowering.format_of(tensor), view.shape);
    Pass pass(emit, view.shape);
    pass.write(pass.read(view), copy);
    pass.done();
    draft.buffer(copy.buffer).tensor = tensor;
    draft.buffer(copy.buffer).name = t.name;
    return copy.buffer;
  };
  for (const TensorId output : graph.outputs()) {
    const BufferId id = owned(output);
    draft.buffer(id).kept = true;
    draft.outputs.emplace_back(output, id);
  }
  for (const TensorId tensor : kept) {
    const BufferId id = owned(tensor);
    draft.buffer(id).kept = true;
    draft.kept.emplace_back(tensor, id);
  }
  if (loss) {
    draft.loss = owned(*loss);
    draft.buffer(*draft.loss).kept = true;
    draft.buffer(*draft.loss).tensor = loss;
  }
  for (const Stored& pair : stored) {
    if (!lowering.defined(pair.new_value)) continue;
    const BufferId old = lowering.view(pair.stored).buffer, fresh = owned(pair.new_value);
    draft.buffer(old).kind = BufferKind::stored;
    draft.buffer(fresh).replaces = old;
  }
  return std::move(lowering.draft);
}

}  // namespace spinvp::workloads::compiler
