#include "platform/debug/hex.h"

#include <algorithm>

namespace spinvp::platform {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

int value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = value_of(text[i]), low = value_of(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::string little_endian_hex(std::uint64_t value, unsigned bytes) {
  std::string stored;
  for (unsigned i = 0; i < bytes; ++i) stored += static_cast<char>(value >> (8 * i) & 0xff);
  return to_hex(stored);
}

std::optional<std::uint64_t> from_little_endian_hex(std::string_view text) {
  const auto stored = from_hex(text);
  if (!stored || stored->empty() || stored->size() > 8) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < stored->size(); ++i) value |= std::uint64_t{static_cast<unsigned char>((*stored)[i])} << (8 * i);
  return value;
}

std::optional<std::uint64_t> ArgumentReader::number() {
  std::uint64_t value = 0;
  std::size_t length = 0;
  for (; length < rest_.size() && value_of(rest_[length]) >= 0; ++length) {
    if (length == 16) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(value_of(rest_[length]));
  }
  if (length == 0) return std::nullopt;
  rest_.remove_prefix(length);
  return value;
}

bool ArgumentReader::take(std::string_view text) {
  if (!rest_.starts_with(text)) return false;
  rest_.remove_prefix(text.size());
  return true;
}

std::string_view ArgumentReader::until(char separator) {
  const std::size_t end = std::min(rest_.find(separator), rest_.size());
  const std::string_view text = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  return text;
}

}  // namespace spinvp::platform
