#include "platform/explore/memory_macro.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/technology/cell_presets.h"
#include "models/technology/device_cell.h"
#include "models/technology/device_presets.h"
#include "models/technology/import/nvsim_cell.h"
#include "models/technology/memory_cells.h"
#include "platform/report/files.h"

namespace spinvp::platform {

using namespace core::literals;
using technology::MemoryCell;
using technology::MemoryTechnology;

namespace {

MemoryCell cell_of(const MemoryQuestion& question, std::vector<technology::ImportWarning>& warnings) {
  const std::string name = question.cell.empty() ? technology::default_memory_cell(question.technology).name : question.cell;
  MemoryCell cell;
  if (is_cell_name(name)) {
    cell = cell_named(name);
  } else if (name.find_first_of("./") == std::string::npos) {
    throw core::InputError(fmt::format("no cell is called '{}', allowed are a `.cell` file and {}", name, fmt::join(cell_names(), ", ")),
                           core::ExitStatus::usage);
  } else {
    const MemoryTechnology magnetic = question.technology == MemoryTechnology::sot ? MemoryTechnology::sot : MemoryTechnology::stt;
    technology::ImportedCell imported = technology::import_nvsim_cell(read_file(name), name, magnetic);
    cell = std::move(imported.cell);
    warnings = std::move(imported.warnings);
  }
  if (cell.technology != question.technology)
    throw core::InputError(fmt::format("{}: a cell of {}, allowed with --tech {} is one of {}", name, technology::name_of(cell.technology),
                                       technology::name_of(question.technology), technology::name_of(question.technology)),
                           is_cell_name(name) ? core::ExitStatus::usage : core::ExitStatus::bad_input);
  return cell;
}

void add_cell_constants(const MemoryCell& cell, std::vector<core::Constant>& constants) {
  const auto add = [&](const char* name, double value, const char* unit) {
    if (value != 0) constants.push_back({std::string("cell.") + name, value, unit, cell.source});
  };
  add("area", cell.area_f2, "F^2");
  add("aspect_ratio", cell.aspect_ratio, "");
  add("read_access_width", cell.read_access_width_f, "F");
  add("write_access_width", cell.write_access_width_f, "F");
  add("pull_down_width", cell.pull_down_width_f, "F");
  add("pull_up_width", cell.pull_up_width_f, "F");
  add("resistance_low", cell.resistance_low.in(1_Ohm), "Ohm");
  add("resistance_high", cell.resistance_high.in(1_Ohm), "Ohm");
  add("write_resistance", cell.write_resistance.in(1_Ohm), "Ohm");
  add("read_voltage", cell.read_voltage.in(1_V), "V");
  add("read_power", cell.read_power.in(1_uW), "uW");
  add("set_current", cell.set.current.in(1_uA), "uA");
  add("set_pulse", cell.set.pulse.in(1_ns), "ns");
  add("set_energy", cell.set.energy.in(1_fJ), "fJ");
  add("reset_current", cell.reset.current.in(1_uA), "uA");
  add("reset_pulse", cell.reset.pulse.in(1_ns), "ns");
  add("reset_energy", cell.reset.energy.in(1_fJ), "fJ");
}

MemoryAnswer design(const MemoryQuestion& question, MemoryCell cell, std::vector<technology::ImportWarning> warnings) {
  MemoryAnswer answer;
  answer.question = question;
  answer.warnings = std::move(warnings);
  add_cell_constants(cell, answer.constants);
  technology::ArrayRequest request = question.array;
  request.cell = cell;
  answer.design = technology::design_array(request);
  answer.cell = std::move(cell);
  return answer;
}

}  // namespace

const char* default_device(MemoryTechnology technology) {
  switch (technology) {
    case MemoryTechnology::sram: return "";
    case MemoryTechnology::stt: return "stt-perpendicular";
    case MemoryTechnology::sot: return "sot-perpendicular";
  }
  return "";
}

std::vector<std::string> cell_names() {
  std::vector<std::string> names = technology::memory_cell_names();
  for (const std::string& name : technology::cell_preset_names())
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

MemoryCell cell_named(const std::string& name) {
  if (const MemoryCell* cell = technology::find_memory_cell(name)) return *cell;
  return technology::cell_preset(name).cell;
}

bool is_cell_name(const std::string& text) {
  const auto names = cell_names();
  return std::find(names.begin(), names.end(), text) != names.end();
}

MemoryAnswer answer_memory(const MemoryQuestion& question) {
  if (question.technology != MemoryTechnology::sram && !question.device.empty()) {
    const technology::MagneticJunction junction = technology::device_preset(question.device);
    const bool sot = question.technology == MemoryTechnology::sot;
    if (sot != (junction.write == technology::WriteMechanism::spin_orbit))
      throw core::InputError(fmt::format("device {} is written as {}, allowed with --tech {} is one that is written as it", question.device,
                                         sot ? "STT" : "SOT", technology::name_of(question.technology)),
                             core::ExitStatus::usage);
    const core::Time pulse = question.write_pulse.si() > 0 ? question.write_pulse : sot ? 1_ns : 10_ns;
    const core::Current current = technology::current_for_error(junction, pulse, question.bit_failure, question.array.temperature);
    return answer_memory(question, junction, {current, pulse});
  }
  if (!question.device.empty()) throw core::InputError("--device is a magnetic cell's, allowed with --tech stt and sot", core::ExitStatus::usage);
  std::vector<technology::ImportWarning> warnings;
  MemoryCell cell = cell_of(question, warnings);
  return design(question, std::move(cell), std::move(warnings));
}

MemoryAnswer answer_memory(const MemoryQuestion& question, const technology::MagneticJunction& junction, const technology::WriteDrive& write) {
  std::vector<technology::ImportWarning> warnings;
  const MemoryCell layout = cell_of(question, warnings);
  const technology::DeviceCell device{junction, write, question.supply, question.array.temperature, question.array.transistors, question.bit_failure};
  MemoryAnswer answer = design(question, technology::cell_of_device(device, layout, question.array.node), std::move(warnings));
  answer.design.sheet.retention_source = technology::retention_source(device);
  for (const core::Constant& constant : junction.constants)
    answer.constants.push_back({"device." + constant.name, constant.value, constant.unit, constant.source});
  return answer;
}

}  // namespace spinvp::platform
