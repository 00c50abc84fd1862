// What a matrix product leaves out or makes cheaper, decoded from `count` of its descriptor (models/abi/npu_product.h).
#pragma once

#include <cstdint>

#include "models/abi/npu_product.h"

namespace spinvp::npu {

struct ProductOptions {
  std::uint8_t keep = 0, group = 0;     // N:M sparsity of b; 0: dense
  std::uint8_t bits_a = 0, bits_b = 0;  // significant bits; 0: the format's own
  std::uint8_t drop = 0, drop_period = 0, drop_phase = 0;
  std::uint8_t compressed = 0;

  static ProductOptions of(std::uint64_t count) {
    const auto byte = [count](spinvp_npu_product_option which) { return spinvp_npu_option_of(count, which); };
    return {byte(SPINVP_NPU_SPARSE_KEEP), byte(SPINVP_NPU_SPARSE_GROUP), byte(SPINVP_NPU_BITS_A),     byte(SPINVP_NPU_BITS_B),
            byte(SPINVP_NPU_DROP),        byte(SPINVP_NPU_DROP_PERIOD),  byte(SPINVP_NPU_DROP_PHASE), byte(SPINVP_NPU_COMPRESSED)};
  }
  [[nodiscard]] bool sparse() const { return keep != 0 || group != 0; }
};

}  // namespace spinvp::npu
