// Bias gradient and the softmaxes: the operations that carry a sum along.
#include <algorithm>
#include <cstring>

#include "models/abi/elementary.h"
#include "models/core/units.h"
#include "models/npu/stream_kernel.h"

namespace spinvp::npu {

using core::divide_up;

namespace {

class BiasGradient : public StreamKernel {
 public:
  BiasGradient(const VectorJob& job, const VectorUnit& unit)
      : StreamKernel(unit, job.images * job.channels * job.spatial * bytes_of(job.format)),
        job_(job),
        element_(bytes_of(job.format)),
        per_chunk_(std::max<std::uint64_t>(1, unit_.chunk_bytes / element_)),
        sums_(job.phantom ? 0 : job.channels, 0.0f) {}
  [[nodiscard]] std::uint64_t chunks() const override { return divide_up(elements(), per_chunk_); }

  [[nodiscard]] Chunk chunk(std::uint64_t index) const override {
    const std::uint64_t first = index * per_chunk_, count = std::min(per_chunk_, elements() - first);
    Chunk c;
    c.inputs.emplace_back(job_.a + first * element_, count * element_);
    if (index + 1 == chunks()) c.outputs.emplace_back(job_.c, job_.channels * element_);
    c.operations = count;
    c.cycles = divide_up(count, std::min(unit_.lanes, job_.channels));
    return c;
  }

  std::optional<std::string> compute(std::uint64_t index, const std::vector<Bytes>& in, std::vector<Bytes>& out) override {
    const std::uint64_t first = index * per_chunk_, count = in[0].size() / element_;
    // dy lies as [image][channel][spatial]: within a channel the chain runs in the order of memory.
    for (std::uint64_t i = 0; i < count;) {
      const std::uint64_t plane = (first + i) / job_.spatial, run = std::min(count - i, (plane + 1) * job_.spatial - (first + i));
      float sum = sums_[plane % job_.channels];
      for (std::uint64_t j = 0; j < run; ++j) sum = sum + load_element(job_.format, in[0], i + j);
      sums_[plane % job_.channels] = sum;
      i += run;
    }
    if (!out.empty())
      for (std::uint64_t channel = 0; channel < job_.channels; ++channel) store_element(job_.format, out[0], channel, canonical(sums_[channel]));
    return std::nullopt;
  }

 private:
  VectorJob job_;
  std::uint64_t element_, per_chunk_;
  std::vector<float> sums_;
  [[nodiscard]] std::uint64_t elements() const { return job_.images * job_.channels * job_.spatial; }
};

class SoftmaxCrossEntropy : public StreamKernel {
 public:
  SoftmaxCrossEntropy(const VectorJob& job, const VectorUnit& unit)
      : StreamKernel(unit, job.rows * job.columns * 4), job_(job), rows_at_once_(std::max<std::uint64_t>(1, unit_.chunk_bytes / (4 * job.columns))) {}
  [[nodiscard]] std::uint64_t chunks() const override { return divide_up(job_.rows, rows_at_once_); }

  [[nodiscard]] Chunk chunk(std::uint64_t index) const override {
    const std::uint64_t first = index * rows_at_once_, rows = std::min(rows_at_once_, job_.rows - first), n = job_.columns;
    Chunk c;
    c.inputs = {{job_.a + first * n * 4, rows * n * 4}, {job_.aux + first * label_bytes(), rows * label_bytes()}};
    c.outputs.emplace_back(job_.c + first * n * 4, rows * n * 4);
    if (index + 1 == chunks()) c.outputs.emplace_back(job_.loss, 4);
    c.operations = rows * n * 5;
    c.exponentials = c.divisions = rows * n;
    c.logarithms = rows;
    c.cycles = divide_up(rows * n, unit_.lanes) * (1 + unit_.exp_cycles + unit_.divide_cycles + 2) + divide_up(rows, unit_.lanes) * (2 * n + unit_.log_cycles);
    return c;
  }

  std::optional<std::string> compute(std::uint64_t index, const std::vector<Bytes>& in, std::vector<Bytes>& out) override {
    const std::uint64_t first = index * rows_at_once_, n = job_.columns, rows = in[1].size() / label_bytes();
    const float share = 1.0f / static_cast<float>(job_.rows);
    powers_.resize(n);
    for (std::uint64_t row = 0; row < rows; ++row) {
      const auto x = [&](std::uint64_t j) { return load_element(Format::fp32, in[0], row * n + j); };
      const std::int64_t label = label_of(in[1], row);
      if (label < 0 || static_cast<std::uint64_t>(label) >= n)
        return "label " + std::to_string(label) + " of row " + std::to_string(first + row) + " is not below n = " + std::to_string(n);
      float largest = x(0);
      for (std::uint64_t j = 1; j < n; ++j)
        if (x(j) > largest) largest = x(j);
      float sum = 0.0f;
      for (std::uint64_t j = 0; j < n; ++j) {
        powers_[j] = spinvp_exp_f32(x(j) - largest);
        sum = sum + powers_[j];
      }
      for (std::uint64_t j = 0; j < n; ++j) {
        const float probability = powers_[j] / sum;
        store_element(Format::fp32, out[0], row * n + j, canonical((probability - (j == static_cast<std::uint64_t>(label) ? 1.0f : 0.0f)) * share));
      }
      losses_ = losses_ + (spinvp_log_f32(sum) - (x(static_cast<std::uint64_t>(label)) - largest));
    }
    if (out.size() > 1) store_element(Format::fp32, out[1], 0, canonical(losses_ * share));
    return std::nullopt;
  }

 private:
  VectorJob job_;
  std::uint64_t rows_at_once_;
  std::vector<float> powers_;
  float losses_ = 0.0f;

  [[nodiscard]] std::uint64_t label_bytes() const { return job_.wide_labels ? 4 : 1; }
  [[nodiscard]] std::int64_t label_of(const Bytes& labels, std::uint64_t row) const {
    if (!job_.wide_labels) return labels[row];
    std::int32_t label = 0;
    std::memcpy(&label, labels.data() + 4 * row, 4);
    return label;
  }
};

// Whole rows at a time; what differs is what happens to a row.
class Softmax : public StreamKernel {
 public:
  Softmax(const VectorJob& job, const VectorUnit& unit)
      : StreamKernel(unit, job.rows * job.columns * bytes_of(job.format)),
        job_(job),
        element_(bytes_of(job.format)),
        rows_at_once_(std::max<std::uint64_t>(1, unit_.chunk_bytes / (element_ * job.columns))) {}
  [[nodiscard]] std::uint64_t chunks() const override { return divide_up(job_.rows, rows_at_once_); }
  [[nodiscard]] std::uint64_t pieces() const override { return chunks(); }

  [[nodiscard]] Chunk chunk(std::uint64_t index) const override {
    const std::uint64_t first = index * rows_at_once_, rows = std::min(rows_at_once_, job_.rows - first), row_bytes = job_.columns * element_;
    Chunk c;
    c.inputs.emplace_back(job_.a + first * row_bytes, rows * row_bytes);
    if (backward()) c.inputs.emplace_back(job_.b + first * row_bytes, rows * row_bytes);
    c.outputs.emplace_back(job_.c + first * row_bytes, rows * row_bytes);
    const std::uint64_t elements = rows * job_.columns, strips = divide_up(elements, unit_.lanes), row_strips = divide_up(rows, unit_.lanes);
    c.operations = elements * (backward() ? 5 : 4);
    if (!backward()) c.exponentials = c.divisions = elements;
    c.cycles = backward() ? strips * 4 + row_strips * job_.columns : strips * (2 + unit_.exp_cycles + unit_.divide_cycles) + row_strips * 2 * job_.columns;
    return c;
  }

  std::optional<std::string> compute(std::uint64_t, const std::vector<Bytes>& in, std::vector<Bytes>& out) override {
    const std::uint64_t n = job_.columns, rows = in[0].size() / (n * element_);
    row_.resize(n);
    for (std::uint64_t row = 0; row < rows; ++row) {
      const auto a = [&](std::uint64_t j) { return load_element(job_.format, in[0], row * n + j); };
      if (backward())
        gradient(a, [&](std::uint64_t j) { return load_element(job_.format, in[1], row * n + j); });
      else
        probabilities(a);
      for (std::uint64_t j = 0; j < n; ++j) store_element(job_.format, out[0], row * n + j, canonical(row_[j]));
    }
    return std::nullopt;
  }

 private:
  VectorJob job_;
  std::uint64_t element_, rows_at_once_;
  std::vector<float> row_;
  [[nodiscard]] bool backward() const { return job_.operation == SPINVP_NPU_SOFTMAX_BACKWARD; }

  template <typename Row>
  void probabilities(const Row& x) {
    for (std::uint64_t j = 0; j < row_.size(); ++j) row_[j] = x(j) * job_.scalar;
    float largest = row_[0];
    for (const float value : row_)
      if (value > largest) largest = value;
    float sum = 0.0f;
    for (float& value : row_) {
      value = spinvp_exp_f32(value - largest);
      sum = sum + value;
    }
    for (float& value : row_) value = value / sum;
  }
  template <typename Row, typename Other>
  void gradient(const Row& dp, const Other& p) {
    float expected = 0.0f;
    for (std::uint64_t j = 0; j < row_.size(); ++j) expected = expected + dp(j) * p(j);
    for (std::uint64_t j = 0; j < row_.size(); ++j) row_[j] = p(j) * (dp(j) - expected) * job_.scalar;
  }
};

}  // namespace

std::unique_ptr<StreamKernel> make_bias_gradient(const VectorJob& job, const VectorUnit& unit) { return std::make_unique<BiasGradient>(job, unit); }
std::unique_ptr<StreamKernel> make_softmax_cross_entropy(const VectorJob& job, const VectorUnit& unit) {
  return std::make_unique<SoftmaxCrossEntropy>(job, unit);
}
std::unique_ptr<StreamKernel> make_softmax(const VectorJob& job, const VectorUnit& unit) { return std::make_unique<Softmax>(job, unit); }

}  // namespace spinvp::npu
