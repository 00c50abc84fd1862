// What a user sets of a hart.
#pragma once

#include <cstdint>

#include "models/core/fields.h"
#include "models/core/units.h"
#include "models/riscv/cache.h"
#include "models/riscv/timing.h"

namespace spinvp::riscv {

struct HartConfig {
  core::Frequency clock = core::Frequency::from_si(1e9);
  core::Time quantum = core::Time::from_si(10e-6);
  bool dmi = true;

  // Cycles by class; see timing.h, where the defaults stand.
  std::uint64_t cycles_alu = 1, cycles_branch = 1, cycles_branch_taken = 2, cycles_jump = 2, cycles_load = 2, cycles_store = 1, cycles_multiply = 3,
                cycles_divide = 20, cycles_float_add = 2, cycles_float_multiply = 2, cycles_float_fused = 2, cycles_float_divide = 20, cycles_float_sqrt = 24,
                cycles_float_convert = 2, cycles_float_move = 1, cycles_csr = 3, cycles_atomic = 5, cycles_fence = 3, cycles_system = 3, cycles_trap = 5,
                cycles_load_use = 0;

  // First-level caches (cache.h); size 0: a perfect one.
  core::Bytes instruction_cache_size{0}, instruction_cache_line{64}, data_cache_size{0}, data_cache_line{64};
  std::uint64_t instruction_cache_ways = 4, data_cache_ways = 4;
  [[nodiscard]] CacheShapes caches() const {
    return {.instruction = {instruction_cache_size.value, instruction_cache_ways, instruction_cache_line.value},
            .data = {data_cache_size.value, data_cache_ways, data_cache_line.value}};
  }

  // Energy of one instruction, fetch and decode included, by energy class.
  core::Energy energy_simple = core::Energy::from_si(20e-12), energy_memory = core::Energy::from_si(30e-12),
               energy_multiply_divide = core::Energy::from_si(30e-12), energy_float = core::Energy::from_si(35e-12);
  // Static power. While the hart waits for an interrupt its clock is gated.
  core::Power power_on = core::Power::from_si(5e-3), power_clock_gated = core::Power::from_si(1e-3), power_retention = core::Power::from_si(0.2e-3);

  [[nodiscard]] CycleTable cycle_table() const;
  static const core::Schema& schema();
  static constexpr const char* energy_source =
      "assumed: order of magnitude of an application-class RV64GC core in 22 nm (tens of pJ an instruction, a few mW of leakage and clock tree); not measured";
};

}  // namespace spinvp::riscv
