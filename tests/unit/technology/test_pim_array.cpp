// The PIM array model against closed forms worked out beside each number, against its own trends, and against a published bit cell.
#include <cmath>
#include <set>

#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "models/technology/pim_array.h"

using namespace spinvp::technology;
using namespace spinvp::core::literals;
using spinvp::core::Energy;
using spinvp::core::Time;

namespace {

const std::vector<std::string> cells{"sot", "memristor", "sram"};

// A cell that is driven and flips: what a step does to it at most.
Energy driven_and_flipped(const PimTechnology& t, PimEvent cell, PimEvent flip) { return t.of(cell) + t.of(flip); }

double read_ns(const PimPhysics& p, unsigned rows) { return pim_technology("sot", "array", {rows, 1024}, p).times.read.in(1_ns); }

}  // namespace

TEST_CASE("The SOT cell of Wang et al. 2018 has a critical current of 68 uA and a track of 1.5 kOhm") {
  const PimPhysics p;
  // 2e/hbar = 3.0385e15 1/(V s); mu0 Ms t / theta = 1.2566e-6 x 1e6 x 1e-9 / 0.3 = 4.1888e-9 T m; Hk / 2 = 6.65e4 A/m:
  // Jc = 8.464e11 A/m2, through 40 nm x 2 nm: 67.7 uA.
  CHECK(pim_equations::sot_critical_current(p).in(1_uA) == Approx(67.7).epsilon(1e-3));
  // 200 uOhm cm = 2e-6 Ohm m; x 60 nm / (40 nm x 2 nm).
  CHECK(pim_equations::sot_track_resistance(p).in(1_Ohm) == Approx(1500));
  // Charge rule: 1 + 0.35 ns / 1 ns.
  CHECK(pim_equations::sot_write_current(p).in(1_uA) == Approx(67.7 * 1.35).epsilon(1e-3));
  // I^2 R t = (91.4 uA)^2 x 1.5 kOhm x 1 ns = 12.5 fJ: the size of the 12 fJ recalled of arXiv 2003.01551 and of the 12.5 fJ of a published NVSim cell; neither is an input.
  CHECK(pim_technology("sot", "bare").of(PimEvent::write_flip).in(1_fJ) == Approx(12.53).epsilon(2e-3));
}

TEST_CASE("A supply pays V x I x t of a driven cell: 65 uA from 0.6 V for 2 ns are 78 fJ") {
  PimPhysics p;
  p.supply_v = 0.6, p.sot_pulse_ns = 2;
  // The current is proportional to the anisotropy field.
  p.sot_anisotropy_field_a_m *= 65 / pim_equations::sot_write_current(p).in(1_uA);
  const PimTechnology t = pim_technology("sot", "supply", {}, p);
  CHECK(t.write_current.in(1_uA) == Approx(65));
  CHECK(t.of(PimEvent::write_cell).in(1_fJ) == Approx(78));
  // The recalled 12 fJ are 12 / (65 uA x 2 ns) = 92 mV over a strip of 1.4 kOhm: the device's part, here of a 1.5 kOhm track: (65 uA)^2 x 1500 Ohm x 2 ns = 12.7 fJ.
  CHECK(pim_technology("sot", "bare", {}, p).of(PimEvent::write_flip).in(1_fJ) == Approx(12.675));
}

TEST_CASE("A memristor's supply energies follow from Ohm's law") {
  const PimTechnology t = pim_technology("memristor", "supply");
  // 1 V over two 10 kOhm in series for 1.1 ns; 2 V over 10 kOhm for 1 ns.
  CHECK(t.of(PimEvent::nor_cell).in(1_fJ) == Approx(55));
  CHECK(t.of(PimEvent::init_cell).in(1_fJ) == Approx(400));
  CHECK(t.of(PimEvent::write_cell).in(1_fJ) == Approx(400));
}

TEST_CASE("FloatPIM's 7.64 mW a block of 1024 rows at 1.1 ns are 8.2 fJ a row and cycle") {
  // 7.64e-3 x 1.1e-9 / 1024.
  CHECK(pim_technology("memristor", "chip-power").of(PimEvent::nor_cell).in(1_fJ) == Approx(8.207).epsilon(1e-3));
}

TEST_CASE("The regimes charge initialisation as they say") {
  const auto of = [](const char* regime) { return pim_technology("memristor", regime); };
  CHECK(of("bare").of(PimEvent::nor_cell).in(1_fJ) == Approx(0.29));
  CHECK(of("bare").of(PimEvent::init_cell).si() == 0);
  CHECK(of("bare").of(PimEvent::init_flip).si() == 0);
  CHECK(of("bare").times.init.in(1_ns) == Approx(1.1));
  // A word that is written switches cells whoever initialises outputs: half of its flips are SETs of 23.8 fJ, half RESETs of 0.32 fJ.
  for (const char* regime : {"bare", "batched-init", "init-every-nor"}) CHECK(of(regime).of(PimEvent::write_flip).in(1_fJ) == Approx(12.06));
  CHECK(of("batched-init").of(PimEvent::nor_cell).in(1_fJ) == Approx(0.29));
  CHECK(of("batched-init").of(PimEvent::init_flip).in(1_fJ) == Approx(23.8));
  // 2 x 1.1 ns, 23.8 + 0.29 fJ; the initialisation is in the gate.
  CHECK(of("init-every-nor").times.nor.in(1_ns) == Approx(2.2));
  CHECK(of("init-every-nor").times.init.si() == 0);
  CHECK(of("init-every-nor").of(PimEvent::nor_cell).in(1_fJ) == Approx(24.09));
  CHECK(of("conservative").times.nor.in(1_ns) == Approx(3.33));
  CHECK(of("conservative").of(PimEvent::nor_cell).in(1_fJ) == Approx(6.4));
}

TEST_CASE("More rows read more slowly, and the larger cell has the longer lines") {
  const PimPhysics p;
  CHECK(read_ns(p, 512) < read_ns(p, 1024));
  CHECK(read_ns(p, 1024) < read_ns(p, 2048));
  PimPhysics large = p;
  large.sot_cell_f2 = 81.5;
  CHECK(read_ns(p, 1024) < read_ns(large, 1024));
  const auto line = [](const PimPhysics& physics) { return pim_equations::bit_line(physics, physics.sot_cell_f2, 1024, true); };
  CHECK(line(p).resistance < line(large).resistance);
  CHECK(line(p).capacitance < line(large).capacitance);
  // The wire alone: sqrt(81.5 / 50) longer.
  CHECK(line(large).resistance.si() / line(p).resistance.si() == Approx(std::sqrt(81.5 / 50)));
}

TEST_CASE("A bit line of 1024 SOT cells is that of its wire and its drains") {
  const PimPhysics p;
  const auto line = pim_equations::bit_line(p, 50, 1024, true);
  // sqrt(50) x 28 nm x 1024 = 202.7 um; 4 uOhm cm over 56 nm x 84 nm: 8.503 Ohm/um; 0.2 fF/um and half of 0.6 fF/um x 168 nm a cell (two cells share a drain).
  CHECK(line.resistance.in(1_Ohm) == Approx(202.7 * 8.503).epsilon(1e-3));
  CHECK(line.capacitance.in(1_fF) == Approx(202.7 * 0.2 + 1024 * 0.0504).epsilon(1e-3));
  CHECK(line.delay().in(1_ps) == Approx(0.38 * 1723.9 * 92.15e-15 * 1e12).epsilon(1e-3));
}

TEST_CASE("A wider step of the boundary never costs less for a cell that is driven and flips") {
  for (const std::string& cell : cells) {
    const PimTechnology bare = pim_technology(cell, "bare"), supply = pim_technology(cell, "supply"), array = pim_technology(cell, "array");
    INFO(cell);
    for (const auto& [event, flip] : {std::pair{PimEvent::write_cell, PimEvent::write_flip}, std::pair{PimEvent::init_cell, PimEvent::init_flip},
                                      std::pair{PimEvent::nor_cell, PimEvent::nor_flip}}) {
      CHECK(driven_and_flipped(bare, event, flip) <= driven_and_flipped(supply, event, flip));
      CHECK(driven_and_flipped(supply, event, flip) <= driven_and_flipped(array, event, flip));
    }
    CHECK(supply.of(PimEvent::read_cell) < array.of(PimEvent::read_cell));
    CHECK(bare.of(PimEvent::row_step).si() == 0);
    CHECK(array.of(PimEvent::row_step).si() > 0);
    CHECK(bare.static_power.si() == 0);
    CHECK(array.static_power.si() > 0);
  }
  // The chip adds control to a row step, and nothing to a cell.
  const PimTechnology array = pim_technology("sot", "array"), chip = pim_technology("sot", "chip-power");
  CHECK(chip.of(PimEvent::write_cell) == array.of(PimEvent::write_cell));
  CHECK((chip.of(PimEvent::row_step) - array.of(PimEvent::row_step)).in(1_pJ) == Approx(3.2));
}

TEST_CASE("A content search of eight rows senses each lane once") {
  // SOT: C_BL = 92.15 fF (see above) x 0.2 V x 1.1 V = 20.27 fJ, and 5 fJ of the sense amplifier.
  const PimTechnology supply = pim_technology("sot", "supply"), array = pim_technology("sot", "array");
  const auto sensing = [&](PimEvent event) { return (array.of(event) - supply.of(event)).in(1_fJ); };
  CHECK(sensing(PimEvent::read_cell) == Approx(25.27).epsilon(1e-3));
  CHECK(8 * sensing(PimEvent::search_cell) == Approx(25.27).epsilon(1e-3));
  // 5.34 pJ a block of 1024 lanes.
  CHECK(1024 * 8 * pim_technology("memristor", "bare").of(PimEvent::search_cell).in(1_pJ) == Approx(5.34));
}

TEST_CASE("The area of a subarray is that of its cells and circuits") {
  // 28 nm: F2 = 7.84e-4 um2. Cells 4 x 2^20, circuits 3500 x 1024 F2.
  CHECK(pim_technology("memristor", "array").cell_area.in(1_um2) == Approx(4 * 7.84e-4));
  CHECK(pim_technology("memristor", "array").array_area.in(1_um2) == Approx((4.0 * 1048576 + 3500.0 * 1024) * 7.84e-4));
  CHECK(pim_technology("sot", "array").array_area.in(1_um2) == Approx((50.0 * 1048576 + 3500.0 * 1024) * 7.84e-4));
}

TEST_CASE("Every constant of the array model says where it comes from and lies in its range") {
  std::set<std::string> names;
  const PimPhysics nominal;
  for (const PimPhysicsField& field : pim_physics_fields()) {
    INFO(field.name << ": " << field.source);
    CHECK(names.insert(field.name).second);
    const std::string source = field.source;
    CHECK((source.starts_with("published: ") || source.starts_with("derived: ") || source.starts_with("assumed: ")));
    CHECK(field.low <= nominal.*field.member);
    CHECK(nominal.*field.member <= field.high);
  }
  for (const std::string& cell : cells)
    for (const std::string& regime : pim_regime_names()) {
      const PimTechnology t = pim_technology(cell, regime);
      for (const auto& constant : t.constants) {
        INFO(cell << " " << regime << " " << constant.name << ": " << constant.source);
        CHECK((constant.source.starts_with("published: ") || constant.source.starts_with("derived: ") || constant.source.starts_with("assumed: ")));
      }
      for (std::size_t i = 0; i < pim_events; ++i) CHECK((t.energy[i].si() > 0) == !t.energy_sources[i].empty());
    }
}

TEST_CASE("A value that was only recalled of a paper does not stand as published") {
  for (const PimPhysicsField& field : pim_physics_fields())
    if (std::string(field.source).find("recalled") != std::string::npos) CHECK(std::string(field.source).starts_with("assumed: "));
}

TEST_CASE("Unknown cells and regimes are wrong usage, and the message lists those that are known") {
  const auto refused = [](const char* cell, const char* regime, const char* hint) {
    try {
      (void)pim_technology(cell, regime);
    } catch (const spinvp::core::InputError& error) {
      CHECK(error.status() == spinvp::core::ExitStatus::usage);
      CHECK(static_cast<int>(error.status()) == 64);
      CHECK(std::string(error.what()).find(hint) != std::string::npos);
      return;
    }
    FAIL("accepted");
  };
  refused("pcm", "bare", "sot, memristor, sram");
  refused("sot", "headline", "bare, batched-init");
}

// Prenat et al., IEEE TMSCS 2(1) 2016, Table 1: one SOT bit cell with its read and write circuits, TSMC 65 nm, SPICE: read 221 ps and 1.8 pJ, write 266 ps and 0.1 pJ at 100 uA.
// No line of a large array is in these figures, so ours are those of an array of 8 x 8, at the shortest published pulse of our range. Band: a factor of 2 for both times and the write
// energy. The read energy is not in it: theirs holds a sense circuit of some pJ, ours a latch of 5 fJ (assumed); who believes it should set the sense amplifier's energy to it.
TEST_CASE("At 65 nm the model is within a factor of two of a published bit cell, but for the energy of its sense circuit") {
  PimPhysics p;
  p.feature_nm = 65, p.supply_v = 1.2, p.sot_pulse_ns = 0.4;
  const PimTechnology t = pim_technology("sot", "array", {8, 8}, p);
  const auto within_two = [](double ours, double theirs) { return ours > theirs / 2 && ours < theirs * 2; };
  INFO("read " << t.times.read.in(1_ps) << " ps, " << t.of(PimEvent::read_cell).in(1_fJ) << " fJ; write " << t.times.write.in(1_ps) << " ps, "
               << t.of(PimEvent::write_cell).in(1_fJ) << " fJ, " << t.write_current.in(1_uA) << " uA");
  CHECK(within_two(t.times.read.in(1_ps), 221));
  CHECK(within_two(t.times.write.in(1_ps), 266));
  CHECK(within_two(t.of(PimEvent::write_cell).in(1_fJ), 100));
  CHECK(within_two(t.write_current.in(1_uA), 100));
  CHECK(t.of(PimEvent::read_cell).in(1_fJ) < 1800.0 / 20);
  p.sense_amplifier_fj = 1800;
  CHECK(within_two(pim_technology("sot", "array", {8, 8}, p).of(PimEvent::read_cell).in(1_fJ), 1800));
}

// The same cell in a subarray of 1024 x 1024 is slower by its lines alone.
TEST_CASE("Lines of a large array are what a bit cell alone does not show") {
  PimPhysics p;
  p.feature_nm = 65, p.supply_v = 1.2;
  const PimTechnology small = pim_technology("sot", "array", {8, 8}, p), large = pim_technology("sot", "array", {1024, 1024}, p);
  CHECK(large.times.read > 3 * small.times.read);
  CHECK(large.times.write > small.times.write);
  CHECK(large.of(PimEvent::write_cell) > small.of(PimEvent::write_cell));
  CHECK(large.of(PimEvent::row_step) > 100 * small.of(PimEvent::row_step));
}
