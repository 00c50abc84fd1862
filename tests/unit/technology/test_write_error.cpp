// The write error of a magnetic cell against values worked out by hand and with another program's exp (Python's math, double precision).
#include <catch2/catch.hpp>

#include "models/technology/write_error.h"
#include "tests/unit/technology/refuses.h"

using namespace spinvp;
using namespace spinvp::technology;
using namespace spinvp::core::literals;

namespace {
const MagneticSwitching cell;  // D 60, damping 0.1, 0.3 T
double error(double overdrive, double picoseconds) { return write_error_probability(cell, overdrive, picoseconds * 1_ps); }
}  // namespace

TEST_CASE("the angle grows at twice damping times the precession of the anisotropy field") {
  // 2 x 0.1 x 1.760859e11 x 0.3 / 1.01
  CHECK(cell.growth_rate() == Approx(1.04605485e10).epsilon(1e-8));
}

TEST_CASE("above the critical current the error is the macrospin's closed form") {
  // 1 - exp(-(pi^2 / 4) 60 (i - 1) / (i exp((i - 1) 1.04605485e10 t) - 1))
  CHECK(error(2, 266) == Approx(0.9911468656791989).epsilon(1e-10));
  CHECK(error(4, 266) == Approx(0.025971408350492196).epsilon(1e-10));
  CHECK(error(8, 266) == Approx(4.502049204106841e-07).epsilon(1e-10));
  CHECK(error(12, 266) == Approx(6.9168105297971106e-12).epsilon(1e-10));
  CHECK(error(1.5, 2000) == Approx(0.0014125786154229767).epsilon(1e-10));
  CHECK(error(2, 10000) == Approx(2.752808698760157e-44).epsilon(1e-10));
}

TEST_CASE("long pulses fail as exp(-(t - incubation) / tau)") {
  // i = 8: tau = 1 / (7 C) = 13.656754 ps, incubation = tau ln(pi^2 60 x 7 / 32) = 66.426161 ps; at 266 ps: 4.50205e-07
  CHECK(error(8, 266) == Approx(4.50205e-07).epsilon(1e-5));
  // One tau more, e times fewer.
  CHECK(error(8, 266 + 13.656754486) * 2.718281828459045 == Approx(error(8, 266)).epsilon(1e-5));
}

TEST_CASE("at and below the critical current only heat switches") {
  CHECK(error(1, 1000) == Approx(0.36787944117144233).epsilon(1e-12));   // exp(-1): one attempt time, no barrier
  CHECK(error(0.9, 1000) == Approx(0.9975243173927525).epsilon(1e-12));  // exp(-exp(-6))
  CHECK(error(0, 1000) == 1.0);                                          // exp(-exp(-60)), rounded
}

TEST_CASE("more current or a longer pulse never fails more often, and every probability is one") {
  for (double i = 1.05; i < 40; i *= 1.3)
    for (double t = 1; t < 1e5; t *= 1.7) {
      const double p = error(i, t);
      CHECK(p >= 0);
      CHECK(p <= 1);
      CHECK(error(i * 1.3, t) <= p);
      CHECK(error(i, t * 1.7) <= p);
    }
}

TEST_CASE("the law is Khvalkovskiy's: damping 0.02, anisotropy field 1.33e5 A/m, stability 40") {
  // 1 - exp(-pi^2 (i - 1) 40 / (4 (i exp(C (i - 1) t) - 1))), by Python; the fact table prints 0.13, 3.8e-4, 3e-9 and 1.6e-6.
  MagneticSwitching khvalkovskiy;
  khvalkovskiy.thermal_stability = 40;
  khvalkovskiy.damping = 0.02;
  khvalkovskiy.anisotropy_field_tesla = physics::vacuum_permeability * 1.33e5;
  CHECK(write_error_probability(khvalkovskiy, 2, 5_ns) == Approx(0.12856544).epsilon(1e-7));
  CHECK(write_error_probability(khvalkovskiy, 2, 10_ns) == Approx(3.8261943e-4).epsilon(1e-7));
  CHECK(write_error_probability(khvalkovskiy, 2, 20_ns) == Approx(2.9677486e-9).epsilon(1e-7));
  CHECK(write_error_probability(khvalkovskiy, 4, 5_ns) == Approx(1.5985591e-6).epsilon(1e-7));
}

TEST_CASE("the pulse and the overdrive of a write error undo it") {
  for (const double overdrive : {1.2, 2.0, 5.0, 20.0})
    for (const double p : {0.3, 1e-3, 1e-9, 1e-15}) {
      INFO(overdrive << " " << p);
      const core::Time pulse = pulse_for_write_error(cell, overdrive, p);
      CHECK(write_error_probability(cell, overdrive, pulse) == Approx(p).epsilon(1e-9));
      CHECK(overdrive_for_write_error(cell, pulse, p) == Approx(overdrive).epsilon(1e-9));
    }
  check_refuses([] { pulse_for_write_error(cell, 1, 1e-6); }, {"write error WER", "overdrive i = I / I_c = 1", "above 1"});
  check_refuses([] { pulse_for_write_error(cell, 2, 0); }, {"write error = 0"});
}

TEST_CASE("a SOT write has its own law beyond the incubation") {
  // exp(-30 x 0.65); ln(1e9) / 30
  CHECK(spin_orbit_write_error(core::Frequency::from_si(30e9), 1_ns, 0.35_ns) == Approx(3.3982678e-9).epsilon(1e-7));
  CHECK(spin_orbit_write_error(core::Frequency::from_si(30e9), 0.35_ns, 0.35_ns) == 1);
  CHECK(spin_orbit_tail(core::Frequency::from_si(30e9), 1e-9).in(1_ns) == Approx(0.69077553).epsilon(1e-7));
  check_refuses([] { spin_orbit_write_error(core::Frequency::from_si(30e9), 0.2_ns, 0.35_ns); }, {"pulse t = 0.2 ns", "t0 = 0.35 ns"});
  check_refuses([] { spin_orbit_write_error({}, 1_ns, 0.35_ns); }, {"slope k = 0"});
}
