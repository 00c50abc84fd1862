// One device from its presets to the cell and the error rates that others take.
#include <cmath>
#include <iterator>

#include <catch2/catch.hpp>

#include "models/technology/cell_presets.h"
#include "models/technology/device_presets.h"
#include "models/technology/process_variation.h"
#include "models/technology/retention.h"
#include "tests/unit/technology/refuses.h"

using namespace spinvp;
using namespace spinvp::technology;
using namespace spinvp::core::literals;

namespace {
bool tagged(const std::string& source) {
  for (const char* tag : {"published: ", "derived: ", "assumed: "})
    if (source.starts_with(tag) && source.size() > std::string(tag).size()) return true;
  return false;
}
const MagneticJunction sot = device_preset("wang-2018-p-sot"), stt = device_preset("stt-perpendicular");
const ReadDrive reading{core::Voltage::from_si(0.05), 2_ns};
}  // namespace

TEST_CASE("every number of every preset says where it comes from") {
  for (const std::string& name : device_preset_names()) {
    const MagneticJunction device = device_preset(name);
    CHECK(device.name == name);
    CHECK(device.constants.size() >= 15);
    for (const core::Constant& c : device.constants) {
      INFO(name << " " << c.name << ": " << c.source);
      CHECK(tagged(c.source));
    }
  }
  for (const std::string& name : cell_preset_names()) {
    const CellPreset preset = cell_preset(name);
    INFO(name << ": " << preset.cell.source);
    CHECK(preset.cell.name == name);
    CHECK(tagged(preset.cell.source));
    CHECK(tagged(preset.endurance_source));
    CHECK_NOTHROW(device_preset(preset.device));
  }
  check_refuses([] { device_preset("wang"); }, {"no device is called 'wang'", "wang-2018-p-sot"});
  check_refuses([] { cell_preset("sot"); }, {"no cell is called 'sot'", "sot-mid"});
}

TEST_CASE("cell presets hold the published rows") {
  const MemoryCell mid = cell_preset("sot-mid").cell, aggressive = cell_preset("sot-aggressive").cell, conservative = cell_preset("sot-conservative").cell;
  CHECK(mid.area_f2 == 81.5);
  CHECK(mid.set.current.in(1_uA) == Approx(100));
  CHECK(mid.set.pulse.in(1_ns) == Approx(1));
  CHECK(mid.set.energy.in(1_pJ) == Approx(0.1));
  CHECK(mid.resistance_low.in(1_kOhm) == Approx(6));
  CHECK(aggressive.set.energy.in(1_fJ) > 49);
  CHECK(aggressive.set.energy.in(1_fJ) < 58);
  CHECK(aggressive.set.pulse.in(1_ns) == Approx(0.4));
  CHECK(conservative.set.pulse.in(1_ns) == Approx(10));
  CHECK(conservative.set.energy.in(1_fJ) == Approx(102));
  CHECK(conservative.area_f2 == 100);
  CHECK(cell_preset("stt-aggressive").cell.area_f2 == 34.5);
  CHECK(cell_preset("stt-aggressive").cell.set.energy.in(1_pJ) == Approx(0.252));
  CHECK(cell_preset("stt-default").cell.reset.current.in(1_uA) == Approx(80));
}

TEST_CASE("a SOT write fails as exp(-k (t - t0)) beyond its incubation, and not sooner") {
  // Twice the critical current: t0 = t_q = 0.35 ns; k = 30 / ns; at 1 ns exp(-19.5).
  const core::Current twice = critical_current(sot, 300_K) * 2;
  CHECK(write_error(sot, {twice, 1_ns}, 300_K) == Approx(3.3982678e-9).epsilon(1e-7));
  CHECK(pulse_for_error(sot, twice, 3.3982678e-9, 300_K).in(1_ns) == Approx(1).epsilon(1e-8));
  CHECK(current_for_error(sot, 1_ns, 3.3982678e-9, 300_K) / twice == Approx(1).epsilon(1e-8));
  check_refuses([&] { write_error(sot, {twice, 0.3_ns}, 300_K); }, {"WER = exp(-k (t - t0))", "pulse t = 0.3 ns", "incubation t0 = 0.35 ns"});
  check_refuses([&] { write_error(sot, {60_uA, 1_ns}, 300_K); }, {"overdrive I / I_c = 0.886", "above 1"});
  check_refuses([&] { current_for_error(sot, 0.5_ns, 1e-9, 300_K); }, {"pulse t = 0.5 ns", "above ln(1 / WER) / k = 0.690776 ns"});
}

TEST_CASE("a STT write fails by the one law of spin torque") {
  const core::Current critical = critical_current(stt, 300_K);
  const WriteDrive drive{critical * 2.5, 8_ns};
  CHECK(write_error(stt, drive, 300_K) == Approx(write_error_probability(switching_at(stt.layer, 300_K), 2.5, 8_ns)).epsilon(1e-12));
  const double error = write_error(stt, drive, 300_K);
  CHECK(pulse_for_error(stt, drive.current, error, 300_K).in(1_ns) == Approx(8).epsilon(1e-9));
  CHECK(current_for_error(stt, 8_ns, error, 300_K) / drive.current == Approx(1).epsilon(1e-9));
  check_refuses([&] { write_error(stt, {critical * 0.9, 8_ns}, 300_K); }, {"write error of STT", "overdrive I / I_c = 0.9", "above 1"});
}

TEST_CASE("cold is hard to write, hot is hard to keep") {
  for (const MagneticJunction& device : {sot, stt}) {
    const WriteDrive drive{critical_current(device, 300_K) * 2.5, 8_ns};
    CHECK(write_error(device, drive, 260_K) > write_error(device, drive, 300_K));
    CHECK(write_error(device, drive, 300_K) > write_error(device, drive, 360_K));
    const CellErrorRates cold = cell_error_rates(device, drive, drive, reading, 260_K), hot = cell_error_rates(device, drive, drive, reading, 360_K);
    CHECK(hot.retention_loss > cold.retention_loss);
    CHECK(hot.read_disturb > cold.read_disturb);
  }
}

TEST_CASE("error rates are those of the equations, the two directions apart") {
  const core::Current critical = critical_current(stt, 350_K);
  const CellErrorRates rates = cell_error_rates(stt, {critical * 2, 10_ns}, {critical * 3, 10_ns}, reading, 350_K);
  CHECK(rates.write_0_to_1 == Approx(write_error_probability(switching_at(stt.layer, 350_K), 2, 10_ns)).epsilon(1e-9));
  CHECK(rates.write_1_to_0 == Approx(write_error_probability(switching_at(stt.layer, 350_K), 3, 10_ns)).epsilon(1e-9));
  // 1 / (1 ns e^Delta)
  CHECK(rates.retention_loss.si() == Approx(1e9 * std::exp(-thermal_stability(stt.layer, 350_K))).epsilon(1e-9));
  CHECK(rates.stuck == 0);
  CHECK(tagged(rates.source));
}

TEST_CASE("a cell for the array model carries the device's figures") {
  const core::Current current = critical_current(sot, 350_K) * 2;
  const WriteDrive drive{current, 1_ns};
  const CellCircuit circuit{22_nm, 81.5, 1, AccessDevice::cmos, 1, 3, 1.1_V, 25_mV, 2, 2, "assumed: a two-transistor cell"};
  const MemoryCell cell = memory_cell(sot, drive, drive, reading, circuit, 350_K);
  CHECK(cell.technology == MemoryTechnology::sot);
  CHECK(cell.area_f2 == 81.5);
  CHECK(cell.write_resistance.in(1_Ohm) == Approx(1500));
  CHECK(cell.set.energy.in(1_fJ) == Approx(1.1 * current.in(1_uA) * 1));
  const JunctionResistance r = junction_resistance(sot.barrier, sot.layer.area(), reading.voltage, 350_K);
  CHECK(cell.resistance_low == r.parallel);
  CHECK(cell.resistance_high == r.antiparallel);
  CHECK(*cell.thermal_stability == thermal_stability(sot.layer, 350_K));
  CHECK(cell.retention->si() == Approx(1e-9 * 1e-9 * std::exp(*cell.thermal_stability)).epsilon(1e-6));
  CHECK((cell.access_drop + cell.set.current * cell.write_resistance).in(1_V) == Approx(1.1));
  CHECK(tagged(cell.source));
  // A STT cell writes through its junction; a supply that cannot drive it is refused.
  const WriteDrive strong{critical_current(stt, 350_K) * 3, 10_ns};
  CHECK(memory_cell(stt, strong, strong, reading, circuit, 350_K).write_resistance == junction_resistance(stt.barrier, stt.layer.area(), 0_V, 350_K).parallel);
  CellCircuit weak = circuit;
  weak.supply = core::Voltage::from_si(0.2);
  check_refuses([&] { memory_cell(stt, strong, strong, reading, weak, 350_K); }, {"Ohm's law over the write path", "at most the supply voltage 0.2 V"});
}

TEST_CASE("devices give what docs/memory-device.md prints") {
  const struct {
    const char* name;
    double stability, hot, critical_ua, write_ohm, parallel_ohm, spread_percent;
  } rows[] = {{"wang-2018-p-sot", 32.3, 24.2, 67.7, 1500, 6250, 4.1},    {"wang-2018-i-sot", 32.1, 24.1, 63.4, 1167, 1768, 4.1},
              {"sot-perpendicular", 32.3, 22.5, 67.7, 1500, 18750, 6.1}, {"vgsot", 30.3, 21.8, 112.3, 1112, 331042, 4.7},
              {"sot-stt-compact", 50.5, 36.2, 279.7, 500, 2000, 5.1},    {"arm-stt", 207.0, 153.2, 43.4, 6000, 6000, 4.1},
              {"stt-perpendicular", 61.0, 43.2, 25.6, 5093, 5093, 5.3}};
  CHECK(std::size(rows) == device_preset_names().size());
  for (const auto& row : rows) {
    INFO(row.name);
    const MagneticJunction d = device_preset(row.name);
    CHECK(thermal_stability(d.layer, 300_K) == Approx(row.stability).margin(0.051));
    CHECK(thermal_stability(d.layer, core::Temperature::from_si(358.15)) == Approx(row.hot).margin(0.051));
    CHECK(critical_current(d, 300_K).in(1_uA) == Approx(row.critical_ua).margin(0.051));
    CHECK(write_resistance(d, 300_K).in(1_Ohm) == Approx(row.write_ohm).margin(0.51));
    CHECK(junction_resistance(d.barrier, d.layer.area(), 0_V, 300_K).parallel.in(1_Ohm) == Approx(row.parallel_ohm).margin(0.51));
    CHECK(propagated_sigma(d, {}, 300_K).stability * 100 == Approx(row.spread_percent).margin(0.051));
  }
}
