#include "models/pim/host_values.h"

#include <bit>
#include <cfenv>
#include <utility>

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

// The published fp32 without branches: each step is float_value.h's, in 32-bit integers.
namespace published {

constexpr Word sign_bit = 0x80000000u, exponent_mask = 0x7f800000u, mantissa_mask = 0x007fffffu, hidden_bit = 0x00800000u;
constexpr int mantissa_bits = 23, bias = 127, greatest_exponent = 255;

inline int exponent_field(Word x) { return static_cast<int>((x & exponent_mask) >> mantissa_bits); }
inline Word significand(Word x) { return (x & exponent_mask) != 0 ? (x & mantissa_mask) | hidden_bit : 0; }
inline Word without_mantissa_of_zero(Word x) { return (x & exponent_mask) != 0 ? x : x & sign_bit; }

inline Word pack(Word sign, int exponent, Word mantissa) {
  const Word ordinary = sign | static_cast<Word>(exponent) << mantissa_bits | (mantissa & mantissa_mask);
  const Word limited = exponent > greatest_exponent ? sign | ~sign_bit : ordinary;
  return exponent <= 0 ? sign : limited;
}

// An unrolled sum, always inline: a loop or a call in here would keep the loop over the lanes from being a vector's.
template <int... i>
[[gnu::always_inline]] inline Word triangular_product(Word p, Word q, std::integer_sequence<int, i...>) {
  return (((p & (1u << i)) != 0 ? q >> (mantissa_bits - i) : 0) + ...);
}

[[gnu::always_inline]] inline Word multiply(Word a, Word b) {
  const Word p = significand(a), q = significand(b), product = triangular_product(p, q, std::make_integer_sequence<int, mantissa_bits + 1>());
  const int top = static_cast<int>(product >> (mantissa_bits + 1)), exponent = exponent_field(a) + exponent_field(b) - bias + top;
  return pack((a ^ b) & sign_bit, product == 0 ? 0 : exponent, product >> top);
}

// The larger magnitude leads, not just the larger exponent: the difference is never negative, and the result is the same.
[[gnu::always_inline]] inline Word add(Word a, Word b) {
  const bool ordered = (a & ~sign_bit) >= (b & ~sign_bit);
  const Word large = ordered ? a : b, small = ordered ? b : a;
  const int d = exponent_field(large) - exponent_field(small);
  const Word p = significand(large), q = significand(small) >> (d < 31 ? d : 31);
  const Word r = ((a ^ b) & sign_bit) == 0 ? p + q : p - q;
  const int carry = static_cast<int>(r >> (mantissa_bits + 1));
  // An integer below 2^24 is exact as a float, whatever the rounding mode: the conversion shifts its leading one to the hidden bit.
  const Word normalised = std::bit_cast<Word>(static_cast<float>(static_cast<std::int32_t>(r >> carry)));
  const Word result = pack(large & sign_bit, exponent_field(large) + carry + exponent_field(normalised) - bias - mantissa_bits, normalised);
  return r == 0 ? a & b & sign_bit : result;  // negative only for two negative zeros: numbers that cancel differ in sign
}

// Orders as the values do; both zeros are 0.
inline std::int32_t rank(Word x) {
  const auto size = static_cast<std::int32_t>(x & ~sign_bit);
  return (x & sign_bit) != 0 ? -size : size;
}

struct Multiply {
  static Word apply(Word, Word a, Word b) { return multiply(a, b); }
};
struct Add {
  static Word apply(Word, Word a, Word b) { return add(a, b); }
};
struct Subtract {
  static Word apply(Word, Word a, Word b) { return add(a, b ^ sign_bit); }
};
struct MultiplyAccumulate {
  static Word apply(Word d, Word a, Word b) { return add(d, multiply(a, b)); }
};
struct Compare {
  static Word apply(Word, Word a, Word b) {
    const std::int32_t x = rank(without_mantissa_of_zero(a)), y = rank(without_mantissa_of_zero(b));
    return x > y ? one : x < y ? minus_one : 0;
  }
};
struct Maximum {
  static Word apply(Word, Word a, Word b) {
    const Word x = without_mantissa_of_zero(a), y = without_mantissa_of_zero(b);
    return rank(x) > rank(y) ? x : rank(x) < rank(y) ? y : x & y;
  }
};
struct Relu {
  // As a signed integer: no sign, and an exponent field that is not 0.
  static Word apply(Word, Word a, Word) { return static_cast<std::int32_t>(a) >= static_cast<std::int32_t>(hidden_bit) ? a : 0; }
};

}  // namespace published

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

template <typename... Operations>
const HostValues::Loop* loops_of(VectorWidth width) {
  static constexpr HostValues::Loop loops[][sizeof...(Operations)] = {{portable<Operations>...}, {avx2<Operations>...}, {avx512<Operations>...}};
  return loops[static_cast<unsigned>(width)];
}
#else
VectorWidth widest_vectors() { return VectorWidth::portable; }

template <typename... Operations>
const HostValues::Loop* loops_of(VectorWidth) {
  static constexpr HostValues::Loop loops[] = {portable<Operations>...};
  return loops;
}
#endif

// In the order of FloatOperation.
const HostValues::Loop* loops_for(const FloatArithmetic& arithmetic, VectorWidth width) {
  if (arithmetic.format != fp32) return nullptr;
  if (arithmetic.semantics == Semantics::published) {
    using namespace published;
    return loops_of<Multiply, Add, Subtract, MultiplyAccumulate, Compare, Maximum, Relu>(width);
  }
  using namespace host;
  return loops_of<Multiply, Add, Subtract, MultiplyAccumulate, Compare, Maximum, Relu>(width);
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

HostValues::HostValues(const FloatArithmetic& arithmetic, VectorWidth widest)
    : arithmetic_(arithmetic), width_(widest < widest_vectors() ? widest : widest_vectors()), loops_(loops_for(arithmetic, width_)) {}

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
