#include <catch2/catch.hpp>

#include "models/npu/operand_buffer.h"

using namespace spinvp::npu;

TEST_CASE("the operand buffer keeps what was used last, as far as its bytes go") {
  OperandBuffer buffer;
  buffer.begin(100);
  REQUIRE(buffer.take(Side::a, 0, 40, 0, 0));
  REQUIRE(buffer.take(Side::b, 0, 40, 0, 0));  // another operand's block of the same number
  CHECK(buffer.used_bytes() == 80);
  CHECK(buffer.find(Side::a, 0, 3));
  CHECK_FALSE(buffer.find(Side::a, 1, 3));
  REQUIRE(buffer.take(Side::a, 1, 30, 3, 2));  // b 0 was used longest ago
  CHECK_FALSE(buffer.find(Side::b, 0, 3));
  CHECK(buffer.find(Side::a, 0, 3));
  CHECK(buffer.used_bytes() == 70);
  buffer.begin(100);
  CHECK_FALSE(buffer.find(Side::a, 0, 0));
  CHECK(buffer.used_bytes() == 0);
}

TEST_CASE("blocks of the step at work and of the one that is fetched do not give way") {
  OperandBuffer buffer;
  buffer.begin(100);
  REQUIRE(buffer.take(Side::a, 0, 40, 0, 0));
  REQUIRE(buffer.take(Side::a, 1, 40, 1, 0));
  CHECK_FALSE(buffer.take(Side::b, 0, 40, 1, 0));  // step 0 is at work on a 0
  CHECK(buffer.take(Side::b, 0, 40, 1, 1));        // it is done, and a 0 is free
  CHECK_FALSE(buffer.take(Side::b, 1, 101, 9, 9));
}
