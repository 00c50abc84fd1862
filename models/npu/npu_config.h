// What a user sets of an NPU.
#pragma once

#include <string>

#include "models/core/energy.h"
#include "models/core/fields.h"
#include "models/npu/partition.h"
#include "models/npu/plan.h"
#include "models/npu/stream_kernel.h"

namespace spinvp::npu {

struct NpuConfig {
  std::uint64_t cores = 1;
  std::string partition = "auto";
  std::uint64_t partition_bytes = 128;
  std::uint64_t rows = 128, columns = 128;
  core::Frequency clock = core::Frequency::from_si(1e9);
  std::string dataflow = "os", fold_cost = "exact";
  std::uint64_t vector_lanes = 128, exp_cycles = 8, log_cycles = 8, divide_cycles = 8;
  std::uint64_t dispatch_cycles = 32;
  std::uint64_t onchip_base = 0x20'0000'0000;
  core::Bytes onchip_size{64ull << 20};
  std::uint64_t scratch_base = 0x20'0000'0000;
  core::Bytes scratch_size{8ull << 20};
  core::Bytes tile_size{64ull << 10}, accumulator_size{4ull << 20}, stream_buffer{16ull << 10}, operand_buffer{4ull << 20};
  std::uint64_t job_limit = std::uint64_t{1} << 40;
  std::uint64_t sparse_group = 0, mac_granule = 0, rebuild_lanes = 0;

  std::string logic_node = "45nm";
  core::Power element_leakage = core::Power::from_si(5e-6), element_clock = core::Power::from_si(10e-6);
  core::Area element_area = core::Area::from_si(11884e-12), selector_area = core::Area::from_si(55e-12);

  static const core::Schema& schema();
  [[nodiscard]] ArrayShape array() const { return {rows, columns}; }
  [[nodiscard]] CoreSetup core_setup() const {
    return {cores, partition_of(partition), array(), dataflow_of(dataflow), fold_cost_of(fold_cost), partition_bytes};
  }
  [[nodiscard]] Limits limits() const { return {job_limit, array(), dataflow_of(dataflow), mac_granule, sparse_group, rebuild_lanes != 0}; }
  // Of one core that has the scratch region for itself, but for where operands lie.
  [[nodiscard]] PlanLimits plan_limits() const {
    return {.array = array(),
            .dataflow = dataflow_of(dataflow),
            .fold_cost = fold_cost_of(fold_cost),
            .scratch_bytes = scratch_size.value,
            .tile_bytes = tile_size.value,
            .accumulator_bytes = accumulator_size.value,
            .buffer_bytes = operand_buffer.value};
  }
  [[nodiscard]] VectorUnit vector_unit() const { return {vector_lanes, exp_cycles, log_cycles, divide_cycles, stream_buffer.value}; }
};

}  // namespace spinvp::npu
