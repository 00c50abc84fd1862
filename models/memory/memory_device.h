// What all memories share: bytes with direct access (DMI), bursts, errors, power states, counters, saved state. A kind of memory adds its time and energy.
//
// One window, "memory", of `size` bytes. An access outside it, with byte enables, or while the memory is not on (clock-gated, retention, off) is answered by an
// error response and a line with initiator, address and pc; nothing else happens. Host-side debug access (a loader) works in every state and takes no time.
//
// Direct access is granted in chunks of 2 MiB while the memory is on, and revoked when it leaves that state. A hart settles its direct accesses in sum (core/transport.h).
//
// Counters: reads, writes (accesses as they arrive: a burst is one, a direct access of a hart is one), read_bytes, write_bytes.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include "models/core/device.h"
#include "models/memory/storage.h"

namespace spinvp::memory {

class MemoryDevice : public core::Device, public core::DirectHop {
 public:
  MemoryDevice(const sc_core::sc_module_name& name, core::Simulation& simulation, std::string_view type, std::uint64_t size, bool guest_writes = true);

  [[nodiscard]] std::uint64_t size() const { return storage_.size(); }
  // Bytes of the host's memory that may be in use.
  [[nodiscard]] std::uint64_t touched_bytes() const { return storage_.touched_bytes(); }

  core::SimTime settle(const core::AccessTally& tally, core::RegionId region, core::SimTime from, core::SimTime to) final;
  void describe_state(core::StateArchive& archive) override;

 protected:
  // A burst that arrives at `at`: books, spends, tells the job; returns when it is done. The payload is valid and inside the memory.
  virtual core::SimTime serve(const tlm::tlm_generic_payload& payload, core::SimTime at) = 0;
  // Direct accesses in sum: books, spends; returns the waiting that contention causes.
  virtual core::SimTime serve_direct(const core::AccessTally& tally, core::RegionId region, core::SimTime from, core::SimTime to) = 0;
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

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  // Why the access cannot be; null if it can.
  const char* problem(const tlm::tlm_generic_payload& payload, tlm::tlm_response_status& status) const;
};

}  // namespace spinvp::memory
