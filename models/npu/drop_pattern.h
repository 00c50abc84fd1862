// Regular dropout on the array: along some of m, n, k of a product, every PERIOD-th tile of TILE neighbouring indices (rows: TILE is 1), those with floor(i / TILE) mod PERIOD = PHASE, takes no
// part. What is dropped is known before the product, so that the array skips it: it is packed with what is left, and a product costs what one of the kept m, n and k costs.
//
//   m, n   dropped outputs have chains without terms: +0 (then bias, ReLU and epilogue as ever). Neither they nor their operands enter the array
//   k      dropped terms are no part of the chain
// Operands and outputs lie in memory as ever, dropped ones among them: loads and stores are those of the whole product.
// A tile of the plan is as many whole periods as fill the array at most, so that a fold has up to (PERIOD - 1) TILE - 1 rows or columns free.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/npu/tensor.h"

namespace spinvp::npu {

struct DropPattern {
  bool m = false, n = false, k = false;
  std::uint64_t period = 0, phase = 0, tile = 1;
  std::uint64_t first_m = 0, first_n = 0;  // where a core's part of the product begins

  [[nodiscard]] bool any() const { return m || n || k; }
  [[nodiscard]] bool drops(std::uint64_t i) const { return i / tile % period == phase; }
  // Of the first `count` indices along an axis that is dropped.
  [[nodiscard]] std::uint64_t dropped(std::uint64_t count) const {
    const std::uint64_t tiles = count / tile, whole = tiles / period + (tiles % period > phase ? 1 : 0);
    return whole * tile + (tiles % period == phase ? count % tile : 0);
  }
  [[nodiscard]] std::uint64_t kept(bool along, Range range) const { return along ? range.size() - (dropped(range.last) - dropped(range.first)) : range.size(); }
  [[nodiscard]] bool drops_m(std::uint64_t i) const { return m && drops(first_m + i); }
  [[nodiscard]] bool drops_n(std::uint64_t i) const { return n && drops(first_n + i); }
  [[nodiscard]] std::uint64_t kept_m(Range range) const { return kept(m, {first_m + range.first, first_m + range.last}); }
  [[nodiscard]] std::uint64_t kept_n(Range range) const { return kept(n, {first_n + range.first, first_n + range.last}); }
  [[nodiscard]] std::uint64_t kept_k(Range range) const { return kept(k, range); }
  // Indices whose kept ones fill `places` of the array at most: whole periods, or `places` where that is more.
  [[nodiscard]] std::uint64_t filling(bool along, std::uint64_t places) const {
    if (!along) return places;
    return std::max(places, places / ((period - 1) * tile) * period * tile);
  }
};

}  // namespace spinvp::npu
