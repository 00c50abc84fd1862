#include "models/pim/host_arithmetic.h"

#include <bit>
#include <cfenv>

namespace spinvp::pim {

namespace {

// Planes are equal or disjoint, so an element never depends on another one.
#if defined(__clang__)
#define SPINVP_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define SPINVP_INDEPENDENT _Pragma("GCC ivdep")
#endif

constexpr std::uint32_t canonical_nan = 0x7fc00000u;

inline float value(std::uint32_t bits) { return std::bit_cast<float>(bits); }
inline std::uint32_t bits(float result) { return result == result ? std::bit_cast<std::uint32_t>(result) : canonical_nan; }

using Operands = const std::uint32_t*;

#define SPINVP_LOOP(suffix, attribute)                                                                               \
  attribute void multiply_##suffix(std::uint32_t* d, Operands a, Operands b, std::size_t count) {                    \
    SPINVP_INDEPENDENT for (std::size_t i = 0; i < count; ++i) d[i] = bits(value(a[i]) * value(b[i]));               \
  }                                                                                                                  \
  attribute void add_##suffix(std::uint32_t* d, Operands a, Operands b, std::size_t count) {                         \
    SPINVP_INDEPENDENT for (std::size_t i = 0; i < count; ++i) d[i] = bits(value(a[i]) + value(b[i]));               \
  }                                                                                                                  \
  attribute void subtract_##suffix(std::uint32_t* d, Operands a, Operands b, std::size_t count) {                    \
    SPINVP_INDEPENDENT for (std::size_t i = 0; i < count; ++i) d[i] = bits(value(a[i]) - value(b[i]));               \
  }                                                                                                                  \
  attribute void multiply_accumulate_##suffix(std::uint32_t* d, Operands a, Operands b, std::size_t count) {         \
    SPINVP_INDEPENDENT for (std::size_t i = 0; i < count; ++i) d[i] = bits(value(d[i]) + value(a[i]) * value(b[i])); \
  }

SPINVP_LOOP(portable, )
#if defined(__x86_64__)
SPINVP_LOOP(avx2, __attribute__((target("avx2"))))
#endif

// Sets the rounding mode for a scope. The loops between are called through pointers and work on memory, so that no operation can be moved out of it.
class RoundingScope {
 public:
  explicit RoundingScope(int mode) : before_(std::fegetround()), changed_(before_ != mode) {
    if (changed_) std::fesetround(mode);
  }
  ~RoundingScope() {
    if (changed_) std::fesetround(before_);
  }
  RoundingScope(const RoundingScope&) = delete;
  RoundingScope& operator=(const RoundingScope&) = delete;

 private:
  int before_;
  bool changed_;
};

}  // namespace

HostArithmetic::HostArithmetic(Rounding rounding, FloatFormat counts, bool wide) : mode_(rounding == Rounding::truncate ? FE_TOWARDZERO : FE_TONEAREST) {
  using namespace published;
  entries_[0] = {multiply_portable, sot_multiply(counts), sot_multiply_cells(counts)};
  entries_[1] = {add_portable, sot_add(counts), sot_add_cells(counts)};
  // A subtraction flips one operand's sign on the way: the published forms know no difference.
  entries_[2] = {subtract_portable, sot_add(counts), sot_add_cells(counts)};
  entries_[3] = {multiply_accumulate_portable, sot_multiply_accumulate(counts), sot_multiply_accumulate_cells(counts)};
#if defined(__x86_64__)
  if (wide && __builtin_cpu_supports("avx2")) {
    entries_[0].loop = multiply_avx2;
    entries_[1].loop = add_avx2;
    entries_[2].loop = subtract_avx2;
    entries_[3].loop = multiply_accumulate_avx2;
  }
#else
  (void)wide;
#endif
}

Work HostArithmetic::execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words) {
  const Entry& entry = entries_[static_cast<unsigned>(operation)];
  {
    const RoundingScope scope(mode_);
    entry.loop(store.lanes(range, words.destination).data(), store.lanes(range, words.source_a).data(), store.lanes(range, words.source_b).data(), range.count);
  }
  return Work::in_lanes(entry.steps, entry.cells, range.count);
}

}  // namespace spinvp::pim
