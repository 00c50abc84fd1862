// One memory cell as an array sees it: how large, how it is read and what a write takes. What a device model gives (magnetic junction and access transistor), what
// a `.cell` file of an array tool holds, and what the array model takes.
//
// Sizes in F are in units of the node's feature size: one cell serves at any node unless `node` pins it. A field that does not apply to the kind of cell is zero.
#pragma once

#include <optional>
#include <string>

#include "models/core/units.h"
#include "models/technology/memory_sheet.h"

namespace spinvp::technology {

enum class ReadMode { voltage, current };                 // what the sense amplifier sees
enum class AccessDevice { cmos, selector, diode, none };  // what stands between bit line and storage element

struct CellWrite {
  core::Voltage voltage;  // over cell and access device; zero: current x resistance
  core::Current current;  // zero: voltage / resistance
  core::Time pulse;       // the supply is on for so long
  core::Energy energy;    // of one bit, in the cell and its access device; zero: from current, resistance and pulse
};

struct MemoryCell {
  std::string name;
  MemoryTechnology technology = MemoryTechnology::sot;
  std::optional<core::Length> node;  // the feature size it was made for
  double area_f2 = 0;                // F^2
  double aspect_ratio = 1;           // height (along the bit line) over width (along the word line)

  AccessDevice access = AccessDevice::cmos;
  double read_access_width_f = 0, write_access_width_f = 0;  // of transistors; a 1T cell has one for both
  core::Voltage access_drop;                                 // over the access device
  core::Time access_delay;                                   // that it adds to a read before it conducts: a thin-film selector; zero for a transistor
  unsigned word_lines = 1, bit_lines = 1;                    // a 2T-1MTJ cell has a read and a write word line

  // SRAM: widths of one inverter's transistors.
  double pull_down_width_f = 0, pull_up_width_f = 0;

  // Resistive read: the parallel (low) and antiparallel (high) state at the read voltage.
  core::Resistance resistance_low, resistance_high;
  ReadMode read_mode = ReadMode::current;
  core::Voltage read_voltage;
  core::Current read_current;
  core::Power read_power;
  core::Voltage least_sense_voltage;

  core::Resistance write_resistance;  // of the path that the write current takes: the track of a SOT cell, the junction of a STT cell
  CellWrite set, reset;               // to the high and to the low resistance state

  // What a magnetic device model adds; nothing for SRAM and for cells from files.
  std::optional<double> thermal_stability;
  std::optional<core::Time> retention;  // at the array's temperature, to the error rate named in the source

  std::string source;  // begins with "published:", "derived:" or "assumed:"
};

}  // namespace spinvp::technology
