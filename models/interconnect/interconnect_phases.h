// The approximately timed half of the bus: transactions in four phases over the same links (interconnect.h says when what happens).
//
// A transaction's way: forward(BEGIN_REQ) -> asks the crossbar -> enters (END_REQ to the initiator when its beats are over) -> starts -> at the target's door `latency` later ->
// BEGIN_REQ to the target -> backward(BEGIN_RESP) -> ready -> BEGIN_RESP to the initiator. What has a time lies in an agenda; one process does what is due.
//
// Links are given when all that happens at a time has happened: after `quiet_cycles` delta cycles in which nothing came. So it does not matter in which order SystemC runs its processes, and
// an initiator that answers an END_REQ or a response with its next request at the same time competes with those whose request came there by a clock.
#pragma once

#include <deque>
#include <queue>
#include <vector>

#include "models/interconnect/crossbar.h"
#include "models/interconnect/interconnect.h"

namespace spinvp::interconnect {

class Interconnect::Phases {
 public:
  using SimTime = core::SimTime;
  explicit Phases(Interconnect& bus);
  void add_initiator(Link& link);
  void add_target(Link& link);
  tlm::tlm_sync_enum forward(std::size_t initiator, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, SimTime delay);
  tlm::tlm_sync_enum backward(std::size_t target, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, SimTime delay);
  // Nothing is on its way.
  [[nodiscard]] bool idle() const;

 private:
  // What the bus keeps of a payload, as an extension that stays with it.
  struct Route;
  enum class What { request, end_request, at_door, door_free, response, end_response };
  struct Item {
    SimTime at;
    std::uint64_t order;
    What what;
    std::size_t port;  // initiator or target
    tlm::tlm_generic_payload* payload;
    bool operator>(const Item& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  struct Responses {
    std::deque<tlm::tlm_generic_payload*> waiting;
    bool open = false;  // a BEGIN_RESP without its END_RESP
  };
  struct Door {
    std::deque<tlm::tlm_generic_payload*> waiting;
    tlm::tlm_generic_payload* open = nullptr;  // a BEGIN_REQ without its END_REQ
  };

  Interconnect& bus_;
  Crossbar crossbar_;
  std::priority_queue<Item, std::vector<Item>, std::greater<>> agenda_;
  std::uint64_t items_ = 0;
  std::vector<Responses> responses_;
  std::vector<Door> doors_;
  sc_core::sc_event due_;
  bool working_ = false, undecided_ = false;
  unsigned quiet_ = 0;
  // A response wakes its engine's thread, that starts a burst, its port sends: three, and one to spare.
  static constexpr unsigned quiet_cycles = 4;

  void add(SimTime at, What what, std::size_t port, tlm::tlm_generic_payload* payload);
  void work();
  void perform(const Item& item);
  void ask(std::size_t initiator, tlm::tlm_generic_payload& payload);
  void decide(SimTime now);
  void knock(std::size_t target);
  void free_door(std::size_t target, const tlm::tlm_generic_payload* payload);
  void answered(tlm::tlm_generic_payload& payload, SimTime at);
  void respond(std::size_t initiator);
};

}  // namespace spinvp::interconnect
