// The two memory systems that `spinvp reproduce memory` compares, from constants up: an on-chip memory of SRAM and one of SOT-MRAM, each with the same DRAM around the same NPU.
//
// Fair: the same capacity, banks, node, transistors and temperature, the same compiler at its best. Assumptions are what can be said beside that; each has a meaning, none is fitted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "models/technology/array_model.h"
#include "platform/explore/memory_price.h"

namespace spinvp::platform {

// Bits of a set.
enum class Assumption : unsigned {
  equal_area,      // the SOT memory holds what fits into the SRAM's area
  naive_sram,      // the SRAM system runs the network operation by operation: unfused, nothing stays on chip between layers
  small_sram,      // the SRAM memory is that of a conventional accelerator, the SOT memory as ever
  mixed_flavours,  // SRAM of high-performance transistors against low-power periphery around the SOT cells
  dear_dram,       // DRAM at what whole paths to it were measured to take
  slow_dram,       // DRAM of one DDR4 channel's bandwidth
  large_memory,    // four times the capacity on chip, on both sides
};
inline constexpr unsigned assumption_count = 7;
using Assumptions = unsigned;
constexpr Assumptions with(Assumption assumption) { return 1u << static_cast<unsigned>(assumption); }
constexpr bool has(Assumptions set, Assumption assumption) { return (set & with(assumption)) != 0; }
// Short, as a row is called; and in a sentence, with its figures.
const char* name_of(Assumption assumption);
std::string text_of(Assumption assumption);

// All that figures follow from beside the assumptions. 0: as the DRAM's sheet says.
struct MemoryConstants {
  double dram_pj_per_bit = 0, dram_gbps = 0;
  std::string sram_leakage = "node", logic_node = "45nm";
  double sram_leakage_factor = 1;  // times what the preset gives
  double temperature_k = 350;
  double banks = 64;
  double sot_cell_f2 = 0, sot_write_pulse_ns = 0, sot_write_pj = 0;  // 0: as the cell sot-2t says
  double capacity = 1;                                               // times training_bytes, inference_bytes
  double batch = 16;
};

inline constexpr std::uint64_t training_bytes = std::uint64_t{256} << 20, inference_bytes = std::uint64_t{64} << 20, small_bytes = std::uint64_t{16} << 20;
inline constexpr double dear_pj_per_bit = 20, large_factor = 4;
inline constexpr std::uint64_t link_width_bytes = 1024;  // of every link of the interconnect: wide enough never to be what decides

struct UncertainMemory {
  std::string name;
  double value = 0, low = 0, high = 0;
  std::string unit, source;
  std::function<void(MemoryConstants&, bool high)> set;  // to its low or its high value
};
// In the order of docs/memory-system.md.
std::vector<UncertainMemory> uncertain_memory();
// A constant that an assumption of the set fixes.
bool fixes(Assumptions set, const std::string& constant);

struct Side {
  std::uint64_t onchip_bytes = 0;
  bool reuse = true;
  MemorySystem memory;
};
struct Sides {
  Side sram, sot;
};

// Designs macros as they are asked for, and remembers them. May be asked from several threads.
class MemorySystems {
 public:
  Sides sides(Assumptions set, bool training, const MemoryConstants& constants);
  // A bank of SRAM, or of a named SOT cell, by area alone.
  double bank_mm2(const std::string& cell, std::uint64_t bytes, double cell_f2 = 0);

 private:
  std::mutex mutex_;
  std::map<std::string, technology::MemoryDataSheet> known_;
  // Of any capacity: times and energies of the next smaller power of two, area and leakage in proportion, as devices.onchip has it.
  technology::MemoryDataSheet bank(technology::MemoryTechnology kind, std::uint64_t bytes, technology::Transistors transistors,
                                   const MemoryConstants& constants);
  const technology::MemoryDataSheet& design(const technology::ArrayRequest& request);
};

// How addresses fall on the DRAM's lanes.
DramLanes machine_lanes();

// What `spinvp run` is to be told for one side, as `path=value` texts of --set.
std::vector<std::string> run_settings(const Side& side, Assumptions set, bool sot, bool training);

}  // namespace spinvp::platform
