// Floating-point procedures as micro-programs, for any exponent and mantissa width, written once over an Assembler (assembler.h). Values: float_format.h and
// float_value.h, which computes the same bits with plain integers.
//
// `ieee` keeps exponents as F = field - 1 of a number whose top significand bit is set: adding the hidden bit to the packed exponent then gives the field
// of normal and subnormal numbers alike, and a rounding carry runs on into it.
#pragma once

#include <memory>

#include "models/pim/assembler.h"
#include "models/pim/float_format.h"
#include "models/pim/logic_family.h"

namespace spinvp::pim {

// How an addition aligns its smaller operand.
enum class Alignment {
  automatic,  // search in `published` where the family has one, else shifter
  search,     // one content search for each possible distance, then the shifted copy in the lanes that hit (as published): O(Nm^2) row moves
  shifter,    // one gated move for each bit of the distance: O(Nm log Nm)
};

struct ProgramRequest {
  FloatOperation operation = FloatOperation::multiply_accumulate;
  FloatArithmetic arithmetic;
  Alignment alignment = Alignment::automatic;
  bool scalar =
      false;  // multiply, multiply_accumulate: b is one number for all lanes; its significand's zero bits are skipped (guards), its bits also lie in b
  unsigned most_rows = 1024;
  bool two_destinations = false;
};

// The program of an operation in a family: windows a and b (format bits each), d the destination. Every program passed check().
MicroProgram float_program(const LogicFamily& family, const ProgramRequest& request);
// Window a holds a number of `from`, d gets it in `to`.
MicroProgram convert_program(const LogicFamily& family, FloatFormat from, const FloatArithmetic& to, unsigned most_rows = 1024);

// The bits that guard a scalar's program: its significand with the hidden bit.
std::uint64_t scalar_guards(FloatFormat format, std::uint64_t scalar);

// The procedures themselves, for programs that combine them. Words are whole numbers of the format.
Word ieee_multiply(Assembler& as, const FloatArithmetic& arithmetic, ConstBits a, ConstBits b, bool scalar = false);
Word ieee_add(Assembler& as, const FloatArithmetic& arithmetic, ConstBits a, ConstBits b, bool subtract, bool align_by_search);
Word ieee_convert(Assembler& as, FloatFormat from, const FloatArithmetic& to, ConstBits a);
Word published_multiply(Assembler& as, FloatFormat format, ConstBits a, ConstBits b, bool scalar = false);
Word published_add(Assembler& as, FloatFormat format, ConstBits a, ConstBits b, bool subtract, bool align_by_search);
Word published_convert(Assembler& as, FloatFormat from, FloatFormat to, ConstBits a);
Word float_compare(Assembler& as, const FloatArithmetic& arithmetic, ConstBits a, ConstBits b);
Word float_maximum(Assembler& as, const FloatArithmetic& arithmetic, ConstBits a, ConstBits b);
Word float_relu(Assembler& as, const FloatArithmetic& arithmetic, ConstBits a);

}  // namespace spinvp::pim
