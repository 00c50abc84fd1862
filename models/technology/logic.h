// Energy of digital logic: arithmetic, register and scratchpad accesses, and whole instructions, by process node.
//
// The rows of LogicEnergies are the table; everything else is a sum of rows, and its source string says which. No leakage, no clock tree: where they matter, the one named
// overhead of an instruction holds them.
#pragma once

#include <string>
#include <vector>

#include "models/core/energy.h"
#include "models/core/units.h"

namespace spinvp::technology {

// An energy with its source, ready for EnergyAccount::declare.
struct PricedEnergy {
  core::Energy each;
  std::string source;
};

enum class NumberFormat { fp32, bf16 };
unsigned bits_of(NumberFormat format);

struct LogicEnergies {
  std::string node;  // "45nm", "7nm"
  core::Energy int8_add, int8_multiply, int32_add, int32_multiply;
  core::Energy half_add, half_multiply;  // fp16 at 45 nm (no bf16 published there), bf16 at 7 nm
  core::Energy fp32_add, fp32_multiply;
  core::Energy scratch_64_bits;       // one access of 64 bits to an 8 KB SRAM
  core::Energy register_64_bits;      // one access to a register file
  core::Energy instruction_overhead;  // fetch, decode, pipeline registers, control and clock of one instruction
  std::string arithmetic_source, scratch_source, register_source, overhead_source;
  [[nodiscard]] std::vector<core::Constant> constants() const;
};

// The tables by node name: "45nm" and "7nm".
const std::vector<LogicEnergies>& logic_tables();
const LogicEnergies* find_logic_table(const std::string& node);

// Multiply, and add to an fp32 sum (two operations, no discount for fusing them).
PricedEnergy multiply_accumulate(const LogicEnergies& table, NumberFormat format);
PricedEnergy add(const LogicEnergies& table, NumberFormat format);
PricedEnergy multiply(const LogicEnergies& table, NumberFormat format);
// A comparison costs an addition (it is a subtraction).
PricedEnergy compare(const LogicEnergies& table, NumberFormat format);
PricedEnergy divide(const LogicEnergies& table, NumberFormat format);
// An exponential, error function, tangent or logarithm in fp32: a polynomial of about nine multiplications and additions (models/abi/elementary.h).
PricedEnergy elementary_function(const LogicEnergies& table);
PricedEnergy scratch_access(const LogicEnergies& table, unsigned bits);
PricedEnergy register_access(const LogicEnergies& table, unsigned bits);
// One element of a vector operation: the arithmetic, two operands read from registers and the result written to one.
PricedEnergy vector_operation(const LogicEnergies& table, NumberFormat format, const PricedEnergy& arithmetic);

enum class InstructionClass { simple, memory, multiply_divide, floating };
// One instruction of an in-order 64-bit hart. Memory: with the access to an 8 KB buffer beside the core; what lies beyond is booked by the bus and the memories.
PricedEnergy instruction(const LogicEnergies& table, InstructionClass kind);

}  // namespace spinvp::technology
