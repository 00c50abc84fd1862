// The NPU: a ring of descriptors in memory, a systolic array, a vector unit, and a sequencer that streams tiles through on-chip memory.
//
// Firmware fills descriptors (models/abi/npu.h) and writes TAIL. They are executed in order: fetch (one burst), dispatch_cycles, the job (matrix_execution.h,
// vector_execution.h), status written back, HEAD advanced. A descriptor that is refused or fails gets its error status, ERROR_INDEX, ERROR_STATUS, the error
// interrupt and a log line; the queue goes on with the next one. Nothing that firmware writes can stop the model: what a job may take is bounded (job.h, plan.h).
//
// A job is divided among the cores (partition.h, vector_partition.h), which work on their parts at the same time, each through a bus port of its own; it is over when all are. They meet in the
// memories and their links. The queue is one, and its bursts travel through the first core's port. Energy and multiply-accumulates of a job are sums, its compute cycles those of the core that has the most.
//
// Operands inside [onchip_base, onchip_base + onchip_size) are used in place; others pass through tiles in [SCRATCH_BASE, SCRATCH_BASE + SCRATCH_SIZE), of which each core at work has an equal share. An operand that
// overlaps the scratch a job needs is refused (BAD_ADDRESS): tiles would overwrite it.
//
// Time: docs/timing.md. Power: clock-gated or in retention it stands still and goes on later; off loses the queue, the registers and the running job.
#pragma once

#include <memory>
#include <optional>

#include "models/core/device.h"
#include "models/npu/execution.h"
#include "models/npu/npu_config.h"
#include "models/npu/npu_core.h"
#include "models/technology/memory_sheet.h"

namespace spinvp::npu {

class Npu : public core::RegisterDevice {
 public:
  static constexpr std::uint64_t register_bytes = 4096;
  static constexpr std::uint64_t most_descriptors = 65536;
  static constexpr std::uint32_t bad_queue = 6;  // ERROR_STATUS only: a doorbell outside the ring

  Npu(const sc_core::sc_module_name& name, core::Simulation& simulation, const NpuConfig& config);
  void describe_state(core::StateArchive& archive) override;
  [[nodiscard]] std::string unsettled() const override;

 private:
  NpuConfig config_;
  core::Register id_, version_, control_, status_, queue_base_, queue_size_, tail_, head_, interrupt_status_, interrupt_enable_, error_index_, error_status_,
      completed_, scratch_base_, scratch_size_, busy_cycles_, compute_cycles_, stall_cycles_, macs_, array_, lanes_, core_count_;
  core::InterruptLine line_;
  sc_core::sc_event part_over_;
  std::vector<std::unique_ptr<NpuCore>> cores_;
  core::BusMaster queue_bus_;
  std::optional<technology::MemoryDataSheet> buffer_sheet_;  // of the operand buffer
  EnergyEvents events_;
  ChainUnit unit_;

  std::vector<core::RegionId> doorbell_regions_;  // by slot of the ring: the region when its doorbell rang
  std::uint64_t epoch_ = 0;                       // counts resets: work of an earlier one is dropped
  bool working_ = false;
  std::uint64_t working_epoch_ = 0;  // of the descriptor at work: an earlier one than epoch_ is being dropped
  sc_core::sc_event doorbell_;

  using Executions = std::vector<std::unique_ptr<Execution>>;  // of the first cores, one each
  struct CoreCounters {
    core::Counter &compute, &waiting;
  };
  std::vector<CoreCounters> core_counters_;  // of several cores

  core::Counter &jobs_done_, &jobs_failed_, &folds_, &tiles_, &array_elements_, &vector_operations_;

  // Of the job at work; what the device itself asks and moves counts with the first core.
  [[nodiscard]] JobContext& context() { return cores_.front()->context; }
  [[nodiscard]] JobTotals totals() const;
  [[nodiscard]] bool busy() const;
  [[nodiscard]] bool has_work() const;
  void ring(std::uint64_t old_tail, std::uint64_t tail);
  void clear_queue();
  void write_queue(core::Register& reg, std::uint64_t old_value, const char* name);
  void write_control(std::uint64_t value);
  void report_error(std::uint64_t slot, std::uint32_t status, const std::string& message);
  void raise(const char* field);
  void update_line();
  void drop_work();
  void on_reset() override;
  void on_power_state(core::PowerState from, core::PowerState to) override;

  void sequence();
  void run_descriptor();
  // False: refused, and `refusal` says why.
  bool execute(const Job& job, core::RegionId region, Refusal& refusal);
  Executions prepare(const MatrixJob& job, core::RegionId region, Refusal& refusal);
  Executions prepare(const VectorJob& job, core::RegionId region, Refusal& refusal);
  // Reads the header of compressed weights; nothing: refused.
  std::optional<WeightRebuild> fetch_weights(const Tensor& b, Format format, core::RegionId region, Refusal& refusal);
  // Reads and decodes the vector program at `address`; null: refused.
  std::shared_ptr<const MapProgram> fetch_map(std::uint64_t address, MapUse use, core::RegionId region, Refusal& refusal);
  void run_parts(Executions parts);
  void complete(std::uint64_t slot, const Job& job, const Refusal& refusal, core::RegionId region, core::SimTime start);
  [[nodiscard]] bool on_chip(std::uint64_t address, std::uint64_t bytes) const;
};

}  // namespace spinvp::npu
