// Retention, read disturb and words with correction, against the fact table of stability by time and error probability (tau0 = 1 ns) and published anchors.
#include <catch2/catch.hpp>

#include "models/technology/retention.h"
#include "models/technology/word_error.h"
#include "tests/unit/technology/refuses.h"

using namespace spinvp;
using namespace spinvp::technology;
using namespace spinvp::core::literals;

TEST_CASE("the stability that a retention needs is ln(t / (tau0 p))") {
  // Rows: seconds; columns: failure of a bit. Each is ln(t / 1e-9) - ln(p) to a decimal (10 years are 3.156e8 s).
  const double failures[] = {1e-4, 1e-5, 1e-6, 1e-8, 1e-9, 1e-12, 1e-15};
  const struct {
    double seconds;
    double stability[7];
  } rows[] = {{1e-3, {23.0, 25.3, 27.6, 32.2, 34.5, 41.4, 48.4}}, {0.1, {27.6, 29.9, 32.2, 36.8, 39.1, 46.1, 53.0}},
              {1, {29.9, 32.2, 34.5, 39.1, 41.4, 48.4, 55.3}},    {10, {32.2, 34.5, 36.8, 41.4, 43.7, 50.7, 57.6}},
              {100, {34.5, 36.8, 39.1, 43.7, 46.1, 53.0, 59.9}},  {3.156e8, {49.5, 51.8, 54.1, 58.7, 61.0, 67.9, 74.8}}};
  for (const auto& row : rows)
    for (int i = 0; i < 7; ++i) {
      INFO(row.seconds << " s at " << failures[i]);
      const core::Time t = core::Time::from_si(row.seconds);
      const double stability = required_stability(t, 1_ns, failures[i]);
      CHECK(stability == Approx(row.stability[i]).margin(0.051));
      // And back: that stability fails just so often, after just that time.
      CHECK(retention_failure(stability, 1_ns, t) == Approx(failures[i]).epsilon(1e-9));
      CHECK(retention_time(stability, 1_ns, failures[i]).si() == Approx(row.seconds).epsilon(1e-9));
    }
}

TEST_CASE("the relaxed-retention silicon anchor, 1 s at a raw error of 1e-4, means a stability of 29.9") {
  CHECK(required_stability(1_s, 1_ns, 1e-4) == Approx(29.93).margin(0.01));
}

TEST_CASE("a whole array needs ln of its bits more") {
  // 64 MiB, any bit with 1e-3: 45.4, 47.7, 50.0 for 0.1, 1, 10 s; 256 MiB ln 4 = 1.4 more.
  const std::uint64_t bits = 8ull * 64 * 1024 * 1024;
  CHECK(required_stability_of_array(core::Time::from_si(0.1), 1_ns, bits, 1e-3) == Approx(45.4).margin(0.051));
  CHECK(required_stability_of_array(1_s, 1_ns, bits, 1e-3) == Approx(47.7).margin(0.051));
  CHECK(required_stability_of_array(10_s, 1_ns, bits, 1e-3) == Approx(50.0).margin(0.051));
  CHECK(required_stability_of_array(10_s, 1_ns, 4 * bits, 1e-3) - required_stability_of_array(10_s, 1_ns, bits, 1e-3) == Approx(1.386294).epsilon(1e-6));
}

TEST_CASE("a read lowers the barrier by its share of the critical current") {
  // 1 - exp(-2 exp(-40 x 0.7))
  CHECK(read_disturb(40, 1_ns, 0.3, 2_ns) == Approx(1.38288002e-12).epsilon(1e-7));
  // No current: retention over the read time.
  CHECK(read_disturb(20, 1_ns, 0, 2_ns) == Approx(retention_failure(20, 1_ns, 2_ns)).epsilon(1e-12));
  check_refuses([] { read_disturb(40, 1_ns, 1.2, 2_ns); }, {"read disturb", "I_r / I_c = 1.2", "at 1 a read is a write"});
}

TEST_CASE("a guard-banded design carries the hot and the weak cell") {
  // 45 / ((1 - 6 x 0.05) x 300 / 358.15)
  CHECK(guard_banded_stability(45, 6, 0.05, 300 / 358.15) == Approx(76.746429).epsilon(1e-7));
  check_refuses([] { guard_banded_stability(45, 6, 0.2, 0.8); }, {"guard band", "1 - k sigma = -0.2", "sigma below 0.166667"});
}

TEST_CASE("stabilities and times outside the law are refused") {
  check_refuses([] { retention_failure(0, 1_ns, 1_s); }, {"P = 1 - exp(-t / (tau0 e^Delta))", "Delta = 0"});
  check_refuses([] { retention_failure(-3, 1_ns, 1_s); }, {"Delta = -3", "above 0"});
  check_refuses([] { required_stability(core::Time::from_si(-1), 1_ns, 1e-9); }, {"time t = -1 s"});
  check_refuses([] { required_stability(1_s, 1_ns, 1.5); }, {"failure P = 1.5", "above 0 and below 1"});
  check_refuses([] { required_stability(1_ns, 1_ns, 0.9); }, {"Delta = -0.834", "too short"});
}

TEST_CASE("a word with correction fails as the binomial tail says") {
  // Python: sum of comb(n, i) p^i (1 - p)^(n - i) over i > t; the fact table prints the same to two digits.
  const struct {
    unsigned bits, corrected;
    double failures[3];  // at 1e-4, 1e-5, 1e-6
  } codes[] = {{72, 1, {2.5441028078e-05, 2.5548075086e-07, 2.5558807231e-09}},
               {79, 2, {7.8629599176e-08, 7.9033938490e-11, 7.9074492632e-14}},
               {523, 1, {1.3185298341e-03, 1.3602980284e-05, 1.3645559720e-07}},
               {532, 2, {2.3984038205e-05, 2.4854665936e-08, 2.4943561805e-11}},
               {542, 3, {3.4063701320e-07, 3.5407787597e-11, 3.5545196236e-15}}};
  for (const auto& code : codes) {
    const double bit[] = {1e-4, 1e-5, 1e-6};
    for (int i = 0; i < 3; ++i) {
      INFO(code.bits << " bits, " << code.corrected << " corrected, " << bit[i]);
      CHECK(word_failure(code.bits, code.corrected, bit[i]) == Approx(code.failures[i]).epsilon(1e-9));
      CHECK(bit_error_for(code.bits, code.corrected, code.failures[i]) == Approx(bit[i]).epsilon(1e-9));
    }
  }
  CHECK(word_failure(1, 0, 0.25) == Approx(0.25).epsilon(1e-14));
  CHECK(word_failure(8, 0, 0.5) == Approx(1 - 1 / 256.0).epsilon(1e-14));
  CHECK(word_failure(8, 8, 0.5) == 0);
  CHECK(word_failure(8, 0, 1) == 1);
  CHECK(word_failure(8, 0, 0) == 0);
  check_refuses([] { word_failure(72, 1, 1.1); }, {"word failure", "bit error p = 1.1", "0 to 1"});
}
