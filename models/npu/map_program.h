// A program of the vector unit (models/abi/npu_map.h) after its checks: safe to plan, to evaluate and to stream.
//
// decode_map() trusts nothing of the guest's bytes. Refused are
//   BAD_OPERATION  unknown steps, formats or combinations
//   BAD_SHAPE      counts beyond the ABI's limits, reserved words that are not 0, a zero extent, registers beyond 15 or operands beyond 31, more points times steps than `most_steps`,
//                  a stream that spans more than 4 GiB, an output that repeats an element (stride 0 along an axis that is not reduced), one with a stride along a reduced axis
//   BAD_ADDRESS    a stream that is not aligned to its element, or leaves the address space
// A register that nothing was written to is 0.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <tl/expected.hpp>

#include "models/abi/npu_map.h"
#include "models/npu/numbers.h"
#include "models/npu/refusal.h"

namespace spinvp::npu {

inline constexpr unsigned map_axes = SPINVP_NPU_MAP_AXES;
using Extents = std::array<std::uint64_t, map_axes>;
using Strides = std::array<std::int64_t, map_axes>;  // elements

struct MapStream {
  std::uint64_t address = 0;
  Format format = Format::fp32;
  Strides stride{};
};

// epilogue: register 0 comes from the array and inputs fill registers 1, 2, ...; it has no outputs, result[0] goes back.
enum class MapUse { map, reduction, epilogue };

using MapStep = spinvp_npu_map_step;

struct MapProgram {
  MapUse use = MapUse::map;
  unsigned axes = 1;  // beyond them extents are 1 and strides 0
  Extents extent{};
  std::array<bool, map_axes> reduced{};
  bool maximum = false;  // of a reduction: combines by the largest, otherwise by the sum
  std::vector<MapStream> inputs, outputs;
  std::vector<MapStep> steps, finish;
  std::array<std::uint8_t, SPINVP_NPU_MAP_OUTPUTS> result{};
  std::array<float, SPINVP_NPU_MAP_CONSTANTS> constant{};

  [[nodiscard]] std::uint64_t points() const;
  [[nodiscard]] unsigned first_input() const { return use == MapUse::epilogue ? 1 : 0; }
};

tl::expected<MapProgram, Refusal> decode_map(std::span<const std::uint8_t, sizeof(spinvp_npu_map)> bytes, MapUse use, std::uint64_t most_steps);

// Registers that `steps`, and then whoever takes `results`, read before they are written, bit i for register i. Registers below `loaded` hold inputs.
std::uint32_t registers_read_first(std::span<const MapStep> steps, std::uint32_t loaded, std::span<const std::uint8_t> results = {});

// The same points in fewer axes: those of one element are gone, and neighbours along which all streams run on without a step are one. The order of points stays.
MapProgram coalesced(const MapProgram& program);

}  // namespace spinvp::npu
