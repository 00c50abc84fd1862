#include "models/memory/transaction_queue.h"

#include <algorithm>

#include <sysc/kernel/sc_dynamic_processes.h>

namespace spinvp::memory {

using core::SimTime;

TransactionQueue::TransactionQueue(Serve serve, Backward backward) : serve_(std::move(serve)), backward_(std::move(backward)) {
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.set_sensitivity(&due_);
  options.dont_initialize();
  sc_core::sc_spawn([this] { work(); }, sc_core::sc_gen_unique_name("responses"), &options);
}

tlm::tlm_sync_enum TransactionQueue::forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase == tlm::END_RESP) {
    answered();
    wake();
    return tlm::TLM_COMPLETED;
  }
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  payload.acquire();
  if (delay != sc_core::SC_ZERO_TIME || accepted_ >= capacity_ || !coming_.empty()) {
    coming_.emplace(core::now() + core::from_sc(delay), &payload);
    wake();
    return tlm::TLM_ACCEPTED;
  }
  accept(payload);
  wake();
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void TransactionQueue::accept(tlm::tlm_generic_payload& payload) {
  ++accepted_;
  done_.emplace(std::pair(serve_(payload), arrivals_++), &payload);
}

void TransactionQueue::answered() {
  response_open_ = false;
  --accepted_;
}

void TransactionQueue::work() {
  const SimTime now = core::now();
  while (!response_open_ && !done_.empty() && done_.begin()->first.first <= now) {
    tlm::tlm_generic_payload& payload = *done_.begin()->second;
    done_.erase(done_.begin());
    response_open_ = true;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    if (backward_(payload, phase, delay) != tlm::TLM_ACCEPTED) answered();
    payload.release();
  }
  while (accepted_ < capacity_ && !coming_.empty() && coming_.begin()->first <= now) {
    tlm::tlm_generic_payload& payload = *coming_.begin()->second;
    coming_.erase(coming_.begin());
    accept(payload);
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    backward_(payload, phase, delay);
  }
  wake();
}

void TransactionQueue::wake() {
  SimTime next = SimTime::never();
  if (!response_open_ && !done_.empty()) next = done_.begin()->first.first;
  if (accepted_ < capacity_ && !coming_.empty()) next = std::min(next, coming_.begin()->first);
  if (next == SimTime::never()) return;
  const SimTime now = core::now();
  due_.notify(next > now ? core::to_sc(next - now) : sc_core::SC_ZERO_TIME);
}

}  // namespace spinvp::memory
