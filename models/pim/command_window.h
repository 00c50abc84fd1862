// Which of the queue's commands may run beside each other. Pure C++.
//
// A controller steps one micro-program at a time through its subarrays; a command keeps the controllers of all subarrays that its lanes lie in. Commands are taken
// from the queue in order into a window; one may start as soon as no older command of the window that is still at work, or waits, stands in its way:
//   - they share a controller (of the lanes, or of the lanes that a move reads);
//   - one of them writes memory that the other reads or writes, by the span from lowest to highest address (a span may hold words that are not touched: then
//     a command waits that need not);
//   - both send words over the network between tiles, which serves one transfer at a time;
//   - either is a fence (NOP): it starts when all before it are done, and nothing behind it starts before it is.
// It also waits while the row writes of those at work leave too little current for its own: each takes min(its subarrays, the most that may write at once).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

#include "models/pim/array_network.h"
#include "models/pim/command.h"

namespace spinvp::pim {

struct Footprint {
  std::array<Span, 2> controllers;  // of the lanes, and of those that a move reads
  std::array<Span, 2> reads;        // addresses
  Span writes;
  bool between_tiles = false, fence = false;
  std::uint64_t writers = 0;  // subarrays whose rows are written together
};
// What the command stands on among the arrays.
struct ArrayLayout {
  Geometry geometry;
  const ArrayNetwork& network;
  std::uint64_t subarrays_per_controller, writers_at_once;
  [[nodiscard]] Span controllers_of(std::uint64_t first_lane, std::uint64_t lanes) const;
};
Footprint footprint_of(const Command& command, const ArrayLayout& layout);

// Whether the younger of two commands must wait for the older to be done.
bool must_wait(const Footprint& younger, const Footprint& older);

// The commands that were taken and are not yet done, oldest first, by a number that counts up.
class CommandWindow {
 public:
  explicit CommandWindow(std::uint64_t writers_at_once) : writers_(writers_at_once) {}
  void take(std::uint64_t number, const Footprint& footprint) { commands_.push_back({number, footprint, false}); }
  // The oldest that may start and has not; it counts as started from now on.
  std::optional<std::uint64_t> start_next();
  void done(std::uint64_t number);
  void clear() { commands_.clear(); }

 private:
  struct Entry {
    std::uint64_t number;
    Footprint footprint;
    bool started;
  };
  std::uint64_t writers_;
  std::deque<Entry> commands_;
};

}  // namespace spinvp::pim
