// Configuration of the PIM device, and what follows from it: geometry, row times, energies and area, each with its source.
#pragma once

#include <memory>
#include <string>

#include "models/core/fields.h"
#include "models/pim/arithmetic.h"
#include "models/pim/array_network.h"
#include "models/pim/device_timing.h"
#include "models/pim/logic_faults.h"
#include "models/pim/wear.h"

namespace spinvp::pim {

struct PimConfig {
  std::uint64_t subarrays = 64, rows = 1024, lanes = 1024, work_rows = 0;
  core::Frequency clock = core::Frequency::from_si(1e9);
  std::string family = "sot";
  std::string device = "array";
  std::string engine = "fast";
  std::string counts = "microprogram";
  std::string semantics = "ieee";
  std::string rounding = "nearest-even";
  bool two_destinations = false, read_before_write = false;
  core::Bytes operand_buffer{256 * 1024};
  std::uint64_t fill_words = 2;
  std::uint64_t decode_cycles = 4;
  std::uint64_t command_window = 32, subarrays_per_controller = 4;
  std::uint64_t subarrays_per_tile = 16, tile_link_bits = 1024, tile_hop_cycles = 2;
  core::Current peak_write_current = core::Current::from_si(8);
  std::uint64_t window_base = 0x30'0000'0000;
  double write_failure = 0, read_disturb = 0, stuck_cells = 0;
  bool write_failure_from_device = false, check_and_repeat = false;
  double write_overdrive = 3;
  std::uint64_t rotation_interval = 1024;
  double endurance = 0;

  static const core::Schema& schema();

  // Throws core::InputError where fields do not fit each other.
  [[nodiscard]] Geometry geometry() const;
  // work_rows, or where that is 0 what the family's fp32 multiply-accumulate needs, in whole words.
  [[nodiscard]] std::uint64_t rows_of_work() const;
  [[nodiscard]] FloatArithmetic arithmetic() const;
  [[nodiscard]] NetworkShape network() const;
  [[nodiscard]] std::uint64_t controllers() const { return core::divide_up(subarrays, subarrays_per_controller); }
  // As written, or from the device.
  [[nodiscard]] double write_failure_rate() const;
};

// The engine that does the arithmetic. The one place that knows which engines there are.
struct Engine {
  std::unique_ptr<ArithmeticEngine> arithmetic;
  const FaultyEngine* faults = nullptr;  // its counters; null: faults are off
};
Engine make_engine(const PimConfig& config, std::uint64_t seed, Wear& wear);
// Writes that a cell survives, with their source: config.endurance, or the cell's.
core::Constant endurance_of(const PimConfig& config);
DeviceTiming make_timing(const PimConfig& config);

// Energy, power and area around the cells, one figure each with its source.
struct PeripheryFigure {
  double value;  // SI
  const char* source;
};
struct Periphery {
  PeripheryFigure buffer_word;         // J, one 32-bit word into or out of the operand buffer
  PeripheryFigure transfer_bit;        // J, one bit from subarray to subarray: the switches of a tile
  PeripheryFigure transfer_hop;        // J, one bit from tile to tile
  PeripheryFigure command;             // J, one command fetched and decoded
  PeripheryFigure array_leakage;       // W, all subarrays' drivers and sense amplifiers; the cells leak nothing
  PeripheryFigure buffer_leakage;      // W, operand buffer
  PeripheryFigure controller_leakage;  // W, the program stores of all controllers
  PeripheryFigure area;                // m^2, all subarrays with their periphery, the operand buffer and the controllers
};
// `program_steps`: of the longest micro-program, which a controller's store has to hold.
Periphery periphery_of(const PimConfig& config, const DeviceTiming& device, std::uint64_t program_steps);

}  // namespace spinvp::pim
