// The element types that a tensor of a network may have. What a type is called and how wide it is stands in one table (element_type.cpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace spinvp::workloads {

enum class ElementType : std::uint8_t {
  float64,
  float32,
  float16,
  bfloat16,
  float8,
  int64,
  int32,
  int16,
  int8,
  int4,
  uint64,
  uint32,
  uint16,
  uint8,
  uint4,
  boolean
};

// "float32", "int64", ...
std::string_view name_of(ElementType type);
std::optional<ElementType> element_type_named(std::string_view name);
bool is_floating(ElementType type);
unsigned bits_of(ElementType type);
// Types narrower than a byte are packed: a tensor takes whole bytes, its elements do not.
constexpr std::uint64_t bytes_of(std::uint64_t elements, unsigned bits) { return (elements * bits + 7) / 8; }
inline std::uint64_t bytes_of(std::uint64_t elements, ElementType type) { return bytes_of(elements, bits_of(type)); }

}  // namespace spinvp::workloads
