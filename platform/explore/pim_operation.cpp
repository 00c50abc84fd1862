#include "platform/explore/pim_operation.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/pim/integer_programs.h"

namespace spinvp::platform {

namespace {

using pim::FloatOperation;
using Kind = decltype(PimOperation::kind);

struct Named {
  const char* name;
  Kind kind;
};

const std::array<Named, 13>& named_operations() {
  static const std::array<Named, 13> all{{{"add", FloatOperation::add},
                                          {"sub", FloatOperation::subtract},
                                          {"mul", FloatOperation::multiply},
                                          {"mac", FloatOperation::multiply_accumulate},
                                          {"compare", FloatOperation::compare},
                                          {"max", FloatOperation::maximum},
                                          {"relu", FloatOperation::relu},
                                          {"convert", FloatConversion{}},
                                          {"int-add", IntegerOperation::add},
                                          {"int-sub", IntegerOperation::subtract},
                                          {"int-shift", IntegerOperation::shift_up},
                                          {"int-shift-down", IntegerOperation::shift_down},
                                          {"int-mul", IntegerOperation::multiply}}};
  return all;
}

bool same_operation(const Kind& x, const Kind& y) {
  if (x.index() != y.index()) return false;
  if (const auto* f = std::get_if<FloatOperation>(&x)) return *f == std::get<FloatOperation>(y);
  if (const auto* i = std::get_if<IntegerOperation>(&x)) return *i == std::get<IntegerOperation>(y);
  return true;
}

pim::MicroProgram integer_program(const pim::LogicFamily& family, const PimOperation& operation) {
  const OperandBits bits = operand_bits(operation);
  const auto kind = std::get<IntegerOperation>(operation.kind);
  const auto as = family.assembler({.name = fmt::format("{} {} {}", family.name, format_name(operation), operation_name(operation)),
                                    .windows = {static_cast<pim::Row>(bits.a), static_cast<pim::Row>(bits.b), static_cast<pim::Row>(bits.d), false},
                                    .most_rows = subarray_rows});
  const pim::Word a = as->operand_a(), b = as->operand_b();
  switch (kind) {
    case IntegerOperation::add: as->result(pim::integer_add(*as, a, b)); break;
    case IntegerOperation::subtract: as->result(pim::integer_subtract(*as, a, b)); break;
    case IntegerOperation::shift_up: as->result(pim::integer_shift_up(*as, a, b)); break;
    case IntegerOperation::shift_down: as->result(pim::integer_shift_down(*as, a, b)); break;
    case IntegerOperation::multiply: as->result(operation.scalar ? pim::integer_multiply_by_scalar(*as, a, bits.b) : pim::integer_multiply(*as, a, b)); break;
  }
  return as->finish();
}

}  // namespace

bool PimOperation::multiplies() const {
  if (const auto* f = std::get_if<FloatOperation>(&kind)) return *f == FloatOperation::multiply || *f == FloatOperation::multiply_accumulate;
  const auto* i = std::get_if<IntegerOperation>(&kind);
  return i != nullptr && *i == IntegerOperation::multiply;
}

std::optional<Kind> operation_named(std::string_view name) {
  for (const Named& operation : named_operations())
    if (name == operation.name) return operation.kind;
  return std::nullopt;
}

std::vector<std::string> operation_names() {
  std::vector<std::string> names;
  for (const Named& operation : named_operations()) names.emplace_back(operation.name);
  return names;
}

std::string operation_name(const PimOperation& operation) {
  for (const Named& named : named_operations())
    if (same_operation(named.kind, operation.kind)) return named.name;
  return {};
}

std::string format_name(const PimOperation& operation) {
  if (operation.is_integer()) return fmt::format("i{}", operation.integer_bits);
  if (const auto* conversion = std::get_if<FloatConversion>(&operation.kind)) return pim::name_of(conversion->from);
  return pim::name_of(operation.arithmetic.format);
}

std::optional<unsigned> integer_format(std::string_view name) {
  unsigned bits = 0;
  if (name.size() < 2 || name[0] != 'i' || name[1] == '0') return std::nullopt;
  const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), bits);
  if (error != std::errc() || end != name.data() + name.size() || bits < least_integer_bits || bits > most_integer_bits) return std::nullopt;
  return bits;
}

OperandBits operand_bits(const PimOperation& operation) {
  const unsigned bits = operation.arithmetic.format.bits(), n = operation.integer_bits;
  if (const auto* conversion = std::get_if<FloatConversion>(&operation.kind)) return {conversion->from.bits(), 0, bits, false};
  if (const auto* f = std::get_if<FloatOperation>(&operation.kind))
    return {bits, *f == FloatOperation::relu ? 0 : bits, bits, *f == FloatOperation::multiply_accumulate};
  switch (std::get<IntegerOperation>(operation.kind)) {
    case IntegerOperation::shift_up:
    case IntegerOperation::shift_down: return {n, std::max(1u, static_cast<unsigned>(std::bit_width(n - 1))), n, false};
    case IntegerOperation::multiply: return {n, n, 2 * n, false};
    default: return {n, n, n, false};
  }
}

pim::MicroProgram program_of(const pim::LogicFamily& family, const PimOperation& operation) try {
  if (operation.is_integer()) return integer_program(family, operation);
  if (const auto* conversion = std::get_if<FloatConversion>(&operation.kind))
    return pim::convert_program(family, conversion->from, operation.arithmetic, subarray_rows);
  return pim::float_program(family, {.operation = std::get<FloatOperation>(operation.kind),
                                     .arithmetic = operation.arithmetic,
                                     .alignment = operation.alignment,
                                     .scalar = operation.scalar,
                                     .most_rows = subarray_rows});
} catch (const std::length_error& error) {
  throw core::InputError(fmt::format("pim: {}, those of a subarray; allowed is a narrower format or another family", error.what()), core::ExitStatus::usage);
}

std::optional<pim::PublishedCount> published_count_of(const pim::LogicFamily& family, const PimOperation& operation, bool full_array) {
  const auto* f = std::get_if<FloatOperation>(&operation.kind);
  if (f == nullptr) return std::nullopt;
  return family.published(*f, operation.arithmetic.format, full_array);
}

std::string published_counts_text() {
  std::vector<std::string> families;
  for (const pim::LogicFamily& family : pim::logic_families()) {
    std::vector<std::string> operations;
    for (const Named& named : named_operations())
      if (published_count_of(family, {.kind = named.kind, .arithmetic = {.format = pim::fp32}})) operations.emplace_back(named.name);
    if (operations.empty()) continue;
    // A width that no table would list: a closed form has it, too.
    PimOperation odd{.kind = FloatOperation::multiply, .arithmetic = {.format = {7, 11}}};
    const bool any_format = published_count_of(family, odd).has_value();
    families.push_back(
        fmt::format("{}: {}{}", family.name, fmt::join(operations, ", "), any_format ? " in any float format" : " (products in fp32, fp16, bf16, e11m52)"));
  }
  return fmt::format("{}", fmt::join(families, "; "));
}

std::uint64_t guards_of(const PimOperation& operation, std::uint64_t b) {
  return operation.is_integer() ? b : pim::scalar_guards(operation.arithmetic.format, b);
}

}  // namespace spinvp::platform
