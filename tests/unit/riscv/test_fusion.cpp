// Pairs and forwarded operands against the same program run one instruction at a time, where neither exists.
#include <random>

#include <catch2/catch.hpp>

#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

// Straight runs of operations that pair, over few registers, so that neighbours depend on each other often; forward branches over one instruction between them.
// s1 holds an address and is never written.
void add_random(Program& p, std::mt19937& random, int number) {
  const auto any = [&](u32 n) { return static_cast<u32>(random() % n); };
  const u32 registers[] = {a0, a1, a2, a3, zero};
  const auto reg = [&] { return registers[any(5)]; };
  const auto place = [&] { return static_cast<i32>(8 * any(16)); };
  switch (any(9)) {
    case 0: p(addi(reg(), reg(), static_cast<i32>(any(4096)) - 2048)); break;
    case 1: p(i_type(static_cast<i32>(any(64)), reg(), any(2) != 0 ? 1 : 5, reg(), 0x13)); break;  // slli, srli
    case 2: p(i_type(static_cast<i32>(any(4096)) - 2048, reg(), std::array{4u, 6u, 7u, 2u, 3u}[any(5)], reg(), 0x13)); break;
    case 3: p(r_type(0, reg(), reg(), std::array{0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u}[any(8)], reg(), 0x33)); break;
    case 4: p(r_type(std::array{0u, 32u, 1u}[any(3)], reg(), reg(), 0, reg(), any(2) != 0 ? 0x33 : 0x3b)); break;  // add, sub, mul and their words
    case 5: p(i_type(static_cast<i32>(any(32)), reg(), std::array{0u, 1u, 5u}[any(3)], reg(), 0x1b)); break;       // addiw, slliw, srliw
    case 6: p(load(any(7), reg(), place(), s1)); break;
    case 7: p(store(any(4), reg(), place(), s1)); break;
    default: {
      const std::string target = "skip" + std::to_string(number);
      p.branch(std::array{0u, 1u, 4u, 5u, 6u, 7u}[any(6)], reg(), reg(), target)(addi(reg(), reg(), 1)).label(target);
    }
  }
}

auto run(u32 seed, u64 slice) {
  std::mt19937 random(seed);
  Machine m;
  Program p(code_base);
  p.li(s1, data_base).li(a0, 0x123456789abcdef0 + seed).li(a1, 7);
  for (int i = 0; i < 300; ++i) add_random(p, random, i);
  p(wfi);
  m.put(p);
  m.hart.reset(code_base);
  while (m.hart.run({.cycles = slice}) != Stop::wait) {}
  std::vector<u64> state = {m.hart.cycles(), m.hart.instructions(), m.tally.read_bytes(), m.tally.write_bytes()};
  for (unsigned r = 1; r < 32; ++r) state.push_back(m.hart.x(r));
  for (u64 at = 0; at < 128; at += 8) state.push_back(m.word(data_base + at));
  return state;
}

}  // namespace

TEST_CASE("pairs and forwarding give what single instructions give, over random programs") {
  for (u32 seed = 1; seed <= 400; ++seed) {
    INFO("seed " << seed);
    REQUIRE(run(seed, 1u << 30) == run(seed, 1));
  }
}

TEST_CASE("a trap in the second instruction of a pair finds the first one done and itself not") {
  Machine m;
  Program p(code_base);
  with_handler(p).li(a0, 0x40000000)({addi(a1, a1, 1), addi(a2, a2, 1)}).label("pair")({add(a3, a0, a2), lw(a4, 0, a3), addi(a5, a5, 1), wfi});
  p.align(4).label("handler")({csrr(s2, 0x341), csrr(s3, 0xb02), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(s2) == p.address("pair") + 4);
  CHECK(m.hart.x(a3) == 0x40000001);
  CHECK(m.hart.x(a5) == 0);
  CHECK(m.hart.x(s3) == 3 + Program::li_instructions + 3 + 1);  // mtvec's three, the constant, three before the load, and the handler's first
}
