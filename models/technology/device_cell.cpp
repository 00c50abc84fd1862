#include "models/technology/device_cell.h"

#include <fmt/format.h>

namespace spinvp::technology {

using namespace core::literals;

MemoryCell cell_of_device(const DeviceCell& device, const MemoryCell& layout, core::Length node) {
  CellCircuit circuit;
  circuit.node = node;
  circuit.area_f2 = layout.area_f2;
  circuit.aspect_ratio = layout.aspect_ratio;
  circuit.access = layout.access;
  circuit.read_access_width_f = layout.read_access_width_f;
  circuit.write_access_width_f = layout.write_access_width_f;
  // A cell is about as large as its transistors are wide: those of read and write side by side, or the one that serves both.
  const ProcessNode process = process_node(node);
  const double needed_f = device.write.current.si() / (process.transistor(device.transistors, device.temperature.si()).on_current_n * process.feature);
  const double read_f = layout.read_access_width_f, write_f = layout.write_access_width_f;
  const bool widened = write_f > 0 && needed_f > write_f;
  if (widened) {
    const bool one_transistor = layout.word_lines == 1 && read_f == write_f;
    circuit.area_f2 *= one_transistor ? needed_f / write_f : (read_f + needed_f) / (read_f + write_f);
    circuit.write_access_width_f = needed_f;
    if (one_transistor) circuit.read_access_width_f = needed_f;
  }
  circuit.supply = device.supply;
  if (layout.least_sense_voltage.si() > 0) circuit.least_sense_voltage = layout.least_sense_voltage;
  circuit.word_lines = layout.word_lines;
  circuit.bit_lines = layout.bit_lines;
  circuit.source = layout.source;
  // 0.1 V is the bias at which the default devices are read.
  const ReadDrive read{layout.read_voltage.si() > 0 ? layout.read_voltage : 0.1_V, 2_ns};
  MemoryCell cell = memory_cell(device.junction, device.write, device.write, read, circuit, device.temperature, device.bit_failure);
  cell.source = fmt::format("derived: device {} written with {:.4g} uA for {:.4g} ns, supply {:g} V, in the layout of cell {}", device.junction.name,
                            device.write.current.in(1_uA), device.write.pulse.in(1_ns), device.supply.in(1_V), layout.name);
  if (widened)
    cell.source += fmt::format(", its write transistor widened from {:.3g} to {:.3g} F for the current and its area from {:.4g} to {:.4g} F2", write_f,
                               needed_f, layout.area_f2, circuit.area_f2);
  return cell;
}

std::string retention_source(const DeviceCell& device) {
  return fmt::format("derived: device {} at {:g} K, attempt time {:g} ns, until a bit has failed with probability {:g}", device.junction.name,
                     device.temperature.si(), device.junction.layer.attempt_time.si() * 1e9, device.bit_failure);
}

}  // namespace spinvp::technology
