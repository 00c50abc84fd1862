// Variation from cell to cell against first-order error propagation, and the deviates against the normal distribution itself.
#include <cmath>

#include <catch2/catch.hpp>

#include "models/core/exact_math.h"
#include "models/technology/device_presets.h"
#include "models/technology/normal_deviate.h"
#include "models/technology/process_variation.h"
#include "tests/unit/technology/refuses.h"

using namespace spinvp;
using namespace spinvp::technology;
using namespace spinvp::core::literals;

namespace {
const MagneticJunction wang = device_preset("wang-2018-p-sot");
const ReadDrive reading{core::Voltage::from_si(0.1), 2_ns};
WriteDrive twice(const MagneticJunction& device) { return {critical_current(device, 300_K) * 2, 1_ns}; }
}  // namespace

TEST_CASE("the inverse normal undoes the distribution function over its whole range") {
  // P(X <= x) = erfc(-x / sqrt 2) / 2
  for (double x = -8; x <= 5; x += 0.0625) {
    const double p = core::exact::erfc(-x / std::sqrt(2.0)) / 2;
    INFO("x " << x);
    // Near p = 1 the probability itself holds x no better than its last bit over the density.
    CHECK(inverse_normal(p) == Approx(x).margin(1e-13 + 1.2e-16 / (0.3989 * std::exp(-x * x / 2))));
  }
  CHECK(inverse_normal(0.5) == 0);
  CHECK(inverse_normal(0.001) == Approx(-3.090232306167813).epsilon(1e-14));  // Python's statistics.NormalDist
  CHECK(inverse_normal(1e-15) == Approx(-7.941345326170995).epsilon(1e-14));
  check_refuses([] { inverse_normal(1); }, {"inverse of the normal distribution", "p = 1"});
}

TEST_CASE("deviates depend on seed and counter alone and are normal") {
  CHECK(normal_deviate(7, 12345) == normal_deviate(7, 12345));
  CHECK(normal_deviate(7, 12345) != normal_deviate(8, 12345));
  constexpr int n = 100000;
  double sum = 0, squares = 0, beyond_two = 0;
  for (int i = 0; i < n; ++i) {
    const double x = normal_deviate(42, static_cast<std::uint64_t>(i));
    sum += x;
    squares += x * x;
    beyond_two += std::abs(x) > 2;
  }
  // Standard errors: 1 / sqrt n = 0.0032, sqrt(2 / n) = 0.0045, sqrt(0.0455 / n) = 0.00067; four of each.
  CHECK(sum / n == Approx(0).margin(0.013));
  CHECK(squares / n == Approx(1).margin(0.018));
  CHECK(beyond_two / n == Approx(0.0455).margin(0.0027));
}

TEST_CASE("cells spread as first-order error propagation says") {
  // Delta goes as d^2 t Hk: sigma^2 = 4 + 1 + 1 (%^2); I_c as t Hk / theta: 3.
  const ProcessVariation one_percent{0.01, 0.01, 0.01, 0.01, 0.01};
  const RelativeSigma propagated = propagated_sigma(wang, one_percent, 300_K);
  CHECK(propagated.stability == Approx(0.01 * std::sqrt(6.0)).epsilon(1e-6));
  CHECK(propagated.critical_current == Approx(0.01 * std::sqrt(3.0)).epsilon(1e-6));

  const VariationReport report = vary(wang, one_percent, twice(wang), reading, 300_K, 20000, 1);
  CHECK(report.impossible == 0);
  // Standard error of a sigma: 1 / sqrt(2 n) = 0.5 %; of a mean sigma / sqrt n.
  const double delta = thermal_stability(wang.layer, 300_K), current = critical_current(wang, 300_K).si();
  CHECK(report.stability.mean == Approx(delta).epsilon(1e-3));
  CHECK(report.stability.sigma / delta == Approx(propagated.stability).epsilon(0.02));
  CHECK(report.critical_current_a.sigma / current == Approx(propagated.critical_current).epsilon(0.02));
  // The normal's 0.1 % point lies 3.09 sigma out, the 1 % point 2.326.
  CHECK((report.stability.mean - report.stability.q001) / report.stability.sigma == Approx(3.09).margin(0.2));
  CHECK((report.stability.q99 - report.stability.mean) / report.stability.sigma == Approx(2.326).margin(0.1));
  // The signal goes as 1 / RA x d^2: sqrt(1 + 4) %.
  CHECK(report.read_signal_v.sigma / report.read_signal_v.mean == Approx(0.01 * std::sqrt(5.0)).epsilon(0.02));
}

TEST_CASE("an interface layer near the end of its anisotropy spreads far more") {
  // Delta = (K_i - S t) A / kT with S t = 0.86 K_i or so: one percent of K_i is 7 % of the difference.
  const MagneticJunction device = device_preset("sot-perpendicular");
  ProcessVariation variation{0, 0, 0.01, 0, 0};
  const double k = device.layer.interface_anisotropy.si(), barrier = energy_barrier(device.layer, 300_K).si();
  const double expected = 0.01 * k * device.layer.area().si() / barrier;
  CHECK(propagated_sigma(device, variation, 300_K).stability == Approx(expected).epsilon(1e-6));
  CHECK(expected > 0.07);
  CHECK(vary(device, variation, twice(device), reading, 300_K, 5000, 3).stability.sigma / thermal_stability(device.layer, 300_K) ==
        Approx(expected).epsilon(0.04));
  // Far enough, cells lie in plane: counted, not thrown. P(X < -1 / (expected / 0.01) / 0.05) is some 0.5 %.
  variation.anisotropy = 0.05;
  const VariationReport wide = vary(device, variation, twice(device), reading, 300_K, 5000, 3);
  CHECK(wide.impossible > 0);
  CHECK(wide.impossible < 100);
}

TEST_CASE("write errors across cells are about log-normal, and their mean is made by the tail") {
  const VariationReport report = vary(wang, {}, {critical_current(wang, 300_K) * 2, 0.8_ns}, reading, 300_K, 5000, 11);
  const Statistics& e = report.write_error;
  CHECK(e.q001 < e.median);
  // A log-normal's mean is e^(s^2 / 2) medians; s from the 99 % point, 2.326 s out.
  const double s = std::log(e.q99 / e.median) / 2.326;
  CHECK(s > 0.3);
  CHECK(e.mean / e.median == Approx(std::exp(s * s / 2)).epsilon(0.1));
  // The nominal cell is the median one.
  CHECK(e.median == Approx(write_error(wang, {critical_current(wang, 300_K) * 2, 0.8_ns}, 300_K)).epsilon(0.1));
  // ln is symmetric to first order: the 1 % and 99 % points lie about equally far from the median.
  CHECK(std::log(e.q99 / e.median) == Approx(std::log(e.median / e.q01)).epsilon(0.3));
  CHECK(report.not_written == 0);
}

TEST_CASE("STT cells are driven by a voltage, so the barrier's spread reaches the write error") {
  const MagneticJunction stt = device_preset("stt-perpendicular");
  const WriteDrive drive{critical_current(stt, 300_K) * 2.5, 8_ns};
  const VariationReport barrier = vary(stt, {0, 0, 0, 0.04, 0}, drive, reading, 300_K, 2000, 5),
                        none = vary(stt, {0, 0, 0, 0, 0}, drive, reading, 300_K, 10, 5);
  CHECK(none.write_error.q999 == none.write_error.q001);
  CHECK(barrier.write_error.q99 > 2 * barrier.write_error.median);
  CHECK(barrier.stability.sigma == Approx(0).margin(1e-9));
  // A drive near the critical current leaves some cells unwritten, with error 1.
  const VariationReport weak = vary(stt, {0, 0, 0, 0.04, 0}, {critical_current(stt, 300_K) * 1.02, 8_ns}, reading, 300_K, 2000, 5);
  CHECK(weak.not_written > 300);  // P(X > 0.5 sigma) is 31 %
  CHECK(weak.not_written < 900);
}

TEST_CASE("a run is the same on every call and begins with the shorter one") {
  const VariationReport a = vary(wang, {}, twice(wang), reading, 300_K, 500, 9), b = vary(wang, {}, twice(wang), reading, 300_K, 500, 9);
  CHECK(a.stability.mean == b.stability.mean);
  CHECK(a.write_error.q99 == b.write_error.q99);
  CHECK(vary(wang, {}, twice(wang), reading, 300_K, 500, 10).stability.mean != a.stability.mean);
  check_refuses([] { vary(wang, {0.5, 0, 0, 0, 0}, twice(wang), reading, 300_K, 10, 1); }, {"process variation", "of the diameter = 0.5", "0 to 0.3"});
  check_refuses([] { vary(wang, {}, twice(wang), reading, 300_K, 0, 1); }, {"cells = 0"});
}
