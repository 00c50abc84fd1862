#include <catch2/catch.hpp>

#include "models/memory/bank_calendar.h"

using namespace spinvp::memory;
using spinvp::core::SimTime;

namespace {
std::uint64_t random_state = 99;
std::uint64_t random(std::uint64_t below) {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (random_state >> 33) % below;
}
}  // namespace

TEST_CASE("rounds give each bank its work without a gap, from the common start") {
  const std::vector<std::uint32_t> work = {0, 3, 1, 3, 0, 2};
  std::vector<BankRound> rounds;
  rounds_of(work, SimTime::ns(2), rounds);
  REQUIRE(rounds.size() == 3);
  std::vector<std::uint64_t> total(work.size());
  for (std::size_t bank = 0; bank < work.size(); ++bank) {
    bool over = false;
    for (const BankRound& r : rounds) {
      if (r.banks[bank]) {
        CHECK_FALSE(over);
        total[bank] += r.duration.ps();
      } else {
        over = true;
      }
    }
    CHECK(total[bank] == work[bank] * 2000);
  }
  rounds_of(std::vector<std::uint32_t>(8, 0), SimTime::ns(2), rounds);
  CHECK(rounds.empty());
}

TEST_CASE("consecutive banks start over after the last one") {
  CHECK(consecutive(0, 0, 8).none());
  CHECK(consecutive(6, 3, 8) == BankSet(0b11000001));
  CHECK(consecutive(13, 2, 8) == BankSet(0b01100000));
  CHECK(consecutive(5, 20, 8) == BankSet(0xff));
  CHECK(consecutive(0, 256, 256).all());
  CHECK(consecutive(255, 2, 256).count() == 2);
}

TEST_CASE("random bursts start where a table of bank times says the first fit is") {
  constexpr unsigned banks = 5;
  constexpr std::size_t horizon = 4000;
  for (int trial = 0; trial < 30; ++trial) {
    BankCalendar calendar(banks);
    std::vector<std::array<bool, banks>> busy(horizon);
    for (int burst = 0; burst < 40; ++burst) {
      std::vector<std::uint32_t> work(banks);
      for (auto& w : work) w = static_cast<std::uint32_t>(random(4));
      const std::uint64_t earliest = random(200), unit = 1 + random(5);
      std::vector<BankRound> rounds;
      rounds_of(work, SimTime::ps(unit), rounds);
      const SimTime start = calendar.burst(SimTime::ps(earliest), rounds, SimTime());
      std::uint64_t expected = earliest;
      const auto fits = [&](std::uint64_t at) {
        for (unsigned bank = 0; bank < banks; ++bank)
          for (std::uint64_t t = at; t < at + work[bank] * unit; ++t)
            if (busy[t][bank]) return false;
        return true;
      };
      while (!fits(expected)) ++expected;
      REQUIRE(start.ps() == expected);
      for (unsigned bank = 0; bank < banks; ++bank)
        for (std::uint64_t t = expected; t < expected + work[bank] * unit; ++t) busy[t][bank] = true;
    }
  }
}

TEST_CASE("a saturated set of banks is one entry, and what is over is forgotten") {
  BankCalendar calendar(64);
  const BankRound all{consecutive(0, 64, 64), SimTime::ns(2)};
  for (int i = 0; i < 100; ++i) CHECK(calendar.burst(SimTime(), {&all, 1}, SimTime()) == SimTime::ns(static_cast<std::uint64_t>(2 * i)));
  CHECK(calendar.size() == 1);
  CHECK(calendar.burst(SimTime::ns(300), {&all, 1}, SimTime::ns(300)) == SimTime::ns(300));
  CHECK(calendar.size() == 1);
}

TEST_CASE("direct accesses wait on idle banks for nothing and share busy ones") {
  BankCalendar calendar(4);
  CHECK(calendar.direct(SimTime::ns(100), 50, SimTime(), SimTime::us(1), SimTime()) == SimTime());
  // Two banks of four busy all the window: half the bank time is taken.
  BankCalendar loaded(4);
  const BankRound half{consecutive(0, 2, 4), SimTime::us(1)};
  loaded.burst(SimTime(), {&half, 1}, SimTime());
  CHECK(loaded.direct(SimTime::ns(100), 50, SimTime::us(1), SimTime::us(2), SimTime::us(1)) == SimTime::ns(100));
  BankCalendar lightly(4);
  const BankRound one{consecutive(0, 1, 4), SimTime::ns(800)};
  lightly.burst(SimTime(), {&one, 1}, SimTime());
  // 800 ns of 4 us: 0.2; 100 x 0.2 / 0.8.
  CHECK(lightly.direct(SimTime::ns(100), 50, SimTime::us(1), SimTime::us(2), SimTime::us(1)) == SimTime::ns(25));
}

TEST_CASE("bursts meet the slices of direct accesses") {
  BankCalendar calendar(4);
  // 160 ns over four banks: 40 ns each, in slices of 10 ns at 50, 150, 250 and 350 ns.
  (void)calendar.direct(SimTime::ns(160), 80, SimTime(), SimTime::ns(400), SimTime());
  const BankRound one{consecutive(2, 1, 4), SimTime::ns(4)};
  CHECK(calendar.burst(SimTime::ns(52), {&one, 1}, SimTime()) == SimTime::ns(60));
  CHECK(calendar.burst(SimTime::ns(100), {&one, 1}, SimTime()) == SimTime::ns(100));
  CHECK(calendar.burst(SimTime::ns(347), {&one, 1}, SimTime()) == SimTime::ns(360));
  // A single access touches a single bank.
  BankCalendar other(4);
  (void)other.direct(SimTime::ns(4), 1, SimTime(), SimTime(), SimTime());
  const BankRound second{consecutive(1, 3, 4), SimTime::ns(4)};
  CHECK(other.burst(SimTime(), {&second, 1}, SimTime()) == SimTime());
}
