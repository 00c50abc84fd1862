// The `aritpim` family: memristor NOR with nothing but the crossbar: one initialisation for every gate, no search, no lane selection. The closed forms are AritPIM's
// bit-serial IEEE programs (round to nearest even, no NaN or infinity, subnormal numbers as zero), which count gates and initialisations alike.
#include "models/pim/families/nor_assembler.h"
#include "models/pim/logic_family.h"

namespace spinvp::pim {

namespace {

constexpr unsigned ceil_log2(unsigned n) {
  unsigned bits = 0;
  while ((1u << bits) < n) ++bits;
  return bits;
}

// Signed addition (fact sheet 6): 74 Nm + 79 Ne + 299 + (12 Nm + 48) L - 8 2^L with L = ceil(log2(Nm + 3)); half of them initialisations.
StepCounts add_count(FloatFormat f) {
  const unsigned l = ceil_log2(f.mantissa_bits + 3);
  const std::uint64_t steps = 74 * f.mantissa_bits + 79 * f.exponent_bits + 299 + (12 * f.mantissa_bits + 48) * l - 8 * (std::uint64_t{1} << l);
  return {0, 0, 0, 2 * steps, 0};
}

// Every gate has an initialisation of its own before it.
constexpr StepCounts half_initialise(const StepCounts& steps) { return {0, 0, 0, steps.nors / 2, steps.nors / 2}; }

// Multiplication has no closed form in the sheet: its table.
std::optional<StepCounts> multiply_count(FloatFormat f) {
  if (f == bf16) return StepCounts::whole(0, 0, 0, 1742);
  if (f == fp16) return StepCounts::whole(0, 0, 0, 2780);
  if (f == fp32) return StepCounts::whole(0, 0, 0, 11586);
  if (f == FloatFormat{11, 52}) return StepCounts::whole(0, 0, 0, 46204);
  return std::nullopt;
}

std::optional<PublishedCount> published_count(FloatOperation operation, FloatFormat format, bool) {
  // 142 and 172 cells with the three fp32 operands.
  const unsigned operands = 3 * format.bits(), add_cells = format == fp32 ? 142 - operands : 0, multiply_cells = format == fp32 ? 172 - operands : 0;
  const auto count = [](const StepCounts& steps, unsigned work_cells) {
    return PublishedCount{half_initialise(steps), half_initialise(steps), work_cells,
                          "published: AritPIM's bit-serial programs (code and table read; fact sheet 6)"};
  };
  const auto multiply = multiply_count(format);
  switch (operation) {
    case FloatOperation::add:
    case FloatOperation::subtract: return count(add_count(format), add_cells);
    case FloatOperation::multiply:
      if (multiply) return count(*multiply, multiply_cells);
      return std::nullopt;
    case FloatOperation::multiply_accumulate:
      if (multiply) return count(*multiply + add_count(format), multiply_cells);
      return std::nullopt;
    default: return std::nullopt;
  }
}

const FamilyRegistration registration({.name = "aritpim",
                                       .text = "memristor NOR without periphery as in AritPIM: every gate initialised, no search",
                                       .cell = "memristor",
                                       .assembler =
                                           [](const AssemblerOptions& o) { return std::make_unique<NorAssembler>(o.name, o.windows, o.most_rows, 1, false); },
                                       .published = published_count});

}  // namespace
}  // namespace spinvp::pim
