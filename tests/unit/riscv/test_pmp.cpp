// Physical memory protection against a reference that matches byte by byte, and as guest code meets it: loads, stores, atomics, fetches.
#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

// The manual's rules, one byte at a time, on raw register values.
struct Reference {
  u8 configuration[16] = {};
  u64 address[16] = {};

  [[nodiscard]] bool matches(unsigned i, u64 byte) const {
    const u64 word = byte >> 2;
    switch (configuration[i] >> 3 & 3) {
      case 0: return false;
      case 1: return word < address[i] && word >= (i == 0 ? 0 : address[i - 1]);
      case 2: return word == address[i];
      default: {
        unsigned n = 0;
        while (n < 54 && (address[i] >> n & 1) != 0) ++n;
        return n >= 54 || word >> (n + 1) == address[i] >> (n + 1);
      }
    }
  }
  [[nodiscard]] bool allows(u64 from, unsigned length, unsigned rights, bool machine) const {
    for (unsigned i = 0; i < 16; ++i) {
      unsigned matched = 0;
      for (unsigned byte = 0; byte < length; ++byte) matched += matches(i, from + byte);
      if (matched == 0) continue;
      if (matched != length) return false;
      return (machine && (configuration[i] & 0x80) == 0) || (configuration[i] & rights) == rights;
    }
    return machine;
  }
};

// Entries whose ends lie inside a few pages, so that accesses there meet them.
constexpr u64 area = 0x80010000, area_bytes = 0x4000;

struct Setting {
  u64 address[16];
  u8 configuration[16];
};

Setting any_setting() {
  Setting s{};
  for (unsigned i = 0; i < 16; ++i) {
    s.configuration[i] = *rc::gen::element<u8>(0, 0, 0, 8, 0x10, 0x18, 0x18);
    s.configuration[i] = static_cast<u8>(s.configuration[i] | *rc::gen::element(0, 1, 3, 4, 5, 7) | (*rc::gen::inRange(0, 4) == 0 ? 0x80 : 0));
    const u64 word = (area + *rc::gen::inRange<u64>(0, area_bytes)) >> 2;
    s.address[i] = (s.configuration[i] & 0x18) == 0x18 ? word | ((u64{1} << *rc::gen::inRange(0, 12)) - 1) : word;
  }
  return s;
}

// Addresses first, then configurations from the top: so that no lock keeps anything from being written.
template <typename Write>
Reference write_all(const Setting& s, Write write) {
  Reference r;
  u64 low = 0, high = 0;
  for (unsigned i = 0; i < 16; ++i) {
    write(0x3b0 + i, s.address[i]);
    r.address[i] = s.address[i];
    r.configuration[i] = s.configuration[i];
    (i < 8 ? low : high) |= u64{s.configuration[i]} << (8 * (i % 8));
  }
  write(0x3a2, high);
  write(0x3a0, low);
  return r;
}

Pmp pmp_of(const Setting& s, Reference& reference) {
  Pmp pmp;
  reference = write_all(s, [&](unsigned number, u64 value) {
    if (number >= 0x3b0)
      pmp.set_address(number - 0x3b0, value);
    else
      pmp.set_configurations(4 * (number - 0x3a0), value);
  });
  return pmp;
}

constexpr Privilege modes[] = {Privilege::user, Privilege::machine};

}  // namespace

TEST_CASE("an access is granted as the manual's rules say byte by byte, whatever the entries") {
  CHECK(rc::check([] {
    Reference reference;
    const Pmp pmp = pmp_of(any_setting(), reference);
    for (int n = 0; n < 50; ++n) {
      const u64 address = area - 16 + *rc::gen::inRange<u64>(0, area_bytes + 32);
      const unsigned length = *rc::gen::element(1u, 2u, 4u, 8u), rights = *rc::gen::element(1u, 2u, 4u, 3u);
      for (const Privilege mode : modes)
        RC_ASSERT(pmp.allows(address, length, rights, mode) == reference.allows(address, length, rights, mode == Privilege::machine));
    }
  }));
}

TEST_CASE("around a page, up to the next end of an entry, all has the rights that the page has") {
  CHECK(rc::check([] {
    Reference reference;
    Setting s = any_setting();
    for (unsigned i = *rc::gen::inRange(1u, 5u); i < 16; ++i) s.configuration[i] = 0;
    const Pmp pmp = pmp_of(s, reference);
    const u64 page = area + page_bytes * *rc::gen::inRange<u64>(0, area_bytes / page_bytes);
    const Pmp::Span span = pmp.undivided_around(page, page + (page_bytes - 1));
    if (span.first > page || span.last < page + (page_bytes - 1)) return;
    for (int n = 0; n < 50; ++n) {
      const u64 address = area - 16 + *rc::gen::inRange<u64>(0, area_bytes + 32);
      if (address < span.first || address > span.last) continue;
      for (const Privilege mode : modes)
        for (const unsigned rights : {1u, 2u, 4u}) RC_ASSERT(pmp.allows(address, 1, rights, mode) == pmp.allows(page, 1, rights, mode));
    }
  }));
}

TEST_CASE("a page has rights in common only if every aligned access in it has them") {
  CHECK(rc::check([] {
    Reference reference;
    Setting s = any_setting();
    for (unsigned i = *rc::gen::inRange(1u, 12u); i < 16; ++i) s.configuration[i] = 0;  // few entries, or no page would be of one kind
    const Pmp pmp = pmp_of(s, reference);
    for (u64 page = area; page < area + area_bytes; page += page_bytes)
      for (const Privilege mode : modes) {
        const auto common = pmp.common_rights(page, page + page_bytes - 1, mode);
        if (!common) continue;
        for (u64 address = page; address < page + page_bytes; address += 8)
          for (const unsigned right : {1u, 2u, 4u}) RC_ASSERT(reference.allows(address, 8, right, mode == Privilege::machine) == ((*common & right) != 0));
      }
  }));
}

TEST_CASE("a page that one entry holds has its rights in common") {
  Pmp pmp;
  pmp.set_address(0, (area >> 2) | 0x1ff);
  pmp.set_configurations(0, 0x19);
  CHECK(pmp.common_rights(area, area + 0xfff, Privilege::user) == std::optional<unsigned>(Pmp::read));
  CHECK(pmp.common_rights(area, area + 0xfff, Privilege::machine) == std::optional<unsigned>(7));
  CHECK(pmp.common_rights(area + 0x1000, area + 0x1fff, Privilege::user) == std::optional<unsigned>(0));
  CHECK(pmp.common_rights(area + 0x1000, area + 0x1fff, Privilege::machine) == std::optional<unsigned>(7));
}

TEST_CASE("guest loads and stores are granted as the manual says, cached pages or not, aligned or not") {
  struct Access {
    u32 word;
    unsigned size, right;
  };
  const Access accesses[] = {{ld(a1, 0, a0), 8, Pmp::read},  {lw(a1, 0, a0), 4, Pmp::read},        {load(0, a1, 0, a0), 1, Pmp::read},
                             {sd(a2, 0, a0), 8, Pmp::write}, {store(1, a2, 0, a0), 2, Pmp::write}, {store(0, a2, 0, a0), 1, Pmp::write}};
  CHECK(rc::check([&] {
    Machine m;
    Program p(code_base);
    for (const Access& a : accesses) p({a.word, wfi});
    p.label("handler")({csrr(s0, 0x342), wfi});
    m.put(p);
    m.hart.reset(code_base);
    Setting s = any_setting();
    s.configuration[0] = 0;  // or a TOR entry from 0 on would hold the code
    for (unsigned i = 1; i < 16; ++i)
      if (s.configuration[i] != 0 && s.address[i - 1] < area >> 2) s.configuration[i] = 0;
    const Reference reference = write_all(s, [&](unsigned number, u64 value) { m.hart.write_csr(number, value); });
    m.hart.write_csr(0x305, p.address("handler"));
    for (int n = 0; n < 60; ++n) {
      const u64 address = area + *rc::gen::inRange<u64>(0, area_bytes - 8);
      const bool user = *rc::gen::arbitrary<bool>();
      const unsigned which = *rc::gen::inRange(0u, 6u);
      const Access& a = accesses[which];
      bool allowed = true;
      if (address % a.size == 0)
        allowed = reference.allows(address, a.size, a.right, !user);
      else
        for (unsigned byte = 0; byte < a.size; ++byte) allowed &= reference.allows(address + byte, 1, a.right, !user);
      m.hart.write_csr(0x300, user ? 0x20000 : 0x1800);  // MPRV with MPP = user: loads and stores alone are user mode's
      m.hart.set_pc(code_base + 8 * which);
      m.hart.set_x(a0, address);
      m.hart.set_x(s0, 0);
      REQUIRE(m.hart.run({.cycles = 1000}) == Stop::wait);
      RC_ASSERT(m.hart.x(s0) == (allowed ? 0u : a.right == Pmp::read ? 5u : 7u));
    }
  }));
}

TEST_CASE("locked entries keep configuration and address, and a locked TOR entry keeps the address below") {
  Pmp pmp;
  pmp.set_address(0, 0x1000);
  pmp.set_address(1, 0x2000);
  pmp.set_address(2, 0x3000);
  pmp.set_configurations(0, 0x1f890f00);  // 1: TOR, R W X; 2: TOR, R, locked; 3: NAPOT, R W X
  REQUIRE(pmp.configurations(0) == 0x1f890f00);
  pmp.set_configurations(0, 0);
  CHECK(pmp.configurations(0) == 0x890000);
  pmp.set_address(2, 7);
  CHECK(pmp.address(2) == 0x3000);
  pmp.set_address(1, 7);
  CHECK(pmp.address(1) == 0x2000);
  pmp.set_address(0, 7);
  CHECK(pmp.address(0) == 7);
}

TEST_CASE("writing without reading is not a right: both are dropped") {
  Pmp pmp;
  pmp.set_configurations(8, 0x1a1e);
  CHECK(pmp.configurations(8) == 0x181c);
}

TEST_CASE("a locked entry binds machine mode: load, store, atomics and fetch name their cause and address") {
  struct Case {
    u32 word;
    u8 rights;
    u64 cause;
  };
  const Case cases[] = {{ld(a1, 0, a0), 0, 5},         {sd(a1, 0, a0), 1, 7}, {amo(2, 3, a1, zero, a0), 0, 5},  // lr.d
                        {amo(3, 3, a1, a2, a0), 1, 7},                                                          // sc.d, although it holds no reservation
                        {amo(0, 3, a1, a2, a0), 1, 7},                                                          // amoadd.d needs both
                        {jalr(ra, a0, 0), 3, 1}};
  for (const Case& c : cases) {
    Machine m;
    Program p(code_base);
    p.li(a0, data_base);
    with_handler(p)({ld(a1, 0, a0), sd(a1, 0, a0)});  // the page is cached with all rights
    p.li(t0, data_base >> 2 | 0x1ff)({csrw(0x3b0, t0), addi(t0, zero, 0x98 | c.rights), csrw(0x3a0, t0), c.word, wfi});
    p.align(4).label("handler")({csrr(s0, 0x342), csrr(s1, 0x343), wfi});
    INFO(std::hex << c.word);
    REQUIRE(m.start(p) == Stop::wait);
    CHECK(m.hart.x(s0) == c.cause);
    CHECK(m.hart.x(s1) == data_base);
  }
}

TEST_CASE("an aligned access that two entries share fails, a misaligned one is checked byte by byte") {
  Machine m;
  Program p(code_base);
  p.li(a0, data_base);
  with_handler(p);
  // Entry 0: the four bytes at data_base + 4, unlocked. Machine mode may use them, but not in one access with others.
  p.li(t0, (data_base >> 2) + 1)({csrw(0x3b0, t0), addi(t0, zero, 0x17), csrw(0x3a0, t0), lw(a1, 4, a0), lw(a2, 0, a0)});
  p({ld(a3, 1, a0), addi(s3, zero, 1)}).label("bad")({ld(a4, 0, a0), wfi});
  p.align(4).label("handler")({csrr(s0, 0x342), csrr(s1, 0x343), csrr(s2, 0x341), wfi});
  m.put(p);
  m.set_word(data_base, 0x8877665544332211);
  m.hart.reset(code_base);
  REQUIRE(m.hart.run({.cycles = 1000}) == Stop::wait);
  CHECK(m.hart.x(s3) == 1);
  CHECK(m.hart.x(a3) == 0x0088776655443322);
  CHECK(m.hart.x(s0) == 5);
  CHECK(m.hart.x(s1) == data_base);
  CHECK(m.hart.x(s2) == p.address("bad"));
}

TEST_CASE("a misaligned store that may not touch all its bytes touches none and names the first it may not") {
  Machine m;
  Program p(code_base);
  p.li(a0, data_base + 0x1000 - 3);
  with_handler(p).li(t0, (data_base + 0x1000) >> 2)({csrw(0x3b0, t0), addi(t0, zero, 0x91), csrw(0x3a0, t0), addi(a1, zero, -1), sd(a1, 0, a0), wfi});
  p.align(4).label("handler")({csrr(s0, 0x342), csrr(s1, 0x343), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(s0) == 7);
  CHECK(m.hart.x(s1) == data_base + 0x1000);
  CHECK(m.word(data_base + 0xff8) == 0);
}

TEST_CASE("code that loses its right to run traps on the next instruction, though it was decoded before") {
  Machine m;
  Program p(code_base);
  p.li(t0, data_base >> 2 | 0x1ff);
  with_handler(p)
      .li(t1, data_base >> 2 | 0x1ff)
      .li(a0, data_base)({csrw(0x3b0, t1), jalr(ra, a0, 0), addi(t0, zero, 0x99), csrw(0x3a0, t0)})
      .label("again")({jalr(ra, a0, 0), wfi});
  p.align(4).label("handler")({csrr(s0, 0x342), csrr(s1, 0x341), wfi});
  Program callee(data_base);
  callee({addi(a1, a1, 1), jalr(zero, ra, 0)});
  m.put(callee);
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(a1) == 1);
  CHECK(m.hart.x(s0) == 1);
  CHECK(m.hart.x(s1) == data_base);
}

TEST_CASE("an instruction's second half may lie where nothing may run: the fault names that half") {
  Machine m;
  Program p(code_base);
  p.li(a0, data_base + 0x1000 - 2);
  with_handler(p).li(t1, (data_base + 0x1000) >> 2 | 0x1ff)({csrw(0x3b0, t1), addi(t0, zero, 0x99), csrw(0x3a0, t0), jalr(ra, a0, 0)});
  p.align(4).label("handler")({csrr(s0, 0x342), csrr(s1, 0x343), csrr(s2, 0x341), wfi});
  Program callee(data_base + 0x1000 - 2);
  callee(addi(a1, a1, 1));
  m.put(callee);
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.x(s0) == 1);
  CHECK(m.hart.x(s1) == data_base + 0x1000);
  CHECK(m.hart.x(s2) == data_base + 0x1000 - 2);
}
