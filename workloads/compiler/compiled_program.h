// What the compiler gives: kernels with addresses, where every tensor lies, and what each kernel moves. lay_out (images.h) makes of it the bytes that memory holds before the run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/abi/npu_map.h"
#include "models/abi/program.h"
#include "workloads/compiler/draft.h"

namespace spinvp::workloads::compiler {

struct Traffic {
  std::uint64_t dram_read = 0, dram_written = 0, onchip_read = 0, onchip_written = 0;
  [[nodiscard]] std::uint64_t dram() const { return dram_read + dram_written; }
};

// What a kernel cannot avoid to read and write of a buffer, each element once.
struct Touch {
  std::uint32_t place = 0;  // of CompiledProgram::places
  std::uint64_t read = 0, written = 0;
};

struct CompiledKernel {
  std::string name = {}, layer = {};
  Phase phase = Phase::forward;
  spinvp_program_bits bits = SPINVP_BITS_NONE;
  spinvp_npu_descriptor descriptor = {};  // `aux` of a map program is set by lay_out
  std::optional<spinvp_npu_map> program = {};
  Traffic traffic = {};
  std::vector<Touch> touches = {};     // of each buffer once
  std::uint64_t compulsory_bytes = 0;  // each operand and result once, wherever it lies
  std::uint64_t macs = 0;
};

struct TensorPlace {
  std::optional<TensorId> tensor = {};
  std::string name = {};
  Format format = Format::fp32;
  BufferKind kind = BufferKind::temporary;
  std::uint64_t address = 0, bytes = 0, elements = 0;
  std::optional<spinvp_npu_weights> weights = {};  // compressed: `bytes` are those of that form
  bool on_chip = false;
  bool kept = false;                // an output or the loss
  bool renews = false;              // the new value of a stored tensor, in its place
  std::uint64_t touched_bytes = 0;  // that a step reads at least once, from its own memory
  std::size_t first = 0, last = 0;  // kernels that touch it
};

struct CompiledProgram {
  std::string network;
  bool phantom = false, training = false;
  std::vector<CompiledKernel> kernels;
  std::vector<TensorPlace> places;           // of every buffer in use
  std::vector<TensorPlace> inputs, outputs;  // in the graph's order; labels are an input
  std::vector<TensorPlace> kept;             // what was asked for beside the outputs
  std::vector<TensorPlace> stored;           // weights, statistics, states and constants: what memory must hold before the first step
  std::optional<TensorPlace> loss;
  std::uint64_t dram_bytes = 0, temporary_bytes = 0, onchip_bytes = 0;  // taken; temporaries are part of DRAM's
  [[nodiscard]] Traffic traffic() const;
};

}  // namespace spinvp::workloads::compiler
