#include "models/riscv/hart.h"

#include <algorithm>
#include <utility>

#include "models/core/error.h"

namespace spinvp::riscv {

using core::SimTime;

Hart::Hart(const sc_core::sc_module_name& instance, core::Simulation& simulation, const HartConfig& config, std::uint64_t hart_id)
    : Component(instance, simulation, "hart", config.clock),
      bus("bus"),
      config_(config),
      hart_id_(hart_id),
      cpu_(*this, hart_id, config.cycle_table(), config.caches()),
      quantum_(SimTime::from(config.quantum)),
      period_(clock().period()),
      time_source_([](SimTime local) { return local / SimTime::ns(100); }),
      instructions_counter_(declare_counter("instructions")),
      loads_counter_(declare_counter("loads")),
      stores_counter_(declare_counter("stores")),
      traps_counter_(declare_counter("traps")),
      stall_counter_(declare_counter("stall_cycles")) {
  bus.bind(*this);
  const std::array<core::Energy, energy_classes> energies = {config.energy_simple, config.energy_memory, config.energy_multiply_divide, config.energy_float};
  for (std::size_t c = 0; c < energy_classes; ++c)
    instruction_events_[c] = declare_event("instruction " + std::string(energy_class_names[c]), "instruction", energies[c], HartConfig::energy_source);
  declare_static(config.power_on, config.power_clock_gated, config.power_retention, core::Power(), HartConfig::energy_source);
  if (cpu_.instruction_cache() != nullptr)
    instruction_cache_counters_ = {&declare_counter("instruction_cache_hits"), &declare_counter("instruction_cache_misses"), nullptr};
  if (cpu_.data_cache() != nullptr)
    data_cache_counters_ = {&declare_counter("data_cache_hits"), &declare_counter("data_cache_misses"), &declare_counter("data_cache_write_backs")};
  transfer_.initiator = name();
  transfer_.watcher = this;
  simulation.stores.join(*this);
  payload_.set_extension(&transfer_);
  SC_HAS_PROCESS(Hart);
  SC_THREAD(thread);
}

Hart::~Hart() {
  simulation().stores.leave(*this);
  payload_.clear_extension(&transfer_);  // else the payload would delete it
}

void Hart::set_entry(std::uint64_t pc) {
  entry_ = pc;
  on_reset();
}

// A reset may come from the hart's own access (the finisher): the instruction ends first.
void Hart::on_reset() {
  reset_requested_ = true;
  cpu_.request_stop();
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void Hart::set_profile(CallProfile* profile) {
  profile_ = profile;
  cpu_.set_profile(profile);
}

void Hart::restart() {
  reset_requested_ = false;
  follow_clock();
  cpu_.reset(entry_);
  cpu_.set_x(10, hart_id_);
  cpu_.set_x(11, 0);
  for (unsigned i = 0; i < lines; ++i) update_line(i);
}

SimTime Hart::local_time() const { return time_base_ + period_ * (cpu_.cycles() - cycle_base_); }

void Hart::follow_clock() {
  if (clock().period() == period_) return;
  if (profile_ != nullptr) profile_->clock_changes(period_.ps(), cpu_.moment());
  time_base_ = local_time();
  cycle_base_ = cpu_.cycles();
  period_ = clock().period();
}

// A line is pending when it is high or its announced rise has come: the source's own event at that time may stand behind the hart's in the kernel's queue.
void Hart::update_line(unsigned index) { cpu_.set_interrupt(index, lines_[index].level || lines_[index].rise <= local_time()); }

void Hart::set_level(unsigned index, bool level) {
  if (index >= lines) return;
  lines_[index].level = level;
  update_line(index);
  if (level) wake_.notify(sc_core::SC_ZERO_TIME);
}

void Hart::announce_rise(unsigned index, SimTime when) {
  if (index >= lines) return;
  lines_[index].rise = when;
  update_line(index);
  if (in_slice_) cpu_.request_stop();  // the slice's end was computed without it
  wake_.notify(sc_core::SC_ZERO_TIME);
}

// Where the kernel's next event stands, as far as a hart may use it.
SimTime Hart::quiet_until() const {
  const SimTime present = core::now();
  return std::min({present + core::from_sc(sc_core::sc_time_to_pending_activity()), present + lookahead, run_until_});
}

RunLimit Hart::slice_limit() {
  const SimTime local = local_time();
  SimTime end = core::now() + quantum_;
  looks_ahead_ = false;
  if (quantum_ < lookahead) {
    const SimTime quiet = quiet_until();
    looks_ahead_ = quiet > end;
    end = std::max(end, quiet);
  }
  RunLimit limit;
  limit.cycles = end > local ? std::max<std::uint64_t>(1, (end - local) / period_) : 1;
  for (const Line& line : lines_)
    if (!line.level && line.rise > local && line.rise != SimTime::never()) limit.exact_cycles = std::min(limit.exact_cycles, cycles_in(line.rise - local));
  return limit;
}

std::uint64_t Hart::settle() {
  const SimTime to = local_time();
  const core::RegionId region = simulation().regions.current();
  const auto counts = cpu_.class_counts();
  for (std::size_t c = 0; c < energy_classes; ++c) {
    const std::uint64_t fresh = counts[c] - spent_[c];
    if (fresh != 0) simulation().energy.spend_over(instruction_events_[c], fresh, region, settled_until_, to);
  }
  spent_ = counts;
  SimTime waiting;
  for (const auto& range : ranges_) {
    const core::AccessTally tally{range->tally.read_count(), range->tally.read_bytes(), range->tally.write_count(), range->tally.write_bytes()};
    if (tally.empty()) continue;
    for (core::DirectHop* hop : range->hops) waiting += hop->settle(tally, region, settled_until_, to);
    loads_counter_ += tally.reads;
    stores_counter_ += tally.writes;
    range->tally = DirectTally{};
  }
  loads_counter_ += cached_accesses_.read_count();
  stores_counter_ += cached_accesses_.write_count();
  cached_accesses_ = DirectTally{};
  std::erase_if(ranges_, [](const auto& range) { return range->revoked; });
  add_busy(to - settled_until_);
  settled_until_ = to;
  const std::uint64_t stalled = cycles_in(waiting);
  stall_counter_ += stalled;
  return stalled;
}

void Hart::wait_until(SimTime when) {
  const SimTime present = core::now();
  if (when <= present) return;
  watch_reservation();
  sc_core::wait(core::to_sc(when - present));
}

void Hart::watch_reservation() {
  const auto line = cpu_.reserved_line();
  if (line)
    simulation().stores.watch(*this, *line, *line + (Interpreter::reservation_bytes - 1));
  else if (watching_)
    simulation().stores.unwatch(*this);
  watching_ = line.has_value();
}

void Hart::on_store(std::uint64_t first, std::uint64_t last) { cpu_.invalidate_reservation(first, last - first + 1); }

void Hart::announce_stores(std::uint64_t first, std::uint64_t last) { cpu_.invalidate_direct(first, last); }

void Hart::stand(Standing standing, SimTime until) {
  standing_ = standing;
  stands_until_ = until;
  wait_until(until);
  standing_ = Standing::between_slices;
}

void Hart::slice() {
  follow_clock();
  if (local_time() >= core::now() + quantum_) stand(Standing::waits, local_time());  // a long access came on top of the last slice
  for (unsigned i = 0; i < lines; ++i)
    if (lines_[i].rise != SimTime::never()) update_line(i);
  run_slice({});
}

Stop Hart::run_undisturbed(RunLimit limit) {
  for (;;) {
    executing_ = true;
    const Stop stop = cpu_.run(limit);
    executing_ = false;
    if (stop != Stop::halt && stop != Stop::breakpoint) return stop;
    if (halt_listener_ != nullptr) {  // it has come while this slice was under way: the next one is its own
      cpu_.request_halt();
      return Stop::requested;
    }
    limit.resumed = true;
    const auto call = std::exchange(call_, nullptr);
    drop_call();
    if (call) call();
  }
}

void Hart::run_slice(RunLimit limit) {
  in_slice_ = true;
  standing_ = Standing::in_slice;
  const Stop stop = halt_listener_ != nullptr ? run_debugged() : run_undisturbed(limit.resumed ? limit : slice_limit());
  standing_ = Standing::between_slices;
  in_slice_ = false;
  update_counters();
  switch (stop) {
    case Stop::requested: break;  // the limit, the reset request or the end is looked at anew
    case Stop::budget:
      cpu_.idle(settle());
      stand(Standing::waits, local_time());
      break;
    case Stop::wait: wait_for_interrupt(); break;
    case Stop::crash: report_crash(); break;
    case Stop::breakpoint:
    case Stop::watchpoint:
    case Stop::step:
    case Stop::halt: break;  // run_debugged() has dealt with them
  }
}

void Hart::wait_for_interrupt() {
  cpu_.idle(settle());
  stand(Standing::waits_to_sleep, local_time());
  fall_asleep();
}

void Hart::fall_asleep() {
  watch_reservation();
  set_power_state(core::PowerState::clock_gated);
  asleep_since_ = local_time();
  sleep();
}

void Hart::sleep() {
  standing_ = Standing::asleep;
  while (!cpu_.wakes() && !reset_requested_ && !woken_by_debugger_) {
    SimTime next = SimTime::never();
    for (unsigned i = 0; i < lines; ++i)
      if (!lines_[i].level) next = std::min(next, lines_[i].rise);
    const SimTime present = core::now();
    if (next == SimTime::never() || next <= present)
      sc_core::wait(wake_);
    else
      sc_core::wait(core::to_sc(next - present), wake_);
    // Up to the clock edge at or behind the present.
    const SimTime local = local_time();
    if (core::now() > local) cpu_.idle(cycles_in(core::now() - local));
    for (unsigned i = 0; i < lines; ++i) update_line(i);
  }
  standing_ = Standing::between_slices;
  woken_by_debugger_ = false;
  const SimTime waited = local_time() - asleep_since_;
  wait_ += waited;
  wait_cycles_ += waited / period_;
  if (profile_ != nullptr) profile_->waited((local_time() - std::max(asleep_since_, profiled_from_)) / period_);
  settled_until_ = local_time();  // asleep, not busy
  set_power_state(core::PowerState::on);
}

void Hart::report_crash() {
  const CrashReport& crash = cpu_.crash();
  settle_all();
  simulation().warn(name(), crash_text_ ? crash_text_(*this)
                                        : fmt::format("crash: trap with cause {:#x}, pc {:#x}, value {:#x}: {}", crash.cause, crash.pc, crash.value,
                                                      crash.no_vector ? "mtvec was never written" : "the trap handler cannot be fetched"));
  wait_until(local_time());
  simulation().finish(core::ExitReason::crash, crash.cause);
}

void Hart::call_between_instructions(std::function<void()> call) {
  call_ = std::move(call);
  cpu_.request_halt();
}

void Hart::call_before(std::uint64_t address, std::function<void()> call) {
  call_ = std::move(call);
  cpu_.set_breakpoints({address});
}

void Hart::drop_call() {
  call_ = nullptr;
  // Amid an instruction, what is left of its block would be cut anew and the slice might end elsewhere: then the breakpoint goes when it is met.
  if (!executing_) cpu_.set_breakpoints({});
}

void Hart::resume_restored() {
  for (const Unbooked& saved : std::exchange(unbooked_, {})) {
    Range* const range = range_of(saved.first);
    if (range == nullptr) throw core::InputError(fmt::format("snapshot: {}: there is no memory at {:#x}", name(), saved.first));
    range->tally = saved.tally;
  }
  awaits_restore_ = false;
  released_.notify(sc_core::SC_ZERO_TIME);
}

// From where the saved hart stood to where thread() begins a slice.
void Hart::go_on() {
  switch (standing_) {
    case Standing::between_slices: break;
    case Standing::in_slice: run_slice({.resumed = true}); break;
    case Standing::waits: stand(Standing::waits, stands_until_); break;
    case Standing::waits_to_sleep:
      stand(Standing::waits_to_sleep, stands_until_);
      fall_asleep();
      break;
    case Standing::asleep: sleep(); break;
  }
}

void Hart::thread() {
  if (awaits_restore_) {
    while (awaits_restore_) sc_core::wait(released_);
    go_on();
  }
  for (;;) {
    if (simulation().exit().set) {
      settle_all();
      sc_core::wait(wake_);  // nothing will run any more; an external reset may still be asked for
      continue;
    }
    if (reset_requested_) restart();
    if (!running()) {
      sc_core::wait(wake_);
      continue;
    }
    slice();
  }
}

void Hart::settle_all() {
  settle();
  update_counters();
}

void Hart::update_counters() {
  instructions_counter_.value = cpu_.instructions();
  traps_counter_.value = cpu_.traps();
  if (profile_ != nullptr) profile_->finish(period_.ps(), cpu_.moment());
  const auto copy = [](const std::optional<CacheCounters>& to, const Cache* from) {
    if (!to) return;
    to->hits->value = from->counts().hits;
    to->misses->value = from->counts().misses;
    if (to->write_backs != nullptr) to->write_backs->value = from->counts().write_backs;
  };
  copy(instruction_cache_counters_, cpu_.instruction_cache());
  copy(data_cache_counters_, cpu_.data_cache());
}

Hart::Statistics Hart::statistics() const { return {cpu_.instructions(), cpu_.cycles() - wait_cycles_, cpu_.traps(), wait_}; }

void Hart::watch_tohost(std::uint64_t tohost, std::uint64_t fromhost) {
  Htif::Host host;
  host.read = [this](std::uint64_t address, void* data, std::size_t size) { return debug_access(tlm::TLM_READ_COMMAND, address, data, size); };
  host.write = [this](std::uint64_t address, void* data, std::size_t size) { return debug_access(tlm::TLM_WRITE_COMMAND, address, data, size); };
  host.console = [this](std::string_view text) {
    if (console_) console_(text);
  };
  host.finish = [this](std::uint64_t code) { simulation().finish(code == 0 ? core::ExitReason::finished : core::ExitReason::guest_code, code); };
  host.complain = [this](const std::string& message) { log_guest_error("{} (pc {:#x})", message, cpu_.pc()); };
  htif_ = std::make_unique<Htif>(tohost, fromhost, std::move(host));
  cpu_.invalidate_direct(tohost, tohost + 7);
}

void Hart::enable_semihosting(Semihosting::Host host) {
  host.read = [this](std::uint64_t address, void* data, std::size_t size) { return size == 0 || debug_access(tlm::TLM_READ_COMMAND, address, data, size); };
  host.write = [this](std::uint64_t address, void* data, std::size_t size) {
    if (size == 0) return true;
    cpu_.invalidate_code(address, address + size - 1);
    return debug_access(tlm::TLM_WRITE_COMMAND, address, data, size);
  };
  host.finish = [this](std::uint64_t code) {
    simulation().finish(code == 0 ? core::ExitReason::finished : core::ExitReason::guest_code, code);
    cpu_.request_stop();
  };
  host.now = [this] { return local_time(); };
  host.starve = [this] {
    while (!reset_requested_ && !simulation().exit().set) sc_core::wait(wake_);
  };
  host.complain = [this](const std::string& message) { log_guest_error("{} (pc {:#x})", message, cpu_.pc()); };
  semihosting_ = std::make_unique<Semihosting>(std::move(host));
}

void Hart::describe_state(core::StateArchive& archive) {
  Component::describe_state(archive);
  cpu_.describe_state(archive);
  for (Line& line : lines_) {
    archive.item("level", line.level);
    archive.item("rise", line.rise);
  }
  std::uint8_t standing = static_cast<std::uint8_t>(standing_);
  archive.item("standing", standing);
  if (standing > static_cast<std::uint8_t>(Standing::asleep)) throw core::InputError("snapshot: item 'standing': there is no such place");
  standing_ = Standing{standing};
  archive.item("stands_until", stands_until_);
  archive.item("asleep_since", asleep_since_);
  archive.item("looks_ahead", looks_ahead_);
  bool semihosting = semihosting_ != nullptr;
  archive.item("semihosting", semihosting);
  if (semihosting != (semihosting_ != nullptr)) throw core::InputError("snapshot: semihosting is on in one of the two runs");
  if (semihosting_ != nullptr) semihosting_->describe_state(archive);
  archive.item("time_base", time_base_);
  archive.item("period", period_);
  archive.item("cycle_base", cycle_base_);
  archive.item("settled_until", settled_until_);
  archive.item("wait", wait_);
  archive.item("wait_cycles", wait_cycles_);
  archive.item("spent", spent_);
  archive.item("reset_requested", reset_requested_);
  if (!archive.reading())
    for (const auto& range : ranges_) unbooked_.push_back({range->first, range->tally});
  archive.list("ranges", unbooked_, [&](Unbooked& range) {
    archive.item("first", range.first);
    archive.item("tally", range.tally);
  });
  archive.item("cached_accesses", cached_accesses_);
  if (!archive.reading()) return unbooked_.clear();
  // A quantum is a second at most; what a bus access takes on top of it is nothing beside that.
  const SimTime furthest = core::now() + SimTime::us(10'000'000);
  for (const SimTime time : {local_time(), settled_until_, time_base_, stands_until_ == SimTime::never() ? SimTime() : stands_until_})
    if (time > furthest) throw core::InputError("snapshot: item 'time_base': the hart would be far ahead of the rest");
  profiled_from_ = local_time();
  watch_reservation();
}

std::string Hart::unsettled() const {
  if (executing_) return "an instruction waits for the bus";
  if (held_) return "a debugger holds it";
  if (std::any_of(ranges_.begin(), ranges_.end(), [](const auto& range) { return range->revoked; })) return "direct access was revoked, and is not booked yet";
  if (semihosting_ != nullptr && semihosting_->has_open_files()) return "a file of the host is open";
  return {};
}

}  // namespace spinvp::riscv
