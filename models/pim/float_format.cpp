#include "models/pim/float_format.h"

#include <charconv>

#include <fmt/format.h>

namespace spinvp::pim {

namespace {

// Reads decimal digits off the front of `text`; nothing if there are none, or a sign or a leading zero.
std::optional<unsigned> take_number(std::string_view& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || text.front() == '0') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<unsigned> take_field(std::string_view& text, char letter, unsigned least, unsigned most) {
  if (text.empty() || text.front() != letter) return std::nullopt;
  text.remove_prefix(1);
  const auto value = take_number(text);
  return value && *value >= least && *value <= most ? value : std::nullopt;
}

}  // namespace

std::optional<FloatFormat> float_format(std::string_view text) {
  for (const FloatFormat& named : {fp32, fp16, bf16})
    if (text == name_of(named)) return named;
  const auto exponent = take_field(text, 'e', FloatFormat::least_exponent_bits, FloatFormat::most_exponent_bits);
  if (!exponent) return std::nullopt;
  const auto mantissa = take_field(text, 'm', FloatFormat::least_mantissa_bits, FloatFormat::most_mantissa_bits);
  if (!mantissa || !text.empty()) return std::nullopt;
  return FloatFormat{*exponent, *mantissa};
}

std::string name_of(const FloatFormat& format) {
  if (format == fp32) return "fp32";
  if (format == fp16) return "fp16";
  if (format == bf16) return "bf16";
  return fmt::format("e{}m{}", format.exponent_bits, format.mantissa_bits);
}

const char* name_of(FloatOperation operation) {
  static constexpr const char* names[] = {"mul", "add", "sub", "mac", "compare", "max", "relu"};
  return names[static_cast<unsigned>(operation)];
}

}  // namespace spinvp::pim
