#include "models/pim/command_window.h"

#include <algorithm>

namespace spinvp::pim {

namespace {

// The controller has checked that no address leaves the 64-bit space.
Span addresses_of(const Command::Operand& operand, std::span<const Dimension> dimensions) { return *span_of_box(operand.address, dimensions); }

bool change_tiles(const Command& command, const ArrayLayout& layout) {
  const auto tile = [&](std::uint64_t lane) { return layout.network.tile_of(static_cast<std::uint32_t>(lane / layout.geometry.lanes)); };
  const std::uint64_t last = command.first_lane + command.lane_count - 1, away = static_cast<std::uint64_t>(command.distance);
  // All words move by the same number of subarrays: they stay in their tile for sure where that is zero, or where both ranges are in one and the same tile.
  return command.distance != 0 && !(tile(command.first_lane) == tile(last) && tile(command.first_lane + away) == tile(last + away) &&
                                    tile(command.first_lane) == tile(command.first_lane + away));
}

}  // namespace

Span ArrayLayout::controllers_of(std::uint64_t first_lane, std::uint64_t lanes) const {
  const std::uint64_t lanes_each = subarrays_per_controller * geometry.lanes;
  return {first_lane / lanes_each, (first_lane + lanes - 1) / lanes_each};
}

Footprint footprint_of(const Command& command, const ArrayLayout& layout) {
  Footprint print;
  if (command.operation == SPINVP_PIM_NOP) {
    print.fence = true;
    return print;
  }
  print.controllers[0] = layout.controllers_of(command.first_lane, command.lane_count);
  print.writers = std::min(subarrays_of(layout.geometry, command.first_lane, command.lane_count), layout.writers_at_once);
  switch (command.operation) {
    case SPINVP_PIM_LOAD: print.reads[0] = addresses_of(command.a, command.a.box()); break;
    case SPINVP_PIM_STORE:
      print.writes = addresses_of(command.a, command.a.box());
      print.writers = 0;
      break;
    case SPINVP_PIM_DOT:
    case SPINVP_PIM_DOT_SCALAR: print.reads = {addresses_of(command.a, command.a.all()), addresses_of(command.b, command.b.all())}; break;
    case SPINVP_PIM_ADD_FROM:
    case SPINVP_PIM_MOVE_FROM:
      print.controllers[1] = layout.controllers_of(command.first_lane + static_cast<std::uint64_t>(command.distance), command.lane_count);
      print.between_tiles = change_tiles(command, layout);
      break;
    default: break;
  }
  return print;
}

bool must_wait(const Footprint& younger, const Footprint& older) {
  if (younger.fence || older.fence) return true;
  if (younger.between_tiles && older.between_tiles) return true;
  for (const Span& mine : younger.controllers)
    for (const Span& its : older.controllers)
      if (mine.meets(its)) return true;
  if (younger.writes.meets(older.writes)) return true;
  return std::any_of(younger.reads.begin(), younger.reads.end(), [&](const Span& read) { return read.meets(older.writes); }) ||
         std::any_of(older.reads.begin(), older.reads.end(), [&](const Span& read) { return read.meets(younger.writes); });
}

std::optional<std::uint64_t> CommandWindow::start_next() {
  std::uint64_t writing = 0;
  for (const Entry& entry : commands_)
    if (entry.started) writing += entry.footprint.writers;
  for (auto entry = commands_.begin(); entry != commands_.end(); ++entry) {
    if (entry->started || writing + entry->footprint.writers > writers_) continue;
    if (std::any_of(commands_.begin(), entry, [&](const Entry& older) { return must_wait(entry->footprint, older.footprint); })) continue;
    entry->started = true;
    return entry->number;
  }
  return std::nullopt;
}

void CommandWindow::done(std::uint64_t number) {
  std::erase_if(commands_, [&](const Entry& entry) { return entry.number == number; });
}

}  // namespace spinvp::pim
