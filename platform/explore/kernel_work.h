// What one kernel of a compiled program asks of each part of the machine: cycles, bytes and bursts by stage of its job and by memory, and what costs energy. From the NPU's own plan
// (models/npu/plan.h), operand buffer and stream kernels, walked without a simulation: no addresses meet, so there is no time in it. memory_price.h puts time and energy to it.
//
// Products are walked step by step: what is loaded, fetched and drained is what the NPU model moves. Of a vector kernel the bytes are the compiler's (exact); cycles and bursts come from up to
// eight of its chunks (the first, the last, and some between), the others counting as their mean.
#pragma once

#include <array>
#include <cstdint>

#include "models/npu/npu_config.h"
#include "models/npu/tensor.h"
#include "workloads/compiler/compiled_program.h"

namespace spinvp::platform {

enum class Way : unsigned { dram_read, dram_write, onchip_read, onchip_write };
inline constexpr std::size_t ways = 4;

// Blocks of `interleave` bytes lie in turn over the lanes of the DRAM.
struct DramLanes {
  std::uint64_t lanes = 1, interleave = 256;
  // Of a long strided burst, the bytes that a stream would move in the time of its fullest lane, over its own bytes: rows of w bytes at distance S meet L I / gcd(S, L I) places, each
  // ceil(w / I) lanes, of the L x I bytes after which lanes repeat.
  [[nodiscard]] double crowding(const npu::Piece& piece) const;
};

struct Moves {
  std::array<double, ways> bytes{}, bursts{};
  std::array<double, ways> busy{};  // bytes, of the DRAM times their crowding in its lanes
  void add(Way way, std::uint64_t moved, std::uint64_t longest_burst, double crowding = 1);
  Moves& operator+=(const Moves& other);
  [[nodiscard]] double of(Way way) const { return bytes[static_cast<unsigned>(way)]; }
  [[nodiscard]] double total() const { return bytes[0] + bytes[1] + bytes[2] + bytes[3]; }
};

struct KernelWork {
  bool product = false;  // on the array; otherwise on the vector unit
  bool wide = true;      // fp32 products; otherwise bf16
  // Stages of the job, which overlap (models/npu/matrix_execution.h, vector_execution.h). Of load and store, reads and writes overlap, too: the next burst is read while the last one is written.
  Moves load, fetch, drain, store;
  double cycles = 0;        // of the array, or of the vector unit for its own kernels
  double drain_cycles = 0;  // of the vector unit, for a product's epilogue
  // What nothing hides: the first block's (or chunk's) way in, and the last one's way out.
  Moves first_load, first_fetch, last_drain, last_store;
  double last_cycles = 0;
  bool has_program = false;  // read by the NPU before it begins

  double macs = 0, operand_elements = 0, buffer_reads = 0, buffer_writes = 0, sums_exchanged = 0;  // buffer: words of npu::buffer_word
  double vector_operations = 0, elementary = 0, divisions = 0;

  // Of all stages.
  [[nodiscard]] Moves moves() const;
};

// Throws core::InputError for a descriptor that the NPU would refuse, with its reason.
KernelWork work_of(const workloads::compiler::CompiledKernel& kernel, const npu::NpuConfig& npu, const DramLanes& dram);

}  // namespace spinvp::platform
