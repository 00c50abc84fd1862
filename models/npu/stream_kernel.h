// The operations of the vector unit, each as a stream of chunks: what to read, what to compute, what to write.
//
// Chunks are taken in order; a kernel may carry state from one to the next (running sums). Cycles of a chunk, with L lanes:
//   ReLU, SGD, copy      elements / L, rounded up
//   map                  points / L * (1 a step; exp, log, divide as configured, see map_kernel.cpp)
//   reduction            points / L * steps + outputs * points / min(L, outputs in the chunk) for the ordered sums + outputs / L * finishing steps
//   gather, scatter-add  elements / L
//   max-pool forward     outputs * window / L     backward: (inputs + outputs) / L
//   average-pool         outputs * window / L + outputs / L * divide, either way
//   bias gradient        an ordered sum is a chain, one element a cycle: elements / min(L, channels)
//   softmax cross-entropy  elements / L * (1 + exp + divide + 2) for subtraction, exp, division and the gradient's two steps, and rows / L * (columns + columns + log)
//                        for the ordered maximum and sum of each row
//   softmax forward      elements / L * (2 + exp + divide) for scale, subtraction, exp and division, and rows / L * 2 columns
//           backward     elements / L * 4 for the gradient's product, difference, product and scale, and rows / L * columns for the ordered sum
// In place (c equal to a, or to b) is allowed for element-wise operations.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/core/transport.h"
#include "models/npu/job.h"
#include "models/npu/tensor.h"

namespace spinvp::npu {

struct VectorUnit {
  std::uint64_t lanes = 128;
  std::uint64_t exp_cycles = 8, log_cycles = 8,
                divide_cycles = 8;       // exp_cycles: error function and hyperbolic tangent as well; divide_cycles: square root as well
  std::uint64_t chunk_bytes = 16 << 10;  // of each input stream
};

// What a chunk reads or writes at one place: pieces in the order of the packed bytes.
struct Stream {
  std::vector<Piece> pieces;
  Stream() = default;
  Stream(std::uint64_t address, std::uint64_t bytes) {
    if (bytes > 0) pieces.push_back({address, bytes, 1, 0});
  }
  explicit Stream(std::vector<Piece> of) : pieces(std::move(of)) {}
  [[nodiscard]] std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const Piece& piece : pieces) sum += piece.bytes();
    return sum;
  }
};

struct Chunk {
  std::vector<Stream> inputs, outputs;
  std::uint64_t cycles = 0;
  std::uint64_t operations = 0;  // elementary operations, for the energy account
  std::uint64_t exponentials = 0, logarithms = 0, divisions = 0;
};

using Bytes = std::vector<std::uint8_t>;

// Of a phantom job neither loaded() nor compute() is called: chunk() alone says all of its time and traffic.
class StreamKernel {
 public:
  virtual ~StreamKernel() = default;
  [[nodiscard]] virtual std::uint64_t chunks() const = 0;
  [[nodiscard]] virtual Chunk chunk(std::uint64_t index) const = 0;
  // Pieces of the job that different vector units may take, in whole (vector_partition.h); 1: it cannot be divided.
  [[nodiscard]] virtual std::uint64_t pieces() const { return 1; }
  // Leaves this kernel some neighbouring pieces.
  void take(Range pieces) { mine_ = chunks_of(pieces); }
  // The chunks that are left to it: all of them unless it was told otherwise. The first one asked for is the first of these.
  [[nodiscard]] Range mine() const { return mine_.value_or(Range{0, chunks()}); }
  // So many chunks must have been stored before chunk(index) is loaded.
  [[nodiscard]] virtual std::uint64_t stored_before(std::uint64_t) const { return 0; }
  // inputs[i] holds the bytes of chunk(index).inputs[i]. Called when they have come, and before chunk(index + 1) is asked for: what comes may say what to read next.
  // A message here and below means that the data itself is wrong (BAD_SHAPE).
  virtual std::optional<std::string> loaded(std::uint64_t, const std::vector<Bytes>&) { return std::nullopt; }
  // Outputs come sized.
  virtual std::optional<std::string> compute(std::uint64_t index, const std::vector<Bytes>& inputs, std::vector<Bytes>& outputs) = 0;
  // Bytes of a burst of its streams.
  [[nodiscard]] std::uint64_t burst() const { return burst_; }

 protected:
  // `stream_bytes`: of the longest stream. Bursts grow with it (core::burst_bytes), and a chunk is no less than a burst.
  StreamKernel(const VectorUnit& unit, std::uint64_t stream_bytes) : unit_(unit), burst_(core::burst_bytes(stream_bytes)) {
    unit_.chunk_bytes = std::max(unit_.chunk_bytes, burst_ > core::ordinary_burst ? burst_ : 0);
  }
  VectorUnit unit_;
  [[nodiscard]] virtual Range chunks_of(Range pieces) const { return pieces; }

 private:
  std::uint64_t burst_;
  std::optional<Range> mine_;
};

std::unique_ptr<StreamKernel> make_stream_kernel(const VectorJob& job, const VectorUnit& unit);

// One each (elementwise.cpp, map_kernel.cpp, pooling.cpp, reductions.cpp, table_rows.cpp).
std::unique_ptr<StreamKernel> make_elementwise(const VectorJob& job, const VectorUnit& unit);
std::unique_ptr<StreamKernel> make_map(const VectorJob& job, const VectorUnit& unit);  // maps and reductions
std::uint64_t map_chunk_bytes(const MapProgram& program, const VectorUnit& unit);      // of its chunks, and of the inputs that stay
std::unique_ptr<StreamKernel> make_pool_forward(const VectorJob& job, const VectorUnit& unit);
std::unique_ptr<StreamKernel> make_pool_backward(const VectorJob& job, const VectorUnit& unit);
std::unique_ptr<StreamKernel> make_bias_gradient(const VectorJob& job, const VectorUnit& unit);
std::unique_ptr<StreamKernel> make_softmax_cross_entropy(const VectorJob& job, const VectorUnit& unit);
std::unique_ptr<StreamKernel> make_softmax(const VectorJob& job, const VectorUnit& unit);  // forward and backward
std::unique_ptr<StreamKernel> make_gather(const VectorJob& job, const VectorUnit& unit);
std::unique_ptr<StreamKernel> make_scatter_add(const VectorJob& job, const VectorUnit& unit);

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
