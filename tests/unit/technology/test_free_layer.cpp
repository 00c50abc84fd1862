// Thermal stability and its temperature against the published device points and values worked out by hand (Python's math, CODATA constants).
#include <catch2/catch.hpp>

#include "models/technology/device_presets.h"
#include "tests/unit/technology/refuses.h"

using namespace spinvp;
using namespace spinvp::technology;
using namespace spinvp::core::literals;
using namespace spinvp::technology::literals;

namespace {
FreeLayer wang() { return device_preset("wang-2018-p-sot").layer; }
FreeLayer vgsot() { return device_preset("vgsot").layer; }
}  // namespace

TEST_CASE("the published 40 x 40 nm SOT cell has a stability of 32 as a square and 25.4 as a disc") {
  // mu0 1e6 x 1.33e5 x 1.6e-24 / (2 k 300 K) = 32.281; times pi / 4.
  FreeLayer layer = wang();
  CHECK(thermal_stability(layer, 300_K) == Approx(32.281).epsilon(1e-4));
  layer.shape = ElementShape::ellipse;
  CHECK(thermal_stability(layer, 300_K) == Approx(25.3534).epsilon(1e-4));
}

TEST_CASE("the public VGSOT model's own equation gives a stability of 30.3") {
  // K_i / t = 2.90909e5, mu0 (1 - 3 Nx) Ms^2 / 2 = 2.3272e5 J/m3 with Nx = pi 1.1 / 200; V = 2.1598e-24 m3.
  const FreeLayer layer = vgsot();
  CHECK(demagnetisation(layer).in_plane == Approx(0.0172788).epsilon(1e-5));
  CHECK(thermal_stability(layer, 300_K) == Approx(30.346).epsilon(1e-4));
  CHECK(effective_field_at(layer, 300_K).si() == Approx(148191.6).epsilon(1e-5));
}

TEST_CASE("the two forms of stability are one") {
  // Hk = 2 K_i / (mu0 Ms t) - (Nz - Nx) Ms, given as a field.
  FreeLayer layer = vgsot();
  const double delta = thermal_stability(layer, 300_K);
  layer.effective_field = effective_field_at(layer, 300_K);
  layer.interface_anisotropy = {};
  CHECK(thermal_stability(layer, 300_K) == Approx(delta).epsilon(1e-12));
  // So does the tunable SOT device stand for the published one at its size.
  CHECK(thermal_stability(device_preset("sot-perpendicular").layer, 300_K) == Approx(thermal_stability(wang(), 300_K)).epsilon(1e-12));
}

TEST_CASE("stability falls with temperature as Ms Hk / T") {
  // m = (1 - (358.15/1120)^1.5) / (1 - (300/1120)^1.5) = 0.951007; K goes as m^2.2: 32.281 x 0.951007^2.2 x 300 / 358.15.
  const FreeLayer layer = wang();
  CHECK(saturation_at(layer, core::Temperature::from_si(358.15)) / layer.saturation == Approx(0.9510075).epsilon(1e-6));
  CHECK(thermal_stability(layer, core::Temperature::from_si(358.15)) == Approx(32.281 * 0.74999946).epsilon(1e-4));
  // At the reference everything is as given.
  CHECK(saturation_at(layer, 300_K) == layer.saturation);
  CHECK(effective_field_at(layer, 300_K).si() == Approx(layer.effective_field.si()).epsilon(1e-14));
  // Interface anisotropy against a demagnetisation that falls slower: steeper still.
  const FreeLayer interface = device_preset("sot-perpendicular").layer;
  CHECK(thermal_stability(interface, core::Temperature::from_si(358.15)) < thermal_stability(layer, core::Temperature::from_si(358.15)));
}

TEST_CASE("Delta k T is the energy barrier, and colder is always more stable") {
  for (const std::string& name : device_preset_names()) {
    INFO(name);
    const FreeLayer layer = device_preset(name).layer;
    double before = 1e9;
    for (int kelvin = 230; kelvin <= 400; kelvin += 10) {
      const core::Temperature t = core::Temperature::from_si(kelvin);
      const double delta = thermal_stability(layer, t);
      CHECK(delta < before);
      CHECK(energy_barrier(layer, t).si() == Approx(delta * 1.380649e-23 * kelvin).epsilon(1e-12));
      before = delta;
    }
  }
}

TEST_CASE("a layer that no device can have is refused with its equation and value") {
  FreeLayer layer = wang();
  layer.effective_field = MagneticField::from_si(-2e4);
  check_refuses([&] { thermal_stability(layer, 300_K); }, {"Delta = mu0 Ms Hk V / (2 k T)", "anisotropy field Hk = -20000 A/m", "above 0"});
  layer = wang();
  layer.thickness = 0_nm;
  check_refuses([&] { thermal_stability(layer, 300_K); }, {"V = area t", "thickness t = 0 nm"});
  // 0.2 mJ/m2 over 1.1 nm are 1.818e5 J/m3; the shape takes 2.32714e5.
  layer = vgsot();
  layer.interface_anisotropy = 0.2_mJ_per_m2;
  check_refuses([&] { thermal_stability(layer, 300_K); },
                {"Delta = (K_i / t - mu0 (Nz - Nx) Ms^2 / 2)", "= -50896.2 J/m3", "lies in plane", "K_i must exceed 0.256 mJ/m2"});
  check_refuses([&] { thermal_stability(wang(), 1200_K); }, {"Bloch", "temperature T = 1200 K", "below T* = 1120 K"});
  layer = vgsot();
  layer.thickness = 25_nm;
  check_refuses([&] { demagnetisation(layer); }, {"Nx = pi t / (4 D)", "0.392699", "below 1/3"});
}
