// An engine's socket that can speak the four phases of the TLM-2.0 base protocol, and how the platform's bursts travel (TransportConfig).
//
// Loosely timed (`lt`) it is an ordinary initiator socket: BusMaster calls b_transport. Approximately timed (`at`) it cuts each burst into transactions and
// sends them in phases:
//   BEGIN_REQ  one at a time, the next one not before END_REQ (or BEGIN_RESP, which implies it) of the one before: that is what back-pressure holds up
//   BEGIN_RESP answered at once by TLM_COMPLETED; the burst is over with the last of them
// A contiguous burst is cut where its addresses are multiples of `transaction_bytes` (as AXI4 bursts, which never cross 4 KiB); a strided one into as many whole
// rows as fit, a longer row as if it were contiguous. A burst has up to `outstanding` transactions under way. Bursts of several BusMasters share the port: they take
// turns, a transaction each, in the order in which they became able to send one.
//
// The response of a burst is that of its first transaction, by place, that is not OK; those behind it that are under way still take place, no further one is sent.
// Values move once, when the target takes a transaction. Those of a posted write are kept here, so that its engine may go on.
//
// Payloads have a memory manager (a pool of the port); annotated delays of targets are waited out.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <tlm_utils/peq_with_cb_and_phase.h>

#include "models/core/fields.h"
#include "models/core/transport.h"

namespace spinvp::core {

struct TransportConfig {
  std::string mode = "lt";
  Bytes transaction_bytes{4096};
  std::uint64_t outstanding = 8;
  std::uint64_t buffer = 8;    // of the interconnect: requests of an initiator that wait for targets
  std::uint64_t accepted = 8;  // of a memory: transactions that it has taken and not answered
  [[nodiscard]] bool approximately_timed() const { return mode == "at"; }
  // `transport` and `at.*`, at the top of a configuration.
  static const Schema& schema();
};

// A burst under way.
struct PhasedBurst {
  sc_core::sc_event finished;
  tlm::tlm_response_status response = tlm::TLM_OK_RESPONSE;
  std::uint64_t failed_address = 0;
  [[nodiscard]] bool over() const { return in_flight == 0 && (sent == length || response != tlm::TLM_OK_RESPONSE); }

  // For the port.
  tlm::tlm_command command;
  std::uint64_t address, length, sent = 0, in_flight = 0, failed_at = 0;
  std::uint8_t* data;  // null: a phantom
  Transfer transfer;
  std::vector<std::uint8_t> kept;  // values of a posted write
  bool waits_to_send = false;
};

class EnginePort : public tlm::tlm_initiator_socket<>, private tlm::tlm_bw_transport_if<>, private tlm::tlm_mm_interface {
 public:
  explicit EnginePort(const char* name);
  ~EnginePort() override;
  // Before the simulation starts; the interconnect does it when the port is bound.
  void configure(const TransportConfig& config);
  [[nodiscard]] bool approximately_timed() const { return config_.approximately_timed(); }
  // Begins a burst at the kernel's time. `posted`: its values are kept.
  std::shared_ptr<PhasedBurst> start(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, std::uint64_t length, const Transfer& transfer,
                                     bool posted);

 private:
  struct Transaction;
  TransportConfig config_;
  std::unique_ptr<tlm_utils::peq_with_cb_and_phase<EnginePort>> later_;  // phases with a delay
  sc_core::sc_event send_;
  std::deque<std::shared_ptr<PhasedBurst>> turns_;  // bursts that may send a transaction
  Transaction* requesting_ = nullptr;               // in its request phase
  std::vector<std::unique_ptr<Transaction>> transactions_;
  std::vector<Transaction*> idle_;

  void wait_for_turn(const std::shared_ptr<PhasedBurst>& burst);
  void send();
  Transaction& next_transaction(const std::shared_ptr<PhasedBurst>& burst);
  void take_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase);
  void finish(Transaction& transaction);
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
  void free(tlm::tlm_generic_payload* payload) override;
};

// How many bytes the next transaction of a burst carries, `done` bytes behind its start: see above. Pure, for the port and for who counts transactions.
struct TransactionCut {
  std::uint64_t address, length;
  bool rows;  // whole rows: it keeps the burst's shape
};
TransactionCut next_cut(std::uint64_t address, std::uint64_t length, std::uint64_t row_bytes, std::uint64_t stride, std::uint64_t done,
                        std::uint64_t transaction_bytes);

}  // namespace spinvp::core
