// What `spinvp pim` computes: values against the host's own arithmetic, counts against the programs that they are counts of.
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "models/abi/counter_hash.h"
#include "models/core/error.h"
#include "platform/explore/pim_counts.h"
#include "platform/explore/pim_values.h"

using namespace spinvp;
using namespace spinvp::platform;
using pim::CellEvent;
using pim::FloatOperation;

namespace {

PimOperation float_operation(FloatOperation kind, pim::FloatFormat format = pim::fp32) { return {.kind = kind, .arithmetic = {.format = format}}; }
PimOperation integer_operation(IntegerOperation kind, unsigned bits) { return {.kind = kind, .integer_bits = bits}; }

std::uint32_t bits_of(float value) { return std::isnan(value) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(value); }
float float_of(std::uint64_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits)); }

// Any bits at all: a third of them near 1, so that results are not all infinite or zero.
std::vector<LaneOperands> random_operands(std::size_t count) {
  std::vector<LaneOperands> operands(count);
  auto word = [n = std::uint64_t{0}]() mutable {
    const std::uint64_t bits = spinvp_counter_hash(7, n++);
    return n % 3 == 0 ? (bits & 0x87ffffffu) | 0x3c000000u : bits & 0xffffffffu;
  };
  for (LaneOperands& lane : operands) lane = {word(), word(), word()};
  return operands;
}

struct OperandFile {
  std::string path;
  explicit OperandFile(const std::string& text) : path((std::filesystem::temp_directory_path() / ("spinvp-operands-" + std::to_string(getpid()))).string()) {
    std::ofstream(path) << text;
  }
  ~OperandFile() { std::remove(path.c_str()); }
};

}  // namespace

TEST_CASE("fp32 results of every family are the host's, also over more lanes than one array has") {
  const auto operands = random_operands(5000);
  for (const pim::LogicFamily& family : pim::logic_families()) {
    const auto sum = evaluate(family, float_operation(FloatOperation::add), operands);
    const auto difference = evaluate(family, float_operation(FloatOperation::subtract), operands);
    const auto accumulated = evaluate(family, float_operation(FloatOperation::multiply_accumulate), operands);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const float a = float_of(operands[i].a), b = float_of(operands[i].b), d = float_of(operands[i].d);
      const float product = a * b;  // rounded before it is added
      wrong += sum[i].low != bits_of(a + b) || difference[i].low != bits_of(a - b) || accumulated[i].low != bits_of(d + product) ? 1 : 0;
    }
    INFO(family.name);
    CHECK(wrong == 0);
  }
}

TEST_CASE("A multiplier that lanes share gives the products of lanes of their own") {
  auto operands = random_operands(60);
  for (std::size_t i = 0; i < operands.size(); ++i) operands[i].b = operands[i % 3].b;
  for (const pim::LogicFamily& family : pim::logic_families()) {
    PimOperation shared = float_operation(FloatOperation::multiply);
    const auto own = evaluate(family, shared, operands);
    shared.scalar = true;
    INFO(family.name);
    CHECK(evaluate(family, shared, operands) == own);
  }
}

TEST_CASE("Integers of any width wrap as the host's do, products are twice as wide") {
  for (const pim::LogicFamily& family : pim::logic_families())
    for (const unsigned bits : {1u, 2u, 7u, 33u, 64u}) {
      INFO(family.name << " i" << bits);
      const std::uint64_t mask = ~std::uint64_t{0} >> (64 - bits);
      std::vector<LaneOperands> operands(40);
      for (std::size_t i = 0; i < operands.size(); ++i) operands[i] = {spinvp_counter_hash(1, i) & mask, spinvp_counter_hash(2, i) & mask, 0};
      const auto sum = evaluate(family, integer_operation(IntegerOperation::add, bits), operands);
      const auto difference = evaluate(family, integer_operation(IntegerOperation::subtract, bits), operands);
      const auto product = evaluate(family, integer_operation(IntegerOperation::multiply, bits), operands);
      PimOperation by_scalar = integer_operation(IntegerOperation::multiply, bits);
      by_scalar.scalar = true;
      CHECK(evaluate(family, by_scalar, operands) == product);
      for (std::size_t i = 0; i < operands.size(); ++i) {
        const std::uint64_t a = operands[i].a, b = operands[i].b;
        CHECK(sum[i].low == ((a + b) & mask));
        CHECK(difference[i].low == ((a - b) & mask));
        CHECK((product[i].low & mask) == ((a * b) & mask));
        // The upper half by schoolbook on halves of 32 bits.
        if (bits == 64) {
          const std::uint64_t al = a & 0xffffffff, ah = a >> 32, bl = b & 0xffffffff, bh = b >> 32;
          const std::uint64_t middle = ah * bl + ((al * bl) >> 32), other = al * bh + (middle & 0xffffffff);
          CHECK(product[i].high == ah * bh + (middle >> 32) + (other >> 32));
        }
      }
      const auto amount_bits = operand_bits(integer_operation(IntegerOperation::shift_up, bits)).b;
      for (LaneOperands& lane : operands) lane.b &= (1u << amount_bits) - 1;
      const auto up = evaluate(family, integer_operation(IntegerOperation::shift_up, bits), operands);
      const auto down = evaluate(family, integer_operation(IntegerOperation::shift_down, bits), operands);
      for (std::size_t i = 0; i < operands.size(); ++i) {
        CHECK(up[i].low == ((operands[i].a << operands[i].b) & mask));
        CHECK(down[i].low == operands[i].a >> operands[i].b);
      }
    }
}

TEST_CASE("Operands are read with comments, either case of hex and an accumulator that may be left out") {
  const OperandFile file("# a b d\n3f800000 40000000 # +0\n\n  3F800000\t40000000 C0000000\n");
  const auto operands = read_operands(file.path, float_operation(FloatOperation::multiply_accumulate));
  REQUIRE(operands.size() == 2);
  CHECK((operands[0].a == 0x3f800000 && operands[0].b == 0x40000000 && operands[0].d == 0));
  CHECK(operands[1].d == 0xc0000000);
}

TEST_CASE("A line of operands that is wrong is named by line and column") {
  const auto message = [](const std::string& text) -> std::string {
    const OperandFile file(text);
    try {
      (void)read_operands(file.path, float_operation(FloatOperation::add, pim::fp16));
    } catch (const core::InputError& error) {
      CHECK(error.status() == core::ExitStatus::bad_input);
      return std::string(error.what()).substr(file.path.size());
    }
    return {};
  };
  CHECK(message("3C00 3C00\n3C00 xyz\n") == ":2:6: 'xyz' is no operand, allowed is a hex number of 16 bits without prefix");
  CHECK(message("13C00 3C00\n").starts_with(":1:1: '13C00' is no operand"));
  CHECK(message("3C00 -1\n").starts_with(":1:6: '-1' is no operand"));
  CHECK(message("3C00\n") == ":1:1: 1 numbers, allowed are 2");
  CHECK(message("3C00 3C00 3C00\n") == ":1:11: 3 numbers, allowed are 2");
  CHECK_THROWS_AS(read_operands("/absent/operands.txt", float_operation(FloatOperation::add)), core::FileError);
}

TEST_CASE("Results have the digits of their format, whatever its width") {
  CHECK(hex({0x1, 0}, 32) == "00000001");
  CHECK(hex({0xabc, 0}, 13) == "0ABC");
  CHECK(hex({0x1, 0x2f}, 70) == "2F0000000000000001");
}

TEST_CASE("Published counts are the closed forms, cells of a lane are there where they are published") {
  const auto nor = published_counts(pim::logic_family("nor"), float_operation(FloatOperation::add));
  // 3 + 16*8 + 19*23 + 23^2 = 1097 NOR steps, 2*23 + 1 = 47 searches.
  CHECK(nor->steps == pim::StepCounts::whole(0, 0, 47, 1097));
  CHECK(total(nor->steps) == 1144);
  CHECK_FALSE(nor->cells_of_a_lane());
  // AritPIM's table: 142 cells.
  CHECK(published_counts(pim::logic_family("aritpim"), float_operation(FloatOperation::add))->cells_of_a_lane() == 142u);
  CHECK_FALSE(published_counts(pim::logic_family("sram"), float_operation(FloatOperation::add)));
  CHECK_FALSE(published_counts(pim::logic_family("sot"), float_operation(FloatOperation::maximum)));
  CHECK_FALSE(published_counts(pim::logic_family("sot"), integer_operation(IntegerOperation::add, 32)));
}

TEST_CASE("Executed counts are the program's; unmasked steps drive one cell of each lane") {
  for (const pim::LogicFamily& family : pim::logic_families()) {
    INFO(family.name);
    const PimOperation operation = integer_operation(IntegerOperation::add, 16);
    const pim::MicroProgram program = program_of(family, operation);
    const OperationCounts counts = executed_counts(family, operation);
    CHECK(counts.steps == program.counts());
    CHECK(counts.cells_of_a_lane() == program.rows());
    // Nothing in an adder is masked. What set and reset drive lies in lists.
    double writes = 0, nors = 0, initialised = 0;
    for (const pim::Step& step : program.steps) {
      CHECK_FALSE(step.masked);
      if (step.kind == pim::StepKind::nor)
        nors += 1;
      else if (step.kind == pim::StepKind::set || step.kind == pim::StepKind::reset)
        initialised += step.list_size;
      else if (step.kind != pim::StepKind::read && step.kind != pim::StepKind::search && step.d != pim::no_row)
        writes += 1;
    }
    CHECK(counts.events[CellEvent::nor_cell] == nors);
    CHECK(counts.events[CellEvent::write_cell] + counts.events[CellEvent::init_cell] == writes + initialised);
    CHECK(counts.events.flips_known);
    CHECK(counts.events[CellEvent::write_flip] + counts.events[CellEvent::nor_flip] + counts.events[CellEvent::init_flip] > 0);
    // The sample is seeded: the same again.
    CHECK(executed_counts(family, operation).events.counts == counts.events.counts);
  }
}

TEST_CASE("Zero bits of a shared multiplier are skipped") {
  PimOperation operation = integer_operation(IntegerOperation::multiply, 8);
  operation.scalar = true;
  const auto steps = [&](std::uint64_t scalar) { return total(executed_counts(pim::logic_family("sot"), operation, scalar).steps); };
  CHECK(longest_scalar(operation) == 0xff);
  CHECK(steps(0xff) - steps(0) == 8 * (steps(1) - steps(0)));
  CHECK(steps(0x10) == steps(1));
}

TEST_CASE("Operations and integer formats are found by name, and no others") {
  CHECK(integer_format("i64") == 64u);
  for (const char* name : {"i0", "i65", "i", "i08", "u8", "i8x"}) CHECK_FALSE(integer_format(name));
  CHECK(operation_named("int-mul").has_value());
  CHECK_FALSE(operation_named("divide"));
  for (const std::string& name : operation_names()) CHECK(operation_name({.kind = *operation_named(name)}) == name);
}
