#include "models/core/engine_port.h"

#include <algorithm>

namespace spinvp::core {

const Schema& TransportConfig::schema() {
  using C = TransportConfig;
  static const Schema schema =
      Schema::of<C>()
          .field(
              "transport", &C::mode,
              {.choices = {"lt", "at"},
               .text = "how bursts of engines travel: loosely timed, a call each, or approximately timed, in the four phases of transactions (docs/timing.md)"})
          .field("at.transaction_bytes", &C::transaction_bytes,
                 {.least = 64,
                  .most = 4096,
                  .source = "published: an AXI4 burst never crosses a 4 KiB boundary",
                  .text = "most bytes of a transaction: bursts are cut at its multiples"})
          .field("at.outstanding", &C::outstanding,
                 {.least = 1,
                  .most = 1024,
                  .source = "assumed: covers the way to the default DRAM and back at full width",
                  .text = "transactions of a burst under way at a time"})
          .field("at.buffer", &C::buffer,
                 {.least = 1,
                  .most = 1024,
                  .source = "assumed: as many as a burst has outstanding",
                  .text = "requests of an initiator that the interconnect holds until their targets' links are free"})
          .field("at.accepted", &C::accepted,
                 {.least = 1,
                  .most = 1024,
                  .source = "assumed: 32 KiB of 4 KiB each, 64 accesses of 32 bytes on each pseudo channel of the default DRAM",
                  .text = "transactions that a memory has taken and not answered, before it holds requests up"});
  return schema;
}

TransactionCut next_cut(std::uint64_t address, std::uint64_t length, std::uint64_t row_bytes, std::uint64_t stride, std::uint64_t done,
                        std::uint64_t transaction_bytes) {
  std::uint64_t start = address + done, left = length - done;
  if (row_bytes != 0 && row_bytes < length) {
    const std::uint64_t row = done / row_bytes, within = done % row_bytes;
    start = address + row * stride + within;
    if (within == 0 && row_bytes <= transaction_bytes) return {start, std::min(left, transaction_bytes / row_bytes * row_bytes), left > row_bytes};
    left = std::min(left, row_bytes - within);
  }
  return {start, std::min(left, transaction_bytes - start % transaction_bytes), false};
}

struct EnginePort::Transaction : tlm::tlm_generic_payload {
  explicit Transaction(tlm::tlm_mm_interface* manager) : tlm_generic_payload(manager) { set_extension(transfer); }
  Transfer* transfer = new Transfer;  // the payload's own, deleted with it
  std::shared_ptr<PhasedBurst> burst;
  std::uint64_t place = 0;  // in its burst
};

EnginePort::EnginePort(const char* name) : tlm_initiator_socket<>(name) { m_export.bind(*this); }

EnginePort::~EnginePort() = default;

void EnginePort::configure(const TransportConfig& config) {
  config_ = config;
  if (!approximately_timed()) return;
  later_ = std::make_unique<tlm_utils::peq_with_cb_and_phase<EnginePort>>(sc_core::sc_gen_unique_name("phases"), this, &EnginePort::take_phase);
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.set_sensitivity(&send_);
  options.dont_initialize();
  sc_core::sc_spawn([this] { send(); }, sc_core::sc_gen_unique_name("send"), &options);
}

std::shared_ptr<PhasedBurst> EnginePort::start(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, std::uint64_t length,
                                               const Transfer& transfer, bool posted) {
  auto burst = std::make_shared<PhasedBurst>();
  burst->command = command;
  burst->address = address;
  burst->length = length;
  burst->data = data;
  burst->transfer = transfer;
  if (posted && data != nullptr) {
    burst->kept.assign(data, data + length);
    burst->data = burst->kept.data();
  }
  wait_for_turn(burst);
  return burst;
}

void EnginePort::wait_for_turn(const std::shared_ptr<PhasedBurst>& burst) {
  if (burst->waits_to_send || burst->sent == burst->length || burst->response != tlm::TLM_OK_RESPONSE || burst->in_flight >= config_.outstanding) return;
  burst->waits_to_send = true;
  turns_.push_back(burst);
  if (requesting_ == nullptr) send_.notify(sc_core::SC_ZERO_TIME);
}

EnginePort::Transaction& EnginePort::next_transaction(const std::shared_ptr<PhasedBurst>& burst) {
  if (idle_.empty()) idle_.push_back(transactions_.emplace_back(std::make_unique<Transaction>(static_cast<tlm::tlm_mm_interface*>(this))).get());
  Transaction& t = *idle_.back();
  idle_.pop_back();
  PhasedBurst& b = *burst;
  const TransactionCut cut = next_cut(b.address, b.length, b.transfer.row_bytes, b.transfer.stride, b.sent, config_.transaction_bytes.value);
  t.burst = burst;
  t.place = b.sent;
  *t.transfer = b.transfer;
  if (!cut.rows) t.transfer->row_bytes = t.transfer->stride = 0;
  t.set_command(b.command);
  t.set_address(cut.address);
  t.set_data_ptr(b.data == nullptr ? nullptr : b.data + b.sent);
  t.set_data_length(static_cast<unsigned>(cut.length));
  t.set_streaming_width(static_cast<unsigned>(cut.length));
  t.set_byte_enable_ptr(nullptr);
  t.set_dmi_allowed(false);
  t.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  b.sent += cut.length;
  ++b.in_flight;
  t.acquire();
  return t;
}

void EnginePort::send() {
  if (requesting_ != nullptr || turns_.empty()) return;
  const std::shared_ptr<PhasedBurst> burst = turns_.front();
  turns_.pop_front();
  burst->waits_to_send = false;
  // One of its transactions may have failed since it queued.
  if (burst->response != tlm::TLM_OK_RESPONSE) {
    if (burst->over()) burst->finished.notify(sc_core::SC_ZERO_TIME);
    return send_.notify(sc_core::SC_ZERO_TIME);
  }
  Transaction& transaction = next_transaction(burst);
  wait_for_turn(burst);
  requesting_ = &transaction;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  const tlm::tlm_sync_enum result = (*this)->nb_transport_fw(transaction, phase, delay);
  if (result == tlm::TLM_COMPLETED) phase = tlm::BEGIN_RESP;
  if (result != tlm::TLM_ACCEPTED) later_->notify(transaction, phase, delay);
}

void EnginePort::take_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
  auto& transaction = static_cast<Transaction&>(payload);
  if (requesting_ == &transaction) {
    requesting_ = nullptr;
    if (!turns_.empty()) send_.notify(sc_core::SC_ZERO_TIME);
  }
  if (phase == tlm::BEGIN_RESP) finish(transaction);
}

void EnginePort::finish(Transaction& transaction) {
  const std::shared_ptr<PhasedBurst> burst = std::move(transaction.burst);
  const tlm::tlm_response_status response = transaction.get_response_status();
  --burst->in_flight;
  if (response != tlm::TLM_OK_RESPONSE && (burst->response == tlm::TLM_OK_RESPONSE || transaction.place < burst->failed_at)) {
    burst->response = response;
    burst->failed_at = transaction.place;
    burst->failed_address = transaction.get_address();
  }
  if (burst->over())
    burst->finished.notify(sc_core::SC_ZERO_TIME);
  else
    wait_for_turn(burst);
  transaction.release();
}

tlm::tlm_sync_enum EnginePort::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  const bool response = phase == tlm::BEGIN_RESP;
  if (delay != sc_core::SC_ZERO_TIME) {
    later_->notify(payload, phase, delay);
    if (!response) return tlm::TLM_ACCEPTED;
    phase = tlm::END_RESP;
    return tlm::TLM_UPDATED;
  }
  take_phase(payload, phase);
  return response ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
}

void EnginePort::free(tlm::tlm_generic_payload* payload) { idle_.push_back(static_cast<Transaction*>(payload)); }

}  // namespace spinvp::core
