// How often the NPU reads what its jobs need from where it lies: the plans of its cores' parts (models/npu/partition.h, plan.h, vector_partition.h), walked without a simulation.
#pragma once

#include "models/npu/npu_config.h"
#include "workloads/compiler/machine.h"

namespace spinvp::platform {

// Bytes that loads move into the NPU's scratch; an operand on chip is used in place, and counts once. A product that does not fit, or cannot be divided, counts once as well: the NPU will refuse it.
// Remembers what it walked; copies share that, and threads may share copies.
workloads::compiler::ReadsOf product_reads(const npu::NpuConfig& config);

// What several cores read each for itself; none for one core.
workloads::compiler::CoreReadsOf core_reads(const npu::NpuConfig& config);

// Why the NPU's cores cannot divide a job as its configuration says; nothing where they can.
std::optional<std::string> indivisible(const npu::NpuConfig& config, const spinvp_npu_descriptor& job);

}  // namespace spinvp::platform
