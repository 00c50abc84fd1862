#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "models/interconnect/address_map.h"

using spinvp::core::InputError;
using spinvp::interconnect::AddressMap;

namespace {
std::string refusal(AddressMap& map, spinvp::interconnect::AddressRange range) {
  try {
    map.add(std::move(range));
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}
}  // namespace

TEST_CASE("an address decodes to the range that holds it, from the first byte to the last and not beyond") {
  AddressMap map;
  map.add({0x8000'0000, 0x1000, "dram", 2});
  map.add({0x1000, 0x1000, "rom", 0});
  map.add({0x2000, 0x10, "uart", 1});  // right behind
  const auto target = [&](std::uint64_t address, std::uint64_t span) {
    const auto* range = map.find(address, span);
    return range == nullptr ? -1 : static_cast<int>(range->target);
  };
  CHECK(target(0xfff, 1) == -1);
  CHECK(target(0x1000, 1) == 0);
  CHECK(target(0x1fff, 1) == 0);
  CHECK(target(0x2000, 1) == 1);
  CHECK(target(0x200f, 1) == 1);
  CHECK(target(0x2010, 1) == -1);
  CHECK(target(0x8000'0000, 0x1000) == 2);
  CHECK(target(0x8000'0000, 0x1001) == -1);
  CHECK(target(0x1fff, 2) == -1);  // no access lies in two targets
  CHECK(target(~0ull, 1) == -1);
  CHECK(target(0x8000'0800, ~0ull) == -1);
}

TEST_CASE("random maps decode as a plain scan over the ranges does") {
  std::uint64_t state = 12345;
  const auto random = [&state](std::uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  for (int round = 0; round < 50; ++round) {
    AddressMap map;
    struct Plain {
      std::uint64_t base, size;
    };
    std::vector<Plain> plain;
    for (std::size_t i = 0; i < 20; ++i) {
      const Plain p{random(2000), 1 + random(60)};
      bool overlaps = false;
      for (const Plain& o : plain) overlaps = overlaps || (p.base < o.base + o.size && o.base < p.base + p.size);
      if (overlaps) {
        CHECK(!refusal(map, {p.base, p.size, "x", 0}).empty());
      } else {
        map.add({p.base, p.size, "x", plain.size()});
        plain.push_back(p);
      }
    }
    for (std::uint64_t address = 0; address < 2100; ++address) {
      int expected = -1;
      for (std::size_t i = 0; i < plain.size(); ++i)
        if (address >= plain[i].base && address + 3 <= plain[i].base + plain[i].size) expected = static_cast<int>(i);
      const auto* found = map.find(address, 3);
      REQUIRE((found == nullptr ? -1 : static_cast<int>(found->target)) == expected);
    }
  }
}

TEST_CASE("a range that overlaps another is refused and the message names both") {
  AddressMap map;
  map.add({0x1000, 0x1000, "rom", 0});
  for (const auto& [base, size] : {std::pair{0xfffull, 2ull}, {0x1fffull, 1ull}, {0x0ull, 0x10000ull}, {0x1400ull, 4ull}}) {
    const std::string message = refusal(map, {base, size, "uart", 1});
    CHECK(message.find("uart") != std::string::npos);
    CHECK(message.find("rom") != std::string::npos);
  }
  CHECK(refusal(map, {0x3000, 0, "nothing", 1}).find("nothing") != std::string::npos);
  CHECK(refusal(map, {~0ull - 3, 8, "wraps", 1}).find("2^64") != std::string::npos);
  CHECK(refusal(map, {~0ull - 7, 8, "top", 1}).empty());
  CHECK(map.ranges().size() == 2);
}
