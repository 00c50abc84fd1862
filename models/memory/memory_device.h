// What all memories share: bytes with direct access (DMI), bursts, errors, power states, counters, saved state. A kind of memory adds its time and energy.
//
// One window, "memory", of `size` bytes. An access outside it, with byte enables, or while the memory is not on (clock-gated, retention, off) is answered by an
// error response and a line with initiator, address and pc; nothing else happens. Host-side debug access (a loader) works in every state and takes no time.
//
// Direct access is granted in chunks of 2 MiB while the memory is on, and revoked when it leaves that state. A hart settles its direct accesses in sum (core/transport.h).
//
// The functional path has one place: load_bytes() and store_bytes(), which move data at once (only time is modelled later). A memory whose cells err, or whose words carry
// check bits, overrides both; contents_replaced() tells it what came in another way. Pointers go past them: direct_grant() says where they may, and an access of a hart there is
// settled in sum with pointers or without; elsewhere it is an ordinary access.
//
// A phantom burst (core::Transfer::phantom) takes the same way without load_bytes() and store_bytes(): counted, booked and charged as one with values, contents and
// host pages as they were. A hart's accesses always carry values, and an access that lacks them without being phantom is an error response.
//
// Approximately timed, the same in four phases (transaction_queue.h): served when it is accepted, answered when it is done.
//
// What is non-volatile can be taken out and put back (contents(), restore_page()): the image of --nvm-image.
//
// Counters: reads, writes (accesses as they arrive: a burst is one, a direct access of a hart is one), read_bytes, write_bytes.
#pragma once

#include <optional>
#include <span>
#include <string>

#include <tlm_utils/simple_target_socket.h>

#include "models/core/device.h"
#include "models/memory/storage.h"
#include "models/memory/transaction_queue.h"

namespace spinvp::memory {

class MemoryDevice : public core::Device, public core::DirectHop {
 public:
  MemoryDevice(const sc_core::sc_module_name& name, core::Simulation& simulation, std::string_view type, std::uint64_t size, bool guest_writes = true);

  [[nodiscard]] std::uint64_t size() const { return storage_.size(); }
  // Bytes of the host's memory that may be in use.
  [[nodiscard]] std::uint64_t touched_bytes() const { return storage_.touched_bytes(); }

  // Cells that keep their bits without power, for who stores them between runs; nothing for a volatile or read-only memory.
  struct NonVolatile {
    std::string technology;  // "sot", "stt"
    std::uint64_t word_bytes;
  };
  [[nodiscard]] virtual std::optional<NonVolatile> non_volatile() const { return std::nullopt; }
  // The field that asks for an interrupt number, where firmware would miss something without one; null: none is needed.
  [[nodiscard]] virtual const char* interrupt_needed_by() const { return nullptr; }
  // Transactions in four phases that it takes before it answers one of them.
  void set_accepted_transactions(std::uint64_t most) { transactions_.set_capacity(most); }
  [[nodiscard]] const Storage& contents() const { return storage_; }
  // `bytes` is storage's page_length(page) long.
  void restore_page(std::uint64_t page, std::span<const std::uint8_t> bytes);

  core::SimTime settle(const core::AccessTally& tally, core::RegionId region, core::SimTime from, core::SimTime to) final;
  void describe_state(core::StateArchive& archive) override;
  [[nodiscard]] std::string unsettled() const override { return transactions_.idle() ? "" : "transactions are at work"; }

 protected:
  // A burst that arrives at `at`: books, spends, tells the job; returns when it is done. The payload is valid and inside the memory.
  virtual core::SimTime serve(const tlm::tlm_generic_payload& payload, core::SimTime at) = 0;
  // Direct accesses in sum: books, spends; returns the waiting that contention causes.
  virtual core::SimTime serve_direct(const core::AccessTally& tally, core::RegionId region, core::SimTime from, core::SimTime to) = 0;
  // One run of a guest's burst, or one access of a hart without pointers, at `at`. The response is the burst's: a word that cannot be corrected is
  // TLM_GENERIC_ERROR_RESPONSE, and the access still counts and costs.
  virtual tlm::tlm_response_status load_bytes(std::uint64_t address, std::uint8_t* data, std::uint64_t length, core::SimTime at);
  virtual tlm::tlm_response_status store_bytes(std::uint64_t address, const std::uint8_t* data, std::uint64_t length, core::SimTime at);
  // A guest's phantom burst at `at`, in place of the two above.
  virtual void pass_phantom(const tlm::tlm_generic_payload& payload, core::SimTime at) { (void)payload, (void)at; }
  // What of [first, last] around `address` may be reached through pointers now, all of it alike.
  struct DirectGrant {
    std::uint64_t first, last;
    bool read, write;
  };
  [[nodiscard]] virtual DirectGrant direct_grant(std::uint64_t address, std::uint64_t first, std::uint64_t last) const {
    (void)address;
    return {first, last, true, true};
  }
  // Whether one access may; cheaper than the above.
  [[nodiscard]] virtual bool direct_allowed(std::uint64_t address, std::uint64_t length, bool write) const {
    (void)address, (void)length, (void)write;
    return true;
  }
  // What direct_grant() says of [first, last] changed: whoever holds a pointer there asks again.
  void revoke_direct(std::uint64_t first, std::uint64_t last);
  // What debug access reads; returns how much of it could be.
  virtual std::uint64_t peek_bytes(std::uint64_t address, std::uint8_t* data, std::uint64_t length) const;
  // The bytes changed other than by store_bytes(): debug access, loss of power, saved state, an image.
  virtual void contents_replaced(std::uint64_t address, std::uint64_t length) {
    (void)address;
    (void)length;
  }
  [[nodiscard]] Storage& storage() { return storage_; }
  // What happens to the contents without power.
  enum class PowerLoss { keeps, scrambles_touched, scrambles_all };
  void set_power_loss(PowerLoss loss) { power_loss_ = loss; }
  void on_power_state(core::PowerState from, core::PowerState to) override;

 private:
  Storage storage_;
  bool guest_writes_;
  PowerLoss power_loss_ = PowerLoss::keeps;
  std::uint64_t power_losses_ = 0;
  tlm_utils::simple_target_socket<MemoryDevice> memory_socket_;
  core::Counter &reads_, &writes_, &read_bytes_, &write_bytes_;
  TransactionQueue transactions_;

  // An access that arrives at `at`: everything about it; returns when it is done.
  core::SimTime take(tlm::tlm_generic_payload& payload, core::SimTime at);
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  // Why the access cannot be; null if it can.
  const char* problem(const tlm::tlm_generic_payload& payload, tlm::tlm_response_status& status) const;
};

}  // namespace spinvp::memory
