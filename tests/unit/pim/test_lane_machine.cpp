// One lane bit by bit: without faults it is a column of Subarray::run; with faults exactly the named cell goes wrong.
#include <catch2/catch.hpp>

#include <vector>

#include "models/pim/lane_machine.h"
#include "models/pim/program_set.h"
#include "tests/support/float_operands.h"

using namespace spinvp::pim;
using Kind = StepFault::Kind;

namespace {

constexpr std::uint64_t all_guards = ~std::uint64_t{0};
constexpr unsigned lanes = 64;

// Every row of every lane after the program, against the subarray.
void check_against_subarray(ProgramSet& programs, FloatOperation operation, bool scalar) {
  const RunnableProgram& program = programs.program(operation, scalar);
  const MicroProgram& steps = program.program();
  constexpr Placement at = ProgramSet::placement;
  test::FloatDraw draw(programs.arithmetic().format, 5);
  std::vector<std::uint32_t> a, b, d;
  for (unsigned lane = 0; lane < lanes; ++lane) {
    const auto pair = draw.pair();
    a.push_back(static_cast<std::uint32_t>(pair.a));
    b.push_back(static_cast<std::uint32_t>(scalar && lane > 0 ? b[0] : pair.b));
    d.push_back(static_cast<std::uint32_t>(draw.one()));
  }
  const std::uint64_t guards = scalar ? scalar_guards(programs.arithmetic().format, b[0]) : all_guards;
  Subarray rows(programs.rows(), lanes);
  rows.load_words(at.a, steps.a_rows, 0, a);
  rows.load_words(at.b, steps.b_rows, 0, b);
  rows.load_words(at.d, steps.d_rows, 0, d);
  rows.run(program, 0, lanes, guards);
  unsigned differing = 0;
  for (unsigned lane = 0; lane < lanes; ++lane) {
    LaneMachine machine(steps, programs.rows());
    machine.put(at.a, steps.a_rows, a[lane]);
    machine.put(at.b, steps.b_rows, b[lane]);
    machine.put(at.d, steps.d_rows, d[lane]);
    const LaneMachine::Struck struck = machine.run(guards, {});
    CHECK(struck.writes + struck.reads == 0);
    for (unsigned row = 0; row < programs.rows(); ++row)
      if ((machine.get(row, 1) != 0) != rows.bit(row, lane)) ++differing;
  }
  INFO(programs.family().name << ' ' << name_of(operation) << (scalar ? " with a scalar" : ""));
  CHECK(differing == 0);
}

// Rows: a0, a1 at 0, 1; d0, d1, d2 at 2, 3, 4.
struct Program : MicroProgram {
  Program() { a_rows = 2, d_rows = 3, init_is_write = true; }
  Program& read(Row a) { return push({.kind = StepKind::read, .a = a}); }
  Program& copy(Row d, bool masked = false, std::uint8_t guard = Step::no_guard) {
    return push({.kind = StepKind::write_copy, .masked = masked, .guard = guard, .d = d});
  }
  Program& over(StepKind kind, std::vector<KeyedRow> rows, bool masked = false) {
    Step step{.kind = kind, .masked = masked};
    step.list = static_cast<std::uint32_t>(lists.size()), step.list_size = static_cast<std::uint32_t>(rows.size());
    lists.insert(lists.end(), rows.begin(), rows.end());
    return push(step);
  }
  Program& push(const Step& step) {
    steps.push_back(step);
    return *this;
  }
};

struct Result {
  std::uint64_t cells;  // bit r: row r
  LaneMachine::Struck struck;
};
Result run(const MicroProgram& program, std::uint64_t cells, std::vector<StepFault> faults, std::vector<StuckCell> stuck = {},
           std::uint64_t guards = all_guards) {
  LaneMachine machine(program, 5);
  machine.put(0, 5, cells);
  const auto struck = machine.run(guards, faults, stuck);
  return {machine.get(0, 5), struck};
}

}  // namespace

TEST_CASE("a lane without faults holds in every row what the subarray does") {
  for (const LogicFamily& family : logic_families())
    for (const Semantics semantics : {Semantics::ieee, Semantics::published}) {
      ProgramSet programs(family, {fp32, semantics, Rounding::nearest_even}, 1024);
      for (const auto operation : {FloatOperation::multiply, FloatOperation::add, FloatOperation::multiply_accumulate, FloatOperation::maximum})
        check_against_subarray(programs, operation, false);
      for (const auto operation : {FloatOperation::multiply, FloatOperation::multiply_accumulate}) check_against_subarray(programs, operation, true);
    }
}

TEST_CASE("a failed write leaves its cell as it was, and the steps after it go on") {
  Program program;
  program.read(0).copy(2).copy(3);
  CHECK(run(program, 0b00001, {}).cells == 0b01101);
  const Result failed = run(program, 0b00001, {{1, 0, Kind::write_failure}});
  CHECK(failed.cells == 0b01001);
  CHECK(failed.struck.writes == 1);
  // A cell that holds the bit already: the failure shows nowhere, the cell was driven all the same.
  const Result unseen = run(program, 0b00101, {{1, 0, Kind::write_failure}});
  CHECK(unseen.cells == 0b01101);
  CHECK(unseen.struck.writes == 1);
}

TEST_CASE("each row of a set fails by itself") {
  Program program;
  program.over(StepKind::set, {{2, false}, {3, false}, {4, false}});
  CHECK(driven_rows(program, program.steps[0]) == std::vector<Row>{2, 3, 4});
  CHECK(run(program, 0, {}).cells == 0b11100);
  CHECK(run(program, 0, {{0, 0, Kind::write_failure}}).cells == 0b11000);
  CHECK(run(program, 0, {{0, 2, Kind::write_failure}}).cells == 0b01100);
  CHECK(run(program, 0, {{0, 0, Kind::write_failure}, {0, 2, Kind::write_failure}}).cells == 0b01000);
}

TEST_CASE("a masked write fails only where the lane matches") {
  Program program;
  program.over(StepKind::search, {{0, true}, {1, true}}).over(StepKind::set, {{2, false}}, true);
  CHECK(run(program, 0b00011, {}).cells == 0b00111);
  const Result met = run(program, 0b00011, {{1, 0, Kind::write_failure}});
  CHECK(met.cells == 0b00011);
  CHECK(met.struck.writes == 1);
  const Result passed_by = run(program, 0b00001, {{1, 0, Kind::write_failure}});
  CHECK(passed_by.cells == 0b00001);
  CHECK(passed_by.struck.writes == 0);
}

TEST_CASE("a disturbed cell flips after it was sensed") {
  Program program;
  program.read(0).copy(2).read(0).copy(3);
  const Result r = run(program, 0b00001, {{0, 0, Kind::read_disturb}});
  CHECK(r.cells == 0b00100);  // d0 got the 1, then a0 and d1 are 0
  CHECK(r.struck.reads == 1);
}

TEST_CASE("a search senses every row of its key, each can be disturbed") {
  Program program;
  program.over(StepKind::search, {{0, true}, {1, true}}).over(StepKind::set, {{2, false}}, true);
  CHECK(sensed_rows(program, program.steps[0]) == std::vector<Row>{0, 1});
  CHECK(run(program, 0b00011, {{0, 0, Kind::read_disturb}}).cells == 0b00110);
  CHECK(run(program, 0b00011, {{0, 1, Kind::read_disturb}}).cells == 0b00101);
}

TEST_CASE("a combine senses the rows it names, and its write comes after the disturb") {
  Program program;
  program.read(1);
  // f = a xor b: the table's entries 1, 2, 5, 6. The latch stays.
  program.push({.kind = StepKind::combine, .f = 0x66, .g = 0xf0, .d = 0, .a = 0, .b = 1});
  CHECK(sensed_rows(program, program.steps[1]) == std::vector<Row>{0, 1});
  CHECK(run(program, 0b00011, {}).cells == 0b00010);
  CHECK(run(program, 0b00011, {{1, 0, Kind::read_disturb}}).cells == 0b00010);  // row 0 is written after it flipped
  CHECK(run(program, 0b00011, {{1, 1, Kind::read_disturb}}).cells == 0b00000);
  Program only_b;
  only_b.push({.kind = StepKind::combine, .f = 0xcc, .g = 0xcc, .d = 2, .b = 1});  // d = b
  CHECK(sensed_rows(only_b, only_b.steps[0]) == std::vector<Row>{1});
  CHECK(run(only_b, 0b00010, {{0, 0, Kind::read_disturb}}).cells == 0b00100);
  Program twice;
  twice.push({.kind = StepKind::combine, .f = 0x88, .g = 0xf0, .d = 2, .a = 1, .b = 1});
  CHECK(sensed_rows(twice, twice.steps[0]) == std::vector<Row>{1});
}

TEST_CASE("the check of a write can disturb it, in lanes without a match, too") {
  Program program;
  program.read(0).copy(2);
  CHECK(run(program, 0b00001, {{1, 0, Kind::check_disturb}}).cells == 0b00001);
  CHECK(run(program, 0b00101, {{1, 0, Kind::check_disturb}}).cells == 0b00001);  // also where the write had nothing to flip
  Program masked;
  masked.over(StepKind::search, {{0, true}}).over(StepKind::set, {{2, false}}, true);
  const Result r = run(masked, 0b00000, {{1, 0, Kind::check_disturb}});
  CHECK(r.cells == 0b00100);
  CHECK(r.struck.reads == 1);
}

TEST_CASE("a stuck cell keeps its bit through writes and disturbs") {
  Program program;
  program.read(0).copy(2).copy(3);
  CHECK(run(program, 0b00001, {}, {{2, false}}).cells == 0b01001);
  CHECK(run(program, 0b00000, {}, {{0, true}}).cells == 0b01101);
  CHECK(run(program, 0b00000, {{0, 0, Kind::read_disturb}}, {{0, true}}).cells == 0b01101);
}

TEST_CASE("faults at a step whose guard is closed meet no cell") {
  Program program;
  program.read(0).copy(2, false, 3).copy(3);
  const Result closed = run(program, 0b00001, {{1, 0, Kind::write_failure}, {2, 0, Kind::write_failure}}, {}, 0);
  CHECK(closed.cells == 0b00001);
  CHECK(closed.struck.writes == 1);
  CHECK(run(program, 0b00001, {{1, 0, Kind::write_failure}}, {}, 0b1000).cells == 0b01001);
}
