// Sums, means and extremes along dimensions, and pooling over all of space: one reduction each, plain and ascending.
#include "workloads/compiler/lowering.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads::compiler {
namespace {

enum class Kind { sum, mean, largest, least };

// `to` has extents of 1 along what is reduced.
void reduce(Emitter& emit, const std::vector<bool>& reduced, Kind kind, const View& to) {
  const View x = emit.input(0);
  std::int64_t count = 1;
  for (std::size_t d = 0; d < reduced.size(); ++d) count *= reduced[d] ? x.shape[d] : 1;
  if (count == 1) {
    Pass pass(emit, x.shape);
    const Value value = pass.read(x);
    pass.write(kind == Kind::sum || kind == Kind::mean ? pass.e.add(pass.e.constant(0), value) : value, to);
    pass.done();
    return;
  }
  const bool adds = kind == Kind::sum || kind == Kind::mean;
  Pass pass(emit, x.shape, reduced, adds ? SPINVP_NPU_COMBINE_SUM : SPINVP_NPU_COMBINE_MAXIMUM);
  const Value value = pass.read(x);
  Value total = pass.total(kind == Kind::least ? pass.e.negate(value) : value);
  if (kind == Kind::mean) total = pass.finish.multiply(total, pass.finish.constant(static_cast<float>(1.0 / static_cast<double>(count))));
  if (kind == Kind::least) total = pass.finish.negate(total);
  pass.write_total(total, to);
  pass.done();
}

template <Kind kind>
void along_axes(Emitter& emit) {
  const NodeView& node = emit.node;
  const Shape shape = node.shape(0);
  const auto axes = node.setting("axes", 1).value_or(std::vector<std::int64_t>{});
  if (axes.empty() && node.whole("noop_with_empty_axes", 0) != 0) {
    emit.alias(0, emit.input(0));
    return;
  }
  std::vector<bool> reduced(shape.size(), axes.empty());
  for (const std::int64_t axis : axes) reduced[node.axis(axis, node.rank(0))] = true;
  Shape kept = shape;
  for (std::size_t d = 0; d < shape.size(); ++d)
    if (reduced[d]) kept[d] = 1;
  const View to = emit.output();
  reduce(emit, reduced, kind, *reshaped(to, kept));
}

template <Kind kind>
void over_space(Emitter& emit) {
  std::vector<bool> reduced(emit.node.shape(0).size(), true);
  reduced[0] = reduced[1] = false;
  reduce(emit, reduced, kind, emit.output());
}

}  // namespace

const std::vector<LoweringRow>& reduction_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"GlobalAveragePool", over_space<Kind::mean>}, {"GlobalMaxPool", over_space<Kind::largest>}, {"ReduceMax", along_axes<Kind::largest>},
      {"ReduceMean", along_axes<Kind::mean>},        {"ReduceMin", along_axes<Kind::least>},       {"ReduceSum", along_axes<Kind::sum>},
  };
  return rows;
}

}  // namespace spinvp::workloads::compiler
