// What a codec costs a memory: time, energy and area of its gates, and the cells, energy and leakage of the check bits.
//
// Gates are counted from the code itself (CodecGates); what one gate takes:
//   energy  an 8-bit addition of the logic table is 8 full adders of 2 exclusive-or and 3 NAND gates; energy in proportion to area
//   area    the cells of an open library at 45 nm, by the square of the node elsewhere
//   delay   in FO4 inverters: a NAND level one, an exclusive-or level two; FO4 = 0.36 ps a nanometre of gate length, taken as the node's name
// Every code word of a bank's port has its encoder and checker; one corrector serves the memory, since it is rarely asked.
// No wires, no clock, no leakage of the gates. The check bits lie in the same arrays: area, leakage and energy of a word grow by check / data bits; times stay.
#pragma once

#include <string>
#include <vector>

#include "models/core/energy.h"
#include "models/core/units.h"
#include "models/memory/ecc.h"

namespace spinvp::memory {

struct EccCost {
  core::Time encode, check, correct;                         // check: of every word read; correct: on top, of a word that is not clean
  core::Energy encode_energy, check_energy, correct_energy;  // of one code word
  core::Area area, corrector_area;                           // of an encoder with a checker; of a corrector
  double more_bits = 0;                                      // check bits a data bit
  std::string source;
  // Each figure with its source, named "ecc.<codec>.<figure>".
  [[nodiscard]] std::vector<core::Constant> constants(const EccCodec& codec) const;
};

// At a node of the logic tables ("45nm", "7nm"); throws core::InputError for another.
EccCost cost_of(const EccCodec& codec, const std::string& node);

}  // namespace spinvp::memory
