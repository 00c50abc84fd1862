// SOT and STT writes against closed forms worked out by hand (Python's math, CODATA constants).
#include <catch2/catch.hpp>

#include "models/technology/device_presets.h"
#include "tests/unit/technology/refuses.h"

using namespace spinvp;
using namespace spinvp::technology;
using namespace spinvp::core::literals;
using namespace spinvp::technology::literals;

namespace {
const MagneticJunction wang = device_preset("wang-2018-p-sot");
const MagneticJunction in_plane = device_preset("wang-2018-i-sot");
}  // namespace

TEST_CASE("the published SOT cell needs 8.5e11 A/m2 and 68 uA by the macrospin form, not the 25 uA printed") {
  // (2e/hbar) (mu0 1e6 1e-9 / 0.3) 1.33e5 / 2 = 8.464e11 A/m2; x 40 nm x 2 nm.
  CHECK(spin_orbit_critical_density(wang.layer, wang.track, 300_K).si() == Approx(8.464e11).epsilon(1e-4));
  CHECK(spin_orbit_critical_current(wang.layer, wang.track, 300_K).in(1_uA) == Approx(67.71).epsilon(1e-4));
  // 200 uOhm cm x 60 nm / (40 nm x 2 nm); VGSOT: 278 uOhm cm x 60 nm / (50 nm x 3 nm).
  CHECK(track_resistance(wang.track).in(1_kOhm) == Approx(1.5).epsilon(1e-12));
  CHECK(track_resistance(device_preset("vgsot").track).in(1_kOhm) == Approx(1.112).epsilon(1e-12));
}

TEST_CASE("an in-plane field helps a SOT write until it does all the work") {
  // Hk / 2 - 2e4 / sqrt 2: 6.664e11 A/m2.
  SpinOrbitTrack track = wang.track;
  track.assist_field = 2e4_A_per_m;
  CHECK(spin_orbit_critical_density(wang.layer, track, 300_K).si() == Approx(6.66400e11).epsilon(1e-5));
  track.assist_field = 1e5_A_per_m;  // Hk / sqrt 2 is 94045 A/m
  check_refuses([&] { spin_orbit_critical_density(wang.layer, track, 300_K); }, {"Hk / 2 - Hx / sqrt 2", "-4210.68 A/m", "Hx below 94045.2 A/m"});
  track.assist_field = MagneticField::from_si(-1);
  check_refuses([&] { spin_orbit_critical_density(wang.layer, track, 300_K); }, {"SOT critical current", "assist field Hx = -1 A/m"});
}

TEST_CASE("a thin track gives less spin current: theta (1 - sech(t / lambda))") {
  // 0.3 (1 - sech 2) = 0.3 x (1 - 0.2658); the sign of theta turns the polarity alone.
  SpinOrbitTrack track = wang.track;
  track.spin_diffusion_length = 1_nm;
  CHECK(effective_spin_hall_angle(track) == Approx(0.22025933).epsilon(1e-7));
  track.spin_hall_angle = -0.3;
  CHECK(effective_spin_hall_angle(track) == Approx(0.22025933).epsilon(1e-7));
  track.spin_diffusion_length = {};
  CHECK(effective_spin_hall_angle(track) == 0.3);
  track.spin_hall_angle = 0;
  check_refuses([&] { effective_spin_hall_angle(track); }, {"spin Hall angle", "|theta_SH| = 0"});
  track.width = 0_nm;
  check_refuses([&] { track_resistance(track); }, {"track width = 0 nm"});
}

TEST_CASE("an in-plane SOT cell overcomes its damping") {
  // (2e/hbar) (mu0 1e6 2e-9 / 0.3) 0.02 (1.87e4 + 5e5) = 2.6408e11 A/m2; x 120 nm x 2 nm.
  CHECK(spin_orbit_critical_current(in_plane.layer, in_plane.track, 300_K).in(1_uA) == Approx(63.378).epsilon(1e-4));
}

TEST_CASE("the torque's fields are those of the public VGSOT model") {
  // hbar 0.25 1e11 / (2 e mu0 0.625e6 1.1e-9); the field-like one is 0.83 of it there.
  const MagneticJunction vgsot = device_preset("vgsot");
  const SpinOrbitFields fields = spin_orbit_fields(vgsot.layer, vgsot.track, 1e11_A_per_m2, 300_K);
  CHECK(fields.damping_like.si() == Approx(9523.426).epsilon(1e-6));
  CHECK(fields.field_like / fields.damping_like == Approx(0.83));
}

TEST_CASE("short SOT pulses move a fixed charge more") {
  // I = 68 (1 + 0.35 / 0.5); the time of that current is the pulse again.
  const core::Current current = charge_rule_current(68_uA, 0.35_ns, 0.5_ns);
  CHECK(current.in(1_uA) == Approx(115.6));
  CHECK(charge_rule_time(68_uA, 0.35_ns, current).in(1_ns) == Approx(0.5));
  check_refuses([] { charge_rule_time(68_uA, 0.35_ns, 60_uA); }, {"t0 = t_q / (I / I_c - 1)", "overdrive I / I_c = 0.882353", "a current above 68 uA"});
  check_refuses([] { charge_rule_current(68_uA, 0.35_ns, 0_ns); }, {"charge rule", "pulse t = 0 ns"});
}

TEST_CASE("what a write takes from the supply and in the track") {
  // 1.1 V x 25 uA x 0.4 ns = 11 fJ, where the paper prints 49 to 58 fJ; (25 uA)^2 x 1.5 kOhm x 0.4 ns.
  CHECK(supply_energy(1.1_V, 25_uA, 0.4_ns).in(1_fJ) == Approx(11));
  CHECK(ohmic_energy(25_uA, 1.5_kOhm, 0.4_ns).in(1_fJ) == Approx(0.375));
}

TEST_CASE("the spin-transfer critical current is 4 e k T / hbar times damping over efficiency times stability") {
  // Delta 32.281 at 300 K, alpha 0.02, eta 0.6: 4 e k 300 / hbar = 2.51709e-5 A; x (0.02 / 0.6) x 32.281.
  CHECK(spin_transfer_critical_current(wang.layer, 0.6, 300_K).in(1_uA) == Approx(25.17090 * (0.02 / 0.6) * 32.281).epsilon(1e-5));
  // An in-plane layer also lifts its magnetisation out of plane: 1 + 1e6 / (2 x 1.87e4) = 27.74.
  FreeLayer flat = in_plane.layer;
  const core::Current lying = spin_transfer_critical_current(flat, 0.6, 300_K);
  flat.easy_axis = EasyAxis::perpendicular;
  CHECK(lying / spin_transfer_critical_current(flat, 0.6, 300_K) == Approx(27.737968).epsilon(1e-7));
  check_refuses([] { spin_transfer_critical_current(wang.layer, 0, 300_K); }, {"STT critical current", "efficiency eta = 0"});
}

TEST_CASE("switching time against current: precession, heat, and the bridge between") {
  // t_D = (1 + 0.02^2) / (0.02 gamma mu0 1.33e5); theta0 = 1 / sqrt(2 x 32.281).
  const FreeLayer& layer = wang.layer;
  CHECK(characteristic_time(layer, 300_K).in(1_ns) == Approx(1.69964257).epsilon(1e-7));
  CHECK(precessional_overdrive(layer, 1_ns, 300_K) == Approx(5.3092664).epsilon(1e-7));  // 1 + t_D ln(pi / (2 theta0)) / 1 ns
  CHECK(thermal_overdrive(layer, 100_ns, 300_K) == Approx(0.85734115).epsilon(1e-7));    // 1 - ln(100) / 32.281
  CHECK(bridged_overdrive(layer, 8_ns, 300_K) == Approx(1.23712071).epsilon(1e-7));      // half of each at T
  // (I / I_c - 1) t is constant where precession rules.
  CHECK((precessional_overdrive(layer, 0.5_ns, 300_K) - 1) * 0.5 == Approx(precessional_overdrive(layer, 2_ns, 300_K) * 2 - 2).epsilon(1e-12));
  // The bridge ends in its two regimes.
  CHECK(bridged_overdrive(layer, 0.5_ns, 300_K) == precessional_overdrive(layer, 0.5_ns, 300_K));
  CHECK(bridged_overdrive(layer, 3_ns, 300_K) == Approx(precessional_overdrive(layer, 3_ns, 300_K)).epsilon(0.05));
  CHECK(bridged_overdrive(layer, 60_ns, 300_K) == Approx(thermal_overdrive(layer, 60_ns, 300_K)).epsilon(1e-9));
  // And the other way.
  CHECK(precessional_time(layer, 5.3092664, 300_K).in(1_ns) == Approx(1).epsilon(1e-7));
  CHECK(thermal_time(layer, 0.85734115, 300_K).in(1_ns) == Approx(100).epsilon(1e-6));
  for (const double overdrive : {0.5, 0.9, 1.0, 1.3, 2.0, 6.0})
    CHECK(bridged_overdrive(layer, bridged_time(layer, overdrive, 300_K), 300_K) == Approx(overdrive).epsilon(1e-9));
}

TEST_CASE("a regime is refused where it does not hold") {
  check_refuses([] { precessional_time(wang.layer, 1, 300_K); }, {"precessional switching", "overdrive I / I_c = 1", "above 1"});
  check_refuses([] { thermal_time(wang.layer, 1.2, 300_K); }, {"thermal switching", "overdrive I / I_c = 1.2", "below 1"});
  check_refuses([] { thermal_overdrive(wang.layer, 0.5_ns, 300_K); }, {"thermal switching", "pulse t = 0.5 ns", "tau0 = 1 ns"});
  FreeLayer loss_free = wang.layer;
  loss_free.damping = 0;
  check_refuses([&] { characteristic_time(loss_free, 300_K); }, {"growth rate", "damping alpha = 0"});
}
