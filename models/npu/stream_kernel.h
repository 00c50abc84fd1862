// The operations of the vector unit, each as a stream of chunks: what to read, what to compute, what to write.
//
// Chunks are taken in order; a kernel may carry state from one to the next (running sums). Cycles of a chunk, with L lanes:
//   ReLU, SGD, copy      elements / L, rounded up
//   max-pool forward     outputs * window / L     backward: (inputs + outputs) / L
//   bias gradient        an ordered sum is a chain, one element a cycle: elements / min(L, channels)
//   softmax cross-entropy  elements / L * (1 + exp + divide + 2) for subtraction, exp, division and the gradient's two steps, and rows / L * (columns + columns + log)
//                        for the ordered maximum and sum of each row
//   softmax forward      elements / L * (2 + exp + divide) for scale, subtraction, exp and division, and rows / L * 2 columns
//           backward     elements / L * 4 for the gradient's product, difference, product and scale, and rows / L * columns for the ordered sum
// In place (c equal to a, or to b) is allowed for element-wise operations.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/npu/job.h"

namespace spinvp::npu {

struct VectorUnit {
  std::uint64_t lanes = 128;
  std::uint64_t exp_cycles = 8, log_cycles = 8, divide_cycles = 8;
  std::uint64_t chunk_bytes = 16 << 10;  // of each input stream
};

// A contiguous run of memory.
struct Run {
  std::uint64_t address = 0, bytes = 0;
};

struct Chunk {
  std::vector<Run> inputs, outputs;
  std::uint64_t cycles = 0;
  std::uint64_t operations = 0;  // elementary operations, for the energy account
  std::uint64_t exponentials = 0, logarithms = 0, divisions = 0;
};

using Bytes = std::vector<std::uint8_t>;

class StreamKernel {
 public:
  virtual ~StreamKernel() = default;
  [[nodiscard]] virtual std::uint64_t chunks() const = 0;
  [[nodiscard]] virtual Chunk chunk(std::uint64_t index) const = 0;
  // inputs[i] holds the bytes of chunk(index).inputs[i]; outputs come sized. A message means that the data itself is wrong (BAD_SHAPE).
  virtual std::optional<std::string> compute(std::uint64_t index, const std::vector<Bytes>& inputs, std::vector<Bytes>& outputs) = 0;
};

std::unique_ptr<StreamKernel> make_stream_kernel(const VectorJob& job, const VectorUnit& unit);

// One each (elementwise.cpp, pooling.cpp, reductions.cpp).
std::unique_ptr<StreamKernel> make_elementwise(const VectorJob& job, const VectorUnit& unit);
std::unique_ptr<StreamKernel> make_pool_forward(const VectorJob& job, const VectorUnit& unit);
std::unique_ptr<StreamKernel> make_pool_backward(const VectorJob& job, const VectorUnit& unit);
std::unique_ptr<StreamKernel> make_bias_gradient(const VectorJob& job, const VectorUnit& unit);
std::unique_ptr<StreamKernel> make_softmax_cross_entropy(const VectorJob& job, const VectorUnit& unit);
std::unique_ptr<StreamKernel> make_softmax(const VectorJob& job, const VectorUnit& unit);  // forward and backward

// Element `index` of raw memory in a format, and back.
inline float load_element(Format format, const Bytes& bytes, std::uint64_t index) {
  if (format == Format::fp32) {
    float value = 0;
    std::memcpy(&value, bytes.data() + 4 * index, 4);
    return value;
  }
  std::uint16_t bits = 0;
  std::memcpy(&bits, bytes.data() + 2 * index, 2);
  return widen(bits);
}
inline void store_element(Format format, Bytes& bytes, std::uint64_t index, float value) {
  if (format == Format::fp32) {
    std::memcpy(bytes.data() + 4 * index, &value, 4);
    return;
  }
  const std::uint16_t bits = narrow(value);
  std::memcpy(bytes.data() + 2 * index, &bits, 2);
}

}  // namespace spinvp::npu
