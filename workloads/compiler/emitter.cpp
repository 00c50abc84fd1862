#include "workloads/compiler/emitter.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "models/abi/npu_product.h"
#include "models/core/error.h"
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"
#include "workloads/graph/sparsity.h"
#include "workloads/graph/values.h"
#include "workloads/training/precision_schedule.h"
#include "workloads/training/regular_dropout.h"

namespace spinvp::workloads::compiler {

Lowering::Lowering(const Graph& whole, const std::vector<TensorId>& results, const CompileOptions& chosen)
    : graph(whole), options(chosen), views_(whole.tensors().size()), needed_(whole.tensors().size()) {
  for (std::size_t i = 0; i < needed_.size(); ++i) needed_[i] = !graph.tensor(TensorId{static_cast<std::uint32_t>(i)}).consumers.empty();
  for (const TensorId id : results) needed_[index(id)] = true;
}

Format Lowering::format_of(TensorId id) const {
  const Tensor& t = graph.tensor(id);
  switch (t.type.element) {
    case ElementType::float32: return Format::fp32;
    case ElementType::bfloat16: return Format::bf16;
    case ElementType::float64:
      // Constants of exporters; they are rounded once.
      if (t.role == Role::constant) return Format::fp32;
      break;
    case ElementType::float16:
    case ElementType::float8: break;
    default: return Format::int32;
  }
  const std::string what =
      "tensor '" + printable(t.name) + "' is " + std::string(name_of(t.type.element)) + ", allowed are float32, bfloat16 and whole numbers";
  if (t.producer) graph.refuse(graph.node(*t.producer), what);
  throw core::InputError(graph.source + ": " + what);
}

const View& Lowering::view(TensorId id) {
  std::optional<View>& view = views_[index(id)];
  if (view) return *view;
  const Tensor& t = graph.tensor(id);
  Buffer buffer{.name = t.name, .format = format_of(id), .elements = elements(t.type.shape), .tensor = id};
  if (t.role == Role::input)
    buffer.kind = BufferKind::input;
  else if (t.role == Role::parameter || t.role == Role::statistics)
    buffer.kind = BufferKind::stored;
  else
    buffer.kind = BufferKind::constant;
  view = dense_view(draft.add(std::move(buffer)), t.type.shape);
  return *view;
}

std::optional<float> Emitter::scalar(std::size_t i) const {
  if (!has(i)) return std::nullopt;
  const Tensor& t = node.input(i);
  if (t.role != Role::constant || t.values == nullptr || elements(t.type.shape) != 1) return std::nullopt;
  if (t.type.element == ElementType::bfloat16 && t.values->size() >= 2) {
    const auto low = std::to_integer<std::uint32_t>((*t.values)[0]), high = std::to_integer<std::uint32_t>((*t.values)[1]);
    return std::bit_cast<float>((high << 8 | low) << 16);
  }
  const auto values = values_of(t);
  if (!values) return std::nullopt;
  return is_floating(t.type.element) ? static_cast<float>(values->real.at(0)) : static_cast<float>(values->whole.at(0));
}

View Emitter::output(std::size_t i, Format format) {
  const TensorId id = *node.node().outputs[i];
  const Tensor& t = lowering_.graph.tensor(id);
  View view = dense_view(lowering_.draft.add({.name = t.name, .format = format, .elements = elements(t.type.shape), .tensor = id}), t.type.shape);
  lowering_.define(id, view);
  return view;
}

View Emitter::temporary(Format format, const Shape& shape) {
  return dense_view(lowering_.draft.add({.name = node.node().name, .format = format, .elements = elements(shape)}), shape);
}

View Emitter::dense(const View& view, Format to) {
  const bool whole_word = to == Format::bytes || view.offset * static_cast<std::int64_t>(width_of(to)) % 4 == 0;
  if (is_dense(view) && format(view) == to && whole_word) return view;
  const auto key = std::tuple{view.buffer, view.offset, view.shape, view.stride, to};
  const auto found = lowering_.copies_.find(key);
  if (found != lowering_.copies_.end()) return dense_view(found->second, view.shape);
  Buffer buffer{.name = lowering_.draft.buffer(view.buffer).name, .format = to, .elements = elements(view.shape)};
  const View copy = dense_view(lowering_.draft.add(std::move(buffer)), view.shape);
  Pass pass(*this, view.shape);
  pass.write(pass.read(view), copy);
  pass.done();
  lowering_.copies_.emplace(key, copy.buffer);
  return copy;
}

Operand Emitter::reads(std::uint64_t spinvp_npu_descriptor::*field, const View& view) {
  return {field, view.buffer, view.offset, elements(view.shape), true, false};
}
Operand Emitter::writes(std::uint64_t spinvp_npu_descriptor::*field, const View& view) {
  return {field, view.buffer, view.offset, elements(view.shape), false, true};
}

void Emitter::emit(const spinvp_npu_descriptor& descriptor, std::vector<Operand> operands, std::optional<Program> program) {
  const Node& n = node.node();
  spinvp_npu_descriptor with_options = descriptor;
  const bool product = is_product(descriptor.operation);
  if (const Sparsity sparsity = sparsity_of(n); product && !sparsity.dense()) {
    with_options.count = spinvp_npu_with_option(with_options.count, SPINVP_NPU_SPARSE_KEEP, static_cast<std::uint8_t>(sparsity.keep));
    with_options.count = spinvp_npu_with_option(with_options.count, SPINVP_NPU_SPARSE_GROUP, static_cast<std::uint8_t>(sparsity.group));
  }
  if (const DroppedAxes dropped = dropped_axes_of(n); product && dropped.axes != 0) {
    // Of a sparse product k stays whole: which terms are left would depend on values.
    const std::int64_t axes = sparsity_of(n).dense() ? dropped.axes : dropped.axes & ~std::int64_t{SPINVP_NPU_DROP_K};
    const int log_tile = std::countr_zero(static_cast<std::uint64_t>(dropped.tile));
    if (axes != 0) {
      const auto drop = static_cast<std::uint8_t>(axes | log_tile << SPINVP_NPU_DROP_TILE_SHIFT);
      with_options.count = spinvp_npu_with_option(with_options.count, SPINVP_NPU_DROP, drop);
      with_options.count = spinvp_npu_with_option(with_options.count, SPINVP_NPU_DROP_PERIOD, static_cast<std::uint8_t>(dropped.period));
    }
  }
  lowering_.draft.kernels.push_back({.name = n.name,
                                     .layer = n.layer.empty() ? n.name : n.layer,
                                     .phase = n.phase,
                                     .bits = product ? bits_of(n) : SPINVP_BITS_NONE,
                                     .descriptor = with_options,
                                     .operands = std::move(operands),
                                     .program = std::move(program)});
}

std::uint32_t narrow(const NodeView& node, std::int64_t value) {
  node.require(value >= 0 && value <= std::numeric_limits<std::uint32_t>::max(),
               "an extent of " + std::to_string(value) + " in one kernel, allowed are up to 2^32 - 1");
  return static_cast<std::uint32_t>(value);
}

std::uint32_t number_of(Format format) { return static_cast<std::uint32_t>(format); }
std::uint32_t number_of_reals(const NodeView& node, Format format) {
  node.require(format == Format::fp32 || format == Format::bf16, "whole numbers, the NPU has this operation for float32 and bfloat16");
  return number_of(format);
}

Pass::Pass(Emitter& emit, Shape shape, std::vector<bool> reduced, spinvp_npu_map_combine combine)
    : e(program_.steps), finish(program_.finish), emit_(emit), shape_(std::move(shape)) {
  reduces_ = std::find(reduced.begin(), reduced.end(), true) != reduced.end();
  program_.extent = shape_;
  program_.reduced = std::move(reduced);
  program_.combine = combine;
}

// A step along an extent of 1 is never taken; as 0 it looks the same in every stream.
Stream Pass::stream_of(const View& view) const {
  Stream stream{view.buffer, emit_.format(view), view.offset, view.stride};
  for (std::size_t d = 0; d < shape_.size(); ++d)
    if (view.shape[d] == 1) stream.stride[d] = 0;
  return stream;
}

Value Pass::read(const View& view) {
  Stream stream = stream_of(repeated(view, shape_));
  auto& inputs = program_.inputs;
  const auto found = std::find(inputs.begin(), inputs.end(), stream);
  if (found != inputs.end()) return Value::input(static_cast<std::uint32_t>(found - inputs.begin()));
  inputs.push_back(std::move(stream));
  return Value::input(static_cast<std::uint32_t>(inputs.size() - 1));
}

Value Pass::operand(std::size_t i) {
  if (const auto known = emit_.scalar(i)) return e.constant(*known);
  return read(emit_.input(i));
}

void Pass::write(Value value, const View& to) {
  Stream stream = stream_of(to);
  // Whole numbers that are only moved keep all their bits as a float's.
  if (stream.format == Format::int32 && value.kind == Value::Kind::input && program_.inputs[value.index].format == Format::int32) {
    stream.format = Format::fp32;
    program_.inputs[value.index].format = Format::fp32;
  }
  program_.outputs.push_back(std::move(stream));
  program_.results.push_back(value);
}

Value Pass::total(Value value) {
  const auto found = std::find(program_.results.begin(), program_.results.end(), value);
  if (found != program_.results.end()) return Value::input(static_cast<std::uint32_t>(found - program_.results.begin()));
  program_.results.push_back(value);
  return Value::input(static_cast<std::uint32_t>(program_.results.size() - 1));
}

void Pass::write_total(Value finished, const View& to) {
  program_.outputs.push_back({to.buffer, emit_.format(to), to.offset, repeated(to, shape_).stride});
  program_.finished.push_back(finished);
}

void Pass::done() {
  spinvp_npu_descriptor descriptor{};
  descriptor.operation = reduces_ ? SPINVP_NPU_REDUCE : SPINVP_NPU_MAP;
  // A reduction has as many totals as outputs.
  if (reduces_)
    while (program_.results.size() < program_.outputs.size()) program_.results.push_back(program_.results.back());
  emit_.emit(descriptor, {}, std::move(program_));
}

}  // namespace spinvp::workloads::compiler
