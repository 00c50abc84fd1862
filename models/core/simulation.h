// The services that all models of one simulation share. One object a simulation, given by reference; there are no globals.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <spdlog/spdlog.h>

#include "models/core/energy.h"
#include "models/core/regions.h"
#include "models/core/state.h"
#include "models/core/store_watch.h"
#include "models/core/units.h"

namespace spinvp::core {

class Component;

// One job of an engine, as it stands in report.json. `layer` and `phase` follow from the region of its doorbell.
struct KernelRecord {
  std::string name, unit;  // unit: npu, pim, cpu, dma
  RegionId region = no_region;
  SimTime start, end;
  std::uint64_t macs = 0, compute_cycles = 0, stall_cycles = 0;
  KernelTally tally;
};

// How a run ended; the words are those of report.json.
enum class ExitReason { finished, guest_code, crash, time_limit, deadlock, interrupted };

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed = 1);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  Regions regions;
  EnergyAccount energy{regions};
  std::vector<KernelRecord> kernels;
  StoreWatch stores;

  // What firmware reports of its training through the markers; `on_progress` is told of each step.
  struct Training {
    std::vector<float> loss;
    double accuracy = -1;  // < 0: not reported
  } training;
  std::function<void(std::uint64_t step, float loss, SimTime now)> on_progress;
  // A character that the guest wrote to its console (UART or HTIF).
  std::function<void(char character)> on_console;

  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  // Messages carry simulated time and component path. Also collected: what a user should know goes to `warnings` of the report.
  [[nodiscard]] spdlog::logger& log() { return *log_; }
  void warn(const std::string& component, const std::string& message);
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  // Ends the run: the first call wins, sc_stop() is called.
  void finish(ExitReason reason, std::uint64_t code);
  // The test finisher's 0x7777: harts and devices are reset, memories keep their contents.
  void request_reset();
  struct Exit {
    ExitReason reason = ExitReason::deadlock;
    std::uint64_t code = 0;
    bool set = false;
  };
  [[nodiscard]] const Exit& exit() const { return exit_; }

  // What was booked, recorded and reported so far; not the components.
  void describe_state(StateArchive& archive);

  // All components, in order of construction. Components enter and leave by themselves.
  std::vector<Component*> components;

 private:
  std::uint64_t seed_;
  std::shared_ptr<spdlog::logger> log_;
  std::vector<std::string> warnings_;
  Exit exit_;
};

}  // namespace spinvp::core
