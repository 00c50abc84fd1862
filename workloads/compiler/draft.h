// A network as kernels without addresses: what lowering makes, fusion changes, placement gives addresses and emission writes as descriptors.
//
// Every kernel writes buffers of its own (several may write parts of one, as the pieces of a concatenation); nothing is overwritten. That a new value takes the place of a stored one, or
// of an operand that nobody needs any more, is placement's business.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/abi/npu.h"
#include "models/abi/npu_weights.h"
#include "models/abi/program.h"
#include "workloads/compiler/expression.h"
#include "workloads/compiler/view.h"
#include "workloads/graph/graph.h"

namespace spinvp::workloads::compiler {

// Of elements in the machine's memory. All whole numbers and truth values are int32; bytes are winners.
enum class Format : std::uint32_t { fp32 = SPINVP_NPU_FP32, bf16 = SPINVP_NPU_BF16, int32 = SPINVP_NPU_INT32, bytes = 3 };
constexpr std::uint64_t width_of(Format format) { return format == Format::bytes ? 1 : format == Format::bf16 ? 2 : 4; }

enum class BufferKind : std::uint8_t {
  input,      // of the network: fed before each step
  stored,     // weights, statistics, optimiser state: has a value before the first step
  constant,   // never changes
  temporary,  // made and used up within a step
};

struct Buffer {
  std::string name = {};
  Format format = Format::fp32;
  std::uint64_t elements = 0;
  BufferKind kind = BufferKind::temporary;
  std::optional<TensorId> tensor = {};             // whose values it holds
  std::optional<BufferId> replaces = {};           // it is the new value of that stored buffer
  bool kept = false;                               // an output of the network
  std::optional<spinvp_npu_weights> weights = {};  // the compressed form in which it is stored
  [[nodiscard]] std::uint64_t plain_bytes() const { return elements * width_of(format); }
  [[nodiscard]] std::uint64_t bytes() const { return weights ? spinvp_npu_weights_bytes(&*weights) : plain_bytes(); }
};

// An operand or result of a map.
struct Stream {
  BufferId buffer = {};
  Format format = Format::fp32;
  std::int64_t offset = 0;
  std::vector<std::int64_t> stride = {};  // along the axes of its program
  bool operator==(const Stream&) const = default;
};

// A map, a reduction, or the epilogue of a product (whose value 0 is the product's result and has no stream).
struct Program {
  std::vector<std::int64_t> extent = {};
  std::vector<Stream> inputs = {}, outputs = {};
  Expression steps = {};
  std::vector<Value> results = {};  // by output
  std::vector<bool> reduced = {};   // by axis; all false for a map
  std::uint32_t combine = SPINVP_NPU_COMBINE_SUM;
  Expression finish = {};            // of a reduction: its inputs are what came out
  std::vector<Value> finished = {};  // by output
};

// An address field of a descriptor.
struct Operand {
  std::uint64_t spinvp_npu_descriptor::*field = nullptr;
  BufferId buffer = {};
  std::int64_t offset = 0;  // elements
  std::uint64_t elements = 0;
  bool read = false, written = false;
};

// On the array: GEMM and the convolutions.
constexpr bool is_product(std::uint32_t operation) { return operation >= SPINVP_NPU_GEMM && operation <= SPINVP_NPU_CONV_WEIGHT_GRADIENT; }

struct Kernel {
  std::string name = {}, layer = {};
  Phase phase = Phase::forward;
  spinvp_program_bits bits = SPINVP_BITS_NONE;  // of a matrix product: which of a schedule's
  spinvp_npu_descriptor descriptor = {};        // all but addresses
  std::vector<Operand> operands = {};           // none of a map or a reduction
  std::optional<Program> program = {};

  [[nodiscard]] bool is_map() const { return descriptor.operation == SPINVP_NPU_MAP; }
  [[nodiscard]] bool is_reduction() const { return descriptor.operation == SPINVP_NPU_REDUCE; }
  [[nodiscard]] bool takes_epilogue() const { return descriptor.operation == SPINVP_NPU_GEMM || descriptor.operation == SPINVP_NPU_CONV_FORWARD; }
  // use(buffer, is_written) for every operand and stream.
  template <typename Use>
  void for_each_access(Use&& use) const {
    for (const Operand& o : operands) {
      if (o.read) use(o.buffer, false);
      if (o.written) use(o.buffer, true);
    }
    if (!program) return;
    for (const Stream& s : program->inputs) use(s.buffer, false);
    for (const Stream& s : program->outputs) use(s.buffer, true);
  }
};

struct Draft {
  std::vector<Buffer> buffers;
  std::vector<Kernel> kernels;
  std::vector<std::pair<TensorId, BufferId>> outputs, kept;  // of the network; others that were asked for
  std::optional<BufferId> loss;
  [[nodiscard]] Buffer& buffer(BufferId id) { return buffers[index(id)]; }
  [[nodiscard]] const Buffer& buffer(BufferId id) const { return buffers[index(id)]; }
  BufferId add(Buffer buffer) {
    buffers.push_back(std::move(buffer));
    return BufferId{static_cast<std::uint32_t>(buffers.size() - 1)};
  }
};

}  // namespace spinvp::workloads::compiler
