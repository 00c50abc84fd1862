// Arithmetic in a field of 2^m elements, m from 2 to 16: polynomials over {0, 1} modulo a primitive one, an element's bit i the coefficient of x^i.
//
// Multiplication by tables of logarithms to the base alpha = x; addition is exclusive or.
#pragma once

#include <cstdint>
#include <vector>

namespace spinvp::memory {

class GaloisField {
 public:
  // `primitive` includes the term x^m (0x409: x^10 + x^3 + 1). Not primitive: an assertion.
  GaloisField(unsigned m, std::uint32_t primitive);
  [[nodiscard]] unsigned m() const { return m_; }
  // Elements without 0: the order of alpha.
  [[nodiscard]] unsigned order() const { return order_; }
  // alpha^exponent, any exponent >= 0.
  [[nodiscard]] std::uint32_t power(std::uint64_t exponent) const { return power_[exponent % order_]; }
  // The exponent of a, which is not 0.
  [[nodiscard]] unsigned logarithm(std::uint32_t a) const { return logarithm_[a]; }
  [[nodiscard]] std::uint32_t multiply(std::uint32_t a, std::uint32_t b) const { return a == 0 || b == 0 ? 0 : power_[logarithm_[a] + logarithm_[b]]; }
  // a / b, b not 0.
  [[nodiscard]] std::uint32_t divide(std::uint32_t a, std::uint32_t b) const { return a == 0 ? 0 : power_[logarithm_[a] + order_ - logarithm_[b]]; }
  // The polynomial over {0, 1} of least degree with alpha^exponent among its roots: those are the exponents doubled again and again.
  [[nodiscard]] std::uint64_t minimal_polynomial(unsigned exponent) const;

 private:
  unsigned m_, order_;
  std::vector<std::uint32_t> power_;  // twice over, so that a sum of two logarithms needs no modulo
  std::vector<std::uint32_t> logarithm_;
};

// The product of two polynomials over {0, 1}.
std::uint64_t multiply_polynomials(std::uint64_t a, std::uint64_t b);

}  // namespace spinvp::memory
