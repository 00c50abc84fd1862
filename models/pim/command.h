// A command of the queue, checked: what the controller runs. The descriptor comes from the guest and is never trusted.
#pragma once

#include <array>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "models/abi/pim.h"
#include "models/pim/float_format.h"
#include "models/pim/operand_box.h"
#include "models/pim/subarray_store.h"

namespace spinvp::pim {

// Most steps of a DOT. With the lanes it bounds what one command can cost: the controller computes for at most this many words a lane between two events.
inline constexpr std::uint32_t longest_dot = 65536;

inline constexpr std::size_t box_dimensions = 4, step_dimensions = 3;

struct Command {
  spinvp_pim_operation operation = SPINVP_PIM_NOP;
  bool interrupt = false;
  std::uint64_t first_lane = 0, lane_count = 0;
  std::uint32_t destination = 0, source_a = 0, source_b = 0;
  std::uint32_t count = 0;    // DOT: steps; REDUCE: lanes of a group
  std::int64_t distance = 0;  // lanes
  std::uint32_t scalar = 0;   // bits
  FloatFormat from, to;       // CONVERT
  // LOAD and STORE use a; DOT both. Box dimensions first, then the step dimensions, slowest first in each.
  struct Operand {
    std::uint64_t address = 0;
    std::array<Dimension, box_dimensions + step_dimensions> dimensions{};
    [[nodiscard]] std::span<const Dimension> box() const { return std::span(dimensions).first<box_dimensions>(); }
    [[nodiscard]] std::span<const Dimension> all() const { return dimensions; }
  } a, b;
  [[nodiscard]] std::array<std::uint32_t, box_dimensions> extents() const {
    return {a.dimensions[0].extent, a.dimensions[1].extent, a.dimensions[2].extent, a.dimensions[3].extent};
  }
  // Fused multiply-add-like work of the command, for reports.
  [[nodiscard]] std::uint64_t lane_macs() const;
  [[nodiscard]] bool is_dot() const { return operation == SPINVP_PIM_DOT || operation == SPINVP_PIM_DOT_SCALAR; }
};

struct Refusal {
  spinvp_pim_status status;
  std::string why;
};

// What a guest can get wrong without touching the bus is found here.
tl::expected<Command, Refusal> decode(const spinvp_pim_descriptor& descriptor, const Geometry& geometry);

// "multiply", "dot", ...: the names in report.json.
const char* operation_name(std::uint32_t operation);

}  // namespace spinvp::pim
