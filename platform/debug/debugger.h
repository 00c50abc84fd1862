// A GDB client and the run it debugs: who waits for whom.
//
// The harts halt at reset. While they stand, the host sleeps at the socket inside the call that told of the halt (HaltListener), so simulated time stands still.
// While they run, the client is looked at between slices of the simulation (Outside). A client that detaches or is lost lets the run go on as if it had never been
// there; the next one that connects halts it again. A client that kills ends the run as interrupted.
#pragma once

#include <functional>
#include <optional>

#include "platform/debug/connection.h"
#include "platform/debug/packet_link.h"
#include "platform/debug/session.h"
#include "platform/debug/soc_target.h"
#include "platform/soc/execution.h"

namespace spinvp::platform {

class Debugger : public Outside, private riscv::HaltListener {
 public:
  // Listens at once. `soc` outlives it.
  // `announce` is called once the harts stand at reset and a client may come.
  Debugger(core::Simulation& simulation, Soc& soc, std::uint16_t port, std::function<void(std::uint16_t port)> announce);
  ~Debugger() override;
  Debugger(const Debugger&) = delete;
  Debugger& operator=(const Debugger&) = delete;

  void attend() override;
  bool await() override;
  // Tells the client that the run has ended.
  void ended(int status) override;

 private:
  core::Simulation& simulation_;
  SocTarget target_;
  Connection connection_;
  PacketLink link_;
  std::optional<Session> session_;  // of the present client
  std::function<void(std::uint16_t)> announce_;
  bool attached_ = true;  // or a client is waited for, at reset
  bool owes_stop_ = false;

  void on_halt(riscv::Hart& hart, riscv::Halt reason) override;
  // Halts, in the hart's own process where it is inside an instruction.
  void halt(unsigned hart);
  // Reports the stop and answers the client until it lets the harts go.
  void serve(const StopEvent& event);
  // False: the harts go.
  bool handle(const PacketLink::Event& event);
  void attach();
  void detach();
  void flush() { connection_.write(link_.take_output()); }
  [[nodiscard]] StopEvent event_of(riscv::Hart& hart, riscv::Halt reason);
};

}  // namespace spinvp::platform
