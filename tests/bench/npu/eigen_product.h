#pragma once

namespace spinvp::npu::test {

// c = a b of square row-major matrices, on one core.
void eigen_product(const float* a, const float* b, float* c, long size);

}  // namespace spinvp::npu::test
