// How often the NPU's tile sequencer reads the operands of a matrix product from their own memory: its plan (models/npu/plan.h), walked without a simulation.
#pragma once

#include "models/npu/npu_config.h"
#include "workloads/compiler/machine.h"

namespace spinvp::platform {

// Bytes that loads move into the NPU's scratch; an operand on chip is used in place, and counts once. A product that does not fit counts once as well: the NPU will refuse it.
// Remembers what it walked; copies share that, so one thread uses them.
workloads::compiler::ReadsOf product_reads(const npu::NpuConfig& config);

}  // namespace spinvp::platform
