// DOT: its values are those of LOAD, LOAD, MULTIPLY_ACCUMULATE in a loop, however the operand buffer is used; and its schedule.
#include <catch2/catch.hpp>

#include <cstring>

#include "models/pim/dot_product.h"
#include "tests/unit/pim/engines.h"
#include "tests/unit/pim/reference_float.h"

using namespace spinvp::pim;
using spinvp::core::SimTime;

namespace {

constexpr std::uint64_t base = 0x4000;

Command random_dot(reference::Draw& draw, const Geometry& geometry) {
  Command c;
  c.operation = SPINVP_PIM_DOT;
  c.lane_count = c.count = 1;
  for (std::size_t d = 0; d < 7; ++d) {
    const std::uint32_t extent = 1 + draw.below(d < 4 ? 5 : 3);
    const auto stride = [&] { return 4 * (draw.below(3) == 0 ? 0 : static_cast<std::int64_t>(draw.below(61)) - 30); };
    c.a.dimensions[d] = {extent, stride()};
    c.b.dimensions[d] = {extent, stride()};
    if (d < 4)
      c.lane_count *= extent;
    else
      c.count *= extent;
  }
  c.a.address = base + 0x1000, c.b.address = base + 0x3000;
  c.first_lane = draw.below(static_cast<std::uint32_t>(geometry.total_lanes() - c.lane_count + 1));
  c.destination = 0, c.source_a = 1, c.source_b = 2;
  return c;
}

std::uint64_t offset_of(const Command::Operand& operand, std::size_t from, std::size_t to, std::uint64_t index) {
  std::int64_t offset = 0;
  for (std::size_t d = to; d-- > from;) {
    offset += static_cast<std::int64_t>(index % operand.dimensions[d].extent) * operand.dimensions[d].stride;
    index /= operand.dimensions[d].extent;
  }
  return static_cast<std::uint64_t>(offset);
}

void fetch(OperandSource& source, std::uint32_t step, const std::vector<std::uint8_t>& memory) {
  const auto image = source.incoming();
  for_each_piece(source.plan(), source.displacement(step), [&](const BoxPiece& piece) {
    for (std::uint64_t row = 0; row < piece.rows; ++row) {
      const std::uint64_t at = piece.address - base + row * piece.stride;
      REQUIRE(at + piece.row_bytes <= memory.size());
      std::memcpy(&image[piece.at + row * piece.row_bytes], &memory[at], piece.row_bytes);
    }
    return true;
  });
  source.take_over();
}

void run_dot(DotProduct& product, const Command& c, SubarrayStore& store, ArithmeticEngine& engine, const std::vector<std::uint8_t>& memory) {
  for (std::uint32_t first = 0; first < c.count; first += product.block_steps()) {
    for (OperandSource* source : {&product.a(), &product.b()})
      if (first % source->block_steps() == 0) fetch(*source, first, memory);
    const auto works = product.run_block(store, engine, first);
    CHECK(works.size() == product.block_steps());
    // 64 row writes and a multiply-accumulate: 1475.5 + 64 writes; 3148.5 and 3147.5 + 64 cells a lane, half cells rounded up in each subarray.
    CellEvents cells;
    for_each_subarray(store.geometry(), c.first_lane, c.lane_count, [&](const LaneRange& range, std::uint64_t) {
      cells[CellEvent::read_cell] += (6297 * std::uint64_t{range.count} + 1) / 2;
      cells[CellEvent::write_cell] += ((6295 + 128) * std::uint64_t{range.count} + 1) / 2;
      cells[CellEvent::search_cell] += 50 * std::uint64_t{range.count};
      cells[CellEvent::row_step] += 64 + 3002;  // 1476.5 + 1475.5 + 50
    });
    for (Work work : works) {
      CHECK(work.steps == StepCounts{2953, 2951 + 128, 100, 0});
      // Of the operands' words alone, the two words of each lane have at most 64.
      CHECK(work.events[CellEvent::write_flip] <= 64 * c.lane_count);
      work.events[CellEvent::write_flip] = 0;
      CHECK(work.events == cells);
    }
  }
}

}  // namespace

TEST_CASE("a DOT leaves what loads and multiply-accumulates in a loop leave, with any operand buffer") {
  const Geometry geometry{10, 64, 4, 2};
  reference::Draw draw(5);
  std::vector<std::uint8_t> memory(0x4000);
  for (std::size_t i = 0; i < memory.size(); i += 4) {
    const std::uint32_t x = draw.number();
    std::memcpy(&memory[i], &x, 4);
  }
  const auto word = [&](std::uint64_t address) {
    std::uint32_t x = 0;
    std::memcpy(&x, &memory[address - base], 4);
    return x;
  };
  std::array<int, 4> levels_seen{};
  for (int round = 0; round < 300; ++round) {
    const Command c = random_dot(draw, geometry);
    for (const std::uint64_t buffer : {std::uint64_t{0}, std::uint64_t{200}, std::uint64_t{1500}, std::uint64_t{1} << 18}) {
      SubarrayStore store(geometry);
      const auto engine = test::published_sot();
      for (std::uint32_t s = 0; s < geometry.subarrays; ++s)
        for (std::uint32_t& x : store.plane(s, 0)) x = draw.number();
      std::vector<std::uint32_t> sums;
      for (std::uint64_t i = 0; i < c.lane_count; ++i)
        sums.push_back(store.plane(static_cast<std::uint32_t>((c.first_lane + i) / 64), 0)[(c.first_lane + i) % 64]);
      DotProduct product(geometry, c, buffer);
      const auto choice = choose_levels(c, buffer);
      ++levels_seen[choice.first.level];
      CHECK(choice.first.needs + choice.second.needs <= buffer);
      run_dot(product, c, store, *engine, memory);
      std::uint64_t wrong = 0;
      for (std::uint64_t i = 0; i < c.lane_count; ++i) {
        std::uint32_t a = 0, b = 0;
        for (std::uint64_t j = 0; j < c.count; ++j) {
          a = word(c.a.address + offset_of(c.a, 0, 4, i) + offset_of(c.a, 4, 7, j));
          b = word(c.b.address + offset_of(c.b, 0, 4, i) + offset_of(c.b, 4, 7, j));
          sums[i] = reference::multiply_accumulate(sums[i], a, b, false);
        }
        const auto subarray = static_cast<std::uint32_t>((c.first_lane + i) / 64);
        const std::size_t lane = (c.first_lane + i) % 64;
        if (store.plane(subarray, 0)[lane] != sums[i] || store.plane(subarray, 1)[lane] != a || store.plane(subarray, 2)[lane] != b) ++wrong;
      }
      REQUIRE(wrong == 0);
    }
  }
  for (const int seen : levels_seen) CHECK(seen > 0);
}

TEST_CASE("an operand buffer makes a convolution's images cross the bus once") {
  // 11 images of 28 x 28 and 10 kernels of 5 x 5: 34 496 and 1 000 bytes.
  Command c;
  c.operation = SPINVP_PIM_DOT;
  c.lane_count = 11 * 10 * 576, c.count = 25;
  c.a = {0x80000000, {{{11, 3136}, {10, 0}, {24, 112}, {24, 4}, {1, 0}, {5, 112}, {5, 4}}}};
  c.b = {0x90000000, {{{11, 0}, {10, 100}, {24, 0}, {24, 0}, {1, 0}, {5, 20}, {5, 4}}}};
  const auto whole = choose_levels(c, 256 * 1024);
  CHECK((whole.first.level == 0 && whole.first.traffic == 34496));
  CHECK((whole.second.level == 0 && whole.second.traffic == 1000));
  // Without a buffer every step reads its 11 x 24 x 24 words and its 10 weights.
  const auto none = choose_levels(c, 0);
  CHECK((none.first.level == 3 && none.first.traffic == 25 * 11 * 576 * 4));
  CHECK((none.second.level == 3 && none.second.traffic == 25 * 40));
}

TEST_CASE("an operand too large for the buffer is held block by block") {
  // 20 channels of 32 x 16 x 16 words (32 KiB a channel, 640 KiB in all), each wanted by 25 steps.
  Command c;
  c.operation = SPINVP_PIM_DOT;
  c.lane_count = 32 * 10 * 144, c.count = 500;
  c.a = {0x80000000, {{{32, 20480}, {10, 0}, {12, 64}, {12, 4}, {20, 1024}, {5, 64}, {5, 4}}}};
  c.b = {0x90000000, {{{32, 0}, {10, 100}, {12, 0}, {12, 0}, {20, 1000}, {5, 20}, {5, 4}}}};
  const auto choice = choose_levels(c, 256 * 1024);
  CHECK((choice.first.level == 1 && choice.first.traffic == 20 * 32768 && choice.first.needs == 2 * 32768));
  CHECK((choice.second.level == 0 && choice.second.traffic == 20000));
}

TEST_CASE("with everything fetched in front a DOT takes max(fill, bus) + (count - 1) max(array, fill) + array") {
  for (const auto& [fill, bus, array] : {std::tuple{100u, 40u, 730u}, std::tuple{900u, 40u, 730u}, std::tuple{100u, 4000u, 730u}}) {
    DotSchedule schedule(SimTime::ps(5000), SimTime::ps(fill));
    schedule.step(SimTime::ps(5000 + bus), SimTime::ps(array));
    for (int j = 1; j < 25; ++j) schedule.step(SimTime(), SimTime::ps(array));
    CHECK(schedule.end() == SimTime::ps(5000 + std::max(fill, bus) + 24 * std::max(array, fill) + array));
    CHECK(schedule.array() == SimTime::ps(25 * array));
  }
}

TEST_CASE("a step whose words arrive late starts when they arrive") {
  DotSchedule schedule(SimTime(), SimTime::ps(10));
  schedule.step(SimTime::ps(50), SimTime::ps(100));   // 50 .. 150
  schedule.step(SimTime::ps(400), SimTime::ps(100));  // 400 .. 500
  schedule.step(SimTime::ps(420), SimTime::ps(100));  // behind the one before: 500 .. 600
  CHECK(schedule.start() == SimTime::ps(500));
  CHECK(schedule.end() == SimTime::ps(600));
}
