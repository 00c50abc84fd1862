// ReLU forward and backward, SGD, copy; and what all stream kernels share.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "models/core/units.h"
#include "models/npu/stream_kernel.h"

namespace spinvp::npu {

using core::divide_up;

namespace {

class Elementwise : public StreamKernel {
 public:
  Elementwise(const VectorJob& job, const VectorUnit& unit)
      : StreamKernel(unit, job.count * std::max(bytes_of(job.source_format), bytes_of(job.format))),
        job_(job),
        in_bytes_(bytes_of(job.source_format)),
        out_bytes_(bytes_of(job.format)),
        per_chunk_(std::max<std::uint64_t>(1, unit_.chunk_bytes / std::max(in_bytes_, out_bytes_))) {}
  [[nodiscard]] std::uint64_t chunks() const override { return divide_up(job_.count, per_chunk_); }
  [[nodiscard]] std::uint64_t pieces() const override { return chunks(); }

  [[nodiscard]] Chunk chunk(std::uint64_t index) const override {
    const std::uint64_t first = index * per_chunk_, count = std::min(per_chunk_, job_.count - first);
    Chunk c;
    c.inputs.emplace_back(job_.a + first * in_bytes_, count * in_bytes_);
    if (job_.operation == SPINVP_NPU_RELU_BACKWARD) c.inputs.emplace_back(job_.b + first * in_bytes_, count * in_bytes_);
    if (job_.operation == SPINVP_NPU_SGD_UPDATE) c.inputs.emplace_back(job_.c + first * out_bytes_, count * out_bytes_);
    c.outputs.emplace_back(job_.c + first * out_bytes_, count * out_bytes_);
    c.cycles = divide_up(count, unit_.lanes);
    c.operations = count;
    return c;
  }

  std::optional<std::string> compute(std::uint64_t, const std::vector<Bytes>& in, std::vector<Bytes>& out) override {
    const std::uint64_t count = out[0].size() / out_bytes_;
    const Format format = job_.format;
    switch (job_.operation) {
      case SPINVP_NPU_RELU_FORWARD:
        // What passes keeps its bits.
        for (std::uint64_t i = 0; i < count; ++i) copy_if(load_element(format, in[0], i) > 0.0f, in[0], out[0], i);
        break;
      case SPINVP_NPU_RELU_BACKWARD:
        for (std::uint64_t i = 0; i < count; ++i) copy_if(load_element(format, in[1], i) > 0.0f, in[0], out[0], i);
        break;
      case SPINVP_NPU_SGD_UPDATE:
        for (std::uint64_t i = 0; i < count; ++i)
          store_element(format, out[0], i, canonical(std::fmaf(-job_.scalar, load_element(format, in[0], i), load_element(format, in[1], i))));
        break;
      default:  // copy
        if (job_.source_format == format)
          out[0] = in[0];
        else
          for (std::uint64_t i = 0; i < count; ++i) store_element(format, out[0], i, canonical(load_element(job_.source_format, in[0], i)));
        break;
    }
    return std::nullopt;
  }

 private:
  VectorJob job_;
  std::uint64_t in_bytes_, out_bytes_, per_chunk_;

  void copy_if(bool keep, const Bytes& from, Bytes& to, std::uint64_t i) const {
    if (keep)
      std::memcpy(to.data() + i * out_bytes_, from.data() + i * out_bytes_, out_bytes_);
    else
      std::memset(to.data() + i * out_bytes_, 0, out_bytes_);
  }
};

}  // namespace

std::unique_ptr<StreamKernel> make_elementwise(const VectorJob& job, const VectorUnit& unit) { return std::make_unique<Elementwise>(job, unit); }

std::unique_ptr<StreamKernel> make_stream_kernel(const VectorJob& job, const VectorUnit& unit) {
  switch (job.operation) {
    case SPINVP_NPU_BIAS_GRADIENT: return make_bias_gradient(job, unit);
    case SPINVP_NPU_MAXPOOL_FORWARD:
    case SPINVP_NPU_AVERAGEPOOL_FORWARD: return make_pool_forward(job, unit);
    case SPINVP_NPU_MAXPOOL_BACKWARD:
    case SPINVP_NPU_AVERAGEPOOL_BACKWARD: return make_pool_backward(job, unit);
    case SPINVP_NPU_SOFTMAX_CROSS_ENTROPY: return make_softmax_cross_entropy(job, unit);
    case SPINVP_NPU_SOFTMAX_FORWARD:
    case SPINVP_NPU_SOFTMAX_BACKWARD: return make_softmax(job, unit);
    case SPINVP_NPU_MAP:
    case SPINVP_NPU_REDUCE: return make_map(job, unit);
    case SPINVP_NPU_GATHER: return make_gather(job, unit);
    case SPINVP_NPU_SCATTER_ADD: return make_scatter_add(job, unit);
    default: return make_elementwise(job, unit);
  }
}

}  // namespace spinvp::npu
