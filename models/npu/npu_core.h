// One core of an NPU: a bus port of its own, what its array and its vector unit remember, and the four stages of the part of a job that it runs, each in a thread.
//
// The device gives each core at work an Execution, start()s them all, and waits for `part_over` until none is at work. The first core's load stage runs in the device's own thread, which
// has nothing else to do (run_first_stage).
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "models/core/engine_port.h"
#include "models/npu/execution.h"
#include "models/npu/matrix_execution.h"

namespace spinvp::npu {

class NpuCore {
 public:
  // Inside the constructor of the module that owns it. `part_over` is notified whenever a stage ends.
  NpuCore(core::Component& owner, unsigned index, sc_core::sc_event& part_over);
  NpuCore(const NpuCore&) = delete;

  core::EnginePort bus;
  JobContext context;
  ArrayStorage storage;

  void start(std::unique_ptr<Execution> execution);
  void run_first_stage();
  [[nodiscard]] bool at_work() const;
  // Of the part that is over: forgets the execution.
  void finish() { execution_.reset(); }
  [[nodiscard]] core::SimTime end() const { return end_; }  // when its last stage ended

 private:
  unsigned index_;
  sc_core::sc_event& part_over_;
  std::unique_ptr<Execution> execution_;
  std::array<bool, stages> pending_{};
  sc_core::sc_event stage_start_;
  core::SimTime end_;
  void stage_thread(Stage stage);
};

}  // namespace spinvp::npu
