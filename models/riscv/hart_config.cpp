#include "models/riscv/hart_config.h"

namespace spinvp::riscv {

CycleTable HartConfig::cycle_table() const {
  CycleTable t;
  const auto set = [&t](TimingClass c, std::uint64_t cycles) { t.of_class[static_cast<std::size_t>(c)] = static_cast<std::uint16_t>(cycles); };
  set(TimingClass::alu, cycles_alu);
  set(TimingClass::branch, cycles_branch);
  set(TimingClass::jump, cycles_jump);
  set(TimingClass::load, cycles_load);
  set(TimingClass::store, cycles_store);
  set(TimingClass::multiply, cycles_multiply);
  set(TimingClass::divide, cycles_divide);
  set(TimingClass::float_add, cycles_float_add);
  set(TimingClass::float_multiply, cycles_float_multiply);
  set(TimingClass::float_fused, cycles_float_fused);
  set(TimingClass::float_divide, cycles_float_divide);
  set(TimingClass::float_sqrt, cycles_float_sqrt);
  set(TimingClass::float_convert, cycles_float_convert);
  set(TimingClass::float_move, cycles_float_move);
  set(TimingClass::csr, cycles_csr);
  set(TimingClass::atomic, cycles_atomic);
  set(TimingClass::fence, cycles_fence);
  set(TimingClass::system, cycles_system);
  t.branch_taken = static_cast<std::uint16_t>(cycles_branch_taken);
  t.load_use = static_cast<std::uint16_t>(cycles_load_use);
  t.trap = static_cast<std::uint16_t>(cycles_trap);
  return t.clamped();
}

const core::Schema& HartConfig::schema() {
  constexpr double most = CycleTable::highest;
  static const char* const core_like = "assumed: a single-issue in-order core of five or six stages with pipelined multiplier and floating-point unit";
  static const core::Schema schema =
      core::Schema::of<HartConfig>()
          .field("clock", &HartConfig::clock, {.least = 1e-3, .most = 10, .unit = "GHz", .text = "core clock"})
          .field("quantum", &HartConfig::quantum, {.least = 1e-3, .most = 1e6, .unit = "us", .text = "how far the hart may run ahead of the other models"})
          .field("dmi", &HartConfig::dmi, {.text = "reach memory through host pointers; off gives the same counts and times, slowly"})
          .field("cycles.alu", &HartConfig::cycles_alu, {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "integer arithmetic"})
          .field("cycles.branch", &HartConfig::cycles_branch, {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "a conditional branch"})
          .field("cycles.branch_taken", &HartConfig::cycles_branch_taken,
                 {.least = 0, .most = most, .unit = "cycles", .source = core_like, .text = "in addition, for a taken branch"})
          .field("cycles.jump", &HartConfig::cycles_jump, {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "jal and jalr"})
          .field("cycles.load", &HartConfig::cycles_load,
                 {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "a load, waiting on the bus not included"})
          .field("cycles.load_use", &HartConfig::cycles_load_use,
                 {.least = 0,
                  .most = CycleTable::highest_load_use,
                  .unit = "cycles",
                  .source = core_like,
                  .text = "in addition, between a load and the next instruction, if that reads what was loaded"})
          .field("cycles.store", &HartConfig::cycles_store,
                 {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "a store, waiting on the bus not included"})
          .field("cycles.multiply", &HartConfig::cycles_multiply,
                 {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "integer multiplication"})
          .field("cycles.divide", &HartConfig::cycles_divide, {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "integer division"})
          .field("cycles.float_add", &HartConfig::cycles_float_add,
                 {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "addition and subtraction"})
          .field("cycles.float_multiply", &HartConfig::cycles_float_multiply,
                 {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "multiplication"})
          .field("cycles.float_fused", &HartConfig::cycles_float_fused,
                 {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "fused multiply-add"})
          .field("cycles.float_divide", &HartConfig::cycles_float_divide, {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "division"})
          .field("cycles.float_sqrt", &HartConfig::cycles_float_sqrt, {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "square root"})
          .field("cycles.float_convert", &HartConfig::cycles_float_convert,
                 {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "conversions"})
          .field("cycles.float_move", &HartConfig::cycles_float_move,
                 {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "moves, sign injection, comparison"})
          .field("cycles.csr", &HartConfig::cycles_csr, {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "a CSR instruction"})
          .field("cycles.atomic", &HartConfig::cycles_atomic, {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "LR, SC and AMOs"})
          .field("cycles.fence", &HartConfig::cycles_fence, {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "fence and fence.i"})
          .field("cycles.system", &HartConfig::cycles_system, {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "mret, wfi"})
          .field("cycles.trap", &HartConfig::cycles_trap,
                 {.least = 1, .most = most, .unit = "cycles", .source = core_like, .text = "from a trapping instruction or an interrupt to the handler"})
          .field("instruction_cache.size", &HartConfig::instruction_cache_size,
                 {.least = 0, .most = 16 << 20, .text = "first-level cache of fetches: a power of two of sets; 0: a perfect one"})
          .field("instruction_cache.ways", &HartConfig::instruction_cache_ways,
                 {.least = 1, .most = 64, .text = "lines of a set; the one used longest ago is replaced"})
          .field("instruction_cache.line", &HartConfig::instruction_cache_line, {.least = 16, .most = 4096, .text = "bytes of a line, a power of two"})
          .field("data_cache.size", &HartConfig::data_cache_size,
                 {.least = 0, .most = 16 << 20, .text = "first-level cache of loads, stores and atomics: a power of two of sets; 0: a perfect one"})
          .field("data_cache.ways", &HartConfig::data_cache_ways, {.least = 1, .most = 64, .text = "lines of a set; the one used longest ago is replaced"})
          .field("data_cache.line", &HartConfig::data_cache_line, {.least = 16, .most = 4096, .text = "bytes of a line, a power of two"})
          .field("energy.simple", &HartConfig::energy_simple,
                 {.least = 0, .most = 1e6, .unit = "pJ", .source = energy_source, .text = "one instruction: integer arithmetic, branches, jumps, CSRs"})
          .field("energy.memory", &HartConfig::energy_memory,
                 {.least = 0, .most = 1e6, .unit = "pJ", .source = energy_source, .text = "one instruction: loads, stores, atomics: the core's part alone"})
          .field("energy.multiply_divide", &HartConfig::energy_multiply_divide,
                 {.least = 0, .most = 1e6, .unit = "pJ", .source = energy_source, .text = "one instruction: integer multiplication and division"})
          .field("energy.float", &HartConfig::energy_float,
                 {.least = 0, .most = 1e6, .unit = "pJ", .source = energy_source, .text = "one instruction: floating-point arithmetic"})
          .field("power.on", &HartConfig::power_on, {.least = 0, .most = 1e5, .unit = "mW", .source = energy_source, .text = "static power, clocked"})
          .field("power.clock_gated", &HartConfig::power_clock_gated,
                 {.least = 0, .most = 1e5, .unit = "mW", .source = energy_source, .text = "static power, waiting for an interrupt"})
          .field("power.retention", &HartConfig::power_retention,
                 {.least = 0, .most = 1e5, .unit = "mW", .source = energy_source, .text = "static power, state kept at low voltage"})
          .what_if({"quantum", "dmi", "cycles.", "energy.", "power."});
  return schema;
}

}  // namespace spinvp::riscv
