#include <catch2/catch.hpp>

#include "models/npu/numbers.h"
#include "reference.h"

using namespace spinvp::npu;

TEST_CASE("narrowing rounds to the nearest bf16, ties to even, for patterns across the whole range") {
  for (std::uint64_t pattern = 0; pattern <= 0xffffffffull; pattern += 65521) {  // a prime: all low halves come up
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(pattern));
    REQUIRE(narrow(value) == test::reference_bf16(value));
  }
  for (std::uint32_t high = 0; high < 0x10000; ++high)
    for (const std::uint32_t low : {0x0000u, 0x0001u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu}) {
      const float value = std::bit_cast<float>(high << 16 | low);
      REQUIRE(narrow(value) == test::reference_bf16(value));
    }
}

TEST_CASE("widening a bf16 and narrowing it again gives it back, NaN made canonical") {
  for (std::uint32_t h = 0; h < 0x10000; ++h) {
    const float value = widen(static_cast<std::uint16_t>(h));
    CHECK(narrow(value) == (value != value ? 0x7fc0 : h));
  }
}
