// Operations on lanes alone: values against integer arithmetic, steps and cells against the formulas of the header.
#include <catch2/catch.hpp>

#include <bit>

#include "models/pim/lane_operations.h"
#include "tests/unit/pim/engines.h"
#include "tests/unit/pim/reference_float.h"

using namespace spinvp::pim;

namespace {

struct Arrays {
  Geometry geometry{6, 64, 4, 2};
  SubarrayStore store{geometry};
  std::unique_ptr<ArithmeticEngine> engine;
  LaneOperations operations;

  explicit Arrays(Rounding rounding = Rounding::nearest_even) : engine(test::published_sot({fp32, Semantics::ieee, rounding})), operations(store, *engine) {
    reference::Draw draw(1);
    for (std::uint32_t s = 0; s < geometry.subarrays; ++s)
      for (std::uint32_t w = 0; w < geometry.words; ++w)
        for (std::uint32_t& x : store.plane(s, w)) x = draw.number();
  }
  // All addressable words, [word][flat lane].
  [[nodiscard]] std::vector<std::vector<std::uint32_t>> all() const {
    std::vector<std::vector<std::uint32_t>> words(geometry.words);
    for (std::uint32_t w = 0; w < geometry.words; ++w)
      for (std::uint32_t s = 0; s < geometry.subarrays; ++s)
        for (const std::uint32_t x : store.plane(s, w)) words[w].push_back(x);
    return words;
  }
};

// Cells that differ between two states of the arrays.
std::uint64_t flips(const std::vector<std::vector<std::uint32_t>>& a, const std::vector<std::vector<std::uint32_t>>& b) {
  std::uint64_t count = 0;
  for (std::size_t w = 0; w < a.size(); ++w)
    for (std::size_t i = 0; i < a[w].size(); ++i) count += static_cast<std::uint64_t>(std::popcount(a[w][i] ^ b[w][i]));
  return count;
}

// As many cells read as written.
CellEvents moved(std::uint64_t cells, std::uint64_t row_steps, std::uint64_t flipped) {
  CellEvents events;
  events[CellEvent::read_cell] = events[CellEvent::write_cell] = cells;
  events[CellEvent::write_flip] = flipped, events[CellEvent::row_step] = row_steps;
  return events;
}

Command on_lanes(spinvp_pim_operation operation, std::uint64_t first, std::uint64_t count) {
  Command c;
  c.operation = operation;
  c.first_lane = first, c.lane_count = count;
  c.destination = 0, c.source_a = 1, c.source_b = 2;
  return c;
}

}  // namespace

TEST_CASE("arithmetic commands work on exactly their lanes, across subarrays") {
  for (const Rounding rounding : {Rounding::nearest_even, Rounding::truncate})
    for (const auto operation : {SPINVP_PIM_MULTIPLY, SPINVP_PIM_ADD, SPINVP_PIM_SUBTRACT, SPINVP_PIM_MULTIPLY_ACCUMULATE}) {
      Arrays arrays(rounding);
      auto expected = arrays.all();
      const bool truncate = rounding == Rounding::truncate;
      for (std::uint64_t i = 40; i < 40 + 200; ++i) {
        std::uint32_t& d = expected[0][i];
        const std::uint32_t a = expected[1][i], b = expected[2][i];
        if (operation == SPINVP_PIM_MULTIPLY) d = reference::multiply(a, b, truncate);
        if (operation == SPINVP_PIM_ADD) d = reference::add(a, b, truncate);
        if (operation == SPINVP_PIM_SUBTRACT) d = reference::subtract(a, b, truncate);
        if (operation == SPINVP_PIM_MULTIPLY_ACCUMULATE) d = reference::multiply_accumulate(d, a, b, truncate);
      }
      arrays.operations.run(on_lanes(operation, 40, 200));
      CHECK(arrays.all() == expected);
    }
}

TEST_CASE("all subarrays work in lockstep: steps count once, cells in every lane") {
  Arrays arrays;
  const Work one = arrays.operations.run(on_lanes(SPINVP_PIM_MULTIPLY, 0, 1)), all = arrays.operations.run(on_lanes(SPINVP_PIM_MULTIPLY, 0, 384));
  CHECK(one.steps == StepCounts{2517, 2517, 0, 0});
  CHECK(all.steps == one.steps);
  CHECK(all.events[CellEvent::read_cell] == 5519 * 192);  // 2759.5 cells a lane
  CHECK(all.events[CellEvent::write_cell] == 5519 * 192);
  CHECK(all.events[CellEvent::search_cell] == 0);
}

TEST_CASE("a copy reads and writes 32 rows, a broadcast writes 32") {
  Arrays arrays;
  auto expected = arrays.all();
  const auto before = expected;
  const Work copy = arrays.operations.run(on_lanes(SPINVP_PIM_COPY, 10, 100));
  for (std::size_t i = 10; i < 110; ++i) expected[0][i] = expected[1][i];
  CHECK(arrays.all() == expected);
  CHECK(copy.steps == StepCounts::whole(32, 32));
  CHECK(copy.events == moved(3200, 2 * 64, flips(before, expected)));  // two subarrays
  Command broadcast = on_lanes(SPINVP_PIM_BROADCAST, 100, 20);
  broadcast.scalar = 0xc2280000u;
  const auto copied = expected;
  const Work work = arrays.operations.run(broadcast);
  for (std::size_t i = 100; i < 120; ++i) expected[0][i] = 0xc2280000u;
  CHECK(arrays.all() == expected);
  CHECK(work.steps == StepCounts::whole(0, 32));
  CHECK(work.events == Work::rows_written(32, 20, flips(copied, expected)).events);
}

TEST_CASE("words move between subarrays as if all were sent before any is written") {
  for (const int hops : {1, 2, -1, -3}) {
    Arrays arrays;
    auto expected = arrays.all();
    const auto before = expected;
    const std::uint64_t first = hops > 0 ? 5 : 5 + 64 * 3, count = hops > 0 ? 200 : 150;
    Command move = on_lanes(SPINVP_PIM_MOVE_FROM, first, count);
    move.destination = move.source_a = 1;
    move.distance = 64 * hops;
    for (std::uint64_t i = first; i < first + count; ++i) expected[1][i] = before[1][static_cast<std::size_t>(static_cast<std::int64_t>(i) + move.distance)];
    arrays.operations.run(move);
    CHECK(arrays.all() == expected);
    CHECK(arrays.operations.network().bits() == count * 32);
  }
}

TEST_CASE("a transfer takes 2 x 32 cycles, twice that where a subarray both sends and receives") {
  Arrays arrays;
  Command move = on_lanes(SPINVP_PIM_MOVE_FROM, 0, 128);  // two subarrays
  move.distance = 128;
  CHECK(arrays.operations.run(move).steps == StepCounts::whole(32, 32));
  move.distance = 64;
  CHECK(arrays.operations.run(move).steps == StepCounts::whole(64, 64));
  const auto before = arrays.all();
  const Work work = arrays.operations.run(move);
  CHECK(work.events == moved(32 * 128, 2 * 64, flips(before, arrays.all())));
}

TEST_CASE("ADD_FROM adds what lies some subarrays away") {
  Arrays arrays;
  auto expected = arrays.all();
  const auto before = expected;
  Command add = on_lanes(SPINVP_PIM_ADD_FROM, 64, 130);
  add.distance = 128;
  for (std::size_t i = 64; i < 194; ++i) expected[0][i] = reference::add(before[0][i], before[1][i + 128], false);
  const Work work = arrays.operations.run(add);
  CHECK(arrays.all() == expected);
  // Targets are subarrays 1 to 3, sources 3 to 5: two phases. Then an addition.
  CHECK(work.steps == StepCounts::whole(64 + 218, 64 + 217, 50));
}

TEST_CASE("ADD_FROM and MOVE_FROM at distance 0 stay inside their lanes") {
  Arrays arrays;
  auto expected = arrays.all();
  Command add = on_lanes(SPINVP_PIM_ADD_FROM, 3, 10);
  for (std::size_t i = 3; i < 13; ++i) expected[0][i] = reference::add(expected[0][i], expected[1][i], false);
  CHECK(arrays.operations.run(add).steps == StepCounts::whole(32 + 218, 32 + 217, 50));
  CHECK(arrays.operations.network().bits() == 0);
  CHECK(arrays.all() == expected);
}

TEST_CASE("a REDUCE sums in the order of its tree, and changes only the first lane of each group") {
  for (const std::uint32_t group : {1u, 2u, 8u, 64u}) {
    Arrays arrays;
    auto expected = arrays.all();
    Command reduce = on_lanes(SPINVP_PIM_REDUCE, 64, 128);
    reduce.count = group;
    for (std::size_t start = 64; start < 192; start += group) {
      std::vector<std::uint32_t> level(expected[1].begin() + static_cast<std::ptrdiff_t>(start),
                                       expected[1].begin() + static_cast<std::ptrdiff_t>(start + group));
      while (level.size() > 1) {
        for (std::size_t i = 0; i < level.size() / 2; ++i) level[i] = reference::add(level[2 * i], level[2 * i + 1], false);
        level.resize(level.size() / 2);
      }
      expected[0][start] = level[0];
    }
    const Work work = arrays.operations.run(reduce);
    CHECK(arrays.all() == expected);
    if (group == 8) {
      // 3 levels with 64, 32 and 16 additions in 128 lanes; 389 = 1 + 14 x 8 + 12 x 23 reads an addition, 388 writes, 50 searches.
      CHECK(work.steps == StepCounts::whole(3 * (32 + 218), 3 * (32 + 217), 150));
      CHECK(work.events[CellEvent::read_cell] == 112 * (32 + 389));
      CHECK(work.events[CellEvent::write_cell] == 112 * (32 + 388));
      CHECK(work.events[CellEvent::search_cell] == 112 * 50);
    }
  }
}

TEST_CASE("a REDUCE may write the word that it sums") {
  Arrays arrays;
  for (std::size_t i = 0; i < 64; ++i) arrays.store.plane(0, 1)[i] = 0x3f800000u;
  Command reduce = on_lanes(SPINVP_PIM_REDUCE, 0, 64);
  reduce.count = 64;
  reduce.destination = 1;
  arrays.operations.run(reduce);
  CHECK(arrays.store.plane(0, 1)[0] == 0x42800000u);  // 64
  CHECK(arrays.store.plane(0, 1)[1] == 0x3f800000u);
}
