// Instruction words to Instruction. Pure functions: no state, no exceptions; what is not RV64GC decodes to Operation::illegal.
#pragma once

#include <cstdint>

#include "models/riscv/operations.h"

namespace spinvp::riscv {

// Length in bytes of the instruction whose first 16 bits are `low`: 2 or 4 (longer encodings do not exist here and decode as 4, illegal).
constexpr unsigned instruction_length(std::uint16_t low) { return (low & 3u) == 3u ? 4 : 2; }

// `word` holds the instruction in its low 16 or 32 bits.
Instruction decode(std::uint32_t word);

// The 32-bit instruction that a compressed one stands for (RV64C), 0 if it is reserved or illegal.
std::uint32_t expand_compressed(std::uint16_t word);

}  // namespace spinvp::riscv
