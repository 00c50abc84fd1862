// Semihosting calls against a guest memory of a page, with hostile parameters.
#include <catch2/catch.hpp>

#include <array>
#include <cstring>

#include "models/riscv/semihosting.h"

using namespace spinvp::riscv;
using u64 = std::uint64_t;

namespace {

constexpr u64 base = 0x80000000, minus_one = ~u64{0};

struct Guest {
  std::array<char, 4096> memory{};
  std::string console, keys;
  std::optional<u64> exit;
  unsigned complaints = 0;
  Semihosting semihosting{host()};

  Semihosting::Host host() {
    Semihosting::Host h;
    h.read = [this](u64 address, void* data, std::size_t size) {
      if (address < base || size > memory.size() || address - base > memory.size() - size) return false;
      std::memcpy(data, &memory[address - base], size);
      return true;
    };
    h.write = [this](u64 address, void* data, std::size_t size) {
      if (address < base || size > memory.size() || address - base > memory.size() - size) return false;
      std::memcpy(&memory[address - base], data, size);
      return true;
    };
    h.console = [this](std::string_view text) { console += text; };
    h.input = [this]() -> std::optional<char> {
      if (keys.empty()) return std::nullopt;
      const char c = keys.front();
      keys.erase(0, 1);
      return c;
    };
    h.finish = [this](u64 code) { exit = code; };
    h.now = [] { return spinvp::core::SimTime::us(2'345'678); };
    h.complain = [this](const std::string&) { ++complaints; };
    h.command_line = "firmware.elf";
    return h;
  }
  u64 text(u64 offset, const std::string& value) {
    std::memcpy(&memory[offset], value.c_str(), value.size() + 1);
    return base + offset;
  }
  u64 call(u64 operation, std::vector<u64> words) {
    std::memcpy(memory.data(), words.data(), words.size() * sizeof(u64));
    return semihosting.call(operation, base);
  }
};

}  // namespace

TEST_CASE("the console takes characters, texts and writes, and gives lines") {
  Guest g;
  g.semihosting.call(0x03, g.text(100, "A"));
  g.semihosting.call(0x04, g.text(100, " text"));
  const u64 out = g.call(0x01, {g.text(100, ":tt"), 4, 3});
  CHECK(g.call(0x05, {out, g.text(100, "more"), 4}) == 0);
  CHECK(g.console == "A textmore");
  g.keys = "ab\ncd";
  const u64 in = g.call(0x01, {g.text(100, ":tt"), 0, 3});
  CHECK(g.call(0x06, {in, base + 200, 10}) == 7);
  CHECK(std::string(&g.memory[200], 3) == "ab\n");
  CHECK(g.semihosting.call(0x07, 0) == 'c');
  CHECK(g.semihosting.call(0x07, 0) == 'd');
  CHECK(g.semihosting.call(0x07, 0) == minus_one);
  CHECK(g.call(0x09, {in}) == 1);
}

TEST_CASE("an exit has the guest's code, and another reason than an end is a failure") {
  Guest g;
  g.call(0x18, {0x20026, 5});
  CHECK(g.exit == 5u);
  g.call(0x20, {0x20026, 0});
  CHECK(g.exit == 0u);
  g.call(0x18, {0x20023, 0});
  CHECK(g.exit == 1u);
}

TEST_CASE("clocks tell simulated time") {
  Guest g;
  CHECK(g.semihosting.call(0x10, 0) == 234);  // centiseconds of 2.345678 s
  CHECK(g.semihosting.call(0x11, 0) == 2);
  CHECK(g.semihosting.call(0x31, 0) == 1'000'000'000);
  CHECK(g.call(0x30, {0}) == 0);
  u64 ticks = 0;
  std::memcpy(&ticks, g.memory.data(), sizeof ticks);
  CHECK(ticks == 2'345'678'000);
}

TEST_CASE("the features are a file of five bytes") {
  Guest g;
  const u64 file = g.call(0x01, {g.text(100, ":semihosting-features"), 0, 21});
  CHECK(g.call(0x0c, {file}) == 5);
  CHECK(g.call(0x06, {file, base + 200, 5}) == 0);
  CHECK(std::memcmp(&g.memory[200], "SHFB\x03", 5) == 0);
  CHECK(g.call(0x06, {file, base + 200, 5}) == 5);
}

TEST_CASE("addresses outside memory, wrong handles, lengths and operations fail and nothing else") {
  Guest g;
  for (u64 operation = 0; operation < 0x40; ++operation)
    for (const u64 parameter : {u64{0}, base + 4096, minus_one, minus_one - 7}) g.semihosting.call(operation, parameter);
  CHECK(g.console.empty());
  g.exit.reset();
  for (u64 operation = 0; operation < 0x40; ++operation)
    for (const u64 word : {u64{0}, minus_one, base, u64{1} << 63}) g.call(operation, {word, word, word, word});
  CHECK(g.call(0x01, {base, 0, minus_one}) == minus_one);         // a name without end
  CHECK(g.call(0x01, {g.text(100, "a\0b"), 0, 1}) == minus_one);  // no folder
  CHECK(g.call(0x12, {base, 4}) == minus_one);                    // no shell
  const u64 out = g.call(0x01, {g.text(100, ":tt"), 4, 3});
  CHECK(g.call(0x05, {out, base + 4000, 1000}) == 1000);
  CHECK(g.call(0x02, {out}) == 0);
  CHECK(g.call(0x02, {out}) == minus_one);
  CHECK(g.call(0x13, {}) == 9);  // EBADF
}

TEST_CASE("handles are limited in number, and a closed one is given again") {
  Guest g;
  g.text(100, ":tt");
  for (std::size_t i = 1; i <= Semihosting::most_handles; ++i) REQUIRE(g.call(0x01, {base + 100, 4, 3}) == i);
  CHECK(g.call(0x01, {base + 100, 4, 3}) == minus_one);
  g.call(0x02, {7});
  CHECK(g.call(0x01, {base + 100, 4, 3}) == 7);
}
