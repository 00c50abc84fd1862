#include "models/pim/row_kernels.h"

#if defined(__AVX512VPOPCNTDQ__)
#include <immintrin.h>
#endif

namespace spinvp::pim::kernels {

using Vector = std::uint64_t __attribute__((vector_size(64)));

#if defined(__AVX512VPOPCNTDQ__)
static inline void popcount_into(Vector& sum, Vector v) { sum += reinterpret_cast<Vector>(_mm512_popcnt_epi64(reinterpret_cast<__m512i>(v))); }

#define SPINVP_RUN run_avx512
#include "models/pim/row_kernels.inc"
#else
void run_avx512(const Run& run, Tally& tally) { run_portable(run, tally); }
#endif

}  // namespace spinvp::pim::kernels
