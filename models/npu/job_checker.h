// The checks that descriptors share: collects those of one descriptor; the first that fails stays.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/npu/job.h"

namespace spinvp::npu {

// The product, or nothing if it exceeds `most` or a factor is zero.
inline bool product(std::initializer_list<std::uint64_t> factors, std::uint64_t most, std::uint64_t& result) {
  result = 1;
  for (const std::uint64_t factor : factors)
    if (factor == 0 || __builtin_mul_overflow(result, factor, &result) || result > most) return false;
  return true;
}

class Checker {
 public:
  Checker(const spinvp_npu_descriptor& descriptor, const Limits& limits) : d(descriptor), limits_(limits) {}

  void size(const char* what, std::initializer_list<std::uint64_t> extents) {
    std::uint64_t bytes = 0;
    if (!product(extents, most_tensor_bytes, bytes)) fail(SPINVP_NPU_BAD_SHAPE, fmt::format("{} has a zero extent or is larger than 4 GiB", what));
  }
  // `bytes` has passed size() already.
  void place(const char* what, std::uint64_t address, std::uint64_t bytes, std::uint64_t alignment = 4) {
    if (address % alignment != 0) fail(SPINVP_NPU_BAD_ADDRESS, fmt::format("{} at {:#x} is not aligned to {} bytes", what, address, alignment));
    if (bytes > 0 && address + (bytes - 1) < address)
      fail(SPINVP_NPU_BAD_ADDRESS, fmt::format("{} at {:#x} runs past the end of the address space", what, address));
  }
  void steps(std::initializer_list<std::uint64_t> extents) {
    std::uint64_t n = 0;
    if (!product(extents, limits_.steps, n)) fail(SPINVP_NPU_BAD_SHAPE, fmt::format("more than {} steps of work in one job", limits_.steps));
  }
  void flags(std::uint32_t allowed) {
    if ((d.flags & ~(allowed | SPINVP_NPU_INTERRUPT)) != 0)
      fail(SPINVP_NPU_BAD_OPERATION, fmt::format("flags {:#x} do not belong to {}", d.flags, name_of_operation(d.operation)));
  }
  void need(bool good, std::uint32_t status, std::string message) {
    if (!good) fail(status, std::move(message));
  }
  void folds(ProductShape shape, std::uint64_t products) {
    if (good() && fold_law(limits_.dataflow, limits_.array, shape).folds() > most_folds / products)
      fail(SPINVP_NPU_BAD_SHAPE, fmt::format("more than {} folds in one job", most_folds));
  }
  [[nodiscard]] bool good() const { return refusal_.status == 0; }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }
  [[nodiscard]] Format format() const { return static_cast<Format>(d.format); }
  [[nodiscard]] std::uint64_t element() const { return bytes_of(format()); }
  [[nodiscard]] bool flag(std::uint32_t bit) const { return (d.flags & bit) != 0; }

  const spinvp_npu_descriptor& d;

 private:
  const Limits& limits_;
  Refusal refusal_;
  void fail(std::uint32_t status, std::string message) {
    if (good()) refusal_ = {status, std::move(message)};
  }
};

// The vector unit's part of check() (vector_job.cpp).
VectorJob check_vector_job(Checker& check);

// Work of the array, checked (matrix_job.cpp).
MatrixJob check_gemm(Checker& check);
MatrixJob check_convolution_forward(Checker& check);
MatrixJob check_convolution_data_gradient(Checker& check);
MatrixJob check_convolution_weight_gradient(Checker& check);

}  // namespace spinvp::npu
