// Numbers and bytes as the remote protocol writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spinvp::platform {

// Two digits a byte.
std::string to_hex(std::string_view bytes);
// Nothing: an odd number of digits, or something else than digits.
std::optional<std::string> from_hex(std::string_view digits);
// The low `bytes` bytes of a value as a little-endian machine stores them.
std::string little_endian_hex(std::uint64_t value, unsigned bytes);
// What little_endian_hex wrote, 1 to 8 bytes.
std::optional<std::uint64_t> from_little_endian_hex(std::string_view digits);

// Reads a packet's arguments from left to right.
class ArgumentReader {
 public:
  explicit ArgumentReader(std::string_view text) : rest_(text) {}
  // A hexadecimal number of 1 to 16 digits.
  std::optional<std::uint64_t> number();
  // Whether `text` comes next; it is passed then.
  bool take(std::string_view text);
  // All up to `separator`, which is passed, or to the end.
  std::string_view until(char separator);
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace spinvp::platform
