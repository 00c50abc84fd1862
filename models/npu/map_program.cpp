#include "models/npu/map_program.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "models/abi/npu.h"
#include "models/npu/map_lanes.h"

namespace spinvp::npu {

namespace {

constexpr std::uint64_t most_span = std::uint64_t{1} << 32;  // bytes, as a tensor's

class Decoder {
 public:
  Decoder(const spinvp_npu_map& map, MapUse use, std::uint64_t most_steps) : map_(map), most_steps_(most_steps) { program_.use = use; }

  tl::expected<MapProgram, Refusal> run() {
    counts();
    extents();
    combination();
    steps();
    results();
    streams("input", map_.input, map_.inputs, program_.inputs);
    streams("output", map_.output, map_.outputs, program_.outputs);
    if (!good()) return tl::unexpected<Refusal>(refusal_);
    std::memcpy(program_.constant.data(), map_.constant, sizeof map_.constant);
    return program_;
  }

 private:
  const spinvp_npu_map& map_;
  const std::uint64_t most_steps_;
  MapProgram program_;
  Refusal refusal_;

  [[nodiscard]] bool good() const { return refusal_.status == 0; }
  [[nodiscard]] bool reduces() const { return program_.use == MapUse::reduction; }
  template <typename... Arguments>
  void need(bool holds, std::uint32_t status, fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    if (good() && !holds) refusal_ = {status, "map program: " + fmt::format(text, std::forward<Arguments>(arguments)...)};
  }

  void counts() {
    const std::uint32_t least_outputs = program_.use == MapUse::epilogue ? 0 : 1, most_outputs = program_.use == MapUse::epilogue ? 0 : SPINVP_NPU_MAP_OUTPUTS;
    need(map_.axes >= 1 && map_.axes <= map_axes, SPINVP_NPU_BAD_SHAPE, "{} axes, allowed are 1 to {}", map_.axes, map_axes);
    need(map_.inputs <= SPINVP_NPU_MAP_INPUTS, SPINVP_NPU_BAD_SHAPE, "{} inputs, at most {}", map_.inputs, SPINVP_NPU_MAP_INPUTS);
    need(map_.outputs >= least_outputs && map_.outputs <= most_outputs, SPINVP_NPU_BAD_SHAPE, "{} outputs, allowed are {} to {}", map_.outputs, least_outputs,
         most_outputs);
    need(map_.steps <= SPINVP_NPU_MAP_STEPS && map_.finish_steps <= SPINVP_NPU_MAP_STEPS - map_.steps, SPINVP_NPU_BAD_SHAPE,
         "{} and {} finishing steps, at most {} together", map_.steps, map_.finish_steps, SPINVP_NPU_MAP_STEPS);
    need(reduces() || map_.finish_steps == 0, SPINVP_NPU_BAD_SHAPE, "finishing steps belong to a reduction");
    need(map_.reserved == 0, SPINVP_NPU_BAD_SHAPE, "its reserved word is {}, not 0", map_.reserved);
  }

  void extents() {
    if (!good()) return;
    program_.axes = map_.axes;
    program_.extent.fill(1);
    const std::uint64_t work = std::uint64_t{map_.steps} + map_.finish_steps + map_.outputs + 1;
    std::uint64_t points = work;
    for (unsigned axis = 0; axis < map_.axes; ++axis) {
      program_.extent[axis] = map_.extent[axis];
      need(map_.extent[axis] >= 1, SPINVP_NPU_BAD_SHAPE, "extent {} is 0", axis);
      need(!__builtin_mul_overflow(points, std::uint64_t{map_.extent[axis]}, &points) && points <= most_steps_, SPINVP_NPU_BAD_SHAPE,
           "more than {} steps of work in one job", most_steps_);
    }
  }

  void combination() {
    if (!good()) return;
    need(map_.combine <= SPINVP_NPU_COMBINE_MAXIMUM, SPINVP_NPU_BAD_OPERATION, "combination {} is unknown", map_.combine);
    need(map_.reduced >> map_.axes == 0, SPINVP_NPU_BAD_SHAPE, "reduced axes {:#x} of {} axes", map_.reduced, map_.axes);
    need((map_.reduced != 0) == reduces(), SPINVP_NPU_BAD_SHAPE, "{}", reduces() ? "no axis is reduced" : "reduced axes belong to a reduction");
    program_.maximum = map_.combine == SPINVP_NPU_COMBINE_MAXIMUM;
    for (unsigned axis = 0; axis < map_.axes; ++axis) program_.reduced[axis] = (map_.reduced >> axis & 1) != 0;
  }

  void steps() {
    if (!good()) return;
    for (std::uint32_t i = 0; i < map_.steps + map_.finish_steps; ++i) {
      const MapStep& step = map_.step[i];
      need(step.operation < SPINVP_NPU_MAP_OPERATIONS, SPINVP_NPU_BAD_OPERATION, "operation {} of step {} is unknown", step.operation, i);
      if (!good()) return;
      need(step.to < SPINVP_NPU_MAP_REGISTERS, SPINVP_NPU_BAD_SHAPE, "step {} writes register {}, there are {}", i, step.to, SPINVP_NPU_MAP_REGISTERS);
      constexpr std::uint32_t operands = SPINVP_NPU_MAP_REGISTERS + SPINVP_NPU_MAP_CONSTANTS;
      need(step.left < operands && (map_operation(step.operation).unary || step.right < operands), SPINVP_NPU_BAD_SHAPE,
           "step {} reads operands {} and {}, there are {}", i, step.left, step.right, operands);
    }
    program_.steps.assign(map_.step, map_.step + map_.steps);
    program_.finish.assign(map_.step + map_.steps, map_.step + map_.steps + map_.finish_steps);
  }

  void results() {
    if (!good()) return;
    const std::uint32_t results = program_.use == MapUse::epilogue ? 1 : map_.outputs;
    for (std::uint32_t i = 0; i < results; ++i) {
      need(map_.result[i] < SPINVP_NPU_MAP_REGISTERS, SPINVP_NPU_BAD_SHAPE, "result {} is register {}, there are {}", i, map_.result[i],
           SPINVP_NPU_MAP_REGISTERS);
      program_.result[i] = map_.result[i];
    }
  }

  void streams(const char* kind, const spinvp_npu_stream* streams, std::uint32_t count, std::vector<MapStream>& checked) {
    for (std::uint32_t i = 0; good() && i < count; ++i) checked.push_back(stream(kind, i, streams[i], streams == map_.output));
  }

  MapStream stream(const char* kind, std::uint32_t index, const spinvp_npu_stream& s, bool output) {
    MapStream result;
    need(s.format <= SPINVP_NPU_INT32, SPINVP_NPU_BAD_OPERATION, "format {} of {} {} is unknown", s.format, kind, index);
    need(s.reserved == 0, SPINVP_NPU_BAD_SHAPE, "the reserved word of {} {} is {}, not 0", kind, index, s.reserved);
    if (!good()) return result;
    result.address = s.address;
    result.format = static_cast<Format>(s.format);
    const std::uint64_t element = bytes_of(result.format);
    need(s.address % element == 0, SPINVP_NPU_BAD_ADDRESS, "{} {} at {:#x} is not aligned to {} bytes", kind, index, s.address, element);
    std::uint64_t below = 0, above = element;  // bytes below and from the address on
    for (unsigned axis = 0; axis < program_.axes; ++axis) {
      const std::int64_t stride = s.stride[axis];
      if (program_.extent[axis] == 1) continue;
      need(stride >= -static_cast<std::int64_t>(most_span) && stride <= static_cast<std::int64_t>(most_span), SPINVP_NPU_BAD_SHAPE,
           "stride {} of {} {} along axis {} is beyond 4 GiB", stride, kind, index, axis);
      need(!output || (stride == 0) == program_.reduced[axis], SPINVP_NPU_BAD_SHAPE, "{} {} has stride {} along axis {}, which is{} reduced", kind, index,
           stride, axis, program_.reduced[axis] ? "" : " not");
      if (!good()) return result;
      // Below 2^32 each: no overflow in 64 bits.
      const std::uint64_t steps = program_.extent[axis] - 1, size = static_cast<std::uint64_t>(stride < 0 ? -stride : stride);
      std::uint64_t bytes = 0;
      const bool fits = !__builtin_mul_overflow(steps, size, &bytes) && !__builtin_mul_overflow(bytes, element, &bytes) && bytes <= most_span;
      need(fits, SPINVP_NPU_BAD_SHAPE, "{} {} spans more than 4 GiB", kind, index);
      if (!good()) return result;
      (stride < 0 ? below : above) += bytes;
      result.stride[axis] = stride;
    }
    need(below + above <= most_span, SPINVP_NPU_BAD_SHAPE, "{} {} spans more than 4 GiB", kind, index);
    need(s.address >= below && s.address + (above - 1) >= s.address, SPINVP_NPU_BAD_ADDRESS, "{} {} at {:#x} leaves the address space", kind, index, s.address);
    return result;
  }
};

}  // namespace

std::uint64_t MapProgram::points() const {
  std::uint64_t n = 1;
  for (const std::uint64_t e : extent) n *= e;
  return n;
}

tl::expected<MapProgram, Refusal> decode_map(std::span<const std::uint8_t, sizeof(spinvp_npu_map)> bytes, MapUse use, std::uint64_t most_steps) {
  spinvp_npu_map map;
  std::memcpy(&map, bytes.data(), sizeof map);
  return Decoder(map, use, most_steps).run();
}

std::uint32_t registers_read_first(std::span<const MapStep> steps, std::uint32_t loaded, std::span<const std::uint8_t> results) {
  std::uint32_t written = (1u << loaded) - 1, first = 0;
  const auto read = [&](unsigned operand) {
    if (operand < SPINVP_NPU_MAP_REGISTERS && (written >> operand & 1) == 0) first |= 1u << operand;
  };
  for (const MapStep& step : steps) {
    const MapOperation& operation = map_operation(step.operation);
    read(step.left);
    if (!operation.unary) read(step.right);
    if (operation.reads_target) read(step.to);
    written |= 1u << step.to;
  }
  for (const std::uint8_t result : results) read(result);
  return first;
}

MapProgram coalesced(const MapProgram& program) {
  MapProgram result = program;
  std::vector<MapStream*> streams;
  for (MapStream& s : result.inputs) streams.push_back(&s);
  for (MapStream& s : result.outputs) streams.push_back(&s);
  unsigned kept = 0;
  for (unsigned axis = 0; axis < program.axes; ++axis) {
    const std::uint64_t extent = program.extent[axis];
    if (extent == 1) continue;
    const auto runs_on = [&](const MapStream* s) { return s->stride[kept - 1] == s->stride[axis] * static_cast<std::int64_t>(extent); };
    const bool joins = kept > 0 && result.reduced[kept - 1] == program.reduced[axis] && std::all_of(streams.begin(), streams.end(), runs_on);
    const unsigned to = joins ? kept - 1 : kept++;
    result.extent[to] = joins ? result.extent[to] * extent : extent;
    result.reduced[to] = program.reduced[axis];
    for (MapStream* s : streams) s->stride[to] = s->stride[axis];
  }
  for (unsigned axis = kept; axis < map_axes; ++axis) {
    result.extent[axis] = 1;
    result.reduced[axis] = false;
    for (MapStream* s : streams) s->stride[axis] = 0;
  }
  result.axes = std::max(kept, 1u);
  return result;
}

}  // namespace spinvp::npu
