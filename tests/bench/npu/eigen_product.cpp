// Compiled for the host's own instructions, and alone: nothing else of the bench may see Eigen's templates built that way.
#include "tests/bench/npu/eigen_product.h"

#include <Eigen/Core>

namespace spinvp::npu::test {

void eigen_product(const float* a, const float* b, float* c, long size) {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<Matrix>(c, size, size).noalias() = Eigen::Map<const Matrix>(a, size, size) * Eigen::Map<const Matrix>(b, size, size);
}

}  // namespace spinvp::npu::test
