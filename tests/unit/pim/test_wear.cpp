// Wear: how often rows are written, by words and by the logic, with and without rotation.
#include <catch2/catch.hpp>

#include "models/pim/program_set.h"
#include "models/pim/wear.h"

using namespace spinvp::pim;

namespace {
constexpr Geometry geometry{2, 64, 4, 2};
}

TEST_CASE("a word that is written wears each of its 32 rows once") {
  Wear wear(geometry, 8, 0);
  SubarrayStore store(geometry);
  store.set_wear(&wear);
  store.fill({1, 0, 64}, 3, 7);
  store.fill({1, 10, 5}, 3, 9);
  CHECK(wear.total() == 2 * 32);
  const Wear::Row worst = wear.most_written();
  CHECK(worst.subarray == 1);
  CHECK(worst.row / 32 == 3);
  CHECK(worst.writes == 2);
}

TEST_CASE("a program wears its work rows as often as it writes them, and the result's rows as the busiest of them") {
  ProgramSet programs(logic_family("sot"), {}, 160);
  const MicroProgram& add = programs.program(FloatOperation::add).program();
  std::vector<std::uint32_t> writes(ProgramSet::placement.work + 160u, 0);
  for (const Step& step : add.steps)
    if (step.kind == StepKind::set || step.kind == StepKind::reset)
      for (const KeyedRow& entry : add.list_of(step)) ++writes[entry.row];
    else if (step.d != no_row)
      ++writes[step.d];
  Wear wear(geometry, 160, 0);
  for (int i = 0; i < 10; ++i) wear.ran(0, add, 2);
  std::uint64_t expected = 32;  // a sot program writes each row of its result once
  for (std::size_t row = ProgramSet::placement.work; row < writes.size(); ++row) expected += writes[row];
  CHECK(wear.total() == 10 * expected);
  CHECK(wear.most_written().writes == 10u * *std::max_element(writes.begin() + ProgramSet::placement.work, writes.end()));
}

TEST_CASE("rotation spreads the same writes over all work rows") {
  ProgramSet programs(logic_family("sot"), {}, 160);
  const MicroProgram& add = programs.program(FloatOperation::add).program();
  Wear fixed(geometry, 160, 0), turning(geometry, 160, 1);
  // Once around the pool: each row has been every work row of the program.
  for (int i = 0; i < 160; ++i) fixed.ran(0, add, 0), turning.ran(0, add, 0);
  CHECK(turning.total() == fixed.total());
  CHECK(turning.most_written().writes < fixed.most_written().writes);
  std::uint64_t work = turning.total() - 160u * 32u;
  CHECK(work % 160 == 0);
  const std::string csv = turning.csv();
  CHECK(csv.find("0,work,0," + std::to_string(work / 160) + "\n") != std::string::npos);
  CHECK(csv.find("0,work,159," + std::to_string(work / 160) + "\n") != std::string::npos);
}
