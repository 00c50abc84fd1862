// The first-level caches: against a cache written down naively, and against closed forms.
#include <list>
#include <map>
#include <random>

#include <catch2/catch.hpp>

#include "tests/unit/riscv/machine.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;

namespace {

// Sets as lists of lines, most recently used first.
struct Naive {
  CacheShape shape;
  std::map<u64, std::list<std::pair<u64, bool>>> sets{};
  u64 hits = 0, misses = 0, write_backs = 0;
  void access(u64 address, bool write) {
    const u64 line = address / shape.line;
    auto& set = sets[line % shape.sets()];
    for (auto way = set.begin(); way != set.end(); ++way) {
      if (way->first != line) continue;
      ++hits;
      set.splice(set.begin(), set, way);
      set.front().second |= write;
      return;
    }
    ++misses;
    if (set.size() == shape.ways) {
      write_backs += set.back().second;
      set.pop_back();
    }
    set.emplace_front(line, write);
  }
};

constexpr CacheShape small{.size = 1024, .ways = 2, .line = 32};

}  // namespace

TEST_CASE("hits, misses and write-backs of random accesses are those of a naive cache") {
  for (const CacheShape shape : {small, CacheShape{4096, 1, 64}, CacheShape{512, 16, 32}, CacheShape{6144, 3, 16}}) {
    REQUIRE(shape.valid());
    Cache cache(shape);
    Naive naive{.shape = shape};
    std::mt19937 random(7);
    for (int i = 0; i < 20000; ++i) {
      const u64 address = random() % (3 * shape.size);
      const bool write = random() % 3 == 0;
      cache.access(address, write);
      naive.access(address, write);
    }
    CHECK(cache.counts().hits == naive.hits);
    CHECK(cache.counts().misses == naive.misses);
    CHECK(cache.counts().write_backs == naive.write_backs);
  }
}

TEST_CASE("shapes that are no cache are told") {
  CHECK(!CacheShape{1000, 2, 32}.valid());
  CHECK(!CacheShape{1024, 2, 48}.valid());
  CHECK(!CacheShape{96, 1, 32}.valid());  // three sets
  CHECK(CacheShape{0, 3, 5}.valid());     // off
}

TEST_CASE("random accesses of a program hit and miss as in a naive cache, and cost their lines") {
  Machine m({}, 0, {{}, small});
  m.line_cycles = 50;
  Naive naive{.shape = small};
  std::mt19937 random(3);
  Program p(code_base);
  p.li(s1, data_base);
  const CycleTable t;
  u64 cycles = Program::li_instructions;
  for (int i = 0; i < 900; ++i) {
    const i32 offset = static_cast<i32>(random() % 256) * 8 - 0;
    const bool write = random() % 2 == 0;
    p(write ? sd(a0, offset & 0x7f8, s1) : ld(a0, offset & 0x7f8, s1));
    naive.access(data_base + static_cast<u64>(offset & 0x7f8), write);
    cycles += t[write ? TimingClass::store : TimingClass::load];
  }
  p(wfi);
  REQUIRE(m.start(p) == Stop::wait);
  const auto& counts = m.hart.data_cache()->counts();
  CHECK(counts.hits == naive.hits);
  CHECK(counts.misses == naive.misses);
  CHECK(counts.write_backs == naive.write_backs);
  CHECK(naive.write_backs > 0);
  CHECK(m.port_accesses == naive.misses);  // hits need no port
  CHECK(m.tally.read_count() + m.tally.write_count() == 900);
  CHECK(m.hart.cycles() == cycles + t[TimingClass::system] + 50 * (naive.misses + naive.write_backs));
}

TEST_CASE("a line that is held in a page that is revoked is reached through the port, and is a hit as before") {
  Machine m({}, 0, {{}, small});
  m.on_device = [&m] {
    m.direct_allowed = false;
    m.hart.invalidate_direct(data_base, data_base + 7);
  };
  Program p(code_base);
  p.li(a0, data_base).li(a1, device_word);
  p({sd(a1, 0, a0), ld(a2, 0, a0), sw(zero, 0, a1), sd(a0, 8, a0), ld(a3, 8, a0), wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.port_accesses == 1 + 2);  // the miss, and what comes after
  CHECK(m.hart.x(a2) == device_word);
  CHECK(m.hart.x(a3) == data_base);
  CHECK(m.hart.data_cache()->counts().misses == 1);
  CHECK(m.hart.data_cache()->counts().hits == 3);
}

TEST_CASE("a stream misses once a line, and what was written goes back once a line") {
  Machine m({}, 0, {{}, small});
  constexpr u64 bytes = 16384;
  Program p(code_base);
  p.li(a0, data_base).li(a1, data_base + bytes).label("loop")({sd(a0, 0, a0), addi(a0, a0, 8)}).branch(6, a0, a1, "loop")(wfi);
  REQUIRE(m.start(p) == Stop::wait);
  const auto& counts = m.hart.data_cache()->counts();
  CHECK(counts.misses == bytes / small.line);
  CHECK(counts.hits == bytes / 8 - bytes / small.line);
  CHECK(counts.write_backs == (bytes - small.size) / small.line);  // the last kilobyte is still there
}

TEST_CASE("straight code misses once a line, a loop that fits no more") {
  Machine m({}, 0, {small, {}});
  m.line_cycles = 9;
  Program p(code_base);
  p.li(a0, 100).label("loop");
  for (int i = 0; i < 62; ++i) p(addi(a1, a1, 1));
  p(addi(a0, a0, -1)).branch(1, a0, zero, "loop")(wfi);
  REQUIRE(m.start(p) == Stop::wait);
  const u64 bytes = p.here() - code_base;
  const u64 lines = (bytes + small.line - 1) / small.line;
  CHECK(m.hart.instruction_cache()->counts().misses == lines);
  // The loop's 256 bytes from offset 44 on lie in nine lines; each round but the first enters all of them, from the last one of the round before.
  CHECK(m.hart.instruction_cache()->counts().hits == 99 * 9);
  const CycleTable t;
  CHECK(m.hart.cycles() == Program::li_instructions + 100 * 64 + 99 * t.branch_taken + t[TimingClass::system] + 9 * lines);
}

TEST_CASE("fence.i empties the instruction cache") {
  Machine m({}, 0, {small, {}});
  Program p(code_base);
  p({nop, fence_i, nop, wfi});
  REQUIRE(m.start(p) == Stop::wait);
  CHECK(m.hart.instruction_cache()->counts().misses == 2);
}

TEST_CASE("caches change no value, and their counts do not depend on how a run is sliced") {
  const auto run = [](u64 slice, const CacheShapes& caches) {
    Machine m({}, 0, caches);
    m.line_cycles = 13;
    Program p(code_base);
    p.li(a1, data_base)(addi(a0, zero, 300))
        .label("loop")({sd(a0, 0, a1), ld(a2, 128, a1), mul(a3, a2, a0), add(a4, a4, a3), addi(a0, a0, -1), addi(a1, a1, 72)});
    for (int i = 0; i < 100; ++i) p.half(c_nop)(addi(a5, a5, 1));
    p.branch(1, a0, zero, "loop")({csrr(s0, 0xb00), wfi});
    m.put(p);
    m.hart.reset(code_base);
    while (m.hart.run({.cycles = slice}) != Stop::wait) {}
    std::vector<u64> all = {m.hart.x(a4), m.hart.x(a5), m.hart.instructions()};
    if (caches.data.on())
      for (const Cache* c : {m.hart.instruction_cache(), m.hart.data_cache()})
        all.insert(all.end(), {c->counts().hits, c->counts().misses, c->counts().write_backs, m.hart.x(s0)});
    return all;
  };
  const auto without = run(1u << 30, {}), with = run(1u << 30, {small, small});
  CHECK(std::equal(without.begin(), without.end(), with.begin()));
  for (const u64 slice : {1u, 3u, 17u, 100u, 1000u}) CHECK(run(slice, {small, small}) == with);
}
