// Physical quantities with their dimension in the type, and integer simulated time.
//
// A Quantity holds one double in SI units; its dimension is a type, so a Power times a Time is an Energy and nothing else compiles.
// SimTime holds whole picoseconds: what the kernels of the models add and compare (exact, fast); sc_time appears only at the edges.
#pragma once

#include <compare>
#include <cstdint>

namespace spinvp::core {

// Exponents of metre, kilogram, second, ampere, kelvin.
template <int L, int M, int T, int I, int K>
class Quantity {
 public:
  constexpr Quantity() = default;
  static constexpr Quantity from_si(double value) { return Quantity(value); }
  [[nodiscard]] constexpr double si() const { return value_; }
  // How many of `unit` this is: energy.in(1_pJ).
  [[nodiscard]] constexpr double in(Quantity unit) const { return value_ / unit.value_; }

  constexpr Quantity operator-() const { return Quantity(-value_); }
  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.value_ + b.value_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.value_ - b.value_); }
  friend constexpr Quantity operator*(Quantity a, double b) { return Quantity(a.value_ * b); }
  friend constexpr Quantity operator*(double a, Quantity b) { return Quantity(a * b.value_); }
  friend constexpr Quantity operator/(Quantity a, double b) { return Quantity(a.value_ / b); }
  friend constexpr auto operator<=>(Quantity a, Quantity b) = default;

 private:
  constexpr explicit Quantity(double value) : value_(value) {}
  double value_ = 0;
};

template <int L1, int M1, int T1, int I1, int K1, int L2, int M2, int T2, int I2, int K2>
constexpr auto operator*(Quantity<L1, M1, T1, I1, K1> a, Quantity<L2, M2, T2, I2, K2> b) {
  if constexpr (L1 + L2 == 0 && M1 + M2 == 0 && T1 + T2 == 0 && I1 + I2 == 0 && K1 + K2 == 0)
    return a.si() * b.si();
  else
    return Quantity<L1 + L2, M1 + M2, T1 + T2, I1 + I2, K1 + K2>::from_si(a.si() * b.si());
}
template <int L1, int M1, int T1, int I1, int K1, int L2, int M2, int T2, int I2, int K2>
constexpr auto operator/(Quantity<L1, M1, T1, I1, K1> a, Quantity<L2, M2, T2, I2, K2> b) {
  if constexpr (L1 == L2 && M1 == M2 && T1 == T2 && I1 == I2 && K1 == K2)
    return a.si() / b.si();
  else
    return Quantity<L1 - L2, M1 - M2, T1 - T2, I1 - I2, K1 - K2>::from_si(a.si() / b.si());
}
template <int L, int M, int T, int I, int K>
constexpr auto operator/(double a, Quantity<L, M, T, I, K> b) {
  return Quantity<-L, -M, -T, -I, -K>::from_si(a / b.si());
}

using Length = Quantity<1, 0, 0, 0, 0>;
using Area = Quantity<2, 0, 0, 0, 0>;
using Time = Quantity<0, 0, 1, 0, 0>;
using Frequency = Quantity<0, 0, -1, 0, 0>;
using Energy = Quantity<2, 1, -2, 0, 0>;
using Power = Quantity<2, 1, -3, 0, 0>;
using Current = Quantity<0, 0, 0, 1, 0>;
using Voltage = Quantity<2, 1, -3, -1, 0>;
using Resistance = Quantity<2, 1, -3, -2, 0>;
using Capacitance = Quantity<-2, -1, 4, 2, 0>;
using Temperature = Quantity<0, 0, 0, 0, 1>;

namespace literals {
#define SPINVP_UNIT(suffix, type, factor)                                                                        \
  constexpr type operator""_##suffix(long double v) { return type::from_si(static_cast<double>(v) * (factor)); } \
  constexpr type operator""_##suffix(unsigned long long v) { return type::from_si(static_cast<double>(v) * (factor)); }
SPINVP_UNIT(m, Length, 1.0)
SPINVP_UNIT(um, Length, 1e-6)
SPINVP_UNIT(nm, Length, 1e-9)
SPINVP_UNIT(mm2, Area, 1e-6)
SPINVP_UNIT(um2, Area, 1e-12)
SPINVP_UNIT(s, Time, 1.0)
SPINVP_UNIT(ms, Time, 1e-3)
SPINVP_UNIT(us, Time, 1e-6)
SPINVP_UNIT(ns, Time, 1e-9)
SPINVP_UNIT(ps, Time, 1e-12)
SPINVP_UNIT(Hz, Frequency, 1.0)
SPINVP_UNIT(MHz, Frequency, 1e6)
SPINVP_UNIT(GHz, Frequency, 1e9)
SPINVP_UNIT(J, Energy, 1.0)
SPINVP_UNIT(mJ, Energy, 1e-3)
SPINVP_UNIT(uJ, Energy, 1e-6)
SPINVP_UNIT(nJ, Energy, 1e-9)
SPINVP_UNIT(pJ, Energy, 1e-12)
SPINVP_UNIT(fJ, Energy, 1e-15)
SPINVP_UNIT(W, Power, 1.0)
SPINVP_UNIT(mW, Power, 1e-3)
SPINVP_UNIT(uW, Power, 1e-6)
SPINVP_UNIT(nW, Power, 1e-9)
SPINVP_UNIT(A, Current, 1.0)
SPINVP_UNIT(mA, Current, 1e-3)
SPINVP_UNIT(uA, Current, 1e-6)
SPINVP_UNIT(V, Voltage, 1.0)
SPINVP_UNIT(mV, Voltage, 1e-3)
SPINVP_UNIT(kOhm, Resistance, 1e3)
SPINVP_UNIT(Ohm, Resistance, 1.0)
SPINVP_UNIT(pF, Capacitance, 1e-12)
SPINVP_UNIT(fF, Capacitance, 1e-15)
SPINVP_UNIT(K, Temperature, 1.0)
#undef SPINVP_UNIT
}  // namespace literals

// Whole picoseconds since the start, or a span of them. 2^64 ps are 213 days.
class SimTime {
 public:
  constexpr SimTime() = default;
  static constexpr SimTime ps(std::uint64_t value) { return SimTime(value); }
  static constexpr SimTime ns(std::uint64_t value) { return SimTime(value * 1000); }
  static constexpr SimTime us(std::uint64_t value) { return SimTime(value * 1000000); }
  // Rounded to the nearest picosecond; a negative time gives zero.
  static constexpr SimTime from(Time t) { return SimTime(t.si() <= 0 ? 0 : static_cast<std::uint64_t>(t.si() * 1e12 + 0.5)); }
  static constexpr SimTime never() { return SimTime(~std::uint64_t{0}); }
  [[nodiscard]] constexpr std::uint64_t ps() const { return ps_; }
  [[nodiscard]] constexpr double seconds() const { return static_cast<double>(ps_) * 1e-12; }
  [[nodiscard]] constexpr Time time() const { return Time::from_si(seconds()); }

  constexpr SimTime& operator+=(SimTime o) {
    ps_ += o.ps_;
    return *this;
  }
  constexpr SimTime& operator-=(SimTime o) {
    ps_ -= o.ps_;
    return *this;
  }
  friend constexpr SimTime operator+(SimTime a, SimTime b) { return SimTime(a.ps_ + b.ps_); }
  friend constexpr SimTime operator-(SimTime a, SimTime b) { return SimTime(a.ps_ - b.ps_); }
  friend constexpr SimTime operator*(SimTime a, std::uint64_t n) { return SimTime(a.ps_ * n); }
  friend constexpr SimTime operator*(std::uint64_t n, SimTime a) { return SimTime(a.ps_ * n); }
  friend constexpr std::uint64_t operator/(SimTime a, SimTime b) { return a.ps_ / b.ps_; }
  friend constexpr auto operator<=>(SimTime a, SimTime b) = default;

 private:
  constexpr explicit SimTime(std::uint64_t value) : ps_(value) {}
  std::uint64_t ps_ = 0;
};

// Rounded up: a resource is busy for whole beats.
constexpr std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

}  // namespace spinvp::core
