#include "models/technology/memory_cells.h"

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/technology/process_node.h"

namespace spinvp::technology {

using namespace core::literals;

namespace {

MemoryCell sram(std::string name, double area_f2, std::string source) {
  MemoryCell c;
  c.name = std::move(name);
  c.technology = MemoryTechnology::sram;
  c.area_f2 = area_f2;
  c.aspect_ratio = 1.46;
  c.read_access_width_f = c.write_access_width_f = 1.31;
  c.pull_down_width_f = 2.08;
  c.pull_up_width_f = 1.23;
  c.bit_lines = 2;
  c.read_mode = ReadMode::voltage;
  c.source = std::move(source);
  return c;
}

MemoryCell sram_of_node(double nm, std::string source) {
  MemoryCell c = sram(fmt::format("sram-{:.0f}nm", nm), 146, std::move(source));
  c.node = core::Length::from_si(nm * 1e-9);
  return c;
}

MemoryCell junction(std::string name, MemoryTechnology technology, double area_f2, double aspect, double access_f, core::Resistance low, core::Resistance high,
                    CellWrite write, std::string source) {
  MemoryCell c;
  c.name = std::move(name);
  c.technology = technology;
  c.area_f2 = area_f2;
  c.aspect_ratio = aspect;
  c.read_access_width_f = c.write_access_width_f = access_f;
  c.resistance_low = low;
  c.resistance_high = high;
  c.read_voltage = 0.25_V;
  c.least_sense_voltage = 25_mV;
  c.set = c.reset = write;
  c.source = std::move(source);
  return c;
}

CellWrite write(core::Current current, core::Time pulse, core::Energy energy) { return {0_V, current, pulse, energy}; }

MemoryCell stt_aggressive() {
  MemoryCell c = junction("stt-aggressive", MemoryTechnology::stt, 34.5, 0.96, 4.5, 6_kOhm, 12_kOhm, write(40.82_uA, 5_ns, 0.252_pJ),
                          "published: NVSim rev 131, aggressive STT cell, fabricated at a university");
  c.read_power = 23.4_uW;
  c.access_drop = 0.15_V;
  return c;
}

MemoryCell stt_default() {
  MemoryCell c =
      junction("stt-default", MemoryTechnology::stt, 54, 0.54, 8, 3_kOhm, 6_kOhm, write(80_uA, 10_ns, 1_pJ), "published: NVSim rev 131, default STT cell");
  c.read_power = 30_uW;
  c.access_drop = 0.15_V;
  return c;
}

// The junction that all SOT cells here share; how it is reached differs.
MemoryCell sot(std::string name, double area_f2, std::string source) {
  MemoryCell c = junction(std::move(name), MemoryTechnology::sot, area_f2, 1, 4.5, 6_kOhm, 12_kOhm, write(100_uA, 1_ns, 0.1_pJ), std::move(source));
  c.read_power = 23.4_uW;
  c.access_drop = 0.15_V;
  c.write_resistance = 1.5_kOhm;
  return c;
}

MemoryCell sot_two_transistors() {
  MemoryCell c = sot("sot-2t", 81.5,
                     "derived: 81.5 F2 with 100 uA, 1 ns, 0.1 pJ (as sot-nvsim) with a write transistor of 7 F for 100 uA at 22 nm, a read transistor of 2.5 F "
                     "and a word line for each");
  c.word_lines = 2;
  c.read_access_width_f = 2.5;
  c.write_access_width_f = 7;
  return c;
}

constexpr double selector_saving = 0.25;

MemoryCell sot_selector(std::string name, const char* what) {
  MemoryCell c =
      sot(std::move(name), 81.5 * (1 - selector_saving),
          fmt::format("derived: sot-2t with its read transistor replaced by {}; area -25 %, the middle of the published -10 to -40 % (imec SOT DTCO)", what));
  c.access = AccessDevice::selector;
  c.read_access_width_f = 0;
  c.write_access_width_f = 7;
  c.access_drop = 0_V;
  return c;
}

std::vector<MemoryCell> all_cells() {
  std::vector<MemoryCell> all = {
      sram("sram-146f2", 146, "published: CACTI 6.5 and NVSim rev 131, 6T cell of 146 F2, widths 1.31, 2.08 and 1.23 F"),
      [] {
        MemoryCell c = sram("sram-28nm", 0.127 / (0.028 * 0.028), "assumed: recalled, TSMC 28 nm high-density bit cell of 0.127 um2");
        c.node = 28_nm;
        return c;
      }(),
  };
  for (const double nm : {16.0, 10.0, 7.0, 5.0, 3.0, 2.0}) all.push_back(sram_of_node(nm, process_node(core::Length::from_si(nm * 1e-9)).feature_source));
  all.push_back(stt_aggressive());
  all.push_back(stt_default());
  all.push_back(sot("sot-nvsim", 81.5,
                    "derived: community SOT cell of 81.5 F2 with 100 uA, 1 ns, 0.1 pJ and the junction and the one word line of NVSim's aggressive STT cell, "
                    "as an array tool without SOT sees it"));
  all.push_back(sot_two_transistors());
  {
    MemoryCell c = sot("sot-1t", 54,
                       "assumed: one transistor of 7 F for both paths, the junction in series with the track when read; area of NVSim's default STT cell, "
                       "whose transistor is about as wide");
    c.read_access_width_f = c.write_access_width_f = 7;
    all.push_back(c);
  }
  all.push_back(sot_selector("sot-selector", "a selector between metal layers"));
  {
    MemoryCell c = sot_selector("sot-igzo", "a thin-film (IGZO) transistor, which adds 4 ns to a read, the middle of the published 3 to 5 ns");
    c.access_delay = 4_ns;
    all.push_back(c);
  }
  {
    MemoryCell c =
        sot_selector("sot-diode", "a diode whose drop of 0.7 V the read supply must add: 3.8 times the read voltage, published 2.5 to 5 times the read energy");
    c.access = AccessDevice::diode;
    c.access_drop = 0.7_V;
    c.read_power = 0_W;  // follows from voltage, drop and current
    all.push_back(c);
  }
  return all;
}

}  // namespace

const std::vector<MemoryCell>& memory_cells() {
  static const std::vector<MemoryCell> cells = all_cells();
  return cells;
}

const MemoryCell* find_memory_cell(const std::string& name) {
  for (const MemoryCell& c : memory_cells())
    if (c.name == name) return &c;
  return nullptr;
}

const MemoryCell& default_memory_cell(MemoryTechnology technology) {
  switch (technology) {
    case MemoryTechnology::sram: return memory_cell_named("sram-146f2");
    case MemoryTechnology::stt: return memory_cell_named("stt-aggressive");
    case MemoryTechnology::sot: break;
  }
  return memory_cell_named("sot-2t");
}

std::vector<std::string> memory_cell_names() {
  std::vector<std::string> names;
  for (const MemoryCell& c : memory_cells()) names.push_back(c.name);
  return names;
}

const MemoryCell& memory_cell_named(const std::string& name) {
  if (const MemoryCell* c = find_memory_cell(name)) return *c;
  throw core::InputError(fmt::format("memory cell '{}' is not known, known are {}", name, fmt::join(memory_cell_names(), ", ")));
}

}  // namespace spinvp::technology
