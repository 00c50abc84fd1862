// The fast engine on the store: its values against integer arithmetic, lanes that it may touch, and the published counts around it.
#include <catch2/catch.hpp>

#include "tests/unit/pim/engines.h"
#include "tests/unit/pim/reference_float.h"

using namespace spinvp::pim;

namespace {

std::uint32_t expected(ArithmeticOperation operation, std::uint32_t d, std::uint32_t a, std::uint32_t b, bool truncate) {
  switch (operation) {
    case ArithmeticOperation::multiply: return reference::multiply(a, b, truncate);
    case ArithmeticOperation::add: return reference::add(a, b, truncate);
    case ArithmeticOperation::subtract: return reference::subtract(a, b, truncate);
    case ArithmeticOperation::multiply_accumulate: return reference::multiply_accumulate(d, a, b, truncate);
    default: return 0;  // not asked for here: test_host_values.cpp
  }
}

constexpr ArithmeticOperation basic_operations[] = {ArithmeticOperation::multiply, ArithmeticOperation::add, ArithmeticOperation::subtract,
                                                    ArithmeticOperation::multiply_accumulate};

void compare(Rounding rounding, VectorWidth widest) {
  constexpr std::uint32_t lanes = 1024;
  SubarrayStore store({1, lanes, 4, 2});
  const FloatArithmetic arithmetic{fp32, Semantics::ieee, rounding};
  const std::unique_ptr<ArithmeticEngine> engine = std::make_unique<FastEngine>(test::programs("sot", arithmetic), widest);
  reference::Draw draw(7);
  std::uint64_t differences = 0;
  for (int round = 0; round < 100; ++round)
    for (const ArithmeticOperation operation : basic_operations) {
      std::vector<std::uint32_t> before;
      for (std::uint32_t word = 0; word < 3; ++word)
        for (std::uint32_t& x : store.plane(0, word)) x = draw.number();
      // Cancellation and neighbours: the cases that need care.
      for (std::uint32_t i = 0; i < lanes; i += 5) store.plane(0, 2)[i] = store.plane(0, 1)[i] ^ 0x80000000u ^ draw.below(3);
      before.assign(store.plane(0, 0).begin(), store.plane(0, 0).end());
      engine->execute(operation, store, {0, 0, lanes}, {0, 1, 2});
      for (std::uint32_t i = 0; i < lanes; ++i) {
        const std::uint32_t a = store.plane(0, 1)[i], b = store.plane(0, 2)[i], got = store.plane(0, 0)[i];
        const std::uint32_t want = expected(operation, before[i], a, b, rounding == Rounding::truncate);
        if (got != want && ++differences < 5) {
          INFO(std::hex << "operation " << static_cast<int>(operation) << " d " << before[i] << " a " << a << " b " << b << " got " << got << " want " << want);
          CHECK(got == want);
        }
      }
    }
  CHECK(differences == 0);
}

}  // namespace

TEST_CASE("arithmetic rounds to nearest even as IEEE 754 says") { compare(Rounding::nearest_even, VectorWidth::avx512); }
TEST_CASE("arithmetic truncates toward zero as IEEE 754 says") { compare(Rounding::truncate, VectorWidth::avx512); }
TEST_CASE("the portable loop gives the same bits, rounding to nearest even") { compare(Rounding::nearest_even, VectorWidth::portable); }
TEST_CASE("the portable loop gives the same bits, truncating") { compare(Rounding::truncate, VectorWidth::portable); }

TEST_CASE("a multiply-accumulate rounds the product before the sum") {
  SubarrayStore store({1, 32, 3, 2});
  // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24: the last term is lost in the product, a fused operation would keep it in the sum with -(1 + 2^-11).
  store.plane(0, 0)[0] = 0xbf801000u;
  store.plane(0, 1)[0] = store.plane(0, 2)[0] = 0x3f800800u;
  test::published_sot()->execute(ArithmeticOperation::multiply_accumulate, store, {0, 0, 32}, {0, 1, 2});
  CHECK(store.plane(0, 0)[0] == 0);
}

TEST_CASE("only the lanes of the range change, and operands may be the destination") {
  SubarrayStore store({2, 64, 3, 2});
  for (std::uint32_t subarray = 0; subarray < 2; ++subarray)
    for (std::uint32_t& x : store.plane(subarray, 0)) x = 0x40000000u;                                     // 2
  test::published_sot()->execute(ArithmeticOperation::multiply_accumulate, store, {1, 3, 40}, {0, 0, 0});  // 2 + 2 * 2
  for (std::uint32_t i = 0; i < 64; ++i) {
    CHECK(store.plane(0, 0)[i] == 0x40000000u);
    CHECK(store.plane(1, 0)[i] == (i >= 3 && i < 43 ? 0x40c00000u : 0x40000000u));
  }
}

TEST_CASE("published counts are the paper's steps once and its driven cells for each lane, without flips") {
  SubarrayStore store({1, 64, 3, 2});
  const auto engine = test::published_sot();
  const Work work = engine->execute(ArithmeticOperation::multiply_accumulate, store, {0, 0, 10}, {0, 1, 2});
  CHECK(work.steps == StepCounts{2953, 2951, 100, 0});
  CellEvents events;
  events[CellEvent::read_cell] = 31485, events[CellEvent::write_cell] = 31475, events[CellEvent::search_cell] = 500;
  events[CellEvent::row_step] = 3002;  // 1476.5 + 1475.5 + 50
  CHECK(work.events == events);
  // 3148.5 and 3147.5 cells in one lane: rounded up.
  const Work one = engine->execute(ArithmeticOperation::multiply_accumulate, store, {0, 0, 1}, {0, 1, 2});
  CHECK(one.events[CellEvent::read_cell] == 3149);
  CHECK(one.events[CellEvent::write_cell] == 3148);
  CHECK(engine->execute(ArithmeticOperation::subtract, store, {0, 0, 1}, {0, 1, 2}).steps == published::sot_add(fp32));
  CHECK(engine->execute(ArithmeticOperation::multiply, store, {0, 0, 1}, {0, 1, 2}).steps == published::sot_multiply(fp32));
}

TEST_CASE("operations without a published count keep the steps of their micro-programs") {
  SubarrayStore store({1, 64, 3, 2});
  const auto engine = test::published_sot();
  for (const auto operation : {ArithmeticOperation::compare, ArithmeticOperation::maximum, ArithmeticOperation::relu})
    CHECK(engine->execute(operation, store, {0, 0, 64}, {0, 1, 2}).steps == test::programs("sot")->program(operation).counts());
}
