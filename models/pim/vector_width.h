// The vectors of the host that the inner loops are compiled for. All give the same bits and counts; the widest that the host has is taken.
#pragma once

namespace spinvp::pim {

enum class VectorWidth { portable, avx2, avx512 };
VectorWidth widest_vectors();
const char* name_of(VectorWidth width);

}  // namespace spinvp::pim
