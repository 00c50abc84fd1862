#include "models/pim/row_kernels.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace spinvp::pim::kernels {

using Vector = std::uint64_t __attribute__((vector_size(64)));

#if defined(__AVX2__)
static inline __m256i count_bytes(__m256i v) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(0x0f);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(v, low)), _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(v, 4), low)));
}
static inline void popcount_into(Vector& sum, Vector v) {
  union {
    Vector whole;
    __m256i half[2];
  } s{sum}, x{v};
  const __m256i zero = _mm256_setzero_si256();
  for (int i = 0; i < 2; ++i) s.half[i] = _mm256_add_epi64(s.half[i], _mm256_sad_epu8(count_bytes(x.half[i]), zero));
  sum = s.whole;
}

#define SPINVP_RUN run_avx2
#include "models/pim/row_kernels.inc"
#else
void run_avx2(const Run& run, Tally& tally) { run_portable(run, tally); }
#endif

}  // namespace spinvp::pim::kernels
