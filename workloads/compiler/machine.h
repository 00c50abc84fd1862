// What the compiler must know of the machine that a program is for, and what it may do.
//
// Two memories: DRAM, where everything fits or the network is refused, and the on-chip memory, of which a range is free for tensors (the NPU's tile scratch lies apart). All addresses
// are bus addresses. How often a product reads its operands is the business of the NPU's tile sequencer: whoever knows it fills `reads_of`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "models/abi/npu.h"
#include "models/abi/npu_map.h"
#include "workloads/compiler/weight_compression.h"

namespace spinvp::workloads::compiler {

struct MemoryRange {
  std::uint64_t base = 0, bytes = 0;
  [[nodiscard]] std::uint64_t end() const { return base + bytes; }
  [[nodiscard]] bool holds(std::uint64_t address) const { return address >= base && address - base < bytes; }
};

// Bytes of both operands that a matrix product reads from the memory where they lie.
struct ProductReads {
  std::uint64_t a = 0, b = 0;
};
// The product, and whether a, b and c lie on chip: what lies there is used in place. Addresses of the descriptor are not set.
using ReadsOf = std::function<ProductReads(const spinvp_npu_descriptor& product, bool a_on_chip, bool b_on_chip, bool c_on_chip)>;

// What several cores read more often than one: each for itself. `inputs`: bytes by input of an epilogue; of a map or a reduction, how often each input is read.
struct CoreReads {
  std::optional<std::uint64_t> bias = {};  // elements; none: each once
  std::vector<std::uint64_t> inputs = {};
};
// A kernel, its program, if it has one, without steps and with addresses that only say which streams meet, and whether a, b and c lie on chip.
using CoreReadsOf =
    std::function<CoreReads(const spinvp_npu_descriptor& kernel, const spinvp_npu_map* program, bool a_on_chip, bool b_on_chip, bool c_on_chip)>;

struct Machine {
  MemoryRange dram = {0x9000'0000, 0x7000'0000};
  MemoryRange onchip = {0x20'0080'0000, 0};  // 0 bytes: everything lies in DRAM
  ReadsOf reads_of = {};                     // none: each operand once
  CoreReadsOf core_reads_of = {};            // none: there is one core
};

struct CompileOptions {
  bool fusion = true;     // element-wise chains in one kernel; never changes a bit
  bool residency = true;  // tensors on chip
  bool phantom = false;   // tensors have no values
  WeightCompression weights = {};
};

}  // namespace spinvp::workloads::compiler
