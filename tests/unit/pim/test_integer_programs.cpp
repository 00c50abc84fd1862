// Integer procedures of every family, run step by step, against plain integers.
#include <catch2/catch.hpp>

#include <functional>

#include "models/pim/integer_programs.h"
#include "models/pim/logic_family.h"
#include "tests/support/micro_program_lanes.h"
#include "tests/unit/pim/reference_float.h"

using namespace spinvp::pim;

namespace {

std::uint64_t low(std::uint64_t x, unsigned bits) { return bits >= 64 ? x : x & ((std::uint64_t{1} << bits) - 1); }

constexpr unsigned widths[] = {1, 3, 8, 16, 24};

struct Pairs {
  std::vector<std::uint64_t> a, b;
};
// All pairs of short numbers; edges crossed and drawn pairs of long ones.
Pairs pairs_of(unsigned width) {
  Pairs pairs;
  const std::uint64_t top = low(~std::uint64_t{0}, width);
  const auto add = [&](std::uint64_t a, std::uint64_t b) { pairs.a.push_back(low(a, width)), pairs.b.push_back(low(b, width)); };
  if (width <= 8) {
    for (std::uint64_t a = 0; a <= top; ++a)
      for (std::uint64_t b = 0; b <= top; ++b) add(a, b);
    return pairs;
  }
  for (const std::uint64_t a : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, top / 3, top / 2, top / 2 + 1, top - 1, top})
    for (const std::uint64_t b : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, top / 3, top / 2, top / 2 + 1, top - 1, top}) add(a, b);
  reference::Draw draw(width);
  for (unsigned i = 0; i < 8000; ++i) {
    const std::uint64_t a = draw.next() >> 11;
    add(a, i % 3 == 0 ? a + draw.below(5) - 2 : draw.next() >> 11);
  }
  return pairs;
}

using Procedure = std::function<Word(Assembler&, ConstBits, ConstBits)>;

MicroProgram program_of(const LogicFamily& family, unsigned width, unsigned result_bits, const Procedure& procedure) {
  const auto bits = static_cast<Row>(width);
  const auto as = family.assembler({.name = family.name, .windows = {.a = bits, .b = bits, .d = static_cast<Row>(result_bits)}});
  {
    const Word a = as->operand_a(), b = as->operand_b();
    as->result(procedure(*as, a, b));
  }
  return as->finish();
}

// The procedure leaves value(width, a, b) in `result_bits(width)` bits, in all families and widths.
void check_procedure(const Procedure& procedure, const std::function<unsigned(unsigned width)>& result_bits,
                     const std::function<std::uint64_t(unsigned width, std::uint64_t a, std::uint64_t b)>& value) {
  for (const unsigned width : widths) {
    const Pairs pairs = pairs_of(width);
    std::vector<std::uint64_t> wanted;
    for (std::size_t i = 0; i < pairs.a.size(); ++i) wanted.push_back(value(width, pairs.a[i], pairs.b[i]));
    for (const LogicFamily& family : logic_families()) {
      CAPTURE(family.name, width);
      const MicroProgram program = program_of(family, width, result_bits(width), procedure);
      CHECK((test::MicroProgramLanes(program).run(pairs.a, pairs.b) == wanted));
    }
  }
}

unsigned as_wide(unsigned width) { return width; }

// As many bits of b as an amount needs that may shift everything out.
ConstBits amount_in(ConstBits b) { return b.first(std::min<std::size_t>(b.size(), 5)); }

}  // namespace

TEST_CASE("integer sums are exact modulo the width") {
  check_procedure(integer_add, as_wide, [](unsigned width, std::uint64_t a, std::uint64_t b) { return low(a + b, width); });
}

TEST_CASE("integer differences are exact modulo the width") {
  check_procedure(integer_subtract, as_wide, [](unsigned width, std::uint64_t a, std::uint64_t b) { return low(a - b, width); });
}

TEST_CASE("integer products are exact, in both operands' bits together") {
  check_procedure(
      integer_multiply, [](unsigned width) { return 2 * width; }, [](unsigned, std::uint64_t a, std::uint64_t b) { return a * b; });
}

TEST_CASE("a shift moves each lane by its own amount, and everything out where that is the width or more") {
  check_procedure([](Assembler& as, ConstBits a, ConstBits b) { return integer_shift_up(as, a, amount_in(b)); }, as_wide,
                  [](unsigned width, std::uint64_t a, std::uint64_t b) { return low(a << (b & 31), width); });
  check_procedure([](Assembler& as, ConstBits a, ConstBits b) { return integer_shift_down(as, a, amount_in(b)); }, as_wide,
                  [](unsigned, std::uint64_t a, std::uint64_t b) { return a >> (b & 31); });
}

TEST_CASE("less is one where a is below b, and the difference is left beside it") {
  check_procedure(
      [](Assembler& as, ConstBits a, ConstBits b) {
        Word word;
        Bit less = integer_less(as, a, b, &word);
        word.push_back(std::move(less));
        return word;
      },
      [](unsigned width) { return width + 1; },
      [](unsigned width, std::uint64_t a, std::uint64_t b) { return low(a - b, width) | std::uint64_t{a < b ? 1u : 0u} << width; });
}

TEST_CASE("a product by a scalar is exact for any scalar, and costs no step of a partial product whose bit is zero") {
  for (const unsigned width : widths)
    for (const LogicFamily& family : logic_families()) {
      CAPTURE(family.name, width);
      const MicroProgram program =
          program_of(family, width, 2 * width, [&](Assembler& as, ConstBits a, ConstBits) { return integer_multiply_by_scalar(as, a, width); });
      Pairs numbers = pairs_of(width);
      numbers.a.resize(std::min<std::size_t>(numbers.a.size(), 512));
      test::MicroProgramLanes lanes(program, 512);
      const std::uint64_t top = low(~std::uint64_t{0}, width);
      std::uint64_t before = 0;
      for (unsigned ones = 0; ones <= width; ++ones) {
        // One bit more each time, from the top.
        const std::uint64_t scalar = top & ~low(top, width - ones);
        std::vector<std::uint64_t> wanted;
        for (const std::uint64_t a : numbers.a) wanted.push_back(a * scalar);
        CHECK((lanes.run(numbers.a, std::vector<std::uint64_t>(numbers.a.size(), 0), {}, scalar) == wanted));
        const StepCounts counts = program.counts(scalar);
        const std::uint64_t steps = counts.reads + counts.writes + counts.nors + counts.inits;
        if (ones > 0) CHECK(steps > before);
        before = steps;
      }
    }
}
