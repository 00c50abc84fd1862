#include "models/technology/import/nvsim_cell.h"

#include <fmt/format.h>

#include "models/technology/import/key_lines.h"

namespace spinvp::technology {

using namespace core::literals;

namespace {

// The cells that the tool and its forks know.
const std::vector<std::string_view>& cell_types() {
  static const std::vector<std::string_view> all{"SRAM",    "MRAM",    "DRAM",  "eDRAM", "PCRAM",    "memristor", "FBRAM",
                                                 "SLCNAND", "MLCNAND", "FeFET", "CTT",   "MLCFeFET", "MLCCTT",    "MLCRRAM"};
  return all;
}

// Ranges are wide on purpose: they hold what is possible, not what is usual.
const std::vector<KeyRule>& cell_rules() {
  static const std::vector<KeyRule> all = [] {
    std::vector<KeyRule> rules{
        word_key("MemCellType", cell_types()),
        number_key("ProcessNode", "", 1, 1000),
        number_key("CellArea", "F^2", 1, 1e6),
        number_key("CellAspectRatio", "", 1e-3, 1e3),
        number_key("ResistanceOn", "ohm", 1, 1e15),
        number_key("ResistanceOff", "ohm", 1, 1e15),
        number_key("ResistanceOnAtReadVoltage", "ohm", 1, 1e15),
        number_key("ResistanceOffAtReadVoltage", "ohm", 1, 1e15),
        word_key("ReadMode", {"voltage", "current"}),
        number_key("ReadVoltage", "V", 0, 20),
        number_key("ReadCurrent", "uA", 0, 1e5),
        number_key("ReadPower", "uW", 0, 1e6),
        number_key("MinSenseVoltage", "mV", 0, 1e4),
        word_key("AccessType", {"CMOS", "BJT", "diode", "None"}),
        number_key("AccessCMOSWidth", "F", 0, 1e4),
        number_key("VoltageDropAccessDevice", "V", 0, 20),
        number_key("SRAMCellNMOSWidth", "F", 0, 1e4),
        number_key("SRAMCellPMOSWidth", "F", 0, 1e4),
    };
    static const std::vector<std::string> writes = [] {
      std::vector<std::string> names;
      for (const char* state : {"Set", "Reset"})
        for (const char* what : {"Mode", "Voltage", "Current", "Pulse", "Energy"}) names.push_back(std::string(state) + what);
      return names;
    }();
    for (std::size_t i = 0; i < writes.size(); i += 5) {
      rules.push_back(word_key(writes[i], {"voltage", "current"}));
      rules.push_back(number_key(writes[i + 1], "V", -20, 20));
      rules.push_back(number_key(writes[i + 2], "uA", 0, 1e5));
      rules.push_back(number_key(writes[i + 3], "ns", 0, 1e9));
      rules.push_back(number_key(writes[i + 4], "pJ", 0, 1e6));
    }
    for (const char* name : {"ResistanceOnAtSetVoltage",
                             "ResistanceOffAtSetVoltage",
                             "ResistanceOnAtResetVoltage",
                             "ResistanceOffAtResetVoltage",
                             "ResistanceOnAtHalfReadVoltage",
                             "ResistanceOffAtHalfReadVoltage",
                             "ResistanceOnAtHalfResetVoltage",
                             "CapacitanceOn",
                             "CapacitanceOff",
                             "GateOxThicknessFactor",
                             "SOIDeviceWidth",
                             "WordlineBoostRatio",
                             "LeakageCurrentAccessDevice",
                             "DRAMCellCapacitance",
                             "ReadFloating",
                             "FlashEraseVoltage",
                             "FlashProgramVoltage",
                             "FlashPassVoltage",
                             "FlashEraseTime",
                             "FlashProgramTime",
                             "GateCouplingRatio",
                             "Stitching",
                             "CellLevels",
                             "InputFingers"})
      rules.push_back(unused_key(name));
    return rules;
  }();
  return all;
}

CellWrite write_of(const KeyLines& keys, const char* state, ImportLog& log) {
  const auto key = [&](const char* what) { return std::string(state) + what; };
  const double voltage = keys.number(key("Voltage"));
  if (voltage < 0) log.warn(keys.line(key("Voltage")), fmt::format("{} is negative: its size counts, the direction is the cell's own", key("Voltage")));
  CellWrite write{.voltage = (voltage < 0 ? -voltage : voltage) * 1_V,
                  .current = keys.number(key("Current")) * 1_uA,
                  .pulse = keys.number(key("Pulse")) * 1_ns,
                  .energy = keys.number(key("Energy")) * 1_pJ};
  if (write.pulse.si() <= 0) log.refuse(keys.line(key("Pulse")), fmt::format("an MRAM cell needs {} (ns) above zero", key("Pulse")));
  if (write.current.si() <= 0 && write.voltage.si() <= 0)
    log.refuse(keys.line(key("Current")), fmt::format("an MRAM cell needs {} (uA) or {} (V) above zero", key("Current"), key("Voltage")));
  return write;
}

void read_magnetic(const KeyLines& keys, MemoryCell& cell, ImportLog& log) {
  const bool at_read = keys.find("ResistanceOnAtReadVoltage") != nullptr;
  const char* on = at_read ? "ResistanceOnAtReadVoltage" : "ResistanceOn";
  const char* off = keys.find("ResistanceOffAtReadVoltage") != nullptr ? "ResistanceOffAtReadVoltage" : "ResistanceOff";
  cell.resistance_low = keys.number(on) * 1_Ohm;
  cell.resistance_high = keys.number(off) * 1_Ohm;
  if (cell.resistance_low.si() <= 0) log.refuse(keys.line(on), "an MRAM cell needs ResistanceOn (ohm) above zero");
  if (cell.resistance_high <= cell.resistance_low)
    log.refuse(keys.line(off), fmt::format("ResistanceOff is {:g} ohm, allowed is more than ResistanceOn, {:g} ohm: the states must differ",
                                           cell.resistance_high.si(), cell.resistance_low.si()));
  cell.set = write_of(keys, "Set", log);
  cell.reset = write_of(keys, "Reset", log);
  if (cell.set.pulse != cell.reset.pulse)
    log.warn(keys.line("SetPulse"), "SetPulse and ResetPulse differ: of an MRAM cell the tool itself uses ResetPulse alone");
  cell.write_resistance = cell.resistance_low;
  if (cell.technology == MemoryTechnology::sot) {
    // The file has no key for the track: what its own energy, current and pulse say, access device included.
    const double charge_current = cell.set.current.si() * cell.set.current.si() * cell.set.pulse.si();
    if (cell.set.energy.si() > 0 && charge_current > 0) {
      cell.write_resistance = core::Resistance::from_si(cell.set.energy.si() / charge_current);
      log.warn(keys.line("SetEnergy"),
               fmt::format("taken as a SOT cell: its write path has {:.4g} ohm, from SetEnergy / (SetCurrent^2 x SetPulse)", cell.write_resistance.si()));
    } else {
      log.warn(keys.line("ResistanceOn"), "taken as a SOT cell, but the file says nothing of its track: the write path has the resistance of the junction");
    }
  }
}

}  // namespace

ImportedCell import_nvsim_cell(std::string_view text, const std::string& file, MemoryTechnology magnetic) {
  ImportLog log(file);
  const KeyLines keys(text, cell_rules(), log);
  const std::string_view type = keys.word("MemCellType");
  if (type.empty()) log.refuse(keys.last_line(), "no key MemCellType, allowed are SRAM and MRAM");
  if (type != "SRAM" && type != "MRAM") log.refuse(keys.line("MemCellType"), fmt::format("MemCellType {} has no model here, allowed are SRAM and MRAM", type));
  const bool is_sram = type == "SRAM";

  MemoryCell cell;
  cell.name = file_name_of(file);
  cell.technology = is_sram ? MemoryTechnology::sram : magnetic;
  cell.source = fmt::format("assumed: as the cell file {} says, by its user", cell.name);
  cell.area_f2 = keys.number("CellArea");
  if (cell.area_f2 <= 0) log.refuse(keys.line("CellArea"), "a cell needs CellArea (F^2) above zero");
  if (const KeyValue* node = keys.find("ProcessNode"); node != nullptr && node->number > 0) cell.node = node->number * 1_nm;
  if (keys.number("CellAspectRatio") > 0)
    cell.aspect_ratio = keys.number("CellAspectRatio");
  else
    log.warn(keys.line("CellAspectRatio"), "no CellAspectRatio: the cell is taken as square");

  const std::string_view access = keys.word("AccessType");
  cell.access = access == "diode" || access == "BJT" ? AccessDevice::diode : access == "None" ? AccessDevice::none : AccessDevice::cmos;
  if (access == "BJT") log.warn(keys.line("AccessType"), "AccessType BJT is taken as a diode");
  const double width = keys.number("AccessCMOSWidth");
  if (cell.access == AccessDevice::cmos && width <= 0) log.refuse(keys.line("AccessCMOSWidth"), "a cell with CMOS access needs AccessCMOSWidth (F) above zero");
  cell.read_access_width_f = cell.write_access_width_f = cell.access == AccessDevice::cmos ? width : 0;
  cell.access_drop = keys.number("VoltageDropAccessDevice") * 1_V;

  cell.read_mode = keys.word("ReadMode") == "current" ? ReadMode::current : ReadMode::voltage;
  cell.read_voltage = keys.number("ReadVoltage") * 1_V;
  cell.read_current = keys.number("ReadCurrent") * 1_uA;
  cell.read_power = keys.number("ReadPower") * 1_uW;
  cell.least_sense_voltage = keys.number("MinSenseVoltage") * 1_mV;
  if (is_sram) {
    cell.pull_down_width_f = keys.number("SRAMCellNMOSWidth");
    cell.pull_up_width_f = keys.number("SRAMCellPMOSWidth");
    if (cell.pull_down_width_f <= 0) log.refuse(keys.line("SRAMCellNMOSWidth"), "an SRAM cell needs SRAMCellNMOSWidth (F) above zero");
    if (cell.pull_up_width_f <= 0) log.refuse(keys.line("SRAMCellPMOSWidth"), "an SRAM cell needs SRAMCellPMOSWidth (F) above zero");
  } else {
    read_magnetic(keys, cell, log);
  }
  return {std::move(cell), log.warnings()};
}

}  // namespace spinvp::technology
