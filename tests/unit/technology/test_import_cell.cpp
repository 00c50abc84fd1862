// `.cell` and `.cfg` files: what they become, and which traps of theirs are caught where.
#include <catch2/catch.hpp>

#include "import_samples.h"
#include "models/core/error.h"
#include "models/technology/import/nvsim_cell.h"
#include "models/technology/import/nvsim_config.h"

using namespace spinvp;
using namespace spinvp::technology;
using namespace spinvp::technology::test;
using namespace spinvp::core::literals;

namespace {

std::string refusal(const std::string& text) {
  try {
    import_nvsim_cell(text, "c.cell");
  } catch (const core::InputError& error) {
    CHECK(error.status() == core::ExitStatus::bad_input);
    return error.what();
  }
  return "accepted";
}

std::string all(const std::vector<ImportWarning>& warnings) {
  std::string text;
  for (const ImportWarning& warning : warnings) text += warning.where + ": " + warning.text + "\n";
  return text;
}

}  // namespace

TEST_CASE("An MRAM cell becomes an STT cell with the file's figures in their units") {
  const ImportedCell imported = import_nvsim_cell(mram_cell, "folder/made.cell");
  CHECK(imported.warnings.empty());
  const MemoryCell& cell = imported.cell;
  CHECK(cell.name == "made.cell");
  CHECK(cell.technology == MemoryTechnology::stt);
  CHECK(cell.area_f2 == 40);
  CHECK(cell.aspect_ratio == 0.9);
  CHECK(cell.resistance_low == 5_kOhm);
  CHECK(cell.resistance_high == 11_kOhm);
  CHECK(cell.read_mode == ReadMode::current);
  CHECK(cell.read_voltage.in(1_V) == Approx(0.2));
  CHECK(cell.read_power.in(1_uW) == Approx(20));
  CHECK(cell.least_sense_voltage.in(1_mV) == Approx(25));
  CHECK(cell.reset.current.in(1_uA) == Approx(50));
  CHECK(cell.set.current.in(1_uA) == Approx(60));
  CHECK(cell.set.pulse.in(1_ns) == Approx(4));
  CHECK(cell.reset.energy.in(1_pJ) == Approx(0.2));
  CHECK(cell.set.energy.in(1_pJ) == Approx(0.3));
  CHECK(cell.write_resistance == 5_kOhm);
  CHECK(cell.access == AccessDevice::cmos);
  CHECK(cell.read_access_width_f == 5);
  CHECK(cell.write_access_width_f == 5);
  CHECK(cell.access_drop.in(1_V) == Approx(0.15));
  CHECK_FALSE(cell.node);
  CHECK_FALSE(cell.thermal_stability);
  CHECK(cell.source.starts_with("assumed:"));
}

TEST_CASE("An SRAM cell becomes its transistors") {
  const ImportedCell imported = import_nvsim_cell(sram_cell, "s.cell");
  CHECK(imported.warnings.empty());
  CHECK(imported.cell.technology == MemoryTechnology::sram);
  CHECK(imported.cell.area_f2 == 150);
  CHECK(imported.cell.pull_down_width_f == 2);
  CHECK(imported.cell.pull_up_width_f == 1.2);
  CHECK(imported.cell.read_access_width_f == 1.3);
  CHECK(imported.cell.read_mode == ReadMode::voltage);
}

TEST_CASE("The tool has no SOT cell: an MRAM cell is one where the user says so, with the write path that its energy implies") {
  const ImportedCell imported = import_nvsim_cell(mram_cell, "c.cell", MemoryTechnology::sot);
  CHECK(imported.cell.technology == MemoryTechnology::sot);
  // 0.3 pJ / ((60 uA)^2 x 4 ns) = 3e-13 / 1.44e-17 = 20.83 kohm
  CHECK(imported.cell.write_resistance.in(1_kOhm) == Approx(20.8333).epsilon(1e-5));
  CHECK(all(imported.warnings).starts_with("c.cell:19: taken as a SOT cell"));
}

TEST_CASE("Cells without a model here are refused by name and line") {
  for (const char* type : {"PCRAM", "memristor", "FeFET", "SLCNAND", "DRAM"})
    CHECK(refusal(replaced(mram_cell, "MRAM", type)) == "c.cell:2: MemCellType " + std::string(type) + " has no model here, allowed are SRAM and MRAM");
  CHECK(refusal(replaced(mram_cell, "MRAM", "bubble")).starts_with("c.cell:2: MemCellType is 'bubble', allowed are SRAM, MRAM, "));
}

TEST_CASE("Impossible values are one line with the place, the value and what is allowed") {
  CHECK(refusal(replaced(mram_cell, "(F^2): 40", "(F^2): -40")) == "c.cell:4: CellArea is -40, allowed is a number from 1 to 1e+06 F^2");
  CHECK(refusal(replaced(mram_cell, "(F^2): 40", "(F^2): forty")) == "c.cell:4: CellArea is 'forty', allowed is a number from 1 to 1e+06 F^2");
  CHECK(refusal(replaced(mram_cell, "(F^2): 40", "(F^2): inf")).starts_with("c.cell:4: CellArea is 'inf'"));
  CHECK(refusal(replaced(mram_cell, "(F^2): 40", "(F^2): nan")).starts_with("c.cell:4: a cell needs CellArea"));
  CHECK(refusal(replaced(mram_cell, "-CellArea (F^2): 40\n", "")).starts_with("c.cell:21: a cell needs CellArea"));
  CHECK(refusal(replaced(mram_cell, "11000", "5000")).starts_with("c.cell:7: ResistanceOff is 5000 ohm, allowed is more than ResistanceOn"));
  CHECK(refusal(replaced(mram_cell, "(V): 0.2", "(V): -0.03")) == "c.cell:9: ReadVoltage is -0.03, allowed is a number from 0 to 20 V");
  CHECK(refusal(replaced(mram_cell, "SetPulse (ns): 4\n-SetE", "SetPulse (ns): 0\n-SetE")).find("needs SetPulse (ns) above zero") != std::string::npos);
  CHECK(refusal(replaced(mram_cell, "-ResetCurrent (uA): 50\n", "")).find("needs ResetCurrent (uA) or ResetVoltage (V)") != std::string::npos);
  CHECK(refusal(replaced(mram_cell, "CMOSWidth (F): 5", "CMOSWidth (F): 0")).find("AccessCMOSWidth (F) above zero") != std::string::npos);
  CHECK(refusal(replaced(sram_cell, "-SRAMCellPMOSWidth (F): 1.2\n", "")).find("SRAMCellPMOSWidth (F) above zero") != std::string::npos);
  CHECK(refusal("").find("no key MemCellType") != std::string::npos);
  CHECK(refusal("\x01\x02\xff binary\n-") == "c.cell:2: no key MemCellType, allowed are SRAM and MRAM");
}

TEST_CASE("A unit that is not the key's own is an error: the tool would read zero") {
  CHECK(refusal(replaced(mram_cell, "ReadVoltage (V): 0.2", "ReadVoltage (mV): 200")) ==
        "c.cell:9: ReadVoltage has the unit 'mV', allowed is (V), whatever the value");
  const ImportedCell without = import_nvsim_cell(replaced(mram_cell, "ReadVoltage (V): 0.2", "ReadVoltage: 0.2"), "c.cell");
  CHECK(all(without.warnings) == "c.cell:9: ReadVoltage has no unit: taken as V\n");
  CHECK(without.cell.read_voltage.in(1_V) == Approx(0.2));
}

TEST_CASE("nan energies are taken as not given") {
  const ImportedCell imported = import_nvsim_cell(replaced(mram_cell, "SetEnergy (pJ): 0.3", "SetEnergy (pJ): nan"), "c.cell");
  CHECK(all(imported.warnings) == "c.cell:19: SetEnergy is nan: taken as not given\n");
  CHECK(imported.cell.set.energy.si() == 0);
}

TEST_CASE("What a cell file says beside the keys is told by name") {
  const std::string text =
      mram_cell + "-SetEnergi (pJ): 1\nrubbish\n-Colon missing\n-ReadFloating: false\n-CapacitanceOn (F): 1e-16\n-CellArea (F^2): 41 about\n";
  const ImportedCell imported = import_nvsim_cell(text, "c.cell");
  CHECK(imported.cell.area_f2 == 41);
  CHECK(all(imported.warnings) ==
        "c.cell:23: unknown key 'SetEnergi' is ignored, is SetEnergy meant?\n"
        "c.cell:24: 'rubbish' is no line `-Key (unit): value` and is ignored\n"
        "c.cell:25: '-Colon missing' has no colon before a value and is ignored\n"
        "c.cell:28: 'about' after the value is ignored\n"
        "c.cell:28: CellArea is given again, the last one counts\n"
        "c.cell:26: known keys without a counterpart here are ignored: ReadFloating, CapacitanceOn\n");
}

TEST_CASE("A configuration becomes a request; what has no counterpart is named") {
  const ImportedRequest request = import_nvsim_config(config, "a.cfg");
  CHECK(request.capacity_bytes == 4u << 20);
  CHECK(request.word_bits == 256);
  CHECK(request.node->in(1_nm) == Approx(22));
  CHECK(request.temperature->in(1_K) == Approx(350));
  CHECK(request.roadmap == "LOP");
  CHECK(request.target == "ReadEDP");
  CHECK(request.cell_file == "cells/mram.cell");
  CHECK_FALSE(request.cache);
  CHECK(all(request.warnings) == "a.cfg:9: known keys without a counterpart here are ignored: LocalWireType, Routing, ForceBank\n");
}

TEST_CASE("Capacities carry their unit in the key, and a cache is said to be its data array") {
  CHECK(import_nvsim_config("-Capacity (KB): 128\n", "a.cfg").capacity_bytes == 128u << 10);
  CHECK(import_nvsim_config("-Capacity (B): 4096\n", "a.cfg").capacity_bytes == 4096u);
  const ImportedRequest cache = import_nvsim_config("-DesignTarget: cache\n-Associativity (for cache only): 8\n", "a.cfg");
  CHECK(cache.cache);
  CHECK(cache.associativity == 8);
  CHECK(all(cache.warnings).starts_with("a.cfg:1: DesignTarget cache: the data array"));
  const auto says = [](const std::string& text) {
    try {
      import_nvsim_config(text, "a.cfg");
    } catch (const core::InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK(says("-Capacity (GB): 1\n") == "a.cfg:1: Capacity has the unit 'GB', allowed are Capacity (B), Capacity (KB), Capacity (MB)");
  CHECK(says("-Capacity: 1\n") == "a.cfg:1: Capacity has the unit none, allowed are Capacity (B), Capacity (KB), Capacity (MB)");
  CHECK(says("-WordWidth (bit): 12\n") == "a.cfg:1: WordWidth is 12 bits, allowed are whole bytes");
  CHECK(says("-WordWidth (bit): 8.5\n").find("whole number") != std::string::npos);
  CHECK(says("-DesignTarget: CAM\n").find("allowed are RAM and cache") != std::string::npos);
  CHECK(says("nothing\n").find("no line `-Key") != std::string::npos);
}
