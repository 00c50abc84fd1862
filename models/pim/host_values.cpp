#include "models/pim/host_values.h"

#include <bit>
#include <cfenv>

#include "models/pim/float_value.h"

namespace spinvp::pim {

namespace {

// Elements never depend on one another.
#if defined(__clang__)
#define SPINVP_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define SPINVP_INDEPENDENT _Pragma("GCC ivdep")
#endif

using Word = std::uint32_t;

constexpr Word canonical_nan = 0x7fc00000u, one = 0x3f800000u, minus_one = 0xbf800000u;

// IEEE 754 fp32 on the host's floats. Both sides of a choice are computed, so that each becomes a vector blend.
namespace host {

inline float value(Word bits) { return std::bit_cast<float>(bits); }
inline Word bits(float result) { return result == result ? std::bit_cast<Word>(result) : canonical_nan; }

struct Multiply {
  static Word apply(Word, Word a, Word b) { return bits(value(a) * value(b)); }
};
struct Add {
  static Word apply(Word, Word a, Word b) { return bits(value(a) + value(b)); }
};
struct Subtract {
  static Word apply(Word, Word a, Word b) { return bits(value(a) - value(b)); }
};
struct MultiplyAccumulate {
  static Word apply(Word d, Word a, Word b) { return bits(value(d) + value(a) * value(b)); }
};
struct Compare {
  static Word apply(Word, Word a, Word b) {
    const Word unequal = value(a) > value(b) ? one : value(a) < value(b) ? minus_one : canonical_nan;
    return value(a) == value(b) ? 0 : unequal;
  }
};
struct Maximum {
  // Equal numbers have equal bits, or are zeros: negative only if both are.
  static Word apply(Word, Word a, Word b) {
    const Word unequal = value(a) > value(b) ? a : value(a) < value(b) ? b : canonical_nan;
    return value(a) == value(b) ? a & b : unequal;
  }
};
struct Relu {
  static Word apply(Word, Word a, Word) { return value(a) > 0 ? a : 0; }
};

}  // namespace host

template <typename Operation>
[[gnu::always_inline]] inline void each(Word* d, const Word* a, const Word* b, std::size_t count) {
  SPINVP_INDEPENDENT for (std::size_t i = 0; i < count; ++i) d[i] = Operation::apply(d[i], a[i], b[i]);
}

// The same loop, compiled for each width.
template <typename Operation>
void portable(Word* d, const Word* a, const Word* b, std::size_t count) {
  each<Operation>(d, a, b, count);
}
#if defined(__x86_64__)
template <typename Operation>
[[gnu::target("avx2")]] void avx2(Word* d, const Word* a, const Word* b, std::size_t count) {
  each<Operation>(d, a, b, count);
}
template <typename Operation>
[[gnu::target("avx512f,avx512dq,avx512bw,avx512vl")]] void avx512(Word* d, const Word* a, const Word* b, std::size_t count) {
  each<Operation>(d, a, b, count);
}

VectorWidth widest_of_host() {
  const bool wide =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  return wide ? VectorWidth::avx512 : __builtin_cpu_supports("avx2") ? VectorWidth::avx2 : VectorWidth::portable;
}

template <typename... Operations>
const HostValues::Loop* loops_of(VectorWidth width) {
  static constexpr HostValues::Loop loops[][sizeof...(Operations)] = {{portable<Operations>...}, {avx2<Operations>...}, {avx512<Operations>...}};
  return loops[static_cast<unsigned>(width)];
}
#else
VectorWidth widest_of_host() { return VectorWidth::portable; }

template <typename... Operations>
const HostValues::Loop* loops_of(VectorWidth) {
  static constexpr HostValues::Loop loops[] = {portable<Operations>...};
  return loops;
}
#endif

// In the order of FloatOperation.
const HostValues::Loop* loops_for(const FloatArithmetic& arithmetic, VectorWidth width) {
  using namespace host;
  if (arithmetic.format == fp32 && arithmetic.semantics == Semantics::ieee)
    return loops_of<Multiply, Add, Subtract, MultiplyAccumulate, Compare, Maximum, Relu>(width);
  return nullptr;
}

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

const char* name_of(VectorWidth width) {
  static constexpr const char* names[] = {"portable", "avx2", "avx512"};
  return names[static_cast<unsigned>(width)];
}

HostValues::HostValues(const FloatArithmetic& arithmetic, VectorWidth widest)
    : arithmetic_(arithmetic), width_(widest < widest_of_host() ? widest : widest_of_host()), loops_(loops_for(arithmetic, width_)) {}

void HostValues::run(FloatOperation operation, std::uint32_t* d, const std::uint32_t* a, const std::uint32_t* b, std::size_t count) const {
  if (loops_ != nullptr) {
    const RoundingScope scope(arithmetic_.rounding == Rounding::truncate ? FE_TOWARDZERO : FE_TONEAREST);
    loops_[static_cast<unsigned>(operation)](d, a, b, count);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) d[i] = static_cast<std::uint32_t>(compute(arithmetic_, operation, a[i], b[i], d[i]));
}

const char* HostValues::width_name() const { return loops_ != nullptr ? name_of(width_) : "lane by lane"; }

}  // namespace spinvp::pim
