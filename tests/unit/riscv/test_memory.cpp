// Loads, stores and atomics: widths, alignment, pages, faults, and equal results and counts with and without direct access.
#include <algorithm>
#include <vector>

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {
constexpr u32 lb = 0, lh = 1, lw_width = 2, ld_width = 3, lbu = 4, lhu = 5, lwu = 6;
}

TEST_CASE("loads extend by their kind") {
  for (const bool direct : {true, false}) {
    Machine m;
    m.direct_allowed = direct;
    m.set_word(data_base, 0xfedcba9876543298);
    Program p(code_base);
    p.li(a0, data_base);
    p({load(lb, s0, 0, a0), load(lbu, s1, 0, a0), load(lh, s2, 6, a0), load(lhu, s3, 6, a0), load(lw_width, s4, 4, a0), load(lwu, s5, 4, a0),
       load(ld_width, s6, 0, a0), load(lb, s7, 1, a0), wfi});
    REQUIRE(m.start(p) == Stop::wait);
    CHECK(m.hart.x(s0) == 0xffffffffffffff98);
    CHECK(m.hart.x(s1) == 0x98);
    CHECK(m.hart.x(s2) == 0xfffffffffffffedc);
    CHECK(m.hart.x(s3) == 0xfedc);
    CHECK(m.hart.x(s4) == 0xfffffffffedcba98);
    CHECK(m.hart.x(s5) == 0xfedcba98);
    CHECK(m.hart.x(s6) == 0xfedcba9876543298);
    CHECK(m.hart.x(s7) == 0x32);
    CHECK(m.tally.read_count() == 8);
    CHECK(m.tally.read_bytes() == 3 * 1 + 2 * 2 + 2 * 4 + 8);
  }
}

TEST_CASE("stores write their width and nothing beside it") {
  for (const bool direct : {true, false}) {
    Machine m;
    m.direct_allowed = direct;
    Program p(code_base);
    p.li(a0, data_base).li(a1, 0x1122334455667788);
    p({store(0, a1, 1, a0), store(1, a1, 2, a0), store(2, a1, 8, a0), store(3, a1, 16, a0), wfi});
    REQUIRE(m.start(p) == Stop::wait);
    CHECK(m.word(data_base) == 0x77888800);
    CHECK(m.word(data_base + 8) == 0x55667788);
    CHECK(m.word(data_base + 16) == 0x1122334455667788);
    CHECK(m.tally.write_count() == 4);
    CHECK(m.tally.write_bytes() == 15);
  }
}

TEST_CASE("misaligned accesses work, within a page and across two") {
  for (const bool direct : {true, false}) {
    for (const u64 address : {data_base + 3, data_base + page_bytes - 5, data_base + page_bytes - 1}) {
      Machine m;
      m.direct_allowed = direct;
      m.set_word(address, 0x0102030405060708);
      Program p(code_base);
      p.li(a0, address).li(a1, 0xa1b2c3d4e5f60718);
      p({ld(a2, 0, a0), sd(a1, 0, a0), lw(a3, 0, a0), wfi});
      REQUIRE(m.start(p) == Stop::wait);
      CHECK(m.hart.x(a2) == 0x0102030405060708);
      CHECK(m.word(address) == 0xa1b2c3d4e5f60718);
      CHECK(m.hart.x(a3) == 0xffffffffe5f60718);
      // A page-crossing access is counted byte by byte, any other once.
      const u64 in_page = page_bytes - address % page_bytes;
      CHECK(m.tally.read_count() == (in_page >= 8 ? 1u : 8u) + (in_page >= 4 ? 1u : 4u));
      CHECK(m.tally.read_bytes() == 12);
    }
  }
}

TEST_CASE("accesses outside memory trap with their address") {
  struct Case {
    u32 word;
    u64 cause;
  };
  for (const Case c : {Case{ld(a2, 8, a0), 5}, Case{sd(a2, 8, a0), 7}, Case{amo(0, 3, a2, a1, a0), 7}, Case{amo(2, 3, a2, 0, a0), 5}}) {
    Machine m;
    Program p(code_base);
    with_handler(p).li(a0, 0x5000).li(a2, 77)(nop).label("bad")({c.word, wfi}).align(4).label("handler")(wfi);
    REQUIRE(m.start(p) == Stop::wait);
    const u64 offset = (c.word & 0x7f) == 0x2f ? 0 : 8;
    CHECK(m.hart.read_csr(csr_number::mcause) == c.cause);
    CHECK(m.hart.read_csr(csr_number::mtval) == 0x5000 + offset);
    CHECK(m.hart.read_csr(csr_number::mepc) == p.address("bad"));
    CHECK(m.hart.x(a2) == 77);
  }
}

TEST_CASE("an access that crosses into nothing traps with the first missing byte") {
  Machine m;
  Program p(code_base);
  with_handler(p).li(a0, ram_base + ram_size - 3)(lw(a2, 0, a0))(wfi).align(4).label("handler")(wfi);
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.read_csr(csr_number::mcause) == 5u);
  CHECK(m.hart.read_csr(csr_number::mtval) == ram_base + ram_size);
}

TEST_CASE("device accesses go through the port and cost its cycles") {
  Machine m;
  m.device_cycles = 17;
  m.device_value = 0x1234;
  Program p(code_base);
  p.li(a0, device_word);
  p({lw(a1, 0, a0), sw(zero, 0, a0), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a1) == 0x1234);
  CHECK(m.device_loads == 1);
  CHECK(m.device_stores == 1);
  const CycleTable t;
  CHECK(m.hart.cycles() == Program::li_instructions * t[TimingClass::alu] + t[TimingClass::load] + t[TimingClass::store] + 2 * 17 + t[TimingClass::system]);
}

TEST_CASE("revoked pages are asked for again") {
  Machine m;
  Program p(code_base);
  p.li(a0, data_base).li(a1, device_word);
  p({sd(a1, 0, a0), sw(zero, 0, a1), sd(a1, 8, a0), wfi});
  m.on_device = [&m] {
    m.direct_allowed = false;
    m.hart.invalidate_direct(data_base, data_base + 7);
  };
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.tally.write_count() == 2);
  CHECK(m.word(data_base + 8) == device_word);
}

TEST_CASE("what is revoked is not touched any more, what is around it stays as it was") {
  const u64 revoked = data_base + 4 * page_bytes;
  Machine m;
  Program p(code_base);
  p.li(a0, data_base).li(a1, device_word).li(a2, revoked);
  p({sd(a1, 0, a0), sw(zero, 0, a1), sd(a1, 8, a0), sd(a2, 0, a2), wfi});
  m.on_device = [&] {
    m.direct_allowed = false;
    m.hart.invalidate_direct(revoked, revoked + 7);
  };
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.port_accesses == 1);  // the store to the revoked page
  CHECK(m.word(data_base + 8) == device_word);
  CHECK(m.word(revoked) == revoked);
  CHECK(m.tally.write_count() == 3);
}

TEST_CASE("a call through the port finds all accesses before it counted, and none behind it") {
  for (const bool more : {true, false}) {
    Machine m;
    m.grants_more_than_the_page = more;
    Program p(code_base);
    p.li(a0, data_base).li(a1, device_word);
    p({lw(a2, 0, a0), lw(a2, 4, a0), sd(a2, 8, a0), load(lbu, a2, 1, a0), sw(zero, 0, a1), sd(a2, 8, a0), lw(a2, 0, a0), sw(zero, 0, a1), ld(a2, 1, a0), wfi});
    std::vector<std::pair<u64, u64>> seen;
    m.on_device = [&] { seen.emplace_back(m.tally.read_bytes(), m.tally.write_bytes()); };
    REQUIRE(m.start(p) == Stop::wait);
    CHECK(seen == std::vector<std::pair<u64, u64>>{{4 + 4 + 1, 8}, {4 + 4 + 1 + 4, 8 + 8}});
    CHECK(m.tally.reads == std::array<u64, 4>{1, 0, 3, 1});
    CHECK(m.tally.writes == std::array<u64, 4>{0, 0, 0, 2});
  }
}

// Long enough for the window to leave the first memory for the one that is used more.
TEST_CASE("accesses to two memories are counted where they go") {
  for (const bool more : {true, false}) {
    constexpr u64 rounds = 200000;
    Machine m;
    m.grants_more_than_the_page = more;
    m.upper_base = ram_base + ram_size / 2;
    Program p(code_base);
    p.li(a0, data_base).li(a1, m.upper_base).li(a2, rounds);
    p({sd(a2, 0, a0), sd(zero, 0, a1)});
    p.label("again");
    p({ld(a3, 0, a0), lw(a4, 0, a1), lw(a4, 4, a1), load(lhu, a4, 8, a1), sw(a2, 8, a1), lw(a4, 12, a1), addi(a2, a2, -1)});
    p.branch(1, a2, zero, "again");
    p({wfi});
    REQUIRE(m.start(p, 100 * rounds) == Stop::wait);
    CHECK(m.tally.reads == std::array<u64, 4>{0, 0, 0, rounds});
    CHECK(m.tally.writes == std::array<u64, 4>{0, 0, 0, 1});
    CHECK(m.upper_tally.reads == std::array<u64, 4>{0, rounds, 3 * rounds, 0});
    CHECK(m.upper_tally.writes == std::array<u64, 4>{0, 0, rounds, 1});
  }
}

TEST_CASE("the window holds no byte that is dropped, and all around it up to the page that it was opened for") {
  CHECK(rc::check([] {
    PageCache pages;
    DirectTally tally;
    std::vector<u8> host(64 * page_bytes);
    const u64 page = ram_base + page_bytes * *rc::gen::inRange<u64>(0, 64);
    RC_ASSERT(pages.open(page, {&host[page - ram_base], true, true, &tally}, ram_base, ram_base + (host.size() - 1)));
    std::vector<std::pair<u64, u64>> dropped;
    for (unsigned n = *rc::gen::inRange(0u, 4u); n != 0; --n) {
      const u64 first = ram_base + *rc::gen::inRange<u64>(0, host.size()), last = first + *rc::gen::inRange<u64>(0, 3 * page_bytes);
      pages.drop(first, last);
      dropped.emplace_back(first, last);
    }
    const auto overlaps = [&](u64 from, u64 to) {
      return std::any_of(dropped.begin(), dropped.end(), [&](const auto& range) { return range.first <= to && range.second >= from; });
    };
    for (u64 address = ram_base; address < ram_base + host.size(); address += 8) {
      if (!pages.window().holds(address, 8)) continue;
      RC_ASSERT(!overlaps(address, address + 7));
      RC_ASSERT(pages.window().host(address) == &host[address - ram_base]);
      RC_ASSERT(!pages.window().holds(address + 1, 2));
    }
    const u64 neighbour = page ^ page_bytes;
    if (!overlaps(std::min(page, neighbour), std::max(page, neighbour) + (page_bytes - 1))) RC_ASSERT(pages.window().holds(page, 8));
    RC_ASSERT(!pages.window().holds(ram_base - 8, 8) && !pages.window().holds(ram_base + host.size(), 8));
  }));
}

TEST_CASE("atomic operations return the old value and store the combined one") {
  struct Case {
    const char* name;
    u32 funct5;
    u64 (*combine)(u64 old, u64 operand);
  };
  const Case cases[] = {
      {"swap", 0x01, [](u64, u64 b) { return b; }},
      {"add", 0x00, [](u64 a, u64 b) { return a + b; }},
      {"xor", 0x04, [](u64 a, u64 b) { return a ^ b; }},
      {"and", 0x0c, [](u64 a, u64 b) { return a & b; }},
      {"or", 0x08, [](u64 a, u64 b) { return a | b; }},
      {"min", 0x10, [](u64 a, u64 b) { return static_cast<i64>(a) < static_cast<i64>(b) ? a : b; }},
      {"max", 0x14, [](u64 a, u64 b) { return static_cast<i64>(a) > static_cast<i64>(b) ? a : b; }},
      {"minu", 0x18, [](u64 a, u64 b) { return a < b ? a : b; }},
      {"maxu", 0x1c, [](u64 a, u64 b) { return a > b ? a : b; }},
  };
  const u64 values[] = {0, 1, 0x7fffffff, 0xffffffff80000000, ~u64{0}, 0xffffffff00000005};
  Machine m;
  for (const bool direct : {true, false})
    for (const Case& c : cases)
      for (const u64 old : values)
        for (const u64 operand : values) {
          m.direct_allowed = direct;
          Program p(code_base);
          p({amo(c.funct5, 3, a2, a1, a0), amo(c.funct5, 2, a4, a1, a3), wfi});
          m.put(p);
          m.set_word(data_base, old);
          m.set_word(data_base + 8, 0xdead000000000000 | (old & 0xffffffff));
          m.hart.reset(code_base);
          m.hart.set_x(a0, data_base);
          m.hart.set_x(a1, operand);
          m.hart.set_x(a3, data_base + 8);
          m.hart.run({.cycles = 1000});
          INFO("amo" << c.name << std::hex << " old " << old << " operand " << operand);
          const auto sext = [](u64 v) { return static_cast<u64>(static_cast<i64>(static_cast<i32>(v))); };
          REQUIRE(m.hart.x(a2) == old);
          REQUIRE(m.word(data_base) == c.combine(old, operand));
          REQUIRE(m.hart.x(a4) == sext(old));
          // Words compare as words: extending both the same way keeps their order.
          REQUIRE(m.word(data_base + 8) == (0xdead000000000000 | (c.combine(sext(old), sext(operand)) & 0xffffffff)));
        }
}

TEST_CASE("misaligned atomics trap") {
  Machine m;
  Program p(code_base);
  with_handler(p).li(a0, data_base + 4).label("bad")(amo(0, 3, a2, a1, a0))(wfi).align(4).label("handler")(wfi);
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.read_csr(csr_number::mcause) == 6u);
  CHECK(m.hart.read_csr(csr_number::mtval) == data_base + 4);
  CHECK(m.hart.read_csr(csr_number::mepc) == p.address("bad"));
}

TEST_CASE("store-conditional succeeds once after a load-reserved of the same word") {
  Machine m;
  m.set_word(data_base, 5);
  Program p(code_base);
  p.li(a0, data_base).li(a1, device_word);
  p({amo(2, 3, a2, 0, a0), addi(a2, a2, 1), amo(3, 3, a3, a2, a0), amo(3, 3, a4, a1, a0), addi(s0, a0, 8), amo(2, 3, a5, 0, a0), amo(3, 3, a6, a1, s0),
     amo(2, 2, a5, 0, a0), sw(zero, 0, a1), amo(3, 2, a7, a1, a0), wfi});
  m.on_device = [&m] { m.hart.invalidate_reservation(data_base + 60, 1); };  // somebody else stores to the same line of 64 bytes
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a3) == 0);
  CHECK(m.hart.x(a4) == 1);  // the reservation is used up
  CHECK(m.hart.x(a6) == 1);  // another address
  CHECK(m.hart.x(a7) == 1);  // lost to the other's store
  CHECK(m.word(data_base) == 6);
  CHECK(m.word(data_base + 8) == 0);
}
