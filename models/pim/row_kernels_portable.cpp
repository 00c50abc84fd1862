#include "models/pim/row_kernels.h"

namespace spinvp::pim::kernels {

using Vector = std::uint64_t __attribute__((vector_size(64)));
static inline void popcount_into(Vector& sum, Vector v) {
  // Pairs, nibbles, bytes; then the bytes of each word added up by a multiplication.
  const Vector pairs = v - ((v >> 1) & 0x5555555555555555u);
  const Vector nibbles = (pairs & 0x3333333333333333u) + ((pairs >> 2) & 0x3333333333333333u);
  const Vector bytes = (nibbles + (nibbles >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  for (int i = 0; i < 8; ++i) sum[i] += (bytes[i] * 0x0101010101010101u) >> 56;
}

#define SPINVP_RUN run_portable
#include "models/pim/row_kernels.inc"

}  // namespace spinvp::pim::kernels
