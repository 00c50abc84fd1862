// A memory system (on-chip memory and DRAM) around the NPU, and what a compiled network costs on it in time and energy, in closed form.
//
// Time of a kernel: its stages overlap (kernel_work.h), so the slowest decides, with what comes before its first and after its last piece of work:
//   stage       sum over its bursts of latency + bytes / rate; where a stage copies, the longer of its reads and its writes, and the last burst's other half
//   array       max(cycles / clock, fetches)
//   resources   bytes of all stages / link; DRAM bytes x their crowding in its lanes / (peak x share that refresh leaves); (words read x read cycle + words written x write cycle) / banks
//   T = queue + max(load + last step + way out, way in + array + way out, way in + first step + drain + last store, way in + first step + store, resources)
//   queue       descriptor (and program) read from DRAM, dispatch, status written
// Time of the memory system alone: sum over kernels of max(DRAM, on-chip memory), as if array, vector unit and links took none.
// Energy: counts x the NPU's event prices, words of the on-chip memory, DRAM bytes at a stream's price, bytes over the interconnect; static power x the whole time.
//
// Left out: kernels wait for the memory evenly (no bank conflicts, no turning between reads and writes of the DRAM, all its accesses hit open rows); partial words; firmware between kernels; the
// hart, DMA and PIM arrays. tests/system/test_reproduce_memory.cpp holds the figures against simulations.
#pragma once

#include <string>
#include <vector>

#include "models/interconnect/interconnect.h"
#include "models/npu/npu_config.h"
#include "models/technology/dram_sheet.h"
#include "models/technology/memory_sheet.h"
#include "platform/explore/kernel_work.h"

namespace spinvp::platform {

struct DramPrice {
  double read_latency_s = 0, write_latency_s = 0;  // of a burst whose row is open
  double closed_row_s = 0;                         // more where it is not
  double bytes_per_second = 0;                     // that refresh leaves
  double joules_per_byte = 0, static_watts = 0;    // static: standby with rows open, and refresh

  // A stream's energy a bit and the peak rate as asked for, all else as the sheet says; 0: as the sheet says. The stream's energy falls into a dynamic part, which is what the figure asked for
  // leaves of it, and the sheet's standby and refresh at the sheet's own rate.
  static DramPrice of(const technology::DramDataSheet& sheet, double picojoules_per_bit = 0, double peak_gigabytes_per_second = 0);
};

struct MemorySystem {
  technology::MemoryDataSheet bank;
  std::uint64_t banks = 0;
  DramPrice dram;
  [[nodiscard]] double area_mm2() const { return bank.area.si() * 1e6 * static_cast<double>(banks); }
  [[nodiscard]] double leakage_watts() const { return bank.leakage.si() * static_cast<double>(banks); }
};

// What is the same in every system.
struct NpuPrice {
  npu::NpuConfig npu;
  double link_bytes_per_second = 0, bus_latency_s = 0, link_joules_per_byte = 0;
  // Joules of an event, fp32 and bf16; as the NPU model declares them (models/npu/npu.cpp).
  double mac[2]{}, operand[2]{}, vector[2]{};
  double elementary = 0, division = 0, buffer_read = 0, buffer_write = 0, accumulator = 0;
  double static_watts = 0, area_mm2 = 0;

  static NpuPrice of(const npu::NpuConfig& npu, const interconnect::InterconnectConfig& bus);
};

struct MemoryFigures {
  double chip_s = 0, memory_s = 0;  // kernels one after the other; what the memory system alone would take
  double onchip_j = 0, onchip_static_j = 0, dram_j = 0, dram_static_j = 0;
  double array_j = 0, buffer_j = 0, vector_j = 0, npu_static_j = 0, links_j = 0;  // buffer: operand buffer and accumulators
  double macs = 0, compute_s = 0;                                                 // array and vector unit at work
  Moves moves;
  [[nodiscard]] double memory_j() const { return onchip_j + onchip_static_j + dram_j + dram_static_j; }
  [[nodiscard]] double chip_j() const { return memory_j() + array_j + buffer_j + vector_j + npu_static_j + links_j; }
  [[nodiscard]] double dram_bytes() const { return moves.of(Way::dram_read) + moves.of(Way::dram_write); }
};

double kernel_seconds(const KernelWork& work, const MemorySystem& memory, const NpuPrice& npu);
double kernel_memory_seconds(const KernelWork& work, const MemorySystem& memory);
// `times`: how often each kernel runs.
MemoryFigures price(const std::vector<KernelWork>& kernels, const std::vector<double>& times, const MemorySystem& memory, const NpuPrice& npu);

}  // namespace spinvp::platform
