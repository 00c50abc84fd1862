// GDB's commands over a target: from a packet's payload to its answers, without sockets and without a simulation.
//
// Stops are for all harts together (all-stop). Hart h is thread h + 1. Understood: ? g G p P m M X c s C S vCont H T D k vKill Z/z 0 to 4, qSupported, qXfer
// of the target description, qfThreadInfo, qThreadExtraInfo, qC, qAttached, qRcmd, QStartNoAckMode. All else gets the empty answer, which means "not known".
// Signals that GDB wants delivered are ignored: a hart takes interrupts, not signals.
//
// Errors: E01 a packet that does not read as its command, E02 no such hart, register or memory, or not now.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/debug/target.h"

namespace spinvp::platform {

class Session {
 public:
  explicit Session(DebugTarget& target) : target_(target), paces_(target.harts(), Pace::stand) {}

  enum class Next {
    stay,    // answered; the harts stand
    resume,  // let the harts go as paces() says, and report the next stop with stopped()
    detach,  // answered; the client goes, the run goes on
    kill,    // the run ends
  };
  struct Outcome {
    std::vector<std::string> answers;
    Next next = Next::stay;
    bool no_more_acknowledgements = false;
  };
  // Any bytes are fine.
  Outcome handle(std::string_view packet);
  // The harts have come to stand: returns the answer that a resume still owes.
  std::string stopped(const StopEvent& event);
  // One for each hart, of the last resume.
  [[nodiscard]] const std::vector<Pace>& paces() const { return paces_; }
  // The one to halt where no hart stops by itself: a client expects one that it let go. One that steps, the one of the last stop, or the first.
  [[nodiscard]] unsigned hart_to_halt() const;

 private:
  DebugTarget& target_;
  std::vector<Pace> paces_;
  StopEvent stop_;
  unsigned general_hart_ = 0;             // Hg: of g, p, m, ...
  std::optional<unsigned> resumed_hart_;  // Hc: of c and s; nothing: all
  std::string description_;

  std::string answer(std::string_view packet, Outcome& outcome);
  std::string query(std::string_view packet, Outcome& outcome);
  std::string select_hart(std::string_view arguments);
  std::string read_all() const;
  std::string write_all(std::string_view arguments);
  std::string read_one(std::string_view arguments) const;
  std::string write_one(std::string_view arguments);
  std::string read_memory(std::string_view arguments) const;
  std::string write_memory(std::string_view arguments, bool binary);
  std::string change_point(std::string_view arguments, bool insert);
  std::string resume(Pace pace, std::string_view address, Outcome& outcome);
  std::string resume_each(std::string_view actions, Outcome& outcome);
  std::string description_part(std::string_view arguments);
  std::string monitor(std::string_view arguments, Outcome& outcome);
  std::string register_text(unsigned number) const;
  [[nodiscard]] std::string stop_text() const;
  // Nothing: no such thread. All (-1) and any (0) give `otherwise`.
  std::optional<unsigned> hart_of(std::string_view thread, unsigned otherwise) const;
};

}  // namespace spinvp::platform
