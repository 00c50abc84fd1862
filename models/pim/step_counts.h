// How many row steps a floating-point operation takes: the published closed forms, exact.
//
// A step drives one row of all lanes at once. Several published counts end in a half (both multiplication forms are half of a full partial-product
// array), so every count is held in HALF steps and stays an integer. Two kinds of count, never to be mixed:
//   latency: steps that follow each other; time = steps x row time, whatever the number of lanes.
//   cells:   cells driven in one lane. A published step may write more than one row, so there are more cells than steps.
#pragma once

#include <cstdint>

#include "models/pim/float_format.h"

namespace spinvp::pim {

// Row reads, row writes, content searches, NOR steps and initialisations (one step sets the output rows of several NORs), all in halves.
struct StepCounts {
  std::uint64_t reads = 0, writes = 0, searches = 0, nors = 0, inits = 0;

  static constexpr StepCounts whole(std::uint64_t reads, std::uint64_t writes, std::uint64_t searches = 0, std::uint64_t nors = 0, std::uint64_t inits = 0) {
    return {2 * reads, 2 * writes, 2 * searches, 2 * nors, 2 * inits};
  }
  // One after the other.
  constexpr StepCounts& operator+=(const StepCounts& o) {
    reads += o.reads, writes += o.writes, searches += o.searches, nors += o.nors, inits += o.inits;
    return *this;
  }
  friend constexpr StepCounts operator+(StepCounts a, const StepCounts& b) { return a += b; }
  friend constexpr StepCounts operator*(const StepCounts& a, std::uint64_t n) { return {a.reads * n, a.writes * n, a.searches * n, a.nors * n, a.inits * n}; }
  friend constexpr bool operator==(const StepCounts&, const StepCounts&) = default;
  // Side by side in lockstep: the longer one of each kind.
  constexpr void at_least(const StepCounts& o) {
    reads = reads < o.reads ? o.reads : reads;
    writes = writes < o.writes ? o.writes : writes;
    searches = searches < o.searches ? o.searches : searches;
    nors = nors < o.nors ? o.nors : nors;
    inits = inits < o.inits ? o.inits : inits;
  }
};

namespace published {

// SOT-MRAM in-cell logic, as recalled from arXiv 2003.01551 (fact sheet 3.2, RECALL-M: to be verified against the paper).
//   T_mul = (2Nm^2 + 6.5Nm + 6Ne + 3)(T_read + T_write)
//   T_add = (1 + 7Ne + 7Nm) T_read + (7Ne + 7Nm) T_write + 2(Nm + 2) T_search
//   E_mul = (4.5Nm^2 + 11.5Nm + 13.5Ne + 6.5)(E_read + E_write)
//   E_add = (1 + 14Ne + 12Nm) E_read + (14Ne + 12Nm) E_write + 2(Nm + 2) E_search
constexpr StepCounts sot_multiply(FloatFormat f) {
  const std::uint64_t e = f.exponent_bits, m = f.mantissa_bits, halves = 4 * m * m + 13 * m + 12 * e + 6;
  return {halves, halves, 0, 0, 0};
}
constexpr StepCounts sot_add(FloatFormat f) {
  const std::uint64_t e = f.exponent_bits, m = f.mantissa_bits;
  return StepCounts::whole(1 + 7 * e + 7 * m, 7 * e + 7 * m, 2 * (m + 2));
}
constexpr StepCounts sot_multiply_accumulate(FloatFormat f) { return sot_multiply(f) + sot_add(f); }
constexpr StepCounts sot_multiply_cells(FloatFormat f) {
  const std::uint64_t e = f.exponent_bits, m = f.mantissa_bits, halves = 9 * m * m + 23 * m + 27 * e + 13;
  return {halves, halves, 0, 0, 0};
}
constexpr StepCounts sot_add_cells(FloatFormat f) {
  const std::uint64_t e = f.exponent_bits, m = f.mantissa_bits;
  return StepCounts::whole(1 + 14 * e + 12 * m, 14 * e + 12 * m, 2 * (m + 2));
}
constexpr StepCounts sot_multiply_accumulate_cells(FloatFormat f) { return sot_multiply_cells(f) + sot_add_cells(f); }
// Derived: the same with all Nm^2 partial products in place of the published half (4Nm^2).
constexpr StepCounts sot_multiply_full_array(FloatFormat f) {
  const std::uint64_t m = f.mantissa_bits;
  return sot_multiply(f) + StepCounts::whole(2 * m * m, 2 * m * m);
}

constexpr StepCounts sot_multiply_full_array_cells(FloatFormat f) {
  const std::uint64_t halves = 9 * std::uint64_t{f.mantissa_bits} * f.mantissa_bits;
  return sot_multiply_cells(f) + StepCounts{halves, halves, 0, 0, 0};
}

// FloatPIM, ISCA 2019 (fact sheet 3.1, read in two independent digests): NOR steps of T_NOR, searches of T_search.
//   T_mul = (12Ne + 6.5Nm^2 - 7.5Nm - 2) T_NOR;  T_add = (3 + 16Ne + 19Nm + Nm^2) T_NOR + (2Nm + 1) T_search
constexpr StepCounts nor_multiply(FloatFormat f) {
  const std::uint64_t e = f.exponent_bits, m = f.mantissa_bits;
  return {0, 0, 0, 24 * e + 13 * m * m - 15 * m - 4, 0};
}
constexpr StepCounts nor_add(FloatFormat f) {
  const std::uint64_t e = f.exponent_bits, m = f.mantissa_bits;
  return StepCounts::whole(0, 0, 2 * m + 1, 3 + 16 * e + 19 * m + m * m);
}
// Derived: all partial products (13Nm^2).
constexpr StepCounts nor_multiply_full_array(FloatFormat f) {
  const std::uint64_t m = f.mantissa_bits;
  return nor_multiply(f) + StepCounts{0, 0, 0, 13 * m * m, 0};
}

// FloatPIM's transfer between blocks: 2 x bits cycles whatever the number of rows (fact sheet 4.1); here a cycle is a row read or a row write.
constexpr StepCounts transfer(unsigned bits) { return StepCounts::whole(bits, bits); }

}  // namespace published
}  // namespace spinvp::pim
