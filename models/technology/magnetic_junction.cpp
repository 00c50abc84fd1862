#include "models/technology/magnetic_junction.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "models/technology/device_error.h"
#include "models/technology/retention.h"

namespace spinvp::technology {

namespace {

constexpr const char* spin_orbit_error = "write error of SOT WER = exp(-k (t - t0))";

bool spin_orbit(const MagneticJunction& junction) { return junction.write == WriteMechanism::spin_orbit; }

std::string drive_text(const WriteDrive& drive) { return fmt::format("{:.4g} uA for {:.4g} ns", drive.current.si() * 1e6, drive.pulse.si() * 1e9); }

}  // namespace

core::Current critical_current(const MagneticJunction& junction, core::Temperature temperature) {
  return spin_orbit(junction) ? spin_orbit_critical_current(junction.layer, junction.track, temperature)
                              : spin_transfer_critical_current(junction.layer, junction.spin_transfer_efficiency, temperature);
}

core::Resistance write_resistance(const MagneticJunction& junction, core::Temperature temperature) {
  return spin_orbit(junction) ? track_resistance(junction.track)
                              : junction_resistance(junction.barrier, junction.layer.area(), core::Voltage{}, temperature).parallel;
}

double write_error(const MagneticJunction& junction, const WriteDrive& drive, core::Temperature temperature) {
  const core::Current critical = critical_current(junction, temperature);
  if (spin_orbit(junction))
    return spin_orbit_write_error(junction.track.error_slope, drive.pulse, charge_rule_time(critical, junction.track.charge_time, drive.current));
  const double overdrive = drive.current / critical;
  if (!(overdrive > 1))
    refuse("write error of STT, closed form", "overdrive I / I_c", overdrive, "", fmt::format("above 1: a current above {:.6g} uA", critical.si() * 1e6));
  require_not_negative("write error of STT, closed form", "pulse t", drive.pulse.si() * 1e9, "ns");
  return write_error_probability(switching_at(junction.layer, temperature), overdrive, drive.pulse);
}

core::Time pulse_for_error(const MagneticJunction& junction, core::Current current, double error, core::Temperature temperature) {
  const core::Current critical = critical_current(junction, temperature);
  if (spin_orbit(junction)) return charge_rule_time(critical, junction.track.charge_time, current) + spin_orbit_tail(junction.track.error_slope, error);
  return pulse_for_write_error(switching_at(junction.layer, temperature), current / critical, error);
}

core::Current current_for_error(const MagneticJunction& junction, core::Time pulse, double error, core::Temperature temperature) {
  const core::Current critical = critical_current(junction, temperature);
  if (spin_orbit(junction)) {
    const core::Time tail = spin_orbit_tail(junction.track.error_slope, error);
    if (!(pulse > tail))
      refuse(spin_orbit_error, "pulse t", pulse.si() * 1e9, "ns",
             fmt::format("above ln(1 / WER) / k = {:.6g} ns: at any current what is left of it is the incubation t0", tail.si() * 1e9));
    return charge_rule_current(critical, junction.track.charge_time, pulse - tail);
  }
  return critical * overdrive_for_write_error(switching_at(junction.layer, temperature), pulse, error);
}

double read_disturb(const MagneticJunction& junction, const ReadDrive& read, core::Temperature temperature) {
  require_not_negative("read current I_r = V / R_P", "read voltage V", read.voltage.si(), "V");
  const core::Current current = read.voltage / junction_resistance(junction.barrier, junction.layer.area(), read.voltage, temperature).parallel;
  const core::Current critical = spin_transfer_critical_current(junction.layer, junction.spin_transfer_efficiency, temperature);
  return read_disturb(thermal_stability(junction.layer, temperature), junction.layer.attempt_time, current / critical, read.duration);
}

CellErrorRates cell_error_rates(const MagneticJunction& junction, const WriteDrive& up, const WriteDrive& down, const ReadDrive& read,
                                core::Temperature temperature) {
  CellErrorRates rates;
  rates.write_0_to_1 = write_error(junction, up, temperature);
  rates.write_1_to_0 = write_error(junction, down, temperature);
  rates.retention_loss = escape_rate(thermal_stability(junction.layer, temperature), junction.layer.attempt_time);
  rates.read_disturb = read_disturb(junction, read, temperature);
  rates.source = fmt::format("derived: {} at {:.6g} K, writes of {} and {}, reads of {:.4g} V for {:.4g} ns (docs/memory-device.md)", junction.name,
                             temperature.si(), drive_text(up), drive_text(down), read.voltage.si(), read.duration.si() * 1e9);
  return rates;
}

MemoryCell memory_cell(const MagneticJunction& junction, const WriteDrive& set, const WriteDrive& reset, const ReadDrive& read, const CellCircuit& circuit,
                       core::Temperature temperature, double retention_failure) {
  constexpr const char* law = "cell around a junction";
  require_positive(law, "node", circuit.node.si() * 1e9, "nm");
  require_positive(law, "area", circuit.area_f2, "F2");
  require_positive(law, "supply voltage", circuit.supply.si(), "V");
  MemoryCell cell;
  cell.name = junction.name;
  cell.technology = spin_orbit(junction) ? MemoryTechnology::sot : MemoryTechnology::stt;
  cell.node = circuit.node;
  cell.area_f2 = circuit.area_f2;
  cell.aspect_ratio = circuit.aspect_ratio;
  cell.access = circuit.access;
  cell.read_access_width_f = circuit.read_access_width_f;
  cell.write_access_width_f = circuit.write_access_width_f;
  cell.word_lines = circuit.word_lines;
  cell.bit_lines = circuit.bit_lines;

  const JunctionResistance resistance = junction_resistance(junction.barrier, junction.layer.area(), read.voltage, temperature);
  cell.resistance_low = resistance.parallel;
  cell.resistance_high = resistance.antiparallel;
  cell.read_mode = ReadMode::current;  // the bit line is held at the voltage, the current is sensed
  cell.read_voltage = read.voltage;
  cell.read_current = read.voltage / resistance.parallel;
  cell.read_power = read.voltage * cell.read_current;
  cell.least_sense_voltage = circuit.least_sense_voltage;

  cell.write_resistance = write_resistance(junction, temperature);
  const auto write = [&](const WriteDrive& drive) {
    CellWrite w;
    w.voltage = circuit.supply;
    w.current = drive.current;
    w.pulse = drive.pulse;
    w.energy = supply_energy(circuit.supply, drive.current, drive.pulse);
    const core::Voltage least = drive.current * cell.write_resistance;
    if (!(least <= circuit.supply))
      refuse("Ohm's law over the write path", "I R", least.si(), "V", fmt::format("at most the supply voltage {:.4g} V", circuit.supply.si()));
    // The device says whether the drive writes at all.
    (void)write_error(junction, drive, temperature);
    return w;
  };
  cell.set = write(set);
  cell.reset = write(reset);
  // What a transistor takes of the supply beyond the path, at the larger current.
  cell.access_drop = circuit.supply - std::max(set.current, reset.current) * cell.write_resistance;

  cell.thermal_stability = thermal_stability(junction.layer, temperature);
  cell.retention = retention_time(*cell.thermal_stability, junction.layer.attempt_time, retention_failure);
  cell.source = fmt::format("derived: device {} at {:.6g} K, set {}, reset {}; retention to {:.3g} a bit; area and access: {}", junction.name, temperature.si(),
                            drive_text(set), drive_text(reset), retention_failure, circuit.source);
  return cell;
}

}  // namespace spinvp::technology
