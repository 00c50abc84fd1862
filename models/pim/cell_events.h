// What the cells of an operation did, counted exactly: the basis of every energy. All lanes of all subarrays together.
//
// A cell is driven when its row is written in a column that takes part, whether it flips or not; flips are those that changed. A row step activates one
// row of one subarray (a step that sets several rows activates each).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace spinvp::pim {

enum class CellEvent : unsigned { read_cell, write_cell, write_flip, search_cell, nor_cell, nor_flip, init_cell, init_flip, row_step };
inline constexpr std::size_t cell_event_kinds = 9;
const char* name_of(CellEvent event);

struct CellEvents {
  std::array<std::uint64_t, cell_event_kinds> counts{};
  [[nodiscard]] std::uint64_t& operator[](CellEvent event) { return counts[static_cast<unsigned>(event)]; }
  [[nodiscard]] std::uint64_t operator[](CellEvent event) const { return counts[static_cast<unsigned>(event)]; }
  CellEvents& operator+=(const CellEvents& o) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += o.counts[i];
    return *this;
  }
  friend bool operator==(const CellEvents&, const CellEvents&) = default;
};

}  // namespace spinvp::pim
