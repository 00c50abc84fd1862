#include "models/pim/vector_width.h"

namespace spinvp::pim {

VectorWidth widest_vectors() {
#if defined(__x86_64__)
  const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vpopcntdq");
  if (wide) return VectorWidth::avx512;
  if (__builtin_cpu_supports("avx2")) return VectorWidth::avx2;
#endif
  return VectorWidth::portable;
}

const char* name_of(VectorWidth width) {
  static constexpr const char* names[] = {"portable", "avx2", "avx512"};
  return names[static_cast<unsigned>(width)];
}

}  // namespace spinvp::pim
