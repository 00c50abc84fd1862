// The bus: routes payloads from initiators to targets by address, one link each.
//
// Shape. Each initiator and each target has one link of `width_bytes` a cycle, shared by reads and writes; a link may have a width, clock and latency of its own
// (LinkConfig). A crossbar: bursts of different initiators to different targets never meet.
//
// Time of a burst of b bytes that arrives at t (kernel time plus its delay), with o = ceil(b / width) cycles of a link, o1 the initiator's and o2 the target's, and L = latency
// cycles of the bus + those of both links:
//   s1 = first gap of o1 in the initiator's link at or after t;  s2 = first gap of o2 in the target's link at or after s1
//   the target gets the request at s2 + L and is done with it at e (its own affair)
//   ready at max(e, s2 + L + max(o1, o2)): links and target stream at the same time, the slowest decides.
//
// Arbitration: bookings in order of arrival, each into the earliest gap that holds the whole burst. Arrival order is SystemC's, which is deterministic.
//
// Approximately timed (TransportConfig), engines send transactions in the four phases of the base protocol, and links are given at the time itself, nothing ahead (crossbar.h). With s1 and
// s2 as they are decided there:
//   END_REQ to the initiator at s1 + o1;  BEGIN_REQ to the target at s2 + L, or when it ends its last request (while it withholds END_REQ its link starts nothing new)
//   BEGIN_RESP to the initiator at max(the target's BEGIN_RESP, s2 + L + max(o1, o2)), in order of these times, one until its END_RESP
// so that on an idle bus both modes take the same time. Responses wait here for their initiator; the target's END_RESP is given at once. b_transport, and what harts settle
// in sum, take and book the links as ever.
//
// Direct accesses (see core/transport.h): where the target appended itself to Transfer::hops, this bus appends its own hop and leaves no trace of the access otherwise; a hop's
// settle() counts, spends and books the sum (link.h says how). One access of a hart takes one beat or more, never a part of one. Where the target left `hops` empty (a
// device), the access takes zero time on its way to the device, so that the device acts at the hart's local time, and the beats and the latency on its way back.
//
// Busy time (report) is the sum over the targets' links.
//
// Errors: an address or span outside every range answers TLM_ADDRESS_ERROR_RESPONSE and writes a line with initiator, address and pc. The payload's address is the
// initiator's own again when any call returns.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <tlm>

#include "models/core/component.h"
#include "models/core/engine_port.h"
#include "models/core/fields.h"
#include "models/core/transport.h"
#include "models/interconnect/address_map.h"
#include "models/interconnect/link.h"

namespace spinvp::interconnect {

struct InterconnectConfig {
  std::uint64_t width_bytes = 128;
  core::Frequency clock = core::Frequency::from_si(1e9);
  std::uint64_t latency = 8;  // cycles
  core::Energy energy_per_bit_mm = core::Energy::from_si(1e-13);
  core::Length length = core::Length::from_si(10e-3);
  static const core::Schema& schema();
};

// What one link has of its own.
struct LinkConfig {
  std::uint64_t width_bytes = 0;  // 0: the bus's
  core::Frequency clock;          // 0: the bus's
  std::uint64_t latency = 0;      // cycles of this link, on top of the bus's
};

class Interconnect : public core::Component {
 public:
  Interconnect(const sc_core::sc_module_name& name, core::Simulation& simulation, const InterconnectConfig& config,
               const core::TransportConfig& transport = {});
  ~Interconnect() override;

  // Before elaboration ends. An EnginePort is told how bursts travel. The name for messages and counters comes from the socket's owner.
  void bind_initiator(tlm::tlm_initiator_socket<>& socket, const LinkConfig& link = {});
  // The target sees addresses from 0: address - base. Throws core::InputError on an overlap.
  void add_target(tlm::tlm_target_socket<>& socket, std::uint64_t base, std::uint64_t size, const std::string& name, const LinkConfig& link = {});
  [[nodiscard]] const AddressMap& address_map() const { return map_; }
  // Told of every run of bytes that a write brings to a target, whoever sends it (debug access included; not what goes through host pointers). Before the run.
  using WriteListener = std::function<void(std::uint64_t address, std::uint64_t length)>;
  void set_write_listener(WriteListener listener) { write_listener_ = std::move(listener); }

  void describe_state(core::StateArchive& archive) override;
  [[nodiscard]] std::string unsettled() const override;
  [[nodiscard]] bool can_power_down() const override { return false; }

 protected:
  void on_reset() override;

 private:
  class Hop;
  class Phases;
  struct Initiator {
    std::string name;
    std::unique_ptr<tlm_utils::simple_target_socket_tagged<Interconnect>> socket;
    LinkConfig shape;
    Link link;
  };
  struct Target {
    std::unique_ptr<tlm_utils::simple_initiator_socket_tagged<Interconnect>> socket;
    LinkConfig shape;
    Link link;
    core::Counter *bytes, *transactions, *wait_ps;
    std::uint64_t base, size;
  };

  InterconnectConfig config_;
  core::TransportConfig transport_;
  core::EventId byte_;
  AddressMap map_;
  std::deque<Initiator> initiators_;
  std::deque<Target> targets_;
  std::map<std::pair<std::size_t, std::size_t>, std::unique_ptr<Hop>> hops_;  // by initiator and target
  std::unique_ptr<Phases> phases_;                                            // null: loosely timed

  WriteListener write_listener_;

  void tell_of_write(const tlm::tlm_generic_payload& payload) const;
  [[nodiscard]] core::SimTime period(const LinkConfig& link);
  // `accesses` beats at least: no beat carries two of them.
  [[nodiscard]] core::SimTime occupancy(const LinkConfig& link, std::uint64_t bytes, std::uint64_t accesses = 1);
  // The latency L of a burst between the two, and the longer of their occupancies.
  [[nodiscard]] core::SimTime latency(const Initiator& initiator, const Target& target);
  [[nodiscard]] core::SimTime stream(const Initiator& initiator, const Target& target, std::uint64_t bytes);
  core::DirectHop* hop(std::size_t initiator, std::size_t target);
  const AddressRange* decode(std::size_t initiator, const tlm::tlm_generic_payload& payload);
  Link::Passage book(std::size_t initiator, std::size_t target, const tlm::tlm_generic_payload& payload, core::SimTime at);
  // Counts and charges a burst that asked at `at` and has the target's link from `start` on.
  void account(Target& target, const tlm::tlm_generic_payload& payload, core::SimTime at, core::SimTime start, core::SimTime busy);
  tlm::tlm_sync_enum nb_transport_fw(int initiator, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_bw(int target, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);

  // After a target has taken a payload, whose address is the initiator's: stores are announced to whoever watches them.
  void announce(const tlm::tlm_generic_payload& payload);
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(int initiator, tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(int initiator, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  void invalidate_direct_mem_ptr(int target, sc_dt::uint64 start, sc_dt::uint64 end);
};

}  // namespace spinvp::interconnect
