#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "platform/soc/timed_input.h"

using spinvp::core::SimTime;
using spinvp::platform::parse_timed_input;

TEST_CASE("lines of timed input have a time with its unit and text with escapes") {
  const auto lines = parse_timed_input("# comment\n\n10us a b \\n\r\n1ms \\x41\\t\\r\\\\\n2  x\n", "in");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].at == SimTime::us(10));
  CHECK(lines[0].text == "a b \n");
  CHECK(lines[1].text == "A\t\r\\");
  CHECK(lines[2].at == SimTime::us(2'000'000));
  CHECK(lines[2].text == " x");  // one blank is the separator's
}

TEST_CASE("wrong lines of timed input are named by file and line") {
  for (const char* wrong : {"soon x", "-1us x", "1kg x", "1us", "1us ", "5us a\\", "5us \\q", "5us \\x4", "5us \\xg0", "1e99s x", "nan x"}) {
    CAPTURE(wrong);
    CHECK_THROWS_WITH(parse_timed_input(std::string("0 ok\n") + wrong + "\n", "in"), Catch::StartsWith("in:2: "));
  }
  CHECK_THROWS_WITH(parse_timed_input("2us a\n1us b\n", "in"), Catch::StartsWith("in:2: ") && Catch::Contains("must not fall"));
}
