// Quantities as people read them.
#include <catch2/catch.hpp>

#include "platform/report/words.h"

using namespace spinvp::platform;

TEST_CASE("Quantities are printed with four digits and the unit that fits") {
  CHECK(time_words(0.01234567) == "12.35 ms");
  CHECK(time_words(1) == "1.000 s");
  CHECK(time_words(59.999) == "60.00 s");
  CHECK(time_words(1e-6) == "1.000 us");
  CHECK(energy_words(3.14159e-3) == "3.142 mJ");
  CHECK(power_words(0.2718281828) == "271.8 mW");
  CHECK(power_words(0) == "0 W");
  CHECK(energy_words(2.5e-12) == "2.500 pJ");
}

TEST_CASE("A number that rounds up to a thousand takes the next unit") { CHECK(time_words(0.99996e-3) == "1.000 ms"); }

TEST_CASE("Sizes have four digits and a binary unit, whole ones none behind the point") {
  CHECK(size_words(0) == "0 B");
  CHECK(size_words(1023) == "1023 B");
  CHECK(size_words(64 << 10) == "64 KiB");
  CHECK(size_words(3 << 19) == "1.500 MiB");
  CHECK(size_words((1 << 20) - 1) == "1024 KiB");
  CHECK(size_words(std::uint64_t{5} << 29) == "2.500 GiB");
}

TEST_CASE("Columns are as wide as their longest text, and no line ends in blanks") {
  CHECK(columns_text({{"a", "long", "1"}, {"bcd", "x", "23"}, {"e", ""}}, 2) ==
        "a    long   1\n"
        "bcd  x     23\n"
        "e\n");
}
