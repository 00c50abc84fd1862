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
// Several harts. One acts at a time, for a quantum at most or up to a device access or wfi, in an order that only the models decide: the interleaving is the same in
// every run. What a hart stored is there when another acts. A reservation that its hart keeps while others act is watched (core/store_watch.h): a store to its line
// by another hart or by a device fails the SC, direct access or not. Atomic operations are whole: in memory without direct access nothing comes between their
// two halves (on a device's registers they are two accesses). Code that one hart wrote runs on another after that one's fence.i.
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
#include "models/riscv/access_watch.h"
#include "models/riscv/halt_listener.h"
#include "models/riscv/hart_config.h"
#include "models/riscv/htif.h"
#include "models/riscv/interpreter.h"
#include "models/riscv/semihosting.h"

namespace spinvp::riscv {

class Hart : public core::Component, public core::InterruptSink, private MemoryPort, private core::StoreWatch::Watcher, private tlm::tlm_bw_transport_if<> {
 public:
  Hart(const sc_core::sc_module_name& name, core::Simulation& simulation, const HartConfig& config, std::uint64_t hart_id);

  ~Hart() override;

  tlm::tlm_initiator_socket<> bus;

  // Where it starts, from now on and after each reset, with a0 = hart id and a1 = 0.
  void set_entry(std::uint64_t pc);
  // The ELF's `tohost` (and `fromhost`, 0 if there is none).
  void watch_tohost(std::uint64_t tohost, std::uint64_t fromhost);
  // Where HTIF console text goes; nowhere unless set.
  void set_console(std::function<void(std::string_view)> console) { console_ = std::move(console); }
  // Serves semihosting calls (semihosting.h) from now on; without, their ebreak is a breakpoint like any other. Of `host` memory, clock, exit and complaints are
  // the hart's own: they need not be set.
  void enable_semihosting(Semihosting::Host host);
  // From here on what `host` named may go.
  void disable_semihosting() { semihosting_.reset(); }
  // What the `time` register reads, given the hart's local time; unless set: 10 MHz from zero.
  void set_time_source(std::function<std::uint64_t(core::SimTime)> source) { time_source_ = std::move(source); }

  // What looks on; before the run, and to outlive it. Time, counts and energy are the same with and without.
  void set_access_watch(AccessWatch* watch) { watch_ = watch; }
  void set_profile(CallProfile* profile);
  [[nodiscard]] const CallProfile* profile() const { return profile_; }
  // What the warning of a crash says; unless set: the trap's numbers.
  void set_crash_text(std::function<std::string(const Hart&)> text) { crash_text_ = std::move(text); }

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
  [[nodiscard]] const Interpreter& interpreter() const { return cpu_; }
  [[nodiscard]] std::uint64_t hart_id() const { return hart_id_; }

  // For a debugger (hart_debug.cpp). While there is a listener the hart tells it of every halt and goes on when the call returns; nullptr: never again.
  void set_halt_listener(HaltListener* listener) { halt_listener_ = listener; }
  // A halt before the next instruction; the hart may be asleep or wait for a device until then.
  void request_halt();
  // A halt after one instruction.
  void set_single_step(bool single) { single_step_ = single; }
  // Stands still between two instructions while the others go on. What passes meanwhile counts as waiting.
  void hold(bool held);
  // Whether it stands between two instructions, and not inside one that waits for the bus: only then its pc may be set.
  [[nodiscard]] bool between_instructions() const { return !executing_; }
  [[nodiscard]] bool sleeping() const { return power_state() == core::PowerState::clock_gated; }
  // Does a reset now that was asked for, where it can, so that the registers show it.
  void take_reset();
  // The debugger wrote the pc: a hart that waits for an interrupt goes on there.
  void wake_for_debugger();

  // For a snapshot (docs/snapshots.md). `call` runs once in the hart's process before its next instruction and leaves no trace in simulated time, as a debugger's halt does;
  // without a halt listener alone.
  void call_between_instructions(std::function<void()> call);
  // The same before the first instruction at `address`.
  void call_before(std::uint64_t address, std::function<void()> call);
  // What was to be called is not.
  void drop_call();
  // Before the run: the hart stands still until resume_restored(), which goes on where the saved one stood.
  void await_restore() { awaits_restore_ = true; }
  void resume_restored();

  [[nodiscard]] bool can_power_down() const override { return false; }
  void describe_state(core::StateArchive& archive) override;
  [[nodiscard]] std::string unsettled() const override;

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
  DirectTally cached_accesses_;  // hits of the data cache: lines use the bus, not accesses
  Interpreter cpu_;
  AccessWatch* watch_ = nullptr;
  CallProfile* profile_ = nullptr;
  std::function<std::string(const Hart&)> crash_text_;
  core::SimTime quantum_;
  // Local time = time_base_ + (cycles - cycle_base_) * period_; moved on when the clock's divider changes.
  core::SimTime time_base_, period_;
  std::uint64_t cycle_base_ = 0;
  core::SimTime settled_until_, wait_, run_until_;
  std::uint64_t wait_cycles_ = 0;
  std::array<Line, lines> lines_;
  sc_core::sc_event wake_;
  bool reset_requested_ = true, in_slice_ = false, watching_ = false, looks_ahead_ = false;
  std::array<core::EventId, energy_classes> instruction_events_;
  std::array<std::uint64_t, energy_classes> spent_{};
  std::vector<std::unique_ptr<Range>> ranges_;
  std::unordered_set<std::uint64_t> refused_pages_;
  std::unique_ptr<Htif> htif_;
  std::unique_ptr<Semihosting> semihosting_;
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

  // Where its process stands between two instructions while others act, and until when: a snapshot goes on from there. In a slice: with a call under way.
  enum class Standing : std::uint8_t { between_slices, in_slice, waits, waits_to_sleep, asleep };
  Standing standing_ = Standing::between_slices;
  core::SimTime stands_until_, asleep_since_;
  core::SimTime profiled_from_;  // a profile knows of nothing before
  std::function<void()> call_;
  bool awaits_restore_ = false;
  struct Unbooked {
    std::uint64_t first = 0;
    DirectTally tally;
  };
  std::vector<Unbooked> unbooked_;  // of a snapshot, by range in the order of asking, until the platform is whole and gives the ranges anew

  // For a debugger.
  HaltListener* halt_listener_ = nullptr;
  bool executing_ = false, single_step_ = false, held_ = false, woken_by_debugger_ = false;
  sc_core::sc_event released_;

  void thread();
  void restart();
  void slice();
  // `limit.resumed`: the slice that a snapshot was taken in.
  void run_slice(RunLimit limit);
  Stop run_undisturbed(RunLimit limit);
  Stop run_debugged();
  void go_on();
  void stand(Standing standing, core::SimTime until);
  bool stand_while_held();
  void wait_for_interrupt();
  void fall_asleep();
  void sleep();
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
  // Before others may act: what the reservation rests on is watched.
  void watch_reservation();
  void on_store(std::uint64_t first, std::uint64_t last) override;
  void announce_stores(std::uint64_t first, std::uint64_t last) override;

  // MemoryPort.
  PortAccess load(std::uint64_t address, unsigned size) override;
  PortAccess store(std::uint64_t address, unsigned size, std::uint64_t value) override;
  std::uint32_t before_store(std::uint64_t address, unsigned size) override;
  PortAccess store_at_once(std::uint64_t address, unsigned size, std::uint64_t value) override;
  bool fetch(std::uint64_t address, std::uint8_t* bytes, unsigned length) override;
  std::optional<DirectPage> direct(std::uint64_t page_address) override;
  bool cacheable(std::uint64_t address) override { return range_of(address) != nullptr; }
  std::uint32_t move_line(std::uint64_t address, std::uint64_t bytes, bool write) override;
  std::uint64_t time() override;
  bool host_call(std::uint64_t pc) override;

  PortAccess access(tlm::tlm_command command, std::uint64_t address, unsigned size, std::uint64_t value, bool at_once = false);
  PortAccess device_access(tlm::tlm_command command, std::uint64_t address, unsigned size, std::uint64_t value, bool at_once);
  PortAccess store_as(std::uint64_t address, unsigned size, std::uint64_t value, bool at_once);
  PortAccess transport(tlm::tlm_command command, std::uint64_t address, unsigned size, std::uint64_t value, sc_core::sc_time& delay);
  Range* range_of(std::uint64_t address);
  // The range that accounts for such an access in sum; nullptr: an ordinary one, in the present.
  Range* accounts_for(tlm::tlm_command command, std::uint64_t address, unsigned size);
  bool debug_access(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t size);
  void prepare(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t size);

  // The backward path.
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;
};

}  // namespace spinvp::riscv
