// A hart on the bus: the interpreter (interpreter.h) under a SystemC thread.
//
// Time. The hart's clock counts Interpreter::cycles(); its local time is that count in periods, and may run ahead of the kernel's by up to the quantum. A slice
// ends at the quantum (where nothing of the platform is pending for longer than that, up to `lookahead` later: nobody could see a difference), and exactly at the next announced change of an interrupt line, so a timer interrupt falls on the same instruction at any quantum. Before
// an access to a device the hart waits until the kernel has caught up; the access's time comes back as cycles. Waiting for an interrupt lets simulated time jump.
//
// Memory. A range that grants direct access is read and written through its host pointer; accesses are counted by range and settled with those on the way
// (core::DirectHop) at each synchronisation, together with the instructions' energy, in the region that is open then. With dmi off each access is a b_transport
// that the hops settle in the same sums. Instruction fetches cost neither time nor energy of their own: a perfect instruction cache, its energy in the instruction's.
//
// Ends of a run: a trap that nobody can take (ExitReason::crash, with cause as code) and stores to `tohost` (htif.h).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <systemc>
#include <tlm>

#include "models/core/component.h"
#include "models/core/interrupt.h"
#include "models/core/transport.h"
#include "models/riscv/hart_config.h"
#include "models/riscv/htif.h"
#include "models/riscv/interpreter.h"

namespace spinvp::riscv {

class Hart : public core::Component, public core::InterruptSink, private MemoryPort, private tlm::tlm_bw_transport_if<> {
 public:
  Hart(const sc_core::sc_module_name& name, core::Simulation& simulation, const HartConfig& config, std::uint64_t hart_id);

  ~Hart() override { payload_.clear_extension(&transfer_); }  // else the payload would delete it

  tlm::tlm_initiator_socket<> bus;

  // Where it starts, from now on and after each reset, with a0 = hart id and a1 = 0.
  void set_entry(std::uint64_t pc);
  // The ELF's `tohost` (and `fromhost`, 0 if there is none).
  void watch_tohost(std::uint64_t tohost, std::uint64_t fromhost);
  // Where HTIF console text goes; nowhere unless set.
  void set_console(std::function<void(std::string_view)> console) { console_ = std::move(console); }
  // What the `time` register reads, given the hart's local time; unless set: 10 MHz from zero.
  void set_time_source(std::function<std::uint64_t(core::SimTime)> source) { time_source_ = std::move(source); }

  // Until when the kernel will run if nothing ends the run before: the hart looks ahead so far, and not at all unless told.
  void set_run_until(core::SimTime end) { run_until_ = end; }

  void set_level(unsigned index, bool level) override;
  void announce_rise(unsigned index, core::SimTime when) override;

  // What report.json says of a hart. `cycles` are those it worked or was stalled, without `wait`.
  struct Statistics {
    std::uint64_t instructions = 0, cycles = 0, traps = 0;
    core::SimTime wait;
  };
  [[nodiscard]] Statistics statistics() const;
  // Books what is not booked yet; to be called once the run has ended.
  void settle_all();
  [[nodiscard]] core::SimTime local_time() const;
  [[nodiscard]] Interpreter& interpreter() { return cpu_; }
  [[nodiscard]] std::uint64_t hart_id() const { return hart_id_; }

  [[nodiscard]] bool can_power_down() const override { return false; }
  void describe_state(core::StateArchive& archive) override;

 protected:
  void on_reset() override;

 private:
  static constexpr unsigned lines = 16;
  // How far a hart runs ahead of a kernel in which nothing else is pending, whatever its quantum.
  static constexpr core::SimTime lookahead = core::SimTime::us(10);
  struct Line {
    bool level = false;
    core::SimTime rise = core::SimTime::never();
  };
  // A range of memory that is accounted in sum.
  struct Range {
    std::uint64_t first = 0, last = 0;
    std::uint8_t* host = nullptr;
    bool readable = false, writable = false, revoked = false;
    std::vector<core::DirectHop*> hops;
    DirectTally tally;
  };

  HartConfig config_;
  std::uint64_t hart_id_, entry_ = 0;
  Interpreter cpu_;
  core::SimTime quantum_;
  // Local time = time_base_ + (cycles - cycle_base_) * period_; moved on when the clock's divider changes.
  core::SimTime time_base_, period_;
  std::uint64_t cycle_base_ = 0;
  core::SimTime settled_until_, wait_, run_until_;
  std::uint64_t wait_cycles_ = 0;
  std::array<Line, lines> lines_;
  sc_core::sc_event wake_;
  bool reset_requested_ = true, in_slice_ = false, looks_ahead_ = false;
  std::array<core::EventId, energy_classes> instruction_events_;
  std::array<std::uint64_t, energy_classes> spent_{};
  std::vector<std::unique_ptr<Range>> ranges_;
  std::unordered_set<std::uint64_t> refused_pages_;
  std::unique_ptr<Htif> htif_;
  std::function<void(std::string_view)> console_;
  std::function<std::uint64_t(core::SimTime)> time_source_;
  struct CacheCounters {
    core::Counter *hits, *misses, *write_backs;
  };
  std::optional<CacheCounters> instruction_cache_counters_, data_cache_counters_;
  core::Counter &instructions_counter_, &loads_counter_, &stores_counter_, &traps_counter_, &stall_counter_;
  tlm::tlm_generic_payload payload_;
  core::Transfer transfer_;
  std::vector<core::DirectHop*> payload_hops_;

  void thread();
  void restart();
  void slice();
  void wait_for_interrupt();
  void report_crash();
  void follow_clock();
  void update_counters();
  void update_line(unsigned index);
  [[nodiscard]] core::SimTime quiet_until() const;
  [[nodiscard]] RunLimit slice_limit();
  [[nodiscard]] std::uint64_t cycles_in(core::SimTime span) const { return core::divide_up(span.ps(), period_.ps()); }
  // Books energy and direct accesses up to the local time; returns the cycles that contention costs.
  std::uint64_t settle();
  void wait_until(core::SimTime when);

  // MemoryPort.
  PortAccess load(std::uint64_t address, unsigned size) override;
  PortAccess store(std::uint64_t address, unsigned size, std::uint64_t value) override;
  bool fetch(std::uint64_t address, std::uint8_t* bytes, unsigned length) override;
  std::optional<DirectPage> direct(std::uint64_t page_address) override;
  bool cacheable(std::uint64_t address) override { return range_of(address) != nullptr; }
  std::uint32_t move_line(std::uint64_t address, std::uint64_t bytes, bool write) override;
  std::uint64_t time() override;

  PortAccess access(tlm::tlm_command command, std::uint64_t address, unsigned size, std::uint64_t value);
  PortAccess device_access(tlm::tlm_command command, std::uint64_t address, unsigned size, std::uint64_t value);
  PortAccess transport(tlm::tlm_command command, std::uint64_t address, unsigned size, std::uint64_t value, sc_core::sc_time& delay);
  Range* range_of(std::uint64_t address);
  bool debug_access(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t size);
  void prepare(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t size);

  // The backward path.
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;
};

}  // namespace spinvp::riscv
