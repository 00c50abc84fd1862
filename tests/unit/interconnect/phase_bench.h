// What the tests of the approximately timed bus drive it with: engines with scripts, a target in four phases with a queue, and monitors of the protocol.
#pragma once

#include <catch2/catch.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "models/core/engine_port.h"
#include "models/interconnect/interconnect.h"

namespace spinvp::test {

using core::SimTime;

// Between an initiator socket and a target socket: passes everything on and checks the base protocol's order and exclusion rules.
class PhaseMonitor : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<PhaseMonitor> up{"up"};
  tlm_utils::simple_initiator_socket<PhaseMonitor> down{"down"};
  std::uint64_t requests = 0, responses = 0, withheld = 0;  // withheld: END_REQs that came later than their BEGIN_REQ
  std::size_t most_outstanding = 0;
  std::vector<std::string> wrong;

  explicit PhaseMonitor(const sc_core::sc_module_name& name) : sc_module(name) {
    up.register_b_transport(this, &PhaseMonitor::b_transport);
    up.register_nb_transport_fw(this, &PhaseMonitor::forward);
    down.register_nb_transport_bw(this, &PhaseMonitor::backward);
  }
  [[nodiscard]] bool quiet() const { return under_way_.empty() && request_ == nullptr && response_ == nullptr; }

 private:
  std::set<tlm::tlm_generic_payload*> under_way_;
  tlm::tlm_generic_payload *request_ = nullptr, *response_ = nullptr;
  SimTime asked_;

  void check(bool ok, const char* what) {
    if (!ok) wrong.emplace_back(what);
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) { down->b_transport(payload, delay); }
  void end_request(tlm::tlm_generic_payload& payload) {
    check(request_ == &payload, "END_REQ of a transaction that is in no request phase");
    if (core::now() > asked_) ++withheld;
    request_ = nullptr;
  }
  void begin_response(tlm::tlm_generic_payload& payload) {
    check(under_way_.contains(&payload), "BEGIN_RESP of nobody");
    check(response_ == nullptr, "BEGIN_RESP before the END_RESP of the last one");
    check(payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE, "a response without a status");
    if (request_ == &payload) request_ = nullptr;
    response_ = &payload;
    ++responses;
  }
  void end_response(tlm::tlm_generic_payload& payload) {
    check(response_ == &payload, "END_RESP of nobody");
    response_ = nullptr;
    under_way_.erase(&payload);
  }
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ) {
      check(request_ == nullptr, "BEGIN_REQ before the END_REQ of the last one");
      check(under_way_.insert(&payload).second, "BEGIN_REQ of a transaction that is under way");
      check(payload.has_mm(), "a payload without a memory manager");
      request_ = &payload;
      asked_ = core::now();
      ++requests;
      most_outstanding = std::max(most_outstanding, under_way_.size());
    } else {
      check(phase == tlm::END_RESP, "a phase that is no initiator's");
      end_response(payload);
    }
    const tlm::tlm_sync_enum result = down->nb_transport_fw(payload, phase, delay);
    if (result == tlm::TLM_UPDATED && phase == tlm::END_REQ) end_request(payload);
    return result;
  }
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    if (phase == tlm::END_REQ) end_request(payload);
    if (phase == tlm::BEGIN_RESP) begin_response(payload);
    const bool response = phase == tlm::BEGIN_RESP;
    const tlm::tlm_sync_enum result = up->nb_transport_bw(payload, phase, delay);
    if (response && result != tlm::TLM_ACCEPTED) end_response(payload);
    return result;
  }
};

// Accepts up to `capacity` transactions, serves one after the other, each for `takes(payload)`, and answers it. Written without the memories' code.
class QueueTarget : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<QueueTarget> socket{"socket"};
  std::size_t capacity = 4;
  std::function<SimTime(const tlm::tlm_generic_payload&)> takes = [](const tlm::tlm_generic_payload&) { return SimTime::ns(10); };
  std::uint64_t refuse = ~0ull;                          // the address that fails
  std::vector<std::pair<std::uint64_t, SimTime>> begun;  // addresses and when their BEGIN_REQ came
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(1 << 20);
  std::uint64_t phantoms = 0;

  explicit QueueTarget(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_nb_transport_fw(this, &QueueTarget::forward);
    socket.register_b_transport(this, &QueueTarget::b_transport);
    sc_core::sc_spawn([this] { serve(); }, "serve");
  }

 private:
  std::deque<std::pair<tlm::tlm_generic_payload*, SimTime>> accepted_;  // with the end of their service
  tlm::tlm_generic_payload* held_up_ = nullptr;
  SimTime free_;
  sc_core::sc_event changed_;

  void move(tlm::tlm_generic_payload& payload) {
    payload.set_response_status(payload.get_address() == refuse ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE);
    if (payload.get_address() == refuse) return;
    if (core::transfer_of(payload).phantom) {
      ++phantoms;
      return;
    }
    core::for_each_run(payload, [&](std::uint64_t at, std::uint8_t* data, std::uint64_t length) {
      if (payload.is_read())
        std::memcpy(data, &bytes.at(at), length);
      else
        std::memcpy(&bytes.at(at), data, length);
    });
  }
  void accept(tlm::tlm_generic_payload& payload) {
    free_ = std::max(free_, core::now()) + takes(payload);
    move(payload);
    accepted_.emplace_back(&payload, free_);
    changed_.notify(sc_core::SC_ZERO_TIME);
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    free_ = std::max(free_, core::now() + core::from_sc(delay)) + takes(payload);
    move(payload);
    delay = core::to_sc(free_ - core::now());
  }
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_COMPLETED;
    begun.emplace_back(payload.get_address(), core::now());
    if (accepted_.size() >= capacity) {
      CHECK(held_up_ == nullptr);
      held_up_ = &payload;
      return tlm::TLM_ACCEPTED;
    }
    accept(payload);
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  void serve() {
    for (;;) {
      while (accepted_.empty()) sc_core::wait(changed_);
      const auto [payload, end] = accepted_.front();
      if (end > core::now()) sc_core::wait(core::to_sc(end - core::now()));
      accepted_.pop_front();
      tlm::tlm_phase phase = tlm::BEGIN_RESP;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      CHECK(socket->nb_transport_bw(*payload, phase, delay) != tlm::TLM_ACCEPTED);
      if (held_up_ == nullptr) continue;
      tlm::tlm_generic_payload& next = *held_up_;
      held_up_ = nullptr;
      accept(next);
      phase = tlm::END_REQ;
      delay = sc_core::SC_ZERO_TIME;
      socket->nb_transport_bw(next, phase, delay);
    }
  }
};

inline core::TransportConfig at(std::uint64_t transaction_bytes = 4096, std::uint64_t outstanding = 8, std::uint64_t buffer = 8) {
  core::TransportConfig config;
  config.mode = "at";
  config.transaction_bytes.value = transaction_bytes;
  config.outstanding = outstanding;
  config.buffer = buffer;
  return config;
}

// An engine: its port, and as many masters as a test asks for.
struct PhaseEngine : sc_core::sc_module {
  core::EnginePort port{"port"};
  std::deque<core::BusMaster> masters;
  explicit PhaseEngine(const sc_core::sc_module_name& name, unsigned count = 1) : sc_module(name) {
    for (unsigned i = 0; i < count; ++i) masters.emplace_back(port, "engine");
  }
  core::BusMaster& master() { return masters.front(); }
};

}  // namespace spinvp::test
