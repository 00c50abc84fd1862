#include "models/technology/cell_presets.h"

#include <functional>
#include <utility>

#include <fmt/format.h>

#include "models/core/error.h"

namespace spinvp::technology {

using namespace core::literals;

namespace {

// A junction read by its current with the values of NVSim's STT cells, the same write both ways.
MemoryCell cell(const char* name, MemoryTechnology technology, double area_f2, double aspect_ratio, core::Resistance low, core::Resistance high,
                core::Power read_power, CellWrite write, const char* source) {
  MemoryCell c;
  c.name = name;
  c.technology = technology;
  c.area_f2 = area_f2;
  c.aspect_ratio = aspect_ratio;
  c.resistance_low = low;
  c.resistance_high = high;
  c.read_mode = ReadMode::current;
  c.read_voltage = 0.25_V;
  c.read_power = read_power;
  c.read_current = read_power / c.read_voltage;
  c.least_sense_voltage = 25_mV;
  c.access_drop = 0.15_V;
  c.set = c.reset = write;
  c.source = source;
  return c;
}

CellPreset with_two_transistors(MemoryCell c, double write_width_f, const char* device, double endurance, const char* endurance_source) {
  c.word_lines = c.bit_lines = 2;
  c.write_access_width_f = write_width_f;
  c.read_access_width_f = 1;
  return {std::move(c), device, endurance, endurance_source};
}

CellPreset sot_aggressive() {
  MemoryCell c =
      cell("sot-aggressive", MemoryTechnology::sot, 81.5, 1, 6_kOhm, 12_kOhm, 23.4_uW, {1.1_V, 25_uA, 0.4_ns, 53.5_fJ},
           "published: Wang et al. 2018, p-SOT: 25 uA, 0.4 ns, 1.1 V, 49 to 58 fJ (the middle; 25 uA x 1.1 V x 0.4 ns is 11 fJ, and the macrospin asks for "
           "68 uA: unresolved), track 1.5 kOhm (derived); imec prints below 100 fJ; area of the SOT cell file of 18743-Project, resistances and read of "
           "NVSim's aggressive STT cell");
  c.node = 28_nm;
  c.write_resistance = 1.5_kOhm;
  return with_two_transistors(c, 2, "wang-2018-p-sot", 1e15, "published: imec, IEDM 2023, above 1e15");
}

CellPreset sot_mid() {
  MemoryCell c =
      cell("sot-mid", MemoryTechnology::sot, 81.5, 1, 6_kOhm, 12_kOhm, 23.4_uW, {{}, 100_uA, 1_ns, 0.1_pJ},
           "derived: the cell of our NVSim sweep at 22 nm: 81.5 F2 (SOT cell file of 18743-Project), 100 uA and 0.1 pJ (Prenat et al. 2016), 1 ns, resistances "
           "and read of NVSim's aggressive STT cell");
  c.write_resistance = 1.5_kOhm;
  return with_two_transistors(c, 3, "sot-perpendicular", 1e11, "published: NVMExplorer's table for SOT, 1e11");
}

CellPreset sot_conservative() {
  MemoryCell c =
      cell("sot-conservative", MemoryTechnology::sot, 100, 1, 6_kOhm, 12_kOhm, 23.4_uW, {{}, 40.8_uA, 10_ns, 102_fJ},
           "published: SCOPE device library: 100 F2, write 10 ns and 102 fJ a bit; current of the 100 F2 SOT cell file (40.8 uA, 10 ns, 0.252 pJ there), "
           "resistances and read of NVSim's aggressive STT cell; a 7 nm macro of Georgia Tech and Intel takes 0.068 um2 a bit");
  c.write_resistance = 1.5_kOhm;
  return with_two_transistors(c, 3, "sot-perpendicular", 1e14, "published: SCOPE device library, 1e14");
}

CellPreset stt(MemoryCell c, double width_f, const char* device) {
  c.read_access_width_f = c.write_access_width_f = width_f;  // one transistor for both
  c.write_resistance = c.resistance_low;
  return {std::move(c), device, 1e12, "published: STT silicon survey, 1e5 to 1e12 (one part 1e15); the upper end"};
}

CellPreset stt_default() {
  return stt(cell("stt-default", MemoryTechnology::stt, 54, 0.54, 3_kOhm, 6_kOhm, 30_uW, {{}, 80_uA, 10_ns, 1_pJ}, "published: NVSim, sample_STTRAM.cell"), 8,
             "stt-perpendicular");
}

CellPreset stt_aggressive() {
  return stt(cell("stt-aggressive", MemoryTechnology::stt, 34.5, 0.96, 6_kOhm, 12_kOhm, 23.4_uW, {{}, 40.82_uA, 5_ns, 0.252_pJ},
                  "published: NVSim, sample_STTRAM_aggressive.cell"),
             4.5, "stt-perpendicular");
}

const std::vector<std::pair<std::string, std::function<CellPreset()>>>& presets() {
  static const std::vector<std::pair<std::string, std::function<CellPreset()>>> all = {{"sot-aggressive", sot_aggressive},
                                                                                       {"sot-mid", sot_mid},
                                                                                       {"sot-conservative", sot_conservative},
                                                                                       {"stt-aggressive", stt_aggressive},
                                                                                       {"stt-default", stt_default}};
  return all;
}

}  // namespace

const std::vector<std::string>& cell_preset_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& preset : presets()) all.push_back(preset.first);
    return all;
  }();
  return names;
}

CellPreset cell_preset(const std::string& name) {
  for (const auto& [known, make] : presets())
    if (known == name) return make();
  throw core::InputError(fmt::format("memory cell: no cell is called '{}', allowed are {}", name, fmt::join(cell_preset_names(), ", ")),
                         core::ExitStatus::usage);
}

}  // namespace spinvp::technology
