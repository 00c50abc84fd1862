#include <catch2/catch.hpp>

#include "models/pim/command_window.h"

using namespace spinvp::pim;

namespace {

// Four tiles of two subarrays of 64 lanes, each with a controller.
const Geometry geometry{8, 64, 8};
const ArrayNetwork network({.subarrays = 8, .subarrays_per_tile = 2});

Command on_lanes(spinvp_pim_operation operation, std::uint64_t first, std::uint64_t count) {
  Command command;
  command.operation = operation;
  command.first_lane = first, command.lane_count = count;
  return command;
}
Footprint print(const Command& command) { return footprint_of(command, {geometry, network, 2, 8}); }

Command stored(std::uint64_t lane, std::uint64_t address, std::uint32_t words, std::int64_t stride = 4) {
  Command command = on_lanes(SPINVP_PIM_STORE, lane, words);
  command.a.address = address;
  command.a.dimensions[3] = {words, stride};
  return command;
}
Command loaded(std::uint64_t lane, std::uint64_t address, std::uint32_t words, std::int64_t stride = 4) {
  Command command = stored(lane, address, words, stride);
  command.operation = SPINVP_PIM_LOAD;
  return command;
}

}  // namespace

TEST_CASE("commands meet where they share a controller") {
  // Lanes 0..127 are those of controller 0.
  CHECK(must_wait(print(on_lanes(SPINVP_PIM_ADD, 127, 1)), print(on_lanes(SPINVP_PIM_ADD, 0, 1))));
  CHECK_FALSE(must_wait(print(on_lanes(SPINVP_PIM_ADD, 128, 1)), print(on_lanes(SPINVP_PIM_ADD, 0, 128))));
  CHECK(must_wait(print(on_lanes(SPINVP_PIM_ADD, 128, 1)), print(on_lanes(SPINVP_PIM_ADD, 0, 129))));
}

TEST_CASE("a move keeps the controllers of what it reads, and the network where words change tiles") {
  Command move = on_lanes(SPINVP_PIM_MOVE_FROM, 0, 64);
  move.distance = 256;  // from tile 2
  CHECK(must_wait(print(on_lanes(SPINVP_PIM_ADD, 256, 1)), print(move)));
  CHECK_FALSE(must_wait(print(on_lanes(SPINVP_PIM_ADD, 128, 1)), print(move)));
  Command other = on_lanes(SPINVP_PIM_MOVE_FROM, 128, 64);
  other.distance = 256;  // tile 3 to tile 1
  CHECK(must_wait(print(other), print(move)));
  other.distance = 64;  // within tile 1
  CHECK_FALSE(must_wait(print(other), print(move)));
}

TEST_CASE("commands meet in memory where one of them writes") {
  const auto store = print(stored(0, 0x1000, 4));
  CHECK(must_wait(print(loaded(128, 0x100c, 1)), store));
  CHECK_FALSE(must_wait(print(loaded(128, 0x1010, 1)), store));
  CHECK_FALSE(must_wait(print(loaded(128, 0xffc, 1)), store));
  CHECK(must_wait(print(stored(128, 0x100c, 1)), store));
  CHECK(must_wait(store, print(loaded(128, 0x1000, 1))));
  CHECK_FALSE(must_wait(print(loaded(128, 0x1000, 1)), print(loaded(0, 0x1000, 1))));
  // Downwards: 0x1010, 0x100c, ... 0x1000.
  CHECK(must_wait(print(loaded(128, 0x1000, 1)), print(stored(0, 0x1010, 5, -4))));
}

TEST_CASE("the steps of a dot are part of what it reads") {
  Command dot = on_lanes(SPINVP_PIM_DOT, 128, 1);
  dot.count = 10;
  dot.a.address = 0x1000, dot.b.address = 0x8000;
  dot.a.dimensions[6] = {10, 4}, dot.b.dimensions[6] = {10, 64};
  CHECK(must_wait(print(dot), print(stored(0, 0x1024, 1))));
  CHECK_FALSE(must_wait(print(dot), print(stored(0, 0x1028, 1))));
  CHECK(must_wait(print(dot), print(stored(0, 0x8240, 1))));
  CHECK_FALSE(must_wait(print(dot), print(stored(0, 0x8244, 1))));
}

TEST_CASE("the window starts the oldest that may, and all that current allows") {
  CommandWindow window(3);
  const auto two = print(on_lanes(SPINVP_PIM_ADD, 0, 128)), one = print(on_lanes(SPINVP_PIM_ADD, 128, 64)),
             two_others = print(on_lanes(SPINVP_PIM_ADD, 256, 128));
  window.take(0, two);
  window.take(1, one);
  window.take(2, one);         // waits for 1
  window.take(3, two_others);  // the third and fourth subarray at once are too many
  CHECK(window.start_next() == 0);
  CHECK(window.start_next() == 1);
  CHECK(window.start_next() == std::nullopt);
  window.done(0);
  CHECK(window.start_next() == 3);
  CHECK(window.start_next() == std::nullopt);
  window.done(1);
  CHECK(window.start_next() == 2);
}

TEST_CASE("a fence waits for all before it, and all behind it wait for the fence") {
  CommandWindow window(8);
  window.take(0, print(on_lanes(SPINVP_PIM_ADD, 0, 64)));
  window.take(1, print(on_lanes(SPINVP_PIM_NOP, 0, 0)));
  window.take(2, print(on_lanes(SPINVP_PIM_ADD, 128, 64)));
  CHECK(window.start_next() == 0);
  CHECK(window.start_next() == std::nullopt);
  window.done(0);
  CHECK(window.start_next() == 1);
  CHECK(window.start_next() == std::nullopt);
  window.done(1);
  CHECK(window.start_next() == 2);
}
