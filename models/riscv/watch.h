// What a debugger watches of memory: loads and stores of the hart that touch a range.
#pragma once

#include <cstdint>

namespace spinvp::riscv {

struct Watch {
  std::uint64_t first = 0, last = 0;  // bytes, both included
  bool reads = false, writes = false;

  [[nodiscard]] bool overlaps(std::uint64_t from, std::uint64_t to) const { return from <= last && to >= first; }
  friend bool operator==(const Watch&, const Watch&) = default;
};

// The access that a watch has caught, before it happens.
struct WatchHit {
  std::uint64_t address = 0;  // the first watched byte that it touches
  Watch watch;
};

// The trap cause by which a handler reports a caught access inside the interpreter: no cause of the architecture has it.
inline constexpr std::uint64_t watch_cause = ~std::uint64_t{0};

}  // namespace spinvp::riscv
