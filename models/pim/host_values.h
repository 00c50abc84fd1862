// The values of operations on whole planes of 32-bit words, as fast as the host can and with the bits of float_value.h.
//
// IEEE 754 fp32 runs on the host's own arithmetic, without contraction, NaN results made canonical, in a rounding mode set for the loop and put back after
// it. The published fp32 runs on 32-bit integers in loops of the same kind. The loops are compiled for several vector widths and chosen at construction; the
// results do not depend on the choice. Every other format up to 32 bits, right-aligned in its word, is computed lane by lane.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/pim/float_format.h"
#include "models/pim/vector_width.h"

namespace spinvp::pim {

class HostValues {
 public:
  // Takes the widest vectors that the host has, but none wider than `widest`.
  explicit HostValues(const FloatArithmetic& arithmetic, VectorWidth widest = VectorWidth::avx512);

  // d[i] = a[i] op b[i] for i < count; see FloatOperation. The three planes are equal to one another or disjoint.
  void run(FloatOperation operation, std::uint32_t* d, const std::uint32_t* a, const std::uint32_t* b, std::size_t count) const;

  // The vectors taken: "portable", "avx2" or "avx512"; "lane by lane" where there is no loop for the arithmetic.
  [[nodiscard]] const char* width_name() const;

  using Loop = void (*)(std::uint32_t* d, const std::uint32_t* a, const std::uint32_t* b, std::size_t count);

 private:
  FloatArithmetic arithmetic_;
  VectorWidth width_;
  const Loop* loops_;  // by FloatOperation; null: lane by lane
};

}  // namespace spinvp::pim
