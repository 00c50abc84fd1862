#include "models/memory/galois_field.h"

#include <cassert>

namespace spinvp::memory {

GaloisField::GaloisField(unsigned m, std::uint32_t primitive) : m_(m), order_((1u << m) - 1), power_(2 * std::size_t{order_}), logarithm_(order_ + 1) {
  std::uint32_t element = 1;
  for (unsigned i = 0; i < order_; ++i) {
    assert(i == 0 || element != 1);  // alpha's powers are all elements
    power_[i] = power_[i + order_] = element;
    logarithm_[element] = i;
    element <<= 1;
    if ((element >> m) != 0) element ^= primitive;
  }
}

std::uint64_t GaloisField::minimal_polynomial(unsigned exponent) const {
  // The product of (x + root), coefficients from the lowest; they end in {0, 1}.
  std::vector<std::uint32_t> coefficients = {1};
  unsigned root = exponent % order_;
  do {
    coefficients.push_back(0);
    for (std::size_t i = coefficients.size() - 1; i > 0; --i) coefficients[i] = coefficients[i - 1] ^ multiply(coefficients[i], power(root));
    coefficients[0] = multiply(coefficients[0], power(root));
    root = root * 2 % order_;
  } while (root != exponent % order_);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < coefficients.size(); ++i) {
    assert(coefficients[i] <= 1);
    bits |= std::uint64_t{coefficients[i]} << i;
  }
  return bits;
}

std::uint64_t multiply_polynomials(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  for (; b != 0; b >>= 1, a <<= 1)
    if ((b & 1u) != 0) product ^= a;
  return product;
}

}  // namespace spinvp::memory
