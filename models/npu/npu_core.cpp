#include "models/npu/npu_core.h"

#include <algorithm>

#include <sysc/kernel/sc_dynamic_processes.h>

namespace spinvp::npu {

NpuCore::NpuCore(core::Component& owner, unsigned index, sc_core::sc_event& part_over)
    : bus(index == 0 ? "bus" : fmt::format("bus{}", index).c_str()), context(owner, bus), index_(index), part_over_(part_over) {
  sc_core::sc_spawn_options options;
  for (const Stage stage : {Stage::load, Stage::compute, Stage::drain, Stage::store})
    if (index > 0 || stage != Stage::load) sc_core::sc_spawn([this, stage] { stage_thread(stage); }, sc_core::sc_gen_unique_name("stage"), &options);
}

void NpuCore::start(std::unique_ptr<Execution> execution) {
  execution_ = std::move(execution);
  pending_ = {index_ > 0, true, true, true};
  stage_start_.notify(sc_core::SC_ZERO_TIME);
}

void NpuCore::run_first_stage() {
  execution_->run(Stage::load);
  end_ = core::now();
}

bool NpuCore::at_work() const {
  return std::any_of(pending_.begin(), pending_.end(), [](bool p) { return p; });
}

void NpuCore::stage_thread(Stage stage) {
  bool& mine = pending_[static_cast<unsigned>(stage)];
  while (true) {
    while (!mine) sc_core::wait(stage_start_);
    execution_->run(stage);
    end_ = core::now();
    mine = false;
    part_over_.notify(sc_core::SC_ZERO_TIME);
  }
}

}  // namespace spinvp::npu
