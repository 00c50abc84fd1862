#include "models/technology/logic.h"

#include <fmt/format.h>

namespace spinvp::technology {

using namespace core::literals;
using core::Energy;

namespace {

LogicEnergies nm45() {
  LogicEnergies t;
  t.node = "45nm";
  t.int8_add = 0.03_pJ;
  t.int8_multiply = 0.2_pJ;
  t.int32_add = 0.1_pJ;
  t.int32_multiply = 3.1_pJ;
  t.half_add = 0.4_pJ;
  t.half_multiply = 1.1_pJ;
  t.fp32_add = 0.9_pJ;
  t.fp32_multiply = 3.7_pJ;
  t.arithmetic_source = "published: Horowitz, ISSCC 2014, 45 nm at 0.9 V (16-bit floats are fp16)";
  t.scratch_64_bits = 10_pJ;
  t.scratch_source = "published: Horowitz, ISSCC 2014, 45 nm, 8 KB SRAM, 64 bits";
  t.register_64_bits = 2_pJ;
  t.register_source = "derived: recalled 6 pJ of register file for an instruction (Horowitz, ISSCC 2014, 45 nm) over three accesses";
  t.instruction_overhead = 63.9_pJ;
  t.overhead_source = "derived: recalled 70 pJ for an add instruction (Horowitz, ISSCC 2014, 45 nm) less the addition and 6 pJ of register file";
  return t;
}

LogicEnergies nm7() {
  LogicEnergies t;
  t.node = "7nm";
  t.int8_add = 0.007_pJ;
  t.int8_multiply = 0.07_pJ;
  t.int32_add = 0.03_pJ;
  t.int32_multiply = 1.48_pJ;
  t.half_add = 0.11_pJ;
  t.half_multiply = 0.21_pJ;
  t.fp32_add = 0.38_pJ;
  t.fp32_multiply = 1.31_pJ;
  t.arithmetic_source = "assumed: recalled, Jouppi et al., ISCA 2021 (TPUv4i), 7 nm column of the updated Horowitz table (16-bit floats are bf16)";
  t.scratch_64_bits = 7.5_pJ;
  t.scratch_source = "assumed: recalled, Jouppi et al., ISCA 2021 (TPUv4i), 7 nm, 8 KB SRAM, 64 bits";
  // Random logic follows the float adder (0.38 / 0.9), the one row that both tables hold and that is logic alone.
  const double shrink = t.fp32_add / nm45().fp32_add;
  t.register_64_bits = nm45().register_64_bits * shrink;
  t.register_source = "assumed: the 45 nm figure times the ratio of the fp32 adders, 0.38 / 0.9";
  t.instruction_overhead = nm45().instruction_overhead * shrink;
  t.overhead_source = t.register_source;
  return t;
}

std::string sum_source(const LogicEnergies& t, std::string_view what, std::string_view sources) {
  return fmt::format("derived: {} at {}; {}", what, t.node, sources);
}

}  // namespace

unsigned bits_of(NumberFormat format) { return format == NumberFormat::fp32 ? 32 : 16; }

const std::vector<LogicEnergies>& logic_tables() {
  static const std::vector<LogicEnergies> tables = {nm45(), nm7()};
  return tables;
}

const LogicEnergies* find_logic_table(const std::string& node) {
  for (const LogicEnergies& table : logic_tables())
    if (table.node == node) return &table;
  return nullptr;
}

std::vector<core::Constant> LogicEnergies::constants() const {
  const auto row = [&](const char* name, Energy each, const std::string& source) {
    return core::Constant{fmt::format("logic_{}.{}", node, name), each.in(1_pJ), "pJ", source};
  };
  return {row("int8_add", int8_add, arithmetic_source),
          row("int8_multiply", int8_multiply, arithmetic_source),
          row("int32_add", int32_add, arithmetic_source),
          row("int32_multiply", int32_multiply, arithmetic_source),
          row("half_add", half_add, arithmetic_source),
          row("half_multiply", half_multiply, arithmetic_source),
          row("fp32_add", fp32_add, arithmetic_source),
          row("fp32_multiply", fp32_multiply, arithmetic_source),
          row("scratch_64_bits", scratch_64_bits, scratch_source),
          row("register_64_bits", register_64_bits, register_source),
          row("instruction_overhead", instruction_overhead, overhead_source)};
}

PricedEnergy add(const LogicEnergies& t, NumberFormat format) { return {format == NumberFormat::fp32 ? t.fp32_add : t.half_add, t.arithmetic_source}; }

PricedEnergy multiply(const LogicEnergies& t, NumberFormat format) {
  return {format == NumberFormat::fp32 ? t.fp32_multiply : t.half_multiply, t.arithmetic_source};
}

PricedEnergy compare(const LogicEnergies& t, NumberFormat format) {
  return {add(t, format).each, sum_source(t, "a comparison is a subtraction", t.arithmetic_source)};
}

PricedEnergy divide(const LogicEnergies& t, NumberFormat format) {
  return {multiply(t, format).each * 7.1, sum_source(t, "7.1 multiplications, the ratio measured on a Cortex-M4F (PMC8934428, table 3)", t.arithmetic_source)};
}

PricedEnergy multiply_accumulate(const LogicEnergies& t, NumberFormat format) {
  return {multiply(t, format).each + t.fp32_add,
          sum_source(t, format == NumberFormat::fp32 ? "fp32 multiply + fp32 add" : "16-bit multiply + fp32 add", t.arithmetic_source)};
}

PricedEnergy elementary_function(const LogicEnergies& t) {
  const PricedEnergy mac = multiply_accumulate(t, NumberFormat::fp32);
  return {mac.each * 9, "derived: nine multiply-accumulates (models/abi/elementary.h); " + mac.source};
}

PricedEnergy scratch_access(const LogicEnergies& t, unsigned bits) {
  return {t.scratch_64_bits * (bits / 64.0), sum_source(t, fmt::format("{} bits of a 64-bit access to 8 KB", bits), t.scratch_source)};
}

PricedEnergy register_access(const LogicEnergies& t, unsigned bits) {
  return {t.register_64_bits * (bits / 64.0), sum_source(t, fmt::format("{} bits of a 64-bit register access", bits), t.register_source)};
}

PricedEnergy vector_operation(const LogicEnergies& t, NumberFormat format, const PricedEnergy& arithmetic) {
  const PricedEnergy registers = register_access(t, bits_of(format));
  return {arithmetic.each + registers.each * 3, sum_source(t, "arithmetic + 3 register accesses", arithmetic.source + "; " + registers.source)};
}

PricedEnergy instruction(const LogicEnergies& t, InstructionClass kind) {
  const Energy pipeline = t.instruction_overhead + t.register_64_bits * 3, add_64 = t.int32_add * 2;
  const std::string base = "; " + t.overhead_source + "; " + t.register_source;
  switch (kind) {
    case InstructionClass::simple: return {pipeline + add_64, sum_source(t, "overhead + 3 register accesses + two 32-bit adds", t.arithmetic_source + base)};
    case InstructionClass::memory:
      return {pipeline + add_64 + t.scratch_64_bits, sum_source(t, "a simple instruction + 64 bits of an 8 KB buffer", t.scratch_source + base)};
    case InstructionClass::multiply_divide:
      return {pipeline + t.int32_multiply * 4, sum_source(t, "overhead + 3 register accesses + four 32-bit multiplications", t.arithmetic_source + base)};
    case InstructionClass::floating:
      return {pipeline + multiply_accumulate(t, NumberFormat::fp32).each,
              sum_source(t, "overhead + 3 register accesses + fp32 multiply and add", t.arithmetic_source + base)};
  }
  return {};
}

}  // namespace spinvp::technology
