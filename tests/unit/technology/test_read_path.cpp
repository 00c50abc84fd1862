// Reading a junction against closed forms worked out by hand.
#include <catch2/catch.hpp>

#include "models/technology/device_presets.h"
#include "tests/unit/technology/refuses.h"

using namespace spinvp;
using namespace spinvp::technology;
using namespace spinvp::core::literals;
using namespace spinvp::technology::literals;

namespace {
const MagneticJunction wang = device_preset("wang-2018-p-sot");
}

TEST_CASE("a junction's resistance is RA over its area, and bias takes TMR away") {
  // 10 Ohm um2 / (40 nm)^2 = 6250 Ohm; TMR 1.2 / (1 + (0.25 / 0.5)^2) = 0.96.
  const JunctionResistance at_rest = junction_resistance(wang.barrier, wang.layer.area(), 0_V, 300_K);
  CHECK(at_rest.parallel.in(1_Ohm) == Approx(6250).epsilon(1e-12));
  CHECK(at_rest.antiparallel.in(1_Ohm) == Approx(13750).epsilon(1e-12));
  CHECK(magnetoresistance(wang.barrier, 0.25_V, 300_K) == Approx(0.96).epsilon(1e-12));
  CHECK(magnetoresistance(wang.barrier, 0.5_V, 300_K) == Approx(0.6).epsilon(1e-12));
  // 650 Ohm um2 over a disc of 50 nm.
  const MagneticJunction vgsot = device_preset("vgsot");
  CHECK(junction_resistance(vgsot.barrier, vgsot.layer.area(), 0_V, 300_K).parallel.in(1_kOhm) == Approx(331.04).epsilon(1e-4));
}

TEST_CASE("a thicker barrier is exponentially less conductive") {
  // From 1.4 to 1.5 nm at 0.4 V: (1.5 / 1.4) exp(2 x 0.1 nm sqrt(2 m e 0.4) / hbar) = 2.04834.
  TunnelBarrier barrier = device_preset("vgsot").barrier;
  barrier.thickness = 1.5_nm;
  CHECK(resistance_area(barrier).in(650_Ohm_um2) == Approx(2.0483364).epsilon(1e-7));
  barrier.thickness = 1.4_nm;
  CHECK(resistance_area(barrier).in(650_Ohm_um2) == 1);
  barrier.thickness = 1.5_nm;
  barrier.height = 0_V;
  check_refuses([&] { resistance_area(barrier); }, {"barrier RA", "height phi = 0 V"});
}

TEST_CASE("heat takes polarisation and so TMR; the antiparallel state loses most") {
  // P^2 = 1.2 / 3.2 at 300 K; b = 2e-5: P(400) / P(300) = (1 - 2e-5 400^1.5) / (1 - 2e-5 300^1.5); TMR = 2 P^2 / (1 - P^2).
  CHECK(magnetoresistance(wang.barrier, 0_V, 400_K) == Approx(0.98299650).epsilon(1e-7));
  const JunctionResistance hot = junction_resistance(wang.barrier, wang.layer.area(), 0_V, 400_K);
  CHECK(hot.parallel.in(1_Ohm) == Approx(6250 * 1.03419754).epsilon(1e-7));
  CHECK(hot.antiparallel.in(1_Ohm) < 13750);
  check_refuses([] { magnetoresistance(wang.barrier, 0_V, 1500_K); }, {"P(T) = P(0) (1 - b T^1.5)", "P(T) / P(0) = -0.161895"});
}

TEST_CASE("half the difference of the states is the signal") {
  // 10 uA x 6250 Ohm x 1.2 / 2; 0.1 V x (1 / 6250 - 1 / 13750) / 2.
  const JunctionResistance r = junction_resistance(wang.barrier, wang.layer.area(), 0_V, 300_K);
  CHECK(sense_signal(r, 10_uA).in(1_mV) == Approx(37.5));
  CHECK(sense_current(r, core::Voltage::from_si(0.1)).in(1_uA) == Approx(4.3636364).epsilon(1e-7));
}

TEST_CASE("the published sense amplifiers decide as their noise allows") {
  // Q(50 / 8) and Q(20 / 12), by Python's erfc.
  CHECK(sense_error(50_mV, 8_mV) == Approx(2.05226343e-10).epsilon(1e-8));
  CHECK(sense_error(20_mV, 12_mV) == Approx(0.0477903523).epsilon(1e-8));
  CHECK(sense_error(0_mV, 8_mV) == 0.5);
  check_refuses([] { sense_error(50_mV, 0_mV); }, {"sense error", "sigma = 0 mV"});
}

TEST_CASE("read time is decode, bit line and amplifier") {
  // 0.1 + 100 fF x 25 mV / 5 uA = 0.5, + 0.2 ns
  CHECK(read_time({0.1_ns, 0.2_ns, 100_fF, 25_mV}, 5_uA).in(1_ns) == Approx(0.8));
  check_refuses([] { read_time({0.1_ns, 0.2_ns, 100_fF, 25_mV}, 0_uA); }, {"read time", "dI = 0 uA"});
}
