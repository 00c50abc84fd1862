// What check() refuses and accepts, and what a program says about itself, on programs small enough to count by hand.
#include <catch2/catch.hpp>

#include "models/pim/float_programs.h"
#include "models/pim/micro_program.h"

using namespace spinvp::pim;
using Catch::Contains;

namespace {

// Two operand rows (a: 0, b: 1), one destination row (d: 2) and `work` work rows (from 3).
constexpr Row a0 = 0, b0 = 1, d0 = 2, w0 = 3, w1 = 4;

class Program {
 public:
  explicit Program(Row work = 2) {
    program_.name = "small";
    program_.a_rows = program_.b_rows = program_.d_rows = 1;
    program_.work_rows = work;
  }
  Program& step(Step step) {
    step.guard = guard_;
    program_.steps.push_back(step);
    return *this;
  }
  Program& read(Row a) { return step({.kind = StepKind::read, .a = a}); }
  Program& write(StepKind kind, Row d, bool masked = false) { return step({.kind = kind, .masked = masked, .d = d}); }
  Program& copy(Row a, Row d) { return read(a).write(StepKind::write_copy, d); }
  Program& nor(Row d, Row a, Row b = no_row) { return step({.kind = StepKind::nor, .d = d, .a = a, .b = b}); }
  Program& rows(StepKind kind, std::vector<KeyedRow> list, bool masked = false) {
    const auto first = static_cast<std::uint32_t>(program_.lists.size());
    program_.lists.insert(program_.lists.end(), list.begin(), list.end());
    return step({.kind = kind, .masked = masked, .list = first, .list_size = static_cast<std::uint32_t>(list.size())});
  }
  Program& set(std::vector<Row> list) { return rows(StepKind::set, keyed(list)); }
  Program& search(std::vector<KeyedRow> list) { return rows(StepKind::search, std::move(list)); }
  Program& under(std::uint8_t guard) {
    guard_ = guard;
    return *this;
  }
  Program& always() { return under(Step::no_guard); }
  MicroProgram* operator->() { return &program_; }
  [[nodiscard]] const MicroProgram& get() const { return program_; }

 private:
  static std::vector<KeyedRow> keyed(const std::vector<Row>& list) {
    std::vector<KeyedRow> entries;
    for (const Row row : list) entries.push_back({row, true});
    return entries;
  }
  MicroProgram program_;
  std::uint8_t guard_ = Step::no_guard;
};

std::string refusal(const Program& program) {
  const auto good = check(program.get());
  return good ? "" : good.error();
}
std::string refusal(const Program& program, const Placement& placement, unsigned rows = 64) {
  const auto good = check(program.get(), placement, rows);
  return good ? "" : good.error();
}

}  // namespace

TEST_CASE("a program that reads its operands, uses work rows and writes the destination is accepted") {
  CHECK(refusal(Program().copy(a0, w0).read(b0).write(StepKind::write_and, w0).copy(w0, d0)) == "");
}

TEST_CASE("reading a row that nothing was written to is refused, whichever step senses it, and the message names step and row") {
  CHECK(refusal(Program().copy(a0, w0).read(w1)) == "small: step 2 (read w1) reads w1, which was never written");
  CHECK(refusal(Program().read(d0)) == "small: step 0 (read d0) reads d0, which was never written");
  // What combines with the row's contents senses it, too.
  CHECK(refusal(Program().read(a0).write(StepKind::write_xor, w0)) == "small: step 1 (xor latch -> w0) reads w0, which was never written");
  CHECK(refusal(Program().search({{w0, true}})) == "small: step 0 (search w0=1) reads w0, which was never written");
  CHECK_THAT(refusal(Program().step({.kind = StepKind::combine, .f = 0x88, .g = 0xf0, .d = w0, .a = a0, .b = w1})), Contains("step 0") && Contains("reads w1"));
  // A NOR pulls down a row that must have been set before.
  CHECK(refusal(Program().nor(w0, a0, b0)) == "small: step 0 (nor w0 <- a0 b0) reads w0, which was never written");
  CHECK(refusal(Program().set({w0}).nor(w0, a0, b0)) == "");
}

TEST_CASE("a masked write leaves the other lanes as they are, so that its row must have been written before") {
  CHECK_THAT(refusal(Program().search({{a0, true}}).read(b0).write(StepKind::write_copy, w0, true)), Contains("step 2") && Contains("reads w0"));
  CHECK(refusal(Program().copy(b0, w0).search({{a0, true}}).read(b0).write(StepKind::write_copy, w0, true)) == "");
  CHECK_THAT(refusal(Program().search({{a0, true}}).rows(StepKind::reset, {{w1, false}}, true)), Contains("step 1") && Contains("reads w1"));
}

TEST_CASE("a destination that is an operand, too, may be read from the first step on") {
  Program program;
  program.copy(d0, w0).copy(w0, d0);
  CHECK_FALSE(refusal(program).empty());
  program->reads_d = true;
  CHECK(refusal(program) == "");
}

TEST_CASE("using the sense latch before a read is refused") {
  CHECK(refusal(Program().write(StepKind::write_copy, w0)) == "small: step 0 (copy latch -> w0) uses the sense latch before a read");
  constexpr std::uint8_t latch_alone = 0xf0, a_alone = 0xaa;
  CHECK_THAT(refusal(Program().step({.kind = StepKind::combine, .f = latch_alone, .g = latch_alone, .d = w0})), Contains("step 0") && Contains("sense latch"));
  // A combination that looks at its rows only needs no latch, and leaves one.
  Program combined;
  combined.step({.kind = StepKind::combine, .f = a_alone, .g = a_alone, .d = w0, .a = a0})
      .step({.kind = StepKind::combine, .f = latch_alone, .g = latch_alone, .d = w1});
  CHECK(refusal(combined) == "");
}

TEST_CASE("a masked step before any search is refused") {
  CHECK(refusal(Program().copy(a0, w0).read(b0).write(StepKind::write_copy, w0, true)) == "small: step 3 (masked copy latch -> w0) is masked before a search");
}

TEST_CASE("writing an operand is refused") {
  CHECK(refusal(Program().copy(a0, b0)) == "small: step 1 (copy latch -> b0) writes the operand b0");
  CHECK(refusal(Program().set({w0, a0})) == "small: step 0 (set w0 a0) writes the operand a0");
}

TEST_CASE("a row outside the program's windows is refused, and so is a step that names none or reaches beyond the lists") {
  CHECK_THAT(refusal(Program(2).read(5)), Contains("step 0") && Contains("row 5 is outside the program's 5 rows"));
  CHECK_THAT(refusal(Program(2).read(no_row)), Contains("step 0") && Contains("names no row"));
  CHECK_THAT(refusal(Program().step({.kind = StepKind::search})), Contains("step 0") && Contains("names no row"));
  Program beyond;
  beyond.set({w0});
  beyond->steps[0].list_size = 2;
  CHECK(refusal(beyond) == "small: step 0 (set) names rows beyond the program's lists");
}

TEST_CASE("what a guarded step writes does not count as written, for the step may be skipped") {
  CHECK_THAT(refusal(Program().under(3).copy(a0, w0).always().read(w0)), Contains("step 2") && Contains("reads w0"));
  CHECK(refusal(Program().copy(a0, w0).under(3).copy(b0, w0).always().read(w0)) == "");
}

TEST_CASE("what steps under one guard write, read and search is known to the steps under the same guard, and to no others") {
  CHECK(refusal(Program().under(3).copy(a0, w0).read(w0)) == "");
  CHECK_THAT(refusal(Program().under(3).copy(a0, w0).under(4).read(w0)), Contains("step 2") && Contains("reads w0"));
  CHECK_THAT(refusal(Program().under(3).read(a0).always().write(StepKind::write_copy, w0)), Contains("step 1") && Contains("sense latch"));
  CHECK_THAT(refusal(Program().copy(a0, w0).under(3).search({{a0, true}}).always().write(StepKind::write_copy, w0, true)),
             Contains("step 3") && Contains("masked before a search"));
  CHECK(refusal(Program().copy(a0, w0).under(3).search({{a0, true}}).write(StepKind::write_copy, w0, true)) == "");
}

TEST_CASE("windows must lie inside the subarray, apart from each other or exactly on each other") {
  Program program;  // a, b and d of four rows each, two work rows
  program->a_rows = program->b_rows = program->d_rows = 4;
  CHECK(refusal(program, {.a = 0, .b = 4, .d = 8, .work = 12}, 14) == "");
  CHECK(refusal(program, {.a = 0, .b = 4, .d = 8, .work = 12}, 13) == "small: work rows at rows 12 to 13 leave the subarray of 13 rows");
  CHECK_THAT(refusal(program, {.a = 61, .b = 4, .d = 8, .work = 12}), Contains("operand a at rows 61 to 64 leave the subarray of 64 rows"));
  CHECK_THAT(refusal(program, {.a = 0, .b = 4, .d = 2, .work = 12}), Contains("operand a at row 0 overlap destination at row 2"));
  CHECK_THAT(refusal(program, {.a = 0, .b = 3, .d = 8, .work = 12}), Contains("operand a at row 0 overlap operand b at row 3"));
  // Work rows hold what the program puts there: they may not lie on any other window, not even exactly.
  CHECK_THAT(refusal(program, {.a = 0, .b = 4, .d = 8, .work = 8}), Contains("overlap work rows"));
  CHECK_THAT(refusal(program, {.a = 0, .b = 4, .d = 8, .work = 7}), Contains("overlap work rows"));
  CHECK(refusal(program, {.a = 0, .b = 0, .d = 0, .work = 12}) == "");
}

TEST_CASE("the destination may lie on an operand that is not read after the result took its place, and not on another") {
  const auto read_before = Program().copy(a0, w0).read(b0).write(StepKind::write_and, w0).copy(w0, d0);
  const Placement on_a{.a = 0, .b = 1, .d = 0, .work = 2}, on_b{.a = 0, .b = 1, .d = 1, .work = 2};
  CHECK(refusal(read_before, on_a) == "");
  CHECK(refusal(read_before, on_b) == "");

  // d0 = a0 before b0 is read: good on a, wrong on b.
  const auto b_late = Program().copy(a0, d0).copy(b0, w0);
  CHECK(refusal(b_late, on_a) == "");
  CHECK(refusal(b_late, on_b) == "small: step 2 (read b0) reads b0 after the result was written over it");
  const auto a_late = Program().copy(b0, d0).copy(a0, w0);
  CHECK(refusal(a_late, on_a) == "small: step 2 (read a0) reads a0 after the result was written over it");
  CHECK(refusal(a_late, on_b) == "");
}

TEST_CASE("where both operands are the same rows, a destination on them must be written after both were read") {
  const Placement all_on_one{.a = 0, .b = 0, .d = 0, .work = 2};
  CHECK(refusal(Program().copy(a0, w0).read(b0).write(StepKind::write_and, w0).copy(w0, d0), all_on_one) == "");
  CHECK_THAT(refusal(Program().copy(a0, d0).copy(b0, w0), all_on_one), Contains("reads b0 after the result was written over it"));
}

TEST_CASE("the steps of a program are counted by kind, one each however many rows they drive") {
  Program program;
  program
      .copy(a0, w0)                                                                        // 1 read, 1 write
      .search({{a0, true}, {b0, false}})                                                   // 2 searches: a key of ones and zeros
      .write(StepKind::write_or, w0, true)                                                 // 1 write
      .set({w0, w1})                                                                       // 1 initialisation
      .nor(w1, a0, b0)                                                                     // 1 NOR
      .step({.kind = StepKind::combine, .f = 0x66, .g = 0x88, .d = w0, .a = a0, .b = b0})  // 1 read of two rows, 1 write
      .step({.kind = StepKind::combine, .f = 0, .g = 0xaa, .a = a0});                      // 1 read, nothing written
  CHECK(program->counts() == StepCounts::whole(3, 3, 2, 1, 1));
  // Where constants are written with the pulse of data.
  program->init_is_write = true;
  CHECK(program->counts() == StepCounts::whole(3, 4, 2, 1, 0));
}

TEST_CASE("steps under a guard count where the scalar's bit is one") {
  const auto program = Program().copy(a0, w0).under(0).copy(b0, w0).under(5).copy(b0, w0).copy(b0, w1);
  CHECK(program.get().counts(0) == StepCounts::whole(1, 1));
  CHECK(program.get().counts(0b1) == StepCounts::whole(2, 2));
  CHECK(program.get().counts(0b100000) == StepCounts::whole(3, 3));
  CHECK(program.get().counts() == StepCounts::whole(4, 4));
}

TEST_CASE("the writes of each row are what wears it: masked ones count, and every row of a set") {
  const auto program =
      Program().set({w0, w1}).nor(w1, a0).search({{a0, true}}).read(a0).write(StepKind::write_copy, w0, true).under(2).copy(b0, w0).always().copy(w0, d0);
  CHECK(program.get().writes_by_row() == std::vector<std::uint32_t>{0, 0, 1, 3, 2});  // a0 b0 d0 w0 w1
  CHECK(program.get().writes_by_row(0) == std::vector<std::uint32_t>{0, 0, 1, 2, 2});
}

TEST_CASE("a listing has a line for each step, with rows named by window") {
  const auto program = Program()
                           .set({w0, w1})
                           .nor(w1, a0, b0)
                           .search({{a0, true}, {w1, false}})
                           .under(7)
                           .read(b0)
                           .write(StepKind::write_xor, w0, true)
                           .always()
                           .step({.kind = StepKind::combine, .f = 0x66, .g = 0xe8, .d = d0, .a = a0, .b = b0});
  CHECK(program.get().listing() ==
        "    0  set w0 w1\n"
        "    1  nor w1 <- a0 b0\n"
        "    2  search a0=1 w1=0\n"
        "    3  if s7: read b0\n"
        "    4  if s7: masked xor latch -> w0\n"
        "    5  combine d0 <- f66(a0, b0, latch), latch <- ge8\n");
}

TEST_CASE("placing a program moves each window to its physical rows, in steps and lists alike") {
  const auto program = Program().copy(a0, w1).search({{b0, true}, {w1, false}}).nor(w1, b0);
  const MicroProgram placed = place(program.get(), {.a = 10, .b = 20, .d = 30, .work = 40});
  CHECK(placed.steps[0].a == 10);
  CHECK(placed.steps[1].d == 41);
  CHECK(placed.lists[0].row == 20);
  CHECK(placed.lists[1].row == 41);
  CHECK((placed.steps[3].d == 41 && placed.steps[3].a == 20 && placed.steps[3].b == no_row));
}

TEST_CASE("the sections of a program share out all of its steps") {
  ProgramRequest request;
  request.operation = FloatOperation::multiply_accumulate;
  for (const LogicFamily& family : logic_families()) {
    const MicroProgram program = float_program(family, request);
    StepCounts sum;
    std::vector<std::string> names;
    for (const auto& [name, counts] : program.counts_by_section()) sum += counts, names.push_back(name);
    CHECK(sum == program.counts());
    CHECK(std::find(names.begin(), names.end(), "multiply: product of the significands") != names.end());
    CHECK(std::find(names.begin(), names.end(), "add: alignment") != names.end());
    CHECK(names.back() == "result to its rows");
  }
}
