// The option of the sot family by which a write drives two rows at once: same values, fewer steps, more cells.
#include <catch2/catch.hpp>

#include "models/pim/float_programs.h"
#include "models/pim/float_value.h"
#include "tests/support/float_operands.h"
#include "tests/support/micro_program_lanes.h"

using namespace spinvp::pim;

namespace {

MicroProgram program_of(FloatOperation operation, bool two_destinations) {
  ProgramRequest request;
  request.operation = operation;
  request.two_destinations = two_destinations;
  return float_program(logic_family("sot"), request);
}

std::uint64_t cells_driven(const MicroProgram& program) {
  return RunnableProgram(program, test::side_by_side(program)).fixed_events(~std::uint64_t{0}, 1)[CellEvent::write_cell];
}

}  // namespace

TEST_CASE("with two destinations a step, additions and products keep their values") {
  for (const FloatOperation operation : {FloatOperation::add, FloatOperation::multiply, FloatOperation::multiply_accumulate}) {
    const MicroProgram program = program_of(operation, true);
    test::MicroProgramLanes lanes(program);
    const auto directed = test::directed_operands(fp32);
    std::vector<std::uint64_t> a, b, d;
    for (const std::uint64_t x : directed)
      for (const std::uint64_t y : directed) a.push_back(x), b.push_back(y), d.push_back(directed[(a.size() * 7) % directed.size()]);
    const auto results = lanes.run(a, b, d);
    std::size_t different = 0;
    for (std::size_t i = 0; i < a.size(); ++i) different += results[i] != compute({}, operation, a[i], b[i], d[i]);
    INFO(name_of(operation));
    CHECK(different == 0);
  }
}

TEST_CASE("a full adder in four steps drives six cells: time is saved, cells are paid") {
  const MicroProgram one = program_of(FloatOperation::add, false), two = program_of(FloatOperation::add, true);
  std::uint64_t joined = 0;
  for (const Step& step : two.steps) joined += step.joined;
  // Two joined writes a full adder: each adder takes one write less than the five, and drives one cell more.
  REQUIRE(joined > 0);
  CHECK(joined % 2 == 0);
  CHECK(one.counts().writes - two.counts().writes == 2 * (joined / 2));
  CHECK(cells_driven(two) - cells_driven(one) == joined / 2);
  // Lanes picked by a mask keep the five: the partial products of a multiplication are such lanes.
  CHECK(program_of(FloatOperation::multiply, true).counts().writes > program_of(FloatOperation::multiply, false).counts().writes * 9 / 10);
}
