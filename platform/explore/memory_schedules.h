// What the networks of the suites ask of a memory system: each compiled for a capacity of on-chip memory, its kernels walked (kernel_work.h). Compiled once for each question, on all cores;
// the answers do not depend on how many there are.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "platform/explore/kernel_work.h"

namespace spinvp::platform {

struct ScheduleQuestion {
  std::string network = {};  // that ships
  bool training = false;     // a step with bf16 activations and fp32 masters, SGD, activations kept; otherwise an inference in bf16
  std::uint64_t batch = 1;
  std::uint64_t onchip_bytes = 0;  // the NPU's scratch included
  bool reuse = true;               // fusion, and tensors that stay on chip; false: each operation of the network by itself, everything from DRAM and back
  friend auto operator<=>(const ScheduleQuestion&, const ScheduleQuestion&) = default;
};

// Kernels that are alike, wherever their operands lie in a memory, are one entry.
struct Schedule {
  std::vector<KernelWork> kernels;
  std::vector<double> times;  // how often each is run
};

class Schedules {
 public:
  Schedules(npu::NpuConfig npu, DramLanes dram) : npu_(std::move(npu)), dram_(dram) {}
  // The NPU with so much on-chip memory.
  [[nodiscard]] npu::NpuConfig npu_with(std::uint64_t onchip_bytes) const;
  // Computes what is not known yet. `progress`: questions answered and asked, one call at a time.
  void prepare(const std::vector<ScheduleQuestion>& questions, const std::function<void(std::size_t, std::size_t)>& progress = {});
  // Of a question that was prepared.
  [[nodiscard]] const Schedule& of(const ScheduleQuestion& question) const { return known_.at(question); }

 private:
  npu::NpuConfig npu_;
  DramLanes dram_;
  std::map<ScheduleQuestion, Schedule> known_;
};

}  // namespace spinvp::platform
