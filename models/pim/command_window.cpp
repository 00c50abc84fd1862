#include "models/pim/command_window.h"

#include <algorithm>

namespace spinvp::pim {

namespace {

// The controller has checked that no address leaves the 64-bit space.
Span addresses_of(const Command::Operand& operand, std::span<const Dimension> dimensions) { return *span_of_box(operand.address, dimensions); }

Span tiles_of(const Geometry& geometry, const ArrayNetwork& network, std::uint64_t first_lane, std::uint64_t lanes) {
  const auto tile = [&](std::uint64_t lane) { return std::uint64_t{network.tile_of(static_cast<std::uint32_t>(lane / geometry.lanes))}; };
  return {tile(first_lane), tile(first_lane + lanes - 1)};
}

}  // namespace

Footprint footprint_of(const Command& command, const Geometry& geometry, const ArrayNetwork& network, std::uint64_t writers_at_once) {
  Footprint print;
  if (command.operation == SPINVP_PIM_NOP) {
    print.fence = true;
    return print;
  }
  print.tiles[0] = tiles_of(geometry, network, command.first_lane, command.lane_count);
  print.writers = std::min(subarrays_of(geometry, command.first_lane, command.lane_count), writers_at_once);
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
      print.tiles[1] = tiles_of(geometry, network, command.first_lane + static_cast<std::uint64_t>(command.distance), command.lane_count);
      // All words move by the same number of subarrays: none leaves its tile where that is zero, or where both ranges are one and the same tile.
      print.between_tiles = command.distance != 0 && (print.tiles[0].first != print.tiles[0].last || print.tiles[1].first != print.tiles[1].last ||
                                                      print.tiles[0].first != print.tiles[1].first);
      break;
    default: break;
  }
  return print;
}

bool must_wait(const Footprint& younger, const Footprint& older) {
  if (younger.fence || older.fence) return true;
  if (younger.between_tiles && older.between_tiles) return true;
  for (const Span& mine : younger.tiles)
    for (const Span& its : older.tiles)
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
