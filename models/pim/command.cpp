#include "models/pim/command.h"

#include <fmt/format.h>
#include <bit>

namespace spinvp::pim {

namespace {

template <typename... Args>
tl::unexpected<Refusal> refuse(spinvp_pim_status status, fmt::format_string<Args...> format, Args&&... args) {
  return tl::make_unexpected(Refusal{status, fmt::format(format, std::forward<Args>(args)...)});
}

using Check = tl::expected<void, Refusal>;

// Which word fields an operation reads.
struct Words {
  bool destination, source_a, source_b;
};
Words words_of(spinvp_pim_operation operation) {
  switch (operation) {
    case SPINVP_PIM_NOP: return {false, false, false};
    case SPINVP_PIM_MULTIPLY:
    case SPINVP_PIM_ADD:
    case SPINVP_PIM_SUBTRACT:
    case SPINVP_PIM_MULTIPLY_ACCUMULATE:
    case SPINVP_PIM_COMPARE:
    case SPINVP_PIM_MAXIMUM:
    case SPINVP_PIM_DOT_SCALAR:
    case SPINVP_PIM_DOT: return {true, true, true};
    case SPINVP_PIM_COPY:
    case SPINVP_PIM_RELU:
    case SPINVP_PIM_CONVERT:
    case SPINVP_PIM_ADD_FROM:
    case SPINVP_PIM_MOVE_FROM:
    case SPINVP_PIM_REDUCE: return {true, true, false};
    case SPINVP_PIM_BROADCAST:
    case SPINVP_PIM_LOAD: return {true, false, false};
    case SPINVP_PIM_STORE: return {false, true, false};
  }
  return {false, false, false};
}

Check check_words(const spinvp_pim_descriptor& d, Words used, std::uint32_t words) {
  const auto check = [words](bool is_used, std::uint32_t word, const char* name) -> Check {
    if (is_used && word >= words) return refuse(SPINVP_PIM_BAD_RANGE, "{} is word {}, a lane has {}", name, word, words);
    return {};
  };
  if (auto bad = check(used.destination, d.destination, "destination"); !bad) return bad;
  if (auto bad = check(used.source_a, d.source_a, "source_a"); !bad) return bad;
  return check(used.source_b, d.source_b, "source_b");
}

// The product of extents, or nullopt when one is zero or the product exceeds `most`.
std::optional<std::uint64_t> product(const std::uint32_t* extents, std::size_t n, std::uint64_t most) {
  std::uint64_t p = 1;
  for (std::size_t i = 0; i < n; ++i) {
    if (extents[i] == 0 || extents[i] > most / p) return std::nullopt;
    p *= extents[i];
  }
  return p;
}

Check fill_operand(Command::Operand& operand, std::uint64_t address, const std::uint32_t* extents, const std::int32_t* strides,
                   const std::uint32_t* step_extents, const std::int32_t* steps, const char* name) {
  if (address % 4 != 0) return refuse(SPINVP_PIM_BAD_ADDRESS, "{}: address {:#x} is not a multiple of 4", name, address);
  operand.address = address;
  for (std::size_t i = 0; i < box_dimensions + step_dimensions; ++i) {
    const bool in_box = i < box_dimensions;
    if (!in_box && step_extents == nullptr) break;
    Dimension& dimension = operand.dimensions[i];
    dimension.extent = in_box ? extents[i] : step_extents[i - box_dimensions];
    dimension.stride = in_box ? strides[i] : steps[i - box_dimensions];
    if (dimension.stride % 4 != 0) return refuse(SPINVP_PIM_BAD_ADDRESS, "{}: stride {} is not a multiple of 4", name, dimension.stride);
  }
  if (!plan_box(address, operand.all())) return refuse(SPINVP_PIM_BAD_ADDRESS, "{}: the strides leave the address space from {:#x}", name, address);
  return {};
}

Check fill_memory(Command& command, const spinvp_pim_descriptor& d, const Geometry& geometry) {
  const auto lanes = product(d.extent, box_dimensions, geometry.total_lanes());
  if (!lanes || *lanes != command.lane_count)
    return refuse(SPINVP_PIM_BAD_RANGE, "extents {} x {} x {} x {} are not the {} lanes", d.extent[0], d.extent[1], d.extent[2], d.extent[3], d.lane_count);
  if (command.operation == SPINVP_PIM_STORE)
    for (std::size_t i = 0; i < box_dimensions; ++i)
      if (d.stride[i] == 0 && d.extent[i] != 1) return refuse(SPINVP_PIM_BAD_RANGE, "a store with stride 0 over {} lanes", d.extent[i]);
  if (!command.is_dot()) return fill_operand(command.a, d.address, d.extent, d.stride, nullptr, nullptr, "operand");
  const auto steps = product(d.step_extent, step_dimensions, longest_dot);
  if (!steps || *steps != d.count)
    return refuse(SPINVP_PIM_BAD_RANGE, "step extents {} x {} x {} are not the {} steps (1 to {})", d.step_extent[0], d.step_extent[1], d.step_extent[2],
                  d.count, longest_dot);
  if (auto bad = fill_operand(command.a, d.address, d.extent, d.stride, d.step_extent, d.step, "operand a"); !bad) return bad;
  return fill_operand(command.b, d.address_b, d.extent, d.stride_b, d.step_extent, d.step_b, "operand b");
}

Check check_distance(const Command& command, const Geometry& geometry) {
  if (command.distance % static_cast<std::int64_t>(geometry.lanes) != 0)
    return refuse(SPINVP_PIM_BAD_RANGE, "distance {} is not a whole number of subarrays of {} lanes", command.distance, geometry.lanes);
  const std::int64_t first = static_cast<std::int64_t>(command.first_lane) + command.distance;
  if (first < 0 || static_cast<std::uint64_t>(first) + command.lane_count > geometry.total_lanes())
    return refuse(SPINVP_PIM_BAD_RANGE, "the lanes at distance {} lie outside the arrays", command.distance);
  return {};
}

Check check_groups(const Command& command, const Geometry& geometry) {
  const std::uint32_t count = command.count;
  if (!std::has_single_bit(count) || geometry.lanes % count != 0)
    return refuse(SPINVP_PIM_BAD_RANGE, "groups of {} lanes: allowed is a power of two that divides {}", count, geometry.lanes);
  if (command.lane_count % count != 0) return refuse(SPINVP_PIM_BAD_RANGE, "{} lanes are not whole groups of {}", command.lane_count, count);
  if (command.first_lane % count != 0) return refuse(SPINVP_PIM_BAD_RANGE, "groups of {} lanes cannot start at lane {}", count, command.first_lane);
  return {};
}

Check fill_formats(Command& command, const spinvp_pim_descriptor& d) {
  constexpr FloatFormat formats[] = {fp32, fp16, bf16};  // by enum spinvp_pim_format
  if (d.distance < 0 || d.distance > SPINVP_PIM_BF16 || d.count > SPINVP_PIM_BF16)
    return refuse(SPINVP_PIM_BAD_RANGE, "a conversion from format {} to {}: allowed are 0 (fp32), 1 (fp16), 2 (bf16)", d.distance, d.count);
  command.from = formats[d.distance];
  command.to = formats[d.count];
  return {};
}

}  // namespace

const char* operation_name(std::uint32_t operation) {
  static constexpr const char* names[] = {"nop",       "multiply", "add",     "subtract", "multiply_accumulate", "copy",
                                          "broadcast", "load",     "store",   "add_from", "move_from",           "dot",
                                          "reduce",    "compare",  "maximum", "relu",     "dot_scalar",          "convert"};
  return operation < std::size(names) ? names[operation] : "unknown";
}

std::uint64_t Command::lane_macs() const {
  if (operation == SPINVP_PIM_MULTIPLY_ACCUMULATE) return lane_count;
  return is_dot() ? lane_count * count : 0;
}

tl::expected<Command, Refusal> decode(const spinvp_pim_descriptor& d, const Geometry& geometry) {
  if (d.operation > SPINVP_PIM_CONVERT) return refuse(SPINVP_PIM_BAD_OPERATION, "operation {} is unknown", d.operation);
  if ((d.flags & ~SPINVP_PIM_INTERRUPT) != 0) return refuse(SPINVP_PIM_BAD_OPERATION, "flags {:#x} are unknown", d.flags & ~SPINVP_PIM_INTERRUPT);
  Command c;
  c.operation = static_cast<spinvp_pim_operation>(d.operation);
  c.interrupt = (d.flags & SPINVP_PIM_INTERRUPT) != 0;
  if (c.operation == SPINVP_PIM_NOP) return c;

  if (d.lane_count == 0 || d.lane_count > geometry.total_lanes() || d.first_lane > geometry.total_lanes() - d.lane_count)
    return refuse(SPINVP_PIM_BAD_RANGE, "lanes {} to {} + {}: the arrays have {}", d.first_lane, d.first_lane, d.lane_count, geometry.total_lanes());
  if (auto bad = check_words(d, words_of(c.operation), geometry.words); !bad) return tl::make_unexpected(bad.error());
  c.first_lane = d.first_lane;
  c.lane_count = d.lane_count;
  c.destination = d.destination;
  c.source_a = d.source_a;
  c.source_b = d.source_b;
  c.count = d.count;
  c.distance = d.distance;
  c.scalar = std::bit_cast<std::uint32_t>(d.scalar);
  Check good;
  switch (c.operation) {
    case SPINVP_PIM_LOAD:
    case SPINVP_PIM_STORE:
    case SPINVP_PIM_DOT_SCALAR:
    case SPINVP_PIM_DOT: good = fill_memory(c, d, geometry); break;
    case SPINVP_PIM_ADD_FROM:
    case SPINVP_PIM_MOVE_FROM: good = check_distance(c, geometry); break;
    case SPINVP_PIM_REDUCE: good = check_groups(c, geometry); break;
    case SPINVP_PIM_CONVERT: good = fill_formats(c, d); break;
    default: break;
  }
  if (!good) return tl::make_unexpected(good.error());
  return c;
}

}  // namespace spinvp::pim
