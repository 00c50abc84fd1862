// The PIM device: registers, command queue, arrays, and the lane-major window onto them.
//
// Firmware writes descriptors (models/abi/pim.h) into a ring in memory, tells the registers where it is, and rings the doorbell (TAIL). Commands are taken in
// order into a window of `command_window`; those that do not stand in each other's way (command_window.h: other controllers, other memory) work at the same time, so
// results and statuses are those of the order of the ring, but statuses may reach memory out of it. HEAD passes a command when it and all before it are complete.
// A descriptor that cannot be run is given its status, raises the ERROR interrupt, is logged, and the queue goes on.
//
// One command is fetched (over the bus) and decoded (decode_cycles) after the other, while others work. Time of a command from its start = what follows + status
// write over the bus. T(x) is DeviceTiming::time_of with waves = ceil(active subarrays / subarrays that may write at once); fill = ceil(words into the busiest
// transposing buffer / fill_words) cycles.
//   operations without bus   T(steps), see lane_operations.h, and the cycles of the tiles' network where words change tiles
//   LOAD                     max(bus, fill) + T(32 row writes)
//   STORE                    T(32 row reads) + max(bus, fill)
//   DOT                      DotSchedule (dot_product.h) with array(j) = T(64 row writes + steps of a multiply-accumulate); the controllers of the command have their
//                            equal shares of the operand buffer
// Results appear in the store when the command's bus reads are done and its time is known, which is not after its end: who reads a word by the window while a
// command that writes it runs sees the old or the new value. A window access while a command runs is served; it waits for other window accesses alone.
//
// Power: commands start in state `on` only; a running one completes when the clock is gated or retention begins, and is dropped (with the queue, by the reset)
// when power goes off. The cells keep their contents through everything.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "models/core/calendar.h"
#include "models/core/device.h"
#include "models/core/engine_port.h"
#include "models/pim/array_window.h"
#include "models/pim/command.h"
#include "models/pim/command_window.h"
#include "models/pim/lane_operations.h"
#include "models/pim/operand_source.h"
#include "models/pim/pim_config.h"

namespace spinvp::pim {

class PimController : public core::RegisterDevice {
 public:
  PimController(const sc_core::sc_module_name& name, core::Simulation& simulation, const PimConfig& config);
  void describe_state(core::StateArchive& archive) override;
  [[nodiscard]] std::string unsettled() const override;
  // NAME_wear.csv: row writes by subarray and row; counters of the worst row and the lifetime at the run's pace.
  std::vector<core::OutputFile> at_end(core::SimTime end) override;

  // For tests and tools: the bits, and the figures that times and energies come from.
  [[nodiscard]] SubarrayStore& store() { return store_; }
  [[nodiscard]] const DeviceTiming& timing() const { return timing_; }
  [[nodiscard]] std::uint64_t writers_at_once() const { return writers_; }

 protected:
  void on_reset() override;
  void on_power_state(core::PowerState from, core::PowerState to) override;

 private:
  // How a command ended. `dropped`: reset or power-off took it away; nothing more may be done for it.
  enum class Outcome { done, bad_address, bad_range, dropped };
  // A command of the window: fetched, and not yet passed by HEAD.
  struct Job {
    std::uint64_t slot = 0, number = 0, life = 0;  // its place in the ring; counts up in the window
    core::RegionId region = core::no_region;
    spinvp_pim_descriptor descriptor{};
    std::uint32_t status = SPINVP_PIM_DONE;
    std::optional<Command> command;  // none: it cannot be run
    bool in_memory = false;          // the descriptor was read: its status can be written
    bool complete = false;
    core::BusMaster* bus = nullptr;  // of the worker that runs it
    core::KernelRecord record;
    core::SimTime array;  // how long the arrays worked
  };
  // What runs a command: a thread of the simulation, with its own view of the bus.
  struct Worker {
    Worker(tlm::tlm_initiator_socket<>& socket, const char* name) : bus(socket, name) {}
    core::BusMaster bus;
    sc_core::sc_event go;
    std::shared_ptr<Job> job;  // none: idle
  };
  enum Interrupt : std::uint64_t { interrupt_done = 1, interrupt_error = 2, interrupt_idle = 4 };
  static constexpr std::uint32_t bad_queue = SPINVP_PIM_BAD_QUEUE;

  PimConfig config_;
  Geometry geometry_;
  DeviceTiming timing_;
  SubarrayStore store_;
  Wear wear_;
  Engine engine_;
  LaneOperations operations_;
  std::uint64_t writers_;

  core::EnginePort master_;
  tlm_utils::simple_target_socket<PimController> window_socket_;
  core::BusMaster bus_;  // of the fetches
  core::InterruptLine line_;
  core::Calendar window_calendar_;

  core::Register id_, version_, control_, status_, queue_base_, queue_size_, tail_, head_, interrupt_status_, interrupt_enable_, error_index_, error_status_,
      completed_, subarrays_, lanes_, words_, mac_time_, shared_mac_time_, step_reads_, step_writes_, step_searches_, step_nors_, macs_, busy_cycles_,
      array_cycles_, stall_cycles_;

  CommandWindow window_{writers_};
  std::deque<std::shared_ptr<Job>> jobs_;  // of the window, oldest first
  std::vector<std::unique_ptr<Worker>> workers_;
  std::uint64_t next_slot_ = 0, taken_ = 0;  // to be fetched next; fetched since reset
  bool fetching_ = false;
  std::uint64_t life_ = 0;  // counts resets: a wait that ends in another life than it began drops its command
  sc_core::sc_event work_, dropped_;
  core::SimTime busy_since_;
  std::vector<core::RegionId> slot_regions_;  // of the doorbell that added each slot
  core::SimTime busy_time_, array_time_, stall_time_;

  struct Events {
    std::array<core::EventId, cell_event_kinds> cells;
    core::EventId buffer_word, transfer_bit, transfer_hop, command;
  } events_{};
  core::Counter &commands_, &failed_, &lane_macs_, &loaded_bytes_, &stored_bytes_, &window_reads_, &window_writes_;
  core::Counter &logic_write_failures_, &logic_read_disturbs_, &wrong_results_, &row_writes_, &worst_row_writes_, &lifetime_s_;
  FaultyEngine::Counters faults_before_;

  // pim_controller.cpp: registers and queue
  void bind_registers();
  void update_line() { line_.set((interrupt_status_.get() & interrupt_enable_.get()) != 0); }
  void raise(std::uint64_t bits);
  void fail(std::uint64_t index, std::uint32_t status, const std::string& why);
  void ring(std::uint64_t old_tail, std::uint64_t new_tail);
  void restart_queue();
  void drop_everything();
  [[nodiscard]] bool at_work() const { return fetching_ || !jobs_.empty(); }
  [[nodiscard]] bool busy_now() const { return at_work() || head_.get() != tail_.get(); }
  [[nodiscard]] core::SimTime busy_time() const { return busy_time_ + (at_work() ? core::now() - busy_since_ : core::SimTime()); }
  void count_faults();

  // pim_queue.cpp: the way of a command
  void serve();
  void fetch_next();
  void start_ready();
  void work(Worker& worker);
  void run(Job& job);
  void complete(Job& job);
  void retire();
  void idle_again();
  void finish_record(Job& job);

  // pim_execute.cpp: what a command does
  Outcome execute(const Command& command, Job& job);
  [[nodiscard]] ArrayLayout layout() const { return {geometry_, operations_.network(), config_.subarrays_per_controller, writers_}; }
  [[nodiscard]] std::uint64_t operand_buffer_of(const Command& command) const;
  Outcome execute_lanes(const Command& command, Job& job);
  Outcome execute_load(const Command& command, Job& job);
  Outcome execute_store(const Command& command, Job& job);
  Outcome execute_dot(const Command& command, Job& job);
  [[nodiscard]] std::uint64_t waves(const Command& command) const;
  [[nodiscard]] std::uint64_t active_subarrays(const Command& command) const { return subarrays_of(geometry_, command.first_lane, command.lane_count); }
  [[nodiscard]] core::SimTime fill_time(std::uint64_t words) { return clock().cycles(core::divide_up(words, config_.fill_words)); }
  // Waits; false if the job was dropped meanwhile.
  bool pause(core::SimTime span, const Job& job);
  Outcome fetch(OperandSource& source, std::uint32_t step, Job& job);

  // pim_energy.cpp
  void declare_energy();
  void spend(const Work& work, core::SimTime from, core::SimTime to, Job& job);

  // pim_window.cpp
  void window_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned window_debug(tlm::tlm_generic_payload& payload);
};

}  // namespace spinvp::pim
