// What moves elements: as views where strides can say it, otherwise maps that copy, and commands that gather rows.
#include "workloads/graph/operators/movement.h"
#include "workloads/compiler/lowering.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads::compiler {
namespace {

void copy(Emitter& emit, const View& from, const View& to) {
  Pass pass(emit, to.shape);
  const Value value = pass.read(from);
  pass.write(value, to);
  pass.done();
}

void fill(Emitter& emit, float value, const View& to) {
  Pass pass(emit, to.shape);
  pass.write(pass.e.constant(value), to);
  pass.done();
}

void transpose(Emitter& emit) {
  auto order = emit.node.wholes("perm");
  if (order.empty())
    for (std::int64_t d = emit.node.rank(0); d-- > 0;) order.push_back(d);
  emit.alias(0, permuted(emit.input(0), order));
}

void slice(Emitter& emit) {
  View view = emit.input(0);
  for (const SliceAxis& a : slice_axes(emit.node)) view = cut(view, a.axis, a.start, a.step, a.count);
  emit.alias(0, std::move(view));
}

void split(Emitter& emit) {
  const View whole = emit.input(0);
  const std::size_t axis = emit.node.axis(emit.node.whole("axis", 0), emit.node.rank(0));
  std::int64_t start = 0;
  for (std::size_t i = 0; i < emit.node.outputs(); ++i) {
    // An output that is left out still takes its share; its extent is that of the others in an equal split.
    const std::int64_t extent = emit.wants(i) ? emit.output_shape(i)[axis] : whole.shape[axis] / static_cast<std::int64_t>(emit.node.outputs());
    if (emit.wants(i)) emit.alias(i, cut(whole, axis, start, 1, extent));
    start += extent;
  }
}

void concat(Emitter& emit) {
  const std::size_t axis = emit.node.axis(emit.node.whole("axis", 0), emit.node.rank(0));
  const View whole = emit.output();
  std::int64_t start = 0;
  for (std::size_t i = 0; i < emit.node.inputs(); ++i) {
    const std::int64_t extent = emit.node.shape(i)[axis];
    if (elements(emit.node.shape(i)) > 0) copy(emit, emit.input(i), cut(whole, axis, start, 1, extent));
    start += extent;
  }
}

void expand(Emitter& emit) { emit.alias(0, repeated(emit.input(0), emit.output_shape())); }

// All of it is filled, then the input goes to its place; a pad below zero cuts.
void pad(Emitter& emit) {
  const NodeView& node = emit.node;
  node.require(node.text("mode", "constant") == "constant", "mode '" + printable(node.text("mode", "")) + "' has no kernel on the NPU, allowed is constant");
  const auto pads = *node.setting("pads", 1);
  auto axes = node.has(3) ? node.whole_values(3) : std::vector<std::int64_t>{};
  if (axes.empty())
    for (std::int64_t d = 0; d < node.rank(0); ++d) axes.push_back(d);
  float value = static_cast<float>(node.real("value", 0));
  if (node.has(2)) {
    const auto known = emit.scalar(2);
    node.require(known.has_value(), "its value is not known at import, a constant is needed");
    value = *known;
  }
  View from = emit.input(0), to = emit.output();
  const View whole = to;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t d = node.axis(axes[i], node.rank(0));
    const std::int64_t before = pads[i], after = pads[i + axes.size()];
    const std::int64_t cut_before = std::max<std::int64_t>(-before, 0), cut_after = std::max<std::int64_t>(-after, 0);
    const std::int64_t kept = from.shape[d] - cut_before - cut_after;
    node.require(kept > 0, "its pads leave nothing of the input, which the NPU does not do");
    from = cut(from, d, cut_before, 1, kept);
    to = cut(to, d, std::max<std::int64_t>(before, 0), 1, kept);
  }
  if (to.shape != whole.shape) fill(emit, value, whole);
  copy(emit, from, to);
}

// Slices that constant indices name at equal distances are a view; otherwise rows are gathered. Another axis than the first is brought to the front.
void gather(Emitter& emit) {
  const NodeView& node = emit.node;
  const std::size_t axis = node.axis(node.whole("axis", 0), node.rank(0));
  const View data = emit.input(0);
  const Shape indices = node.shape(1);
  const std::size_t rank = data.shape.size();
  if (const Tensor& t = node.input(1); t.role == Role::constant && t.values != nullptr && elements(indices) <= 65536) {
    auto places = node.whole_values(1);
    for (std::int64_t& place : places) {
      node.require(place >= -data.shape[axis] && place < data.shape[axis],
                   "index " + std::to_string(place) + " into an extent of " + std::to_string(data.shape[axis]));
      if (place < 0) place += data.shape[axis];
    }
    const std::int64_t step = places.size() > 1 ? places[1] - places[0] : 1;
    bool even = !places.empty();
    for (std::size_t i = 1; i < places.size(); ++i) even = even && places[i] - places[i - 1] == step;
    if (even) {
      View taken = cut(data, axis, places[0], step, static_cast<std::int64_t>(places.size()));
      const View dimension{{}, 0, {taken.shape[axis]}, {taken.stride[axis]}};
      const View spread = *reshaped(dimension, indices);
      taken.shape.erase(taken.shape.begin() + static_cast<std::ptrdiff_t>(axis));
      taken.stride.erase(taken.stride.begin() + static_cast<std::ptrdiff_t>(axis));
      taken.shape.insert(taken.shape.begin() + static_cast<std::ptrdiff_t>(axis), spread.shape.begin(), spread.shape.end());
      taken.stride.insert(taken.stride.begin() + static_cast<std::ptrdiff_t>(axis), spread.stride.begin(), spread.stride.end());
      emit.alias(0, std::move(taken));
      return;
    }
  }
  std::vector<std::int64_t> order = {static_cast<std::int64_t>(axis)};
  for (std::size_t d = 0; d < rank; ++d)
    if (d != axis) order.push_back(static_cast<std::int64_t>(d));
  const View table = emit.dense(permuted(data, order)), rows = emit.dense(emit.input(1));
  const auto count = static_cast<std::int64_t>(elements(indices));
  const std::int64_t width = static_cast<std::int64_t>(elements(table.shape)) / table.shape[0];
  Shape shape = indices;
  shape.insert(shape.end(), table.shape.begin() + 1, table.shape.end());
  const Format format = emit.format(data);
  View c = axis == 0 ? emit.output() : emit.temporary(format, shape);
  spinvp_npu_descriptor d{};
  d.operation = SPINVP_NPU_GATHER;
  d.format = number_of(format == Format::bf16 ? Format::bf16 : Format::fp32);  // whole numbers move as the bits of a float
  d.m = narrow(node, count);
  d.n = narrow(node, width);
  d.k = narrow(node, table.shape[0]);
  emit.emit(
      d, {Emitter::reads(&spinvp_npu_descriptor::a, table), Emitter::reads(&spinvp_npu_descriptor::aux, rows), Emitter::writes(&spinvp_npu_descriptor::c, c)});
  if (axis == 0) return;
  // [indices][before][after] -> [before][indices][after]
  std::vector<std::int64_t> back;
  const std::size_t lead = indices.size();
  for (std::size_t i = 0; i < axis; ++i) back.push_back(static_cast<std::int64_t>(lead + i));
  for (std::size_t i = 0; i < lead; ++i) back.push_back(static_cast<std::int64_t>(i));
  for (std::size_t i = axis; i + 1 < rank; ++i) back.push_back(static_cast<std::int64_t>(lead + i));
  emit.alias(0, permuted(c, back));
}

// Zeros, then rows added in ascending order.
void gather_gradient(Emitter& emit) {
  const Format format = emit.output_format();
  const View dy = emit.dense(emit.input(0), format), rows = emit.dense(emit.input(1)), table = emit.output();
  fill(emit, 0, table);
  spinvp_npu_descriptor d{};
  d.operation = SPINVP_NPU_SCATTER_ADD;
  d.format = number_of(format);
  d.m = narrow(emit.node, static_cast<std::int64_t>(elements(rows.shape)));
  d.k = narrow(emit.node, table.shape[0]);
  d.n = narrow(emit.node, static_cast<std::int64_t>(elements(table.shape)) / table.shape[0]);
  Operand sum = Emitter::writes(&spinvp_npu_descriptor::c, table);
  sum.read = true;
  emit.emit(d, {Emitter::reads(&spinvp_npu_descriptor::a, dy), Emitter::reads(&spinvp_npu_descriptor::aux, rows), sum});
}

// ---- views
void reshape(Emitter& emit) {
  const View from = emit.input(0);
  if (auto view = reshaped(from, emit.output_shape()))
    emit.alias(0, *std::move(view));
  else
    emit.alias(0, *reshaped(emit.dense(from), emit.output_shape()));
}
// At inference Dropout passes its input on; its mask is all ones.
void dropout(Emitter& emit) {
  emit.alias(0, emit.input(0));
  if (emit.wants(1)) fill(emit, 1, emit.output(1));
}
void identity(Emitter& emit) { emit.alias(0, emit.input(0)); }

void constant_of_shape(Emitter& emit) {
  const double whole = static_cast<double>(emit.node.whole("whole_value", 0));
  fill(emit, static_cast<float>(emit.node.has_attribute("real_value") ? emit.node.real("real_value", 0) : whole), emit.output());
}

}  // namespace

const std::vector<LoweringRow>& movement_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"Concat", concat},
      {"ConstantOfShape", constant_of_shape},
      {"Expand", expand},
      {"Gather", gather},
      {"GatherGradient", gather_gradient},
      {"Pad", pad},
      {"Slice", slice},
      {"Split", split},
      {"Transpose", transpose},
  };
  return rows;
}

const std::vector<LoweringRow>& view_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"Dropout", dropout}, {"Flatten", reshape}, {"Identity", identity}, {"Reshape", reshape}, {"Squeeze", reshape}, {"Unsqueeze", reshape},
  };
  return rows;
}

}  // namespace spinvp::workloads::compiler
