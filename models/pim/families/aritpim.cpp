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

// Multiplication has no closed form in the sheet: its table.
std::optional<StepCounts> multiply_count(FloatFormat f) {
  if (f == bf16) return StepCounts::whole(0, 0, 0, 1742);
  if (f == fp16) return StepCounts::whole(0, 0, 0, 2780);
  if (f == fp32) return StepCounts::whole(0, 0, 0, 11586);
  if (f == FloatFormat{11, 52}) return StepCounts::whole(0, 0, 0, 46204);
  return std::nullopt;
}

std::optional<PublishedCount> published_count(FloatOperation operation, FloatFormat format, bool) {
  const char* source = "published: AritPIM's bit-serial programs (code and table read; fact sheet 6)";
  const auto multiply = multiply_count(format);
  // 142 and 172 cells with the three fp32 operands.
  const unsigned operands = 3 * format.bits(), add_cells = format == fp32 ? 142 - operands : 0, multiply_cells = format == fp32 ? 172 - operands : 0;
  switch (operation) {
    case FloatOperation::add:
    case FloatOperation::subtract: return PublishedCount{add_count(format), add_count(format), add_cells, source};
    case FloatOperation::multiply:
      if (multiply) return PublishedCount{*multiply, *multiply, multiply_cells, source};
      return std::nullopt;
    case FloatOperation::multiply_accumulate:
      if (multiply) return PublishedCount{*multiply + add_count(format), *multiply + add_count(format), multiply_cells, source};
      return std::nullopt;
    default: return std::nullopt;
  }
}

const FamilyRegistration registration({.name = "aritpim",
                                       .text = "memristor NOR without periphery as in AritPIM: every gate initialised, no search",
                                       .cell = "memristor",
                                       .has_search = false,
                                       .assembler =
                                           [](const AssemblerOptions& o) { return std::make_unique<NorAssembler>(o.name, o.windows, o.most_rows, 1, false); },
                                       .published = published_count});

}  // namespace
}  // namespace spinvp::pim
