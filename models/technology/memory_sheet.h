// Data sheets of on-chip memory macros: what one bank costs in area, time and energy, and where each figure comes from.
//
// A sheet describes ONE bank. Energies are for one access of one word (`word_bits`). Latency is from address to data (read) or to the written cell (write);
// the cycle time is how often a bank takes a new word: word bytes over the bank's bandwidth, since an array tool prints bandwidth and not cycle time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/core/energy.h"
#include "models/core/units.h"

namespace spinvp::technology {

enum class MemoryTechnology { sram, stt, sot };
// "sram", "stt", "sot"; nothing for another text.
std::optional<MemoryTechnology> memory_technology(const std::string& text);
const char* name_of(MemoryTechnology technology);

struct MemoryDataSheet {
  std::string name;
  MemoryTechnology technology = MemoryTechnology::sot;
  std::uint64_t capacity_bytes = 0;
  unsigned word_bits = 0;
  core::Area area;
  core::Time read_latency, write_latency;
  double read_bytes_per_second = 0, write_bytes_per_second = 0;
  core::Energy read_energy, write_energy;   // of one word
  core::Power leakage;                      // powered on
  core::Power retention_leakage;            // contents kept, no access possible; powered off is zero
  bool non_volatile = false;                // keeps its contents without power
  std::optional<double> thermal_stability;  // of a magnetic cell
  std::optional<core::Time> retention;      // without power; none: volatile
  std::string source;                       // of area, times, energies and leakage
  std::string retention_leakage_source, retention_source;

  [[nodiscard]] std::uint64_t word_bytes() const { return word_bits / 8; }
  [[nodiscard]] core::Time read_cycle() const { return core::Time::from_si(static_cast<double>(word_bytes()) / read_bytes_per_second); }
  [[nodiscard]] core::Time write_cycle() const { return core::Time::from_si(static_cast<double>(word_bytes()) / write_bytes_per_second); }
  // The same bank with another capacity: area and leakage follow the capacity, times and energies stay (longer wires are not modelled here).
  [[nodiscard]] MemoryDataSheet with_capacity(std::uint64_t bytes) const;
  // Each row as a named figure with its source, for the report.
  [[nodiscard]] std::vector<core::Constant> constants() const;
};

// sram_1mib_22nm, stt_1mib_22nm, sot_1mib_22nm and the _64mib_ ones.
const std::vector<MemoryDataSheet>& memory_data_sheets();
const MemoryDataSheet* find_memory_data_sheet(const std::string& name);
// The sheet of 1 MiB at 22 nm that stands for a technology when no sheet is named.
const MemoryDataSheet& default_memory_data_sheet(MemoryTechnology technology);

}  // namespace spinvp::technology
