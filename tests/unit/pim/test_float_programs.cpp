// Every float program of every family, run step by step, against the values that float_value.h computes with integers alone.
#include <catch2/catch.hpp>

#include <bit>

#include "models/pim/float_programs.h"
#include "models/pim/float_value.h"
#include "models/pim/integer_programs.h"
#include "tests/support/float_operands.h"
#include "tests/support/micro_program_lanes.h"

using namespace spinvp::pim;

namespace {

constexpr unsigned rows_of_any_program = 4096;

struct Operands {
  std::vector<std::uint64_t> a, b, d;
  void add(std::uint64_t x, std::uint64_t y, std::uint64_t z) { a.push_back(x), b.push_back(y), d.push_back(z); }
};

// Every `stride`-th of the directed pairs, and drawn ones. d is an independent number, or one that cancels the product to a few bits.
Operands operands_of(const FloatFormat& format, std::size_t drawn, std::size_t stride = 1) {
  test::FloatDraw draw(format, 1);
  Operands operands;
  const auto third = [&](std::uint64_t a, std::uint64_t b) {
    if (draw.next() % 2 == 0) return draw.one();
    const std::uint64_t product = compute({.format = format}, FloatOperation::multiply, a, b);
    return ((product ^ format.sign_bit()) + draw.next() % 5 - 2) & format.mask();
  };
  const auto directed = test::directed_operands(format);
  std::size_t at = 0;
  for (const std::uint64_t a : directed)
    for (const std::uint64_t b : directed)
      if (at++ % stride == 0) operands.add(a, b, third(a, b));
  for (std::size_t i = 0; i < drawn; ++i) {
    const auto [a, b] = draw.pair();
    operands.add(a, b, third(a, b));
  }
  return operands;
}

std::string hex(std::uint64_t x) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(x));
  return text;
}

// How many lanes differ, with the first of them.
struct Difference {
  std::size_t lanes = 0;
  std::string first;
};
Difference difference(const std::vector<std::uint64_t>& found, const std::vector<std::uint64_t>& wanted, const Operands& operands) {
  Difference result;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (found[i] != wanted[i] && result.lanes++ == 0) {
      result.first = "a " + hex(operands.a[i]);
      if (!operands.b.empty()) result.first += " b " + hex(operands.b[i]);
      if (!operands.d.empty()) result.first += " d " + hex(operands.d[i]);
      result.first += ": is " + hex(found[i]) + ", should be " + hex(wanted[i]);
    }
  return result;
}

constexpr FloatOperation all_operations[] = {FloatOperation::multiply, FloatOperation::add,     FloatOperation::subtract, FloatOperation::multiply_accumulate,
                                             FloatOperation::compare,  FloatOperation::maximum, FloatOperation::relu};

std::vector<FloatArithmetic> arithmetics_of(const FloatFormat& format) {
  return {{format, Semantics::ieee, Rounding::nearest_even}, {format, Semantics::ieee, Rounding::truncate}, {format, Semantics::published, Rounding::truncate}};
}
const char* name_of_values(const FloatArithmetic& arithmetic) {
  if (arithmetic.semantics == Semantics::published) return "published";
  return arithmetic.rounding == Rounding::truncate ? "ieee, truncating" : "ieee, to nearest even";
}

bool aligns(FloatOperation operation) {
  return operation == FloatOperation::add || operation == FloatOperation::subtract || operation == FloatOperation::multiply_accumulate;
}

// All programs of the format, in every family.
void check_programs(const FloatFormat& format, std::span<const FloatOperation> operations, const Operands& operands) {
  for (const FloatArithmetic& arithmetic : arithmetics_of(format))
    for (const FloatOperation operation : operations) {
      std::vector<std::uint64_t> wanted(operands.a.size());
      for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = compute(arithmetic, operation, operands.a[i], operands.b[i], operands.d[i]);
      for (const LogicFamily& family : logic_families())
        for (const Alignment alignment : {Alignment::search, Alignment::shifter}) {
          if (alignment == Alignment::shifter && !aligns(operation)) continue;
          const MicroProgram program =
              float_program(family, {.operation = operation, .arithmetic = arithmetic, .alignment = alignment, .most_rows = rows_of_any_program});
          test::MicroProgramLanes lanes(program);
          const bool one_operand = operation == FloatOperation::relu;
          const auto found = lanes.run(operands.a, one_operand ? std::span<const std::uint64_t>{} : operands.b,
                                       operation == FloatOperation::multiply_accumulate ? operands.d : std::span<const std::uint64_t>{});
          const Difference wrong = difference(found, wanted, operands);
          INFO(program.name << ", " << name_of_values(arithmetic) << (alignment == Alignment::search ? ", search" : ", shifter") << ": " << wrong.first);
          CHECK(wrong.lanes == 0);
        }
    }
}

void check_programs(const char* format, std::size_t drawn = 8192, std::size_t stride = 1) {
  const FloatFormat f = float_format(format).value();
  check_programs(f, all_operations, operands_of(f, drawn, stride));
}

}  // namespace

TEST_CASE("fp32 programs of all families leave the defined bits") { check_programs("fp32"); }
TEST_CASE("fp16 programs of all families leave the defined bits") { check_programs("fp16"); }
TEST_CASE("bf16 programs of all families leave the defined bits") { check_programs("bf16"); }
TEST_CASE("e4m3 programs of all families leave the defined bits") { check_programs("e4m3"); }
TEST_CASE("e5m2 programs of all families leave the defined bits") { check_programs("e5m2"); }
TEST_CASE("e3m2 programs of all families leave the defined bits") { check_programs("e3m2"); }
TEST_CASE("e2m1 programs of all families leave the defined bits") { check_programs("e2m1"); }
TEST_CASE("e6m9 programs of all families leave the defined bits") { check_programs("e6m9"); }
TEST_CASE("e2m20 programs of all families leave the defined bits") { check_programs("e2m20"); }
TEST_CASE("e8m1 programs of all families leave the defined bits") { check_programs("e8m1"); }
TEST_CASE("e11m52 programs of all families leave the defined bits") { check_programs("e11m52", 2048, 4); }

TEST_CASE("formats of at most 8 bits add, multiply, compare and take the maximum of every pair of numbers as defined") {
  constexpr FloatOperation operations[] = {FloatOperation::add, FloatOperation::multiply, FloatOperation::compare, FloatOperation::maximum};
  for (const char* name : {"e4m3", "e5m2", "e3m2", "e2m1"}) {
    const FloatFormat format = float_format(name).value();
    Operands every;
    for (std::uint64_t a = 0; a <= format.mask(); ++a)
      for (std::uint64_t b = 0; b <= format.mask(); ++b) every.add(a, b, 0);
    check_programs(format, operations, every);
  }
}

TEST_CASE("fp32 sums, differences and products to nearest even are those of the host's float") {
  const Operands operands = operands_of(fp32, 20'000);
  const auto number = [](std::uint64_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits)); };
  const auto bits_of = [](float x) { return x != x ? std::uint64_t{0x7fc00000} : std::uint64_t{std::bit_cast<std::uint32_t>(x)}; };
  for (const FloatOperation operation : {FloatOperation::add, FloatOperation::subtract, FloatOperation::multiply}) {
    std::vector<std::uint64_t> wanted;
    for (std::size_t i = 0; i < operands.a.size(); ++i) {
      const float a = number(operands.a[i]), b = number(operands.b[i]);
      wanted.push_back(bits_of(operation == FloatOperation::add ? a + b : operation == FloatOperation::subtract ? a - b : a * b));
    }
    for (const LogicFamily& family : logic_families()) {
      const MicroProgram program = float_program(family, {.operation = operation, .arithmetic = {}, .most_rows = rows_of_any_program});
      const Difference wrong = difference(test::MicroProgramLanes(program).run(operands.a, operands.b), wanted, operands);
      INFO(program.name << ": " << wrong.first);
      CHECK(wrong.lanes == 0);
    }
  }
}

TEST_CASE("conversions between formats leave the defined bits, wider, narrower and to another exponent") {
  constexpr std::pair<const char*, const char*> pairs[] = {{"fp32", "bf16"},  {"bf16", "fp32"},  {"fp32", "fp16"},   {"fp16", "fp32"},   {"bf16", "fp16"},
                                                           {"fp16", "bf16"},  {"e4m3", "fp32"},  {"fp32", "e4m3"},   {"e5m2", "e4m3"},   {"e4m3", "e5m2"},
                                                           {"e2m20", "e8m1"}, {"e8m1", "e2m20"}, {"e11m52", "fp32"}, {"fp32", "e11m52"}, {"fp32", "fp32"}};
  for (const auto& [from_name, to_name] : pairs) {
    const FloatFormat from = float_format(from_name).value(), to = float_format(to_name).value();
    Operands operands;
    operands.a = test::directed_operands(from);
    test::FloatDraw draw(from, 1);
    for (unsigned i = 0; i < 4096; ++i) operands.a.push_back(draw.one());
    if (from.bits() <= 16)
      for (std::uint64_t x = 0; x <= from.mask(); ++x) operands.a.push_back(x);
    // Where the target's range ends and its last bit lies, as numbers of the source.
    for (const std::uint64_t edge : test::directed_operands(to))
      for (std::uint64_t k = 0; k < 5; ++k) operands.a.push_back((convert(edge, to, {.format = from}) + k - 2) & from.mask());
    for (const FloatArithmetic& arithmetic : arithmetics_of(to)) {
      std::vector<std::uint64_t> wanted;
      for (const std::uint64_t a : operands.a) wanted.push_back(convert(a, from, arithmetic));
      for (const LogicFamily& family : logic_families()) {
        const MicroProgram program = convert_program(family, from, arithmetic, rows_of_any_program);
        const Difference wrong = difference(test::MicroProgramLanes(program).run(operands.a, {}), wanted, operands);
        INFO(program.name << ", " << name_of_values(arithmetic) << ": " << wrong.first);
        CHECK(wrong.lanes == 0);
      }
    }
  }
}

TEST_CASE("a product by a scalar that all lanes share has the bits of a product by a word that holds it in each") {
  for (const char* name : {"fp32", "bf16", "fp16", "e4m3", "e2m1"}) {
    const FloatFormat format = float_format(name).value();
    std::vector<std::uint64_t> scalars = {0,
                                          1,
                                          format.one(),
                                          format.one() + 1,
                                          format.infinity() - 1,
                                          format.infinity(),
                                          format.canonical_nan(),
                                          format.sign_bit(),
                                          format.sign_bit() | format.mantissa_mask()};
    test::FloatDraw draw(format, 2);
    for (unsigned i = 0; i < 12; ++i) scalars.push_back(draw.one());
    const Operands drawn = operands_of(format, 512, 64);
    for (const FloatArithmetic& arithmetic : arithmetics_of(format))
      for (const FloatOperation operation : {FloatOperation::multiply, FloatOperation::multiply_accumulate})
        for (const LogicFamily& family : logic_families()) {
          const MicroProgram program =
              float_program(family, {.operation = operation, .arithmetic = arithmetic, .scalar = true, .most_rows = rows_of_any_program});
          test::MicroProgramLanes lanes(program, 1024);
          for (const std::uint64_t scalar : scalars) {
            Operands operands = drawn;
            std::fill(operands.b.begin(), operands.b.end(), scalar);
            std::vector<std::uint64_t> wanted;
            for (std::size_t i = 0; i < operands.a.size(); ++i) wanted.push_back(compute(arithmetic, operation, operands.a[i], scalar, operands.d[i]));
            const bool accumulates = operation == FloatOperation::multiply_accumulate;
            const auto found = lanes.run(operands.a, operands.b, accumulates ? operands.d : std::span<const std::uint64_t>{}, scalar_guards(format, scalar));
            const Difference wrong = difference(found, wanted, operands);
            INFO(program.name << " by a scalar, " << name_of_values(arithmetic) << ": " << wrong.first);
            CHECK(wrong.lanes == 0);
          }
        }
  }
}

TEST_CASE("the bits that guard a scalar's product are its significand, with the hidden bit unless it is subnormal") {
  CHECK(scalar_guards(fp32, 0x3fc00001) == 0xc00001);  // 1.5 + 2^-23
  CHECK(scalar_guards(fp32, 0xbf800000) == 0x800000);
  CHECK(scalar_guards(fp32, 0x00000003) == 0x000003);  // subnormal
  CHECK(scalar_guards(fp32, 0x80000000) == 0);
}

TEST_CASE("each zero bit of a scalar's significand saves the steps of its partial product") {
  for (const LogicFamily& family : logic_families())
    for (const Semantics semantics : {Semantics::ieee, Semantics::published}) {
      const MicroProgram program = float_program(
          family, {.operation = FloatOperation::multiply, .arithmetic = {.semantics = semantics}, .scalar = true, .most_rows = rows_of_any_program});
      const auto steps = [&](std::uint64_t guards) {
        const StepCounts counts = program.counts(guards);
        return (counts.reads + counts.writes + counts.searches + counts.nors + counts.inits) / 2;
      };
      constexpr std::uint64_t ones = 0xffffff;  // 24 significand bits
      std::uint64_t saved = 0;
      CAPTURE(program.name);
      for (unsigned bit = 0; bit < 24; ++bit) {
        CHECK(steps(ones & ~(std::uint64_t{1} << bit)) < steps(ones));
        saved += steps(ones) - steps(ones & ~(std::uint64_t{1} << bit));
      }
      // Segments do not overlap: without all of them, all savings together.
      CHECK(steps(0) == steps(ones) - saved);
    }
}

TEST_CASE("a bit of a scalar's significand costs the sot family 124 writes in fp32") {
  // 24 bits of a, 5 writes each in a full adder; the carry's row cleared, 1; a half adder takes the carry into the next place, 3.
  const MicroProgram program = float_program(logic_family("sot"), {.operation = FloatOperation::multiply, .arithmetic = {}, .scalar = true});
  for (const std::uint64_t guards : {0x0u, 0x1u, 0x800000u, 0xc00001u, 0xffffffu})
    CHECK(program.counts(guards).writes == program.counts(0).writes + 2 * 124 * static_cast<std::uint64_t>(std::popcount(guards)));  // halves
}

TEST_CASE("the mantissa product of fp32 takes the sot family 23 additions of 24 full adders") {
  // The first partial product is a masked copy into cleared rows. Each further one: a search for its lanes, the carry's row cleared, 24 full adders of 5 writes.
  const auto as = logic_family("sot").assembler({.name = "product", .windows = {.a = 24, .b = 24, .d = 48}});
  {
    const Word a = as->operand_a(), b = as->operand_b();
    as->result(integer_multiply(*as, a, b));
  }
  const MicroProgram program = as->finish();
  const std::uint64_t first = 24 + 24 + 1;                                 // cleared, copied, and the top bit cleared
  CHECK(program.counts().writes == 2 * (first + 23 * (1 + 24 * 5) + 48));  // 48: the copy to d
  CHECK(program.counts().searches == 2 * 24);
  // Those 23 x 24 full adders are most of the whole product's writes.
  const MicroProgram product = float_program(logic_family("sot"), {.operation = FloatOperation::multiply, .arithmetic = {}});
  CHECK(product.counts().writes > 2 * (23 * 24 * 5));
  CHECK(product.counts().writes < 2 * 2 * (23 * 24 * 5));
}

TEST_CASE("a NOR full adder is 9 gates, with an initialisation for each or one for twelve") {
  // 24 bits: 24 x 9 gates. Beside them: the complements of a and of what is copied to the result, 2 gates for each copied bit.
  const auto nors = [](const char* family, bool adds) {
    const auto as = logic_family(family).assembler({.name = "sum", .windows = {.a = 24, .b = 24, .d = 24}});
    {
      const Word a = as->operand_a(), b = as->operand_b();
      Word p = as->copy(a);
      Bit carry = as->constant(false);
      if (adds) carry = as->add(Bits(p), b, std::move(carry));
      as->result(p);
    }
    return as->finish().counts();
  };
  for (const char* family : {"nor", "aritpim"}) CHECK(nors(family, true).nors - nors(family, false).nors == 2 * 24 * 9);
  CHECK(nors("aritpim", true).inits - nors("aritpim", false).inits == 2 * 24 * 9);
  // In twelves: 24 x 9 / 12 = 18.
  CHECK(nors("nor", true).inits - nors("nor", false).inits == 2 * 18);
}

// The platform gives a subarray as many work rows as its family's fp32 multiply-accumulate needs.
TEST_CASE("no fp32, fp16 or bf16 program of a family needs more work rows than its fp32 multiply-accumulate") {
  for (const LogicFamily& family : logic_families())
    for (const FloatArithmetic& values : {FloatArithmetic{}, FloatArithmetic{fp32, Semantics::published}})
      for (const Alignment alignment : {Alignment::search, Alignment::shifter}) {
        const auto rows = [&](FloatOperation operation, const FloatFormat& format, bool scalar) {
          FloatArithmetic arithmetic = values;
          arithmetic.format = format;
          return float_program(family, {.operation = operation, .arithmetic = arithmetic, .alignment = alignment, .scalar = scalar}).work_rows;
        };
        const Row most = rows(FloatOperation::multiply_accumulate, fp32, false);
        for (const FloatFormat& format : {fp32, fp16, bf16}) {
          CAPTURE(family.name, name_of_values(values), static_cast<int>(alignment), name_of(format));
          for (const FloatOperation operation : all_operations) {
            CAPTURE(name_of(operation));
            CHECK(rows(operation, format, false) <= most);
          }
          for (const FloatOperation operation : {FloatOperation::multiply, FloatOperation::multiply_accumulate}) {
            CAPTURE(name_of(operation));
            CHECK(rows(operation, format, true) <= most);
          }
          for (const FloatFormat& from : {fp32, fp16, bf16}) {
            FloatArithmetic to = values;
            to.format = format;
            CHECK(convert_program(family, from, to).work_rows <= most);
          }
        }
      }
}

TEST_CASE("a destination may lie on either operand, or on both where they are the same") {
  for (const LogicFamily& family : logic_families())
    for (const FloatArithmetic& arithmetic : arithmetics_of(bf16))
      for (const FloatOperation operation :
           {FloatOperation::multiply, FloatOperation::add, FloatOperation::subtract, FloatOperation::compare, FloatOperation::maximum}) {
        const MicroProgram program = float_program(family, {.operation = operation, .arithmetic = arithmetic});
        const Operands operands = operands_of(bf16, 0, 97);
        const auto count = static_cast<unsigned>(std::min<std::size_t>(operands.a.size(), 512));
        const std::vector<std::uint32_t> a(operands.a.begin(), operands.a.begin() + count), b(operands.b.begin(), operands.b.begin() + count);
        for (const Placement placement : {Placement{0, 16, 0, 32}, Placement{0, 16, 16, 32}, Placement{0, 0, 0, 32}}) {
          const bool same = placement.a == placement.b;
          CAPTURE(program.name, placement.d, same);
          Subarray subarray(32 + program.work_rows, 512);
          REQUIRE(check(program, placement, subarray.rows()));
          subarray.load_words(placement.b, 16, 0, b);
          subarray.load_words(placement.a, 16, 0, a);
          subarray.run(RunnableProgram(program, placement), 0, count);
          std::vector<std::uint32_t> found(count), wanted(count);
          subarray.store_words(placement.d, 16, 0, found);
          for (unsigned i = 0; i < count; ++i) wanted[i] = static_cast<std::uint32_t>(compute(arithmetic, operation, a[i], same ? a[i] : b[i]));
          CHECK(found == wanted);
        }
      }
}
