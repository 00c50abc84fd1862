#include "models/pim/pim_config.h"

#include <cmath>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/pim/fast_engine.h"
#include "models/pim/published_counts.h"
#include "models/pim/read_before_write.h"
#include "models/pim/step_engine.h"
#include "models/pim/wearing_engine.h"
#include "models/technology/write_error.h"

namespace spinvp::pim {

const core::Schema& PimConfig::schema() {
  static const core::Schema schema =
      core::Schema::of<PimConfig>()
          .field("subarrays", &PimConfig::subarrays, {.least = 1, .most = 4096, .text = "subarrays; those of a command work in lockstep"})
          .field("rows", &PimConfig::rows,
                 {.least = 32, .most = 4096, .text = "addressable rows of a subarray, a multiple of 32: a lane holds rows / 32 words"})
          .field("lanes", &PimConfig::lanes, {.least = 32, .most = 4096, .text = "columns of a subarray, a multiple of 32; each is a lane"})
          .field("work_rows", &PimConfig::work_rows,
                 {.least = 0,
                  .most = 1024,
                  .text = "rows beside the addressable ones for the logic's intermediate results, a multiple of 32, counted in the area; 0: as many as the "
                          "family's fp32 multiply-accumulate needs"})
          .field("clock", &PimConfig::clock,
                 {.least = 0.001, .most = 10, .unit = "GHz", .text = "clock of the controller and its buffers; row times do not follow it"})
          .field("device", &PimConfig::device,
                 {.choices = DeviceTiming::preset_names(), .text = "row times and cell energies: a regime of the array model, or a published set of SOT cells"})
          .field("family", &PimConfig::family, {.choices = logic_family_names(), .text = "logic family whose micro-programs do the arithmetic"})
          .field(
              "engine", &PimConfig::engine,
              {.choices = {"fast", "step"},
               .text =
                   "fast: the host's arithmetic, flips estimated from samples of the operands; step: every row step on the bits. Same values, steps and time"})
          .field(
              "counts", &PimConfig::counts,
              {.choices = {"microprogram", "published"},
               .text =
                   "steps of the executed micro-programs, or the closed forms of the family's paper where it has one (flips are then unknown and not charged)"})
          .field("semantics", &PimConfig::semantics,
                 {.choices = {"ieee", "published"},
                  .text = "IEEE 754, or what the published procedures can be executed as: truncated products, no special values, underflow to zero"})
          .field("rounding", &PimConfig::rounding,
                 {.choices = {"nearest-even", "truncate"},
                  .text = "rounding of every arithmetic result (IEEE 754 ties to even, or toward zero); subnormal numbers are kept"})
          .field("two_destinations", &PimConfig::two_destinations,
                 {.text =
                      "family sot: a write may drive two rows with different operations at once, so that a full adder takes the published 4 steps; a row write "
                      "then draws twice the current"})
          .field("read_before_write", &PimConfig::read_before_write,
                 {.text = "the logic's row writes read their row first and drive only the cells that change: a read more for each write, fewer cells driven"})
          .field("operand_buffer", &PimConfig::operand_buffer,
                 {.least = 0,
                  .most = 67108864,
                  .text = "SRAM that holds operands of a DOT which several steps want, in equal shares by controller; 0: each step fetches its own words"})
          .field("fill_words", &PimConfig::fill_words,
                 {.least = 1,
                  .most = 64,
                  .source = "assumed: a 64-bit port",
                  .text = "32-bit words that the transposing buffer of each subarray takes or gives in a clock cycle"})
          .field("decode_cycles", &PimConfig::decode_cycles,
                 {.least = 0, .most = 1000, .source = "assumed", .text = "clock cycles between a descriptor's arrival and its first step"})
          .field(
              "command_window", &PimConfig::command_window,
              {.least = 1,
               .most = 64,
               .source = "assumed",
               .text = "commands that are taken from the queue and not yet complete; those with other controllers and other memory work at the same time. 1: "
                       "one command after the other"})
          .field("subarrays_per_controller", &PimConfig::subarrays_per_controller,
                 {.least = 1,
                  .most = 4096,
                  .text = "subarrays that one controller steps; it runs one command at a time. Fewer: more commands at once, more program stores"})
          .field("subarrays_per_tile", &PimConfig::subarrays_per_tile,
                 {.least = 1, .most = 4096, .text = "subarrays that switches join to a tile; tiles lie on a square grid"})
          .field("tile_link_bits", &PimConfig::tile_link_bits,
                 {.least = 1,
                  .most = 65536,
                  .source = "assumed: a row of a subarray",
                  .text = "bits that a link between neighbouring tiles carries a clock cycle"})
          .field("tile_hop_cycles", &PimConfig::tile_hop_cycles,
                 {.least = 0, .most = 1000, .source = "assumed: a router and a wire", .text = "clock cycles from a tile to its neighbour"})
          .field("peak_write_current", &PimConfig::peak_write_current,
                 {.least = 0.001,
                  .most = 10000,
                  .source = "assumed: a supply of about 10 W at 1.2 V; one row write drives lanes x write current of a cell (1024 x 100 uA = 102 mA), so 78 "
                            "subarrays at once",
                  .text = "the most that row writes may draw together; where it is less than all active subarrays need, each row write takes several waves"})
          .field("faults.write_failure", &PimConfig::write_failure,
                 {.least = 0, .most = 1, .text = "probability that a driven cell of the logic does not flip when it should"})
          .field(
              "faults.from_device", &PimConfig::write_failure_from_device,
              {.text =
                   "write_failure follows from the device: its row write time, taken as the pulse, and faults.overdrive, see models/technology/write_error.h"})
          .field("faults.overdrive", &PimConfig::write_overdrive,
                 {.least = 0,
                  .most = 1000,
                  .source = "assumed: three times critical; with the 1.3 ns of a row write of the array model 1e-10 of the writes fail",
                  .text = "write current over the critical current of the cell; used with faults.from_device"})
          .field("faults.read_disturb", &PimConfig::read_disturb, {.least = 0, .most = 1, .text = "probability that a cell sensed by the logic flips"})
          .field("faults.stuck_cells", &PimConfig::stuck_cells, {.least = 0, .most = 1, .text = "share of the logic's cells that are stuck at a drawn bit"})
          .field("faults.check_and_repeat", &PimConfig::check_and_repeat,
                 {.text = "every row that the logic writes is read back and written again where it failed"})
          .field("rotation_interval", &PimConfig::rotation_interval,
                 {.least = 0, .most = 1e9, .text = "operations of a subarray after which its work rows move on by one row, so that they wear alike; 0: never"})
          .field("endurance", &PimConfig::endurance,
                 {.least = 0, .most = 1e30, .text = "writes that a cell survives, for the expected lifetime; 0: the cell's"})
          .field("window_base", &PimConfig::window_base, {.text = "address of the lane-major window onto the arrays"});
  return schema;
}

NetworkShape PimConfig::network() const {
  return {static_cast<std::uint32_t>(subarrays), static_cast<std::uint32_t>(subarrays_per_tile), static_cast<std::uint32_t>(tile_link_bits),
          static_cast<std::uint32_t>(tile_hop_cycles)};
}

std::uint64_t PimConfig::rows_of_work() const {
  if (work_rows != 0) return work_rows;
  ProgramSet programs(logic_family(family), arithmetic(), 1024, Alignment::automatic, two_destinations);
  const auto needs = [&](bool scalar) { return std::uint64_t{programs.program(FloatOperation::multiply_accumulate, scalar).program().work_rows}; };
  const std::uint64_t needed = std::max(needs(false), needs(true));
  return core::divide_up(needed, 32) * 32;
}

Geometry PimConfig::geometry() const {
  if (read_before_write && counts == "published")
    throw core::InputError("pim: read_before_write with published counts, whose flips are not known; allowed is counts: microprogram");
  for (const auto& [name, value] : {std::pair{"rows", rows}, std::pair{"lanes", lanes}, std::pair{"work_rows", work_rows}})
    if (value % 32 != 0) throw core::InputError(fmt::format("pim: {} is {}, allowed is a multiple of 32", name, value));
  const Geometry geometry{static_cast<std::uint32_t>(subarrays), static_cast<std::uint32_t>(lanes), static_cast<std::uint32_t>(rows / 32),
                          static_cast<std::uint32_t>(rows_of_work() / 32)};
  constexpr std::uint64_t most_cells = std::uint64_t{1} << 34;  // 2 GiB of the host's memory
  if (geometry.cells() > most_cells)
    throw core::InputError(
        fmt::format("pim: {} subarrays of {} x {} are {} cells, allowed are {}", subarrays, rows + rows_of_work(), lanes, geometry.cells(), most_cells));
  return geometry;
}

FloatArithmetic PimConfig::arithmetic() const {
  return {fp32, semantics == "published" ? Semantics::published : Semantics::ieee, rounding == "truncate" ? Rounding::truncate : Rounding::nearest_even};
}

Engine make_engine(const PimConfig& config, std::uint64_t seed, Wear& wear) {
  const LogicFamily& family = logic_family(config.family);
  const auto programs =
      std::make_shared<ProgramSet>(family, config.arithmetic(), static_cast<unsigned>(config.rows_of_work()), Alignment::automatic, config.two_destinations);
  // A program that does not fit the work rows is found now, not at a command.
  programs->program(FloatOperation::multiply_accumulate);
  programs->program(FloatOperation::multiply_accumulate, true);
  Engine engine;
  if (config.engine == "step")
    engine.arithmetic = std::make_unique<StepEngine>(programs, config.geometry());
  else
    engine.arithmetic = std::make_unique<FastEngine>(programs);
  if (config.counts == "published") engine.arithmetic = std::make_unique<PublishedCounts>(std::move(engine.arithmetic), family);
  if (config.read_before_write) engine.arithmetic = std::make_unique<ReadBeforeWrite>(std::move(engine.arithmetic));
  const FaultRates rates{config.write_failure_rate(), config.read_disturb, config.stuck_cells, config.check_and_repeat, seed};
  if (rates.any() || rates.check_and_repeat) {
    auto faulty = std::make_unique<FaultyEngine>(std::move(engine.arithmetic), programs, rates, config.geometry());
    engine.faults = faulty.get();
    engine.arithmetic = std::move(faulty);
  }
  engine.arithmetic = std::make_unique<WearingEngine>(std::move(engine.arithmetic), programs, wear);
  return engine;
}

core::Constant endurance_of(const PimConfig& config) {
  const std::string& cell = logic_family(config.family).cell;
  if (config.endurance > 0) return {"endurance", config.endurance, "writes", "assumed: given by the configuration"};
  if (cell == "sot") return {"endurance", 1e12, "writes", "assumed: between the published 1e11 (NVMExplorer's table) and more than 1e15 (imec, IEDM 2023)"};
  if (cell == "memristor") return {"endurance", 1e9, "writes", "published: FloatPIM's lifetime is given for 1e9 writes (digest)"};
  return {"endurance", 1e18, "writes", "assumed: a cell of transistors does not wear"};
}

double PimConfig::write_failure_rate() const {
  if (!write_failure_from_device) return write_failure;
  if (write_failure != 0)
    throw core::InputError(fmt::format("pim: faults.write_failure is {} and faults.from_device is true, allowed is one of them", write_failure));
  if (const std::string& cell = logic_family(family).cell; cell != "sot")
    throw core::InputError(fmt::format("pim: faults.from_device is true and family {} is built of {} cells, allowed are families of sot cells", family, cell));
  return technology::write_error_probability({}, write_overdrive, make_timing(*this).write.time());
}

DeviceTiming make_timing(const PimConfig& config) {
  return DeviceTiming::preset(config.device, logic_family(config.family).cell, static_cast<unsigned>(config.rows + config.rows_of_work()),
                              static_cast<unsigned>(config.lanes));
}

Periphery periphery_of(const PimConfig& config, const DeviceTiming& device, std::uint64_t program_steps) {
  const double cells = static_cast<double>(config.geometry().cells()), subarrays = static_cast<double>(config.subarrays);
  const double buffer_mib = static_cast<double>(config.operand_buffer.value) / (1024.0 * 1024.0);
  constexpr double cells_per_mib = 8.0 * 1024 * 1024;
  const double f = device.feature.si();
  const bool modelled = device.area.si() > 0;
  // A regime below the boundary `array` has no leakage of its own; a published set has neither leakage nor area.
  const PeripheryFigure leakage =
      modelled ? PeripheryFigure{device.static_power.si() * subarrays,
                                 "derived: row and column circuits, column_leakage and row_leakage; zero below the boundary array"}
               : PeripheryFigure{7.4e-3 / cells_per_mib * cells,
                                 "derived: NVSim rev 131 sweep, 22 nm LOP, 350 K: 7.4 mW for a 1 MiB SOT macro, all of it periphery, scaled by cells"};
  constexpr double word_bits = 32;
  const double store_mib = static_cast<double>(config.controllers() * program_steps) * word_bits / cells_per_mib;
  const double buffer_area = (buffer_mib + store_mib) * 0.950e-6 * (f * f) / (22e-9 * 22e-9);
  const PeripheryFigure area =
      modelled ? PeripheryFigure{device.area.si() * subarrays + buffer_area,
                                 "derived: cells with their row and column circuits; operand buffer and program stores 0.950 mm2 a MiB at 22 nm (NVSim), "
                                 "scaled by F^2"}
               : PeripheryFigure{cells * 81.5 * f * f / 0.589 + buffer_area,
                                 "derived: cells of 81.5 F^2 (published SOT cell file for NVSim) at array efficiency 0.589 (NVSim: 0.562 mm2 for 1 MiB at 22 "
                                 "nm), F of the device preset; operand buffer and program stores 0.950 mm2 a MiB at 22 nm (NVSim), scaled by F^2"};
  return {
      {5e-12, "published: Horowitz, ISSCC 2014, 45 nm: 8 KB SRAM, 10 pJ a 64-bit access; the buffer is built of such banks"},
      {0.1e-12, "assumed: 1 mm of on-chip wire at 0.1 pJ a bit and mm, with its switches"},
      {0.1e-9 * std::sqrt(area.value / subarrays * static_cast<double>(config.subarrays_per_tile)),
       "derived: 0.1 pJ a bit and mm (assumed) over the side of a tile, the root of its area"},
      {100e-12, "assumed: descriptor fetch buffer, decoder and sequencer set-up, as 20 SRAM words"},
      leakage,
      {31e-3 * buffer_mib, "derived: NVSim rev 131 sweep, 22 nm LOP, 350 K: 31 mW for a 1 MiB SRAM macro, scaled by capacity"},
      {31e-3 * store_mib,
       "derived: program stores as the operand buffer; a store holds the steps of a multiply-accumulate at 32 bits each (assumed: two row addresses, an "
       "operation, a guard)"},
      area,
  };
}

}  // namespace spinvp::pim
