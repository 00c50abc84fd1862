// The values of one output tile: sums that grow step by step, and their way to the output format.
//
// A step brings its operands as blocks of values, packed as the bus delivered them. The tile keeps fp32 sums of each of its products, element (m, n) of a transposed
// or straight layout, whichever fills the host's vectors better. How the host cuts the work for its caches is its own affair and not that of the folds: each output is one chain
// over ascending k, so the bits depend on neither.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/npu/chain.h"
#include "models/npu/job.h"
#include "models/npu/plan.h"

namespace spinvp::npu {

// Working memory that lives through a job: no allocation for each step.
struct UnfoldBuffers {
  std::vector<float> rows, columns;
  KeptTerms kept;
};

// A block of an operand: the values of a packed region. A phantom has none.
struct Block {
  Region region;
  std::uint64_t bytes = 0;  // as the bus delivers it
  std::vector<float> values;
};

// Fills block.values, which hold the packed bytes of `elements` values of a format from their start on: what is narrower is widened where it lies.
void widen_in_place(Format format, std::vector<float>& values, std::uint64_t elements);
// `bytes` of storage in `values` to read into.
std::span<std::uint8_t> bytes_in(std::vector<float>& values, std::uint64_t bytes);

// The packed bytes of values that are done, each rounded to the format.
std::vector<std::uint8_t> rounded(Format format, std::span<const float> values);

class OutputTile {
 public:
  // Starts at +0.
  void start(const MatrixJob& job, const Step& step);
  // Starts at the packed c_region of the step.
  void start_at(const MatrixJob& job, const Step& step, std::span<const std::uint8_t> packed);
  // Goes on with the terms of `step`.
  void add(const MatrixJob& job, const Step& step, const Block& a, const Block& b, UnfoldBuffers& buffers, ChainUnit unit);
  // Bias and ReLU: the values of the packed c_region, not yet rounded. `bias` holds all elements of the job, or nothing.
  [[nodiscard]] std::vector<float> finish(const MatrixJob& job, std::span<const float> bias) const;

 private:
  Range products_, m_, n_;
  bool columns_are_m_ = false;  // vectorised over m
  std::size_t stride_ = 0;
  std::vector<float> sums_;
  void add_sparse(const MatrixJob& job, const Step& step, const Block& a, const Block& b, UnfoldBuffers& buffers, ChainUnit unit);
  [[nodiscard]] std::size_t m_stride() const { return columns_are_m_ ? 1 : stride_; }
  [[nodiscard]] std::size_t n_stride() const { return columns_are_m_ ? stride_ : 1; }
  [[nodiscard]] std::size_t product_stride() const { return (columns_are_m_ ? n_.size() : m_.size()) * stride_; }
};

}  // namespace spinvp::npu
