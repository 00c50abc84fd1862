#include "models/npu/epilogue.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/abi/npu.h"
#include "models/core/units.h"
#include "models/npu/map_walk.h"

namespace spinvp::npu {

namespace {

// With image, channel and unit as axes 0, 1 and 2.
MapProgram three_axes(const MapProgram& program) {
  MapProgram result = program;
  if (program.axes == 3) return result;
  const auto shift = [](auto& axes, auto first) {
    std::copy_backward(axes.begin(), axes.end() - 1, axes.end());
    axes[0] = first;
  };
  shift(result.extent, std::uint64_t{1});
  for (MapStream& input : result.inputs) shift(input.stride, std::int64_t{0});
  result.axes = 3;
  return result;
}

}  // namespace

std::optional<Refusal> epilogue_fits(const MapProgram& program, const Tensor& c) {
  const std::uint64_t units = c.units;
  const bool fits = program.axes == 3 ? program.extent[0] == c.images && program.extent[1] == c.channels && program.extent[2] == units
                                      : program.axes == 2 && c.images == 1 && program.extent[0] == c.channels && program.extent[1] == units;
  if (fits) return std::nullopt;
  return Refusal{SPINVP_NPU_BAD_SHAPE, fmt::format("the epilogue has {} axes of {} x {} x {}, its output {} x {} x {}", program.axes, program.extent[0],
                                                   program.extent[1], program.extent[2], c.images, c.channels, units)};
}

Epilogue::Epilogue(const MapProgram& program, const VectorUnit& unit)
    : program_(three_axes(program)), unit_(unit), steps_(program.steps, unit), registers_(program.constant) {
  const auto loaded = static_cast<std::uint32_t>(program.inputs.size() + 1);
  unset_ = registers_read_first(program.steps, loaded, std::span(program.result).first(1));
}

std::vector<Box> Epilogue::boxes(const Region& region) {
  std::vector<Box> all;
  for (const Slice& slice : region.slices) {
    if (slice.units.size() == 0) continue;
    if (!all.empty()) {
      Box& last = all.back();
      if (last.first[2] == slice.units.first && last.size[2] == slice.units.size() && last.first[0] + last.size[0] == slice.image) {
        ++last.size[0];
        continue;
      }
    }
    all.push_back({{slice.image, region.channels.first, slice.units.first, 0, 0, 0}, {1, region.channels.size(), slice.units.size(), 1, 1, 1}});
  }
  return all;
}

std::vector<Piece> Epilogue::pieces(std::size_t input, const Region& region) const {
  std::vector<Piece> pieces;
  for (const Box& box : boxes(region)) {
    const PackedBox packed = pack(program_.inputs[input], box);
    pieces.insert(pieces.end(), packed.pieces.begin(), packed.pieces.end());
  }
  return pieces;
}

void Epilogue::run(const Region& region, const std::vector<Bytes>& bytes, std::span<float> values) {
  std::vector<const std::uint8_t*> inputs;
  for (const Bytes& input : bytes) inputs.push_back(input.data());
  float* at = values.data();
  for (const Box& box : boxes(region)) {
    run_box(box, inputs, at);
    for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i] += pack(program_.inputs[i], box).elements * bytes_of(program_.inputs[i].format);
    at += box.points();
  }
}

void Epilogue::run_box(const Box& box, const std::vector<const std::uint8_t*>& inputs, float* values) {
  constexpr std::array<unsigned, 3> order{0, 1, 2};
  std::vector<WalkStream> streams;
  for (const MapStream& input : program_.inputs) {
    const PackedBox packed = pack(input, box);
    streams.push_back({packed.first, packed.stride});
  }
  WalkStream result;
  result.stride[2] = 1;
  result.stride[1] = static_cast<std::int64_t>(box.size[2]);
  result.stride[0] = static_cast<std::int64_t>(box.size[2] * box.size[1]);
  streams.push_back(result);
  const MapWalk walk(box, order, program_.reduced, streams);
  const std::size_t last = streams.size() - 1;
  const std::uint64_t length = walk.run_length();
  walk.for_each_run([&](const MapWalk::Offsets& offsets, bool) {
    for (std::uint64_t done = 0; done < length; done += MapLanes::width) {
      const std::size_t count = std::min<std::size_t>(length - done, MapLanes::width);
      const auto at = static_cast<std::int64_t>(done);
      float* here = values + offsets[last] + at * walk.run_stride(last);
      std::copy_n(here, count, registers_.operand(0));
      for (std::size_t i = 0; i < last; ++i) {
        const Format format = program_.inputs[i].format;
        const std::int64_t stride = walk.run_stride(i);
        load_lanes(registers_.operand(static_cast<unsigned>(i + 1)), format,
                   inputs[i] + (offsets[i] + at * stride) * static_cast<std::int64_t>(bytes_of(format)), stride, count);
      }
      registers_.clear(unset_, count);
      registers_.run(program_.steps, count);
      std::copy_n(registers_.operand(program_.result[0]), count, here);
    }
  });
}

Chunk Epilogue::cost(std::uint64_t elements) const {
  Chunk chunk;
  steps_.charge(chunk, elements);
  chunk.cycles = core::divide_up(elements, unit_.lanes) * steps_.cycles;
  return chunk;
}

}  // namespace spinvp::npu
