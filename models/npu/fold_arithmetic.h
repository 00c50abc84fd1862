// The values of one output block of the array: sums that grow fold by fold, and their way to the output format.
//
// A fold brings its operands as the packed bytes that the bus delivered. The block keeps fp32 sums, element (m, n) of a transposed or straight layout, whichever
// fills the host's vectors better; the bits do not depend on that.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/npu/chain.h"
#include "models/npu/job.h"
#include "models/npu/plan.h"

namespace spinvp::npu {

// Working memory that lives through a job: no allocation for each fold.
struct FoldBuffers {
  std::vector<float> a_data, b_data;  // as the bus delivers: bytes of packed regions
  std::vector<float> a_wide, b_wide;  // bf16 widened
  std::vector<float> rows, columns;   // unfolded
};
// `bytes` of storage in `buffer` to read a region into.
std::span<std::uint8_t> bytes_in(std::vector<float>& buffer, std::uint64_t bytes);

class OutputBlock {
 public:
  // Starts at +0.
  void start(const MatrixJob& job, Range m, Range n);
  // Starts at the packed c_region(m, n) of the output.
  void start_at(const MatrixJob& job, Range m, Range n, std::span<const std::uint8_t> packed);
  // Goes on with the terms of `fold`, whose operands lie packed in buffers.a_data and b_data.
  void add(const MatrixJob& job, const Fold& fold, const Region& a_region, const Region& b_region, FoldBuffers& buffers, ChainUnit unit);
  // Bias, ReLU, one rounding: the packed c_region(m, n). `bias` holds all n of the job, or nothing.
  [[nodiscard]] std::vector<std::uint8_t> finish(const MatrixJob& job, std::span<const float> bias) const;
  [[nodiscard]] Range m() const { return m_; }
  [[nodiscard]] Range n() const { return n_; }

 private:
  Range m_, n_;
  bool columns_are_m_ = false;  // vectorised over m
  std::size_t stride_ = 0;
  std::vector<float> sums_;
  [[nodiscard]] std::size_t m_stride() const { return columns_are_m_ ? 1 : stride_; }
  [[nodiscard]] std::size_t n_stride() const { return columns_are_m_ ? stride_ : 1; }
};

}  // namespace spinvp::npu
