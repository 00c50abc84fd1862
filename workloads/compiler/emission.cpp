#include "workloads/compiler/emission.h"

#include <algorithm>
#include <stdexcept>

#include "workloads/compiler/fusion.h"
#include "workloads/compiler/traffic.h"

namespace spinvp::workloads::compiler {
namespace {

std::uint64_t address_of(const Draft& draft, const Placement& placement, BufferId id, std::int64_t offset) {
  return placement.places[index(id)].address + static_cast<std::uint64_t>(offset) * width_of(draft.buffer(id).format);
}

spinvp_npu_stream stream_of(const Draft& draft, const Placement& placement, const Stream& stream) {
  spinvp_npu_stream s{};
  s.address = address_of(draft, placement, stream.buffer, stream.offset);
  s.format = static_cast<std::uint32_t>(stream.format);
  std::copy(stream.stride.begin(), stream.stride.end(), s.stride);
  return s;
}

spinvp_npu_map map_of(const Draft& draft, const Placement& placement, const Kernel& kernel) {
  const Program program = as_commanded(kernel);
  std::vector<float> constants;
  const auto steps = assign(program.steps, program.results, program.inputs.size() + (kernel.takes_epilogue() ? 1 : 0), false, constants);
  std::optional<Assigned> finish;
  if (kernel.is_reduction()) finish = assign(program.finish, program.finished, program.results.size(), true, constants);
  if (!steps || (kernel.is_reduction() && !finish)) throw std::logic_error("a map program without enough registers");
  spinvp_npu_map map{};
  map.axes = static_cast<std::uint32_t>(program.extent.size());
  map.inputs = static_cast<std::uint32_t>(program.inputs.size());
  map.outputs = static_cast<std::uint32_t>(program.outputs.size());
  map.steps = static_cast<std::uint32_t>(steps->steps.size());
  std::copy(steps->steps.begin(), steps->steps.end(), map.step);
  if (finish) {
    map.finish_steps = static_cast<std::uint32_t>(finish->steps.size());
    std::copy(finish->steps.begin(), finish->steps.end(), map.step + map.steps);
    map.combine = program.combine;
  }
  for (std::size_t d = 0; d < program.extent.size(); ++d) {
    map.extent[d] = static_cast<std::uint32_t>(program.extent[d]);
    if (program.reduced[d]) map.reduced |= 1u << d;
  }
  std::copy(steps->results.begin(), steps->results.end(), map.result);
  std::copy(constants.begin(), constants.end(), map.constant);
  for (std::size_t i = 0; i < program.inputs.size(); ++i) map.input[i] = stream_of(draft, placement, program.inputs[i]);
  for (std::size_t i = 0; i < program.outputs.size(); ++i) map.output[i] = stream_of(draft, placement, program.outputs[i]);
  return map;
}

TensorPlace place_of(const Draft& draft, const Placement& placement, BufferId id) {
  const Buffer& b = draft.buffer(id);
  const Place& p = placement.places[index(id)];
  return {.tensor = b.tensor,
          .name = b.name,
          .format = b.format,
          .kind = b.kind,
          .address = p.address,
          .bytes = b.bytes(),
          .elements = b.elements,
          .weights = b.weights,
          .on_chip = p.on_chip,
          .kept = b.kept,
          .renews = b.replaces.has_value(),
          .first = p.first,
          .last = p.last};
}

// x, bias: x + bias. The first stream runs along the columns alone.
bool is_bias(const Kernel& kernel, const Step& step) {
  const Program& p = *kernel.program;
  const Value x = Value::input(0), addend = Value::input(1);
  if (step.operation != SPINVP_NPU_MAP_ADD || p.inputs.size() != 1) return false;
  if (!(step.left == x && step.right == addend) && !(step.left == addend && step.right == x)) return false;
  const Stream& s = p.inputs[0];
  const std::size_t along = kernel.descriptor.operation == SPINVP_NPU_CONV_FORWARD ? 1 : p.extent.size() - 1;
  for (std::size_t d = 0; d < p.extent.size(); ++d)
    if (p.extent[d] != 1 && s.stride[d] != (d == along ? 1 : 0)) return false;
  return s.format == Format::fp32;
}

}  // namespace

void simplify_epilogues(Draft& draft) {
  for (Kernel& kernel : draft.kernels) {
    if (!kernel.program || !kernel.takes_epilogue()) continue;
    const Program& p = *kernel.program;
    const auto& steps = p.steps.steps();
    std::size_t at = 0;
    Value now = Value::input(0);
    const auto step_value = [](std::size_t i) { return Value{Value::Kind::step, static_cast<std::uint32_t>(i)}; };
    const bool biased = std::any_of(kernel.operands.begin(), kernel.operands.end(), [](const Operand& o) { return o.field == &spinvp_npu_descriptor::bias; });
    const bool bias = !biased && kernel.descriptor.format == SPINVP_NPU_FP32 && at < steps.size() && is_bias(kernel, steps[at]);
    if (bias) now = step_value(at++);
    // Rounding keeps the order, so ReLU may come before it.
    if (at + 1 < steps.size() && steps[at].operation == SPINVP_NPU_MAP_ROUND_BF16 && steps[at].left == now) now = step_value(at++);
    bool relu = false;
    if (at < steps.size() && steps[at].operation == SPINVP_NPU_MAP_MAXIMUM && steps[at].left == now && steps[at].right.kind == Value::Kind::constant &&
        p.steps.constants()[steps[at].right.index] == 0) {
      relu = true;
      now = step_value(at++);
    }
    if (at != steps.size() || !(p.results[0] == now) || (!bias && !p.inputs.empty()) || (!bias && !relu)) continue;
    if (bias) {
      const Stream& s = p.inputs[0];
      const std::size_t along = kernel.descriptor.operation == SPINVP_NPU_CONV_FORWARD ? 1 : p.extent.size() - 1;
      kernel.operands.push_back({&spinvp_npu_descriptor::bias, s.buffer, s.offset, static_cast<std::uint64_t>(p.extent[along]), true, false});
    }
    if (relu) kernel.descriptor.flags |= SPINVP_NPU_FUSE_RELU;
    kernel.program.reset();
  }
}

Traffic CompiledProgram::traffic() const {
  Traffic sum;
  for (const CompiledKernel& k : kernels) {
    sum.dram_read += k.traffic.dram_read;
    sum.dram_written += k.traffic.dram_written;
    sum.onchip_read += k.traffic.onchip_read;
    sum.onchip_written += k.traffic.onchip_written;
  }
  return sum;
}

CompiledProgram emit(const Draft& draft, const Placement& placement, const Machine& machine, const CompileOptions& options) {
  CompiledProgram out;
  out.phantom = options.phantom;
  std::vector<bool> on_chip;
  for (const Place& p : placement.places) on_chip.push_back(p.on_chip);
  out.kernels.reserve(draft.kernels.size());
  std::vector<std::uint64_t> read(draft.buffers.size(), 0);
  std::vector<std::uint32_t> place_index(draft.buffers.size(), 0);
  std::uint32_t places = 0;
  for (std::size_t i = 0; i < draft.buffers.size(); ++i) place_index[i] = placement.places[i].used ? places++ : 0;
  for (const Kernel& kernel : draft.kernels) {
    CompiledKernel compiled{.name = kernel.name, .layer = kernel.layer, .phase = kernel.phase, .bits = kernel.bits, .descriptor = kernel.descriptor};
    for (const Operand& o : kernel.operands) compiled.descriptor.*o.field = address_of(draft, placement, o.buffer, o.offset);
    if (kernel.program) compiled.program = map_of(draft, placement, kernel);
    if (kernel.program && kernel.takes_epilogue()) compiled.descriptor.flags |= SPINVP_NPU_EPILOGUE;
    if (options.phantom) compiled.descriptor.flags |= SPINVP_NPU_PHANTOM;
    compiled.macs = macs_of(kernel.descriptor);
    for (const Access& a : accesses(draft, kernel, machine, on_chip)) {
      const bool here = on_chip[index(a.buffer)];
      (here ? compiled.traffic.onchip_read : compiled.traffic.dram_read) += a.read;
      (here ? compiled.traffic.onchip_written : compiled.traffic.dram_written) += a.written;
    }
    for (const Access& a : compulsory(draft, kernel)) {
      compiled.touches.push_back({place_index[index(a.buffer)], a.read, a.written});
      compiled.compulsory_bytes += a.read + a.written;
      read[index(a.buffer)] += a.read;
    }
    out.kernels.push_back(std::move(compiled));
  }
  for (std::size_t i = 0; i < draft.buffers.size(); ++i) {
    if (!placement.places[i].used) continue;
    TensorPlace place = place_of(draft, placement, BufferId{static_cast<std::uint32_t>(i)});
    place.touched_bytes = std::min(place.bytes, read[i]);
    if (place.kind == BufferKind::input) out.inputs.push_back(place);
    if (place.kind == BufferKind::stored || place.kind == BufferKind::constant) out.stored.push_back(place);
    out.places.push_back(std::move(place));
  }
  for (const auto& [tensor, buffer] : draft.outputs) {
    out.outputs.push_back(place_of(draft, placement, buffer));
    out.outputs.back().tensor = tensor;
  }
  for (const auto& [tensor, buffer] : draft.kept) {
    out.kept.push_back(place_of(draft, placement, buffer));
    out.kept.back().tensor = tensor;
  }
  if (draft.loss) out.loss = place_of(draft, placement, *draft.loss);
  out.dram_bytes = placement.dram_bytes;
  out.temporary_bytes = placement.temporary_bytes;
  out.onchip_bytes = placement.onchip_bytes;
  return out;
}

}  // namespace spinvp::workloads::compiler
