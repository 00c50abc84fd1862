// Appends instructions to an item's code.
#pragma once

#include <initializer_list>

#include "program.h"
#include "tests/unit/riscv/assembler.h"

namespace spinvp::conformance {

inline void half(Item& item, std::uint32_t parcel) { item.code.push_back(static_cast<std::uint16_t>(parcel)); }
inline void put(Item& item, std::uint32_t word) {
  half(item, word & 0xffff);
  half(item, word >> 16);
}
inline void put(Item& item, std::initializer_list<std::uint32_t> words) {
  for (const std::uint32_t word : words) put(item, word);
}

}  // namespace spinvp::conformance
