// The logarithm of the draws, and both clocks against the distributions they are drawn from.
#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include "models/core/exact_math.h"
#include "models/core/fault_clock.h"
#include "models/core/plain_log.h"
#include "models/core/random_bits.h"

using namespace spinvp::core;

namespace {

std::vector<std::uint64_t> hits(FaultClock clock, std::uint64_t cells) {
  std::vector<std::uint64_t> at;
  clock.pass(cells, [&](std::uint64_t cell) { at.push_back(cell); });
  return at;
}

}  // namespace

TEST_CASE("the plain logarithm lies within two units in the last place of the correctly rounded one") {
  const auto far_off = [](double x) {
    const double exact = exact::log(x), unit = std::nextafter(std::abs(exact), INFINITY) - std::abs(exact);
    return std::abs(plain_log(x) - exact) / unit;
  };
  double worst = 0;
  for (std::uint64_t i = 0; i < 20000; ++i) worst = std::max(worst, far_off(random_unit(1, i)));
  // Close to 1, where the result is small; far from it; powers of two.
  for (int k = 1; k <= 53; ++k) worst = std::max({worst, far_off(1 - std::ldexp(1.0, -k)), far_off(1 + std::ldexp(1.0, 1 - k)), far_off(std::ldexp(1.0, -k))});
  for (double x = 1e-300; x < 1e300; x *= 1234.5678) worst = std::max(worst, far_off(x));
  CHECK(worst <= 2);
  CHECK(plain_log(1) == 0);
}

TEST_CASE("faults come at their rate, at distances of 1 / rate in the mean") {
  for (const double rate : {1e-9, 1e-6, 0.001, 0.02, 0.3, 0.49, 0.51, 0.9, 0.99, 0.9999}) {
    INFO("rate " << rate);
    // About 20,000 faults of n trials: binomial with mean n p and variance n p (1 - p).
    const auto n = static_cast<std::uint64_t>(20000 / rate);
    const auto at = hits(FaultClock(rate, 7), n);
    const double mean = static_cast<double>(n) * rate, found = static_cast<double>(at.size());
    CHECK(std::abs(found - mean) <= 5 * std::sqrt(mean * (1 - rate)) + 1);
    // Distances between neighbours: geometric, mean 1 / p and deviation sqrt(1 - p) / p, a mean of m of them 1 / sqrt(m) of that.
    const double distance = static_cast<double>(at.back() - at.front()) / (found - 1);
    CHECK(std::abs(distance * rate - 1) <= 5 * std::sqrt((1 - rate) / found) + 1 / found);
  }
}

TEST_CASE("the distances are geometric: a share p of them is one, (1 - p) p is two") {
  const auto at = hits(FaultClock(0.25, 11), 200000);
  double one = 0, two = 0;
  for (std::size_t i = 1; i < at.size(); ++i) one += at[i] - at[i - 1] == 1 ? 1 : 0, two += at[i] - at[i - 1] == 2 ? 1 : 0;
  const auto n = static_cast<double>(at.size() - 1);
  CHECK(std::abs(one - n * 0.25) <= 5 * std::sqrt(n * 0.25));
  CHECK(std::abs(two - n * 0.1875) <= 5 * std::sqrt(n * 0.1875));
}

TEST_CASE("rate 0 never comes, rate 1 at every cell") {
  CHECK(hits(FaultClock(0, 1), 1'000'000'000'000).empty());
  const auto all = hits(FaultClock(1, 1), 1000);
  REQUIRE(all.size() == 1000);
  CHECK((all.front() == 0 && all.back() == 999));
}

TEST_CASE("where faults fall does not depend on how the cells are cut into passes") {
  const auto whole = hits(FaultClock(0.01, 5), 100000);
  FaultClock clock(0.01, 5);
  std::vector<std::uint64_t> cut;
  for (std::uint64_t done = 0, i = 0; done < 100000; ++i) {
    const std::uint64_t take = std::min<std::uint64_t>(random_bits(9, i) % 700, 100000 - done);
    clock.pass(take, [&](std::uint64_t cell) { cut.push_back(done + cell); });
    done += take;
  }
  CHECK(cut == whole);
}

TEST_CASE("a rate far below single precision still gives its distance") {
  // Mean distance 1e15, of 400 draws: the deviation of a mean of geometric distances is 1/20 of it.
  FaultClock clock(1e-15, 3);
  double sum = 0;
  for (int i = 0; i < 400; ++i) {
    sum += static_cast<double>(clock.wait());
    clock.pass(clock.wait() + 1, [](std::uint64_t) {});
  }
  CHECK(std::abs(sum / 400e15 - 1) < 4.0 / 20);
}

TEST_CASE("long distances come as often as the exponential says, beyond what 24 bits could draw") {
  // P(distance > 20 means) = e^-20 = 2e-9 cannot be seen; P(> 8 means) = 3.35e-4 can: of 300,000 draws 100.6.
  FaultClock clock(1e-3, 5);
  double beyond = 0;
  for (int i = 0; i < 300000; ++i) {
    beyond += clock.wait() > 8000 ? 1 : 0;
    clock.pass(clock.wait() + 1, [](std::uint64_t) {});
  }
  const double mean = 300000 * std::exp(8001 * std::log1p(-1e-3));
  CHECK(std::abs(beyond - mean) < 4 * std::sqrt(mean));
  // The smallest u gives the longest distance: -ln 2^-53 = 36.7 means.
  CHECK(plain_log(0x1p-53) == Approx(-36.7368005696771));
}

TEST_CASE("arrivals in time are Poisson: counts in equal spans have their mean as variance") {
  ArrivalClock clock(Frequency::from_si(1e6), 7);  // mean span 1 us
  constexpr int spans = 4000;
  std::vector<double> count(spans);
  while (clock.next() < SimTime::us(10 * spans)) {
    count[clock.next() / SimTime::us(10)] += 1;
    clock.advance();
  }
  double sum = 0, squares = 0;
  for (const double c : count) sum += c, squares += (c - 10) * (c - 10);
  CHECK(std::abs(sum - 10 * spans) < 4 * std::sqrt(10.0 * spans));
  // Fourth central moment of a Poisson count: 3 m^2 + m, so the mean square has the variance (2 m^2 + m) / spans.
  CHECK(std::abs(squares / spans - 10) < 4 * std::sqrt((2 * 100.0 + 10) / spans));
}

TEST_CASE("clocks at rate 0 never strike") {
  CHECK(ArrivalClock(Frequency(), 1).next() == SimTime::never());
  CHECK(ArrivalClock(Frequency::from_si(1e-18), 1).next() == SimTime::never());  // 3e10 years
  FaultClock clock(0, 1);
  bool struck = false;
  clock.pass(~std::uint64_t{0}, [&](std::uint64_t) { struck = true; });
  CHECK_FALSE(struck);
}

TEST_CASE("restored clocks go on as the saved ones") {
  FaultClock trials(0.01, 9);
  ArrivalClock moments(Frequency::from_si(1e9), 9);
  trials.pass(1000, [](std::uint64_t) {});
  moments.advance();
  StateArchive out;
  trials.describe_state(out);
  moments.describe_state(out);
  FaultClock trials_again(0.01, 9);
  ArrivalClock moments_again(Frequency::from_si(1e9), 9);
  StateArchive in(out.bytes());
  trials_again.describe_state(in);
  moments_again.describe_state(in);
  for (int i = 0; i < 20; ++i) {
    CHECK(trials_again.wait() == trials.wait());
    CHECK(moments_again.next() == moments.next());
    trials.pass(trials.wait() + 1, [](std::uint64_t) {});
    trials_again.pass(trials_again.wait() + 1, [](std::uint64_t) {});
    moments.advance(), moments_again.advance();
  }
}
