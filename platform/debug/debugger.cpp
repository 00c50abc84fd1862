#include "platform/debug/debugger.h"

#include <fmt/format.h>

#include "platform/debug/hex.h"

namespace spinvp::platform {

namespace {

enum Signal : unsigned { signal_interrupt = 2, signal_illegal = 4, signal_trap = 5, signal_abort = 6, signal_access = 11, signal_stop = 17 };

unsigned signal_of(std::uint64_t cause) {
  using riscv::Cause;
  switch (static_cast<Cause>(cause)) {
    case Cause::illegal_instruction: return signal_illegal;
    case Cause::breakpoint: return signal_trap;
    case Cause::fetch_access:
    case Cause::load_access:
    case Cause::store_access: return signal_access;
    default: return signal_abort;
  }
}

}  // namespace

Debugger::Debugger(core::Simulation& simulation, Soc& soc, std::uint16_t port, std::function<void(std::uint16_t)> announce)
    : simulation_(simulation), target_(simulation, soc), connection_(port), announce_(std::move(announce)) {
  attach();
  target_.hart(0).request_halt();
}

Debugger::~Debugger() { detach(); }

void Debugger::attach() {
  attached_ = true;
  link_ = PacketLink();
  session_.emplace(target_);
  owes_stop_ = false;
  for (unsigned i = 0; i < target_.harts(); ++i) target_.hart(i).set_halt_listener(this);
}

void Debugger::detach() {
  connection_.close();
  attached_ = false;
  target_.let_go();
  for (unsigned i = 0; i < target_.harts(); ++i) target_.hart(i).set_halt_listener(nullptr);
}

StopEvent Debugger::event_of(riscv::Hart& hart, riscv::Halt reason) {
  StopEvent event{.hart = static_cast<unsigned>(hart.hart_id()), .signal = signal_trap, .breakpoint = reason == riscv::Halt::breakpoint, .watch = {}};
  if (reason == riscv::Halt::asked && owes_stop_) event.signal = signal_interrupt;
  if (reason == riscv::Halt::watchpoint) event.watch = hart.interpreter().watch_hit();
  if (reason == riscv::Halt::crash) event.signal = signal_of(hart.interpreter().crash().cause);
  return event;
}

void Debugger::on_halt(riscv::Hart& hart, riscv::Halt reason) { serve(event_of(hart, reason)); }

void Debugger::halt(unsigned index) {
  riscv::Hart& hart = target_.hart(index);
  if (hart.between_instructions())
    serve(event_of(hart, riscv::Halt::asked));
  else
    hart.request_halt();
}

void Debugger::serve(const StopEvent& event) {
  for (unsigned i = 0; i < target_.harts(); ++i) target_.hart(i).take_reset();
  if (announce_) announce_(connection_.port());
  announce_ = nullptr;
  const std::string report = session_->stopped(event);
  if (owes_stop_) link_.send(report);
  owes_stop_ = false;
  for (;;) {
    flush();
    while (const auto next = link_.next()) {
      const bool stand = handle(*next);
      flush();
      if (!stand) return;
    }
    if (!connection_.await(user_interrupt())) return simulation_.finish(core::ExitReason::interrupted, 0);
    if (!connection_.connected()) {
      connection_.accept();  // the first client, at reset
      continue;
    }
    link_.receive(connection_.read());
    if (!connection_.connected()) return detach();
  }
}

bool Debugger::handle(const PacketLink::Event& event) {
  using Kind = PacketLink::Event::Kind;
  if (event.kind == Kind::interrupt) return true;  // it stands already
  if (event.kind == Kind::oversize) {
    link_.send("E01");
    return true;
  }
  const Session::Outcome outcome = session_->handle(event.payload);
  for (const std::string& answer : outcome.answers) link_.send(answer);
  if (outcome.no_more_acknowledgements) link_.stop_acknowledging();
  switch (outcome.next) {
    case Session::Next::stay: return true;
    case Session::Next::resume:
      owes_stop_ = true;
      for (unsigned i = 0; i < target_.harts(); ++i) {
        target_.hart(i).set_single_step(session_->paces()[i] == Pace::step);
        target_.hart(i).hold(session_->paces()[i] == Pace::stand);
      }
      return false;
    case Session::Next::detach:
      flush();
      detach();
      return false;
    case Session::Next::kill:
      flush();
      detach();
      simulation_.finish(core::ExitReason::interrupted, 0);
      return false;
  }
  return true;
}

void Debugger::attend() {
  if (!attached_) {
    if (!connection_.accept()) return;
    attach();
    return halt(0);
  }
  link_.receive(connection_.read());
  flush();
  if (!connection_.connected()) return detach();
  while (const auto next = link_.next())
    if (next->kind == PacketLink::Event::Kind::interrupt) return halt(session_->hart_to_halt());
}

// Nothing is left to happen in the simulation, but the client may still change that: it is told, once a resume.
bool Debugger::await() {
  if (!attached_) return false;
  link_.send("O" + to_hex("nothing is left to happen: every hart that may go on waits for an interrupt that nobody will raise\n"));
  serve({.hart = session_->hart_to_halt(), .signal = signal_stop, .breakpoint = false, .watch = {}});
  return true;
}

void Debugger::ended(int status) {
  if (!connection_.connected()) return;
  if (owes_stop_) link_.send(fmt::format("W{:02x}", status));
  flush();
  detach();
}

}  // namespace spinvp::platform
