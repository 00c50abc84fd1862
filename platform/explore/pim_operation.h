// What `spinvp pim` and `spinvp reproduce` ask about: one operation of a lane, on floats or on unsigned integers, and where its micro-program and its published
// count come from.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/pim/float_programs.h"
#include "models/pim/logic_family.h"
#include "models/pim/micro_program.h"

namespace spinvp::platform {

enum class IntegerOperation {
  add,         // d = a + b, as wide as a
  subtract,    // d = a - b
  shift_up,    // d = a times 2^b, as wide as a; b is just wide enough for N - 1
  shift_down,  // d = a / 2^b
  multiply,    // d = a * b, twice as wide
};

// d = a in another format.
struct FloatConversion {
  pim::FloatFormat from;
};

struct PimOperation {
  std::variant<pim::FloatOperation, FloatConversion, IntegerOperation> kind = pim::FloatOperation::multiply_accumulate;
  pim::FloatArithmetic arithmetic = {};  // of the result; integers do not look at it
  unsigned integer_bits = 32;            // N; floats do not look at it
  pim::Alignment alignment = pim::Alignment::automatic;
  bool scalar = false;  // b is one number that all lanes share

  [[nodiscard]] bool is_integer() const { return std::holds_alternative<IntegerOperation>(kind); }
  [[nodiscard]] bool is_conversion() const { return std::holds_alternative<FloatConversion>(kind); }
  // A product: its partial products are what a shared multiplier and a full array are about.
  [[nodiscard]] bool multiplies() const;
};

inline constexpr unsigned least_integer_bits = 1, most_integer_bits = 64;

// Names as on the command line: add, mac, convert (of fp32), int-mul...
std::optional<decltype(PimOperation::kind)> operation_named(std::string_view name);
std::vector<std::string> operation_names();
std::string operation_name(const PimOperation& operation);
// "fp32", "i16"; of a conversion the format that it reads.
std::string format_name(const PimOperation& operation);
// "i1".."i64".
std::optional<unsigned> integer_format(std::string_view name);

// Rows of the operands that are read and of the result.
struct OperandBits {
  unsigned a = 0, b = 0, d = 0;  // b: 0 where there is none
  bool reads_d = false;
  [[nodiscard]] unsigned cells() const { return a + b + d; }
};
OperandBits operand_bits(const PimOperation& operation);

// Rows of a subarray, which a program has to fit.
inline constexpr unsigned subarray_rows = 1024;

// Throws core::InputError (usage) where the family cannot do it in the rows of a subarray.
pim::MicroProgram program_of(const pim::LogicFamily& family, const PimOperation& operation);

// The closed form; nothing where none is published. `full_array`: with all partial products of a multiplication.
std::optional<pim::PublishedCount> published_count_of(const pim::LogicFamily& family, const PimOperation& operation, bool full_array = false);
// What has a published count, for the message where the operation has none: "sot: add, sub, mul, mac in fp32, fp16, bf16".
std::string published_counts_text();

// Bits that open the program's guards for a scalar b.
std::uint64_t guards_of(const PimOperation& operation, std::uint64_t b);

}  // namespace spinvp::platform
