// The four phases of the base protocol at a memory: what it has accepted, what waits for room, what is to be answered when.
//
// A request is accepted, which ends it (END_REQ), while fewer than `capacity` transactions are accepted and not answered; otherwise END_REQ is withheld until one is. An
// accepted transaction is served at once, by the same model of banks and rows as a call of b_transport, which says when it is done: BEGIN_RESP comes then, in order of these times and
// one until its END_RESP. A transaction is answered with END_RESP (or TLM_COMPLETED).
#pragma once

#include <functional>
#include <map>
#include <utility>

#include <tlm>

#include "models/core/transport.h"

namespace spinvp::memory {

class TransactionQueue {
 public:
  using Serve = std::function<core::SimTime(tlm::tlm_generic_payload&)>;  // at the kernel's time; returns when it is done
  using Backward = std::function<tlm::tlm_sync_enum(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&)>;
  // Within a module's construction.
  TransactionQueue(Serve serve, Backward backward);
  void set_capacity(std::uint64_t capacity) { capacity_ = capacity; }
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  [[nodiscard]] bool idle() const { return accepted_ == 0 && coming_.empty(); }

 private:
  Serve serve_;
  Backward backward_;
  std::uint64_t capacity_ = 8, accepted_ = 0, arrivals_ = 0;
  std::multimap<core::SimTime, tlm::tlm_generic_payload*> coming_;  // requests that are not accepted yet, by when they come
  // By time, then by arrival.
  std::map<std::pair<core::SimTime, std::uint64_t>, tlm::tlm_generic_payload*> done_;
  bool response_open_ = false;
  sc_core::sc_event due_;

  void accept(tlm::tlm_generic_payload& payload);
  void answered();
  void work();
  void wake();
};

}  // namespace spinvp::memory
