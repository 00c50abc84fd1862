// What travels with a TLM payload on our buses, and the helpers every initiator and target uses.
//
// Transfer (payload extension): who asks, for which region and job, and the shape of a strided burst: `rows` runs of `row_bytes` bytes, the
// starts `stride` bytes apart, data_length = rows * row_bytes. row_bytes = 0 means one contiguous run. The address span of a burst must lie in one target.
//
// Direct accesses. A hart reads and writes memory through host pointers (DMI) and settles their cost in sum at each synchronisation. For that, whoever
// stands on the way (router, memory) appends itself to Transfer::hops during get_direct_mem_ptr, outermost last. With DMI refused or switched off, the
// hart's b_transport carries the same empty `hops` list: a hop that settles in sum appends itself, does NOT count, book or spend, and adds no delay. So counts,
// time and energy are equal with DMI on and off. A target that leaves `hops` empty (a device) is accounted as an ordinary access.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

#include "models/core/energy.h"
#include "models/core/store_watch.h"
#include "models/core/units.h"

namespace spinvp::core {

// Where initiators split what they move, and synchronise at each burst, unless they say otherwise; and the most bytes that one burst carries.
inline constexpr std::uint64_t ordinary_burst = 4096, longest_burst = 512 << 10;

// The burst for a stream of so many bytes: a 256th of it, in whole ordinary bursts, between one of them and the longest. A stream of up to 1 MiB so keeps its 4 KiB; a longer one
// takes about 256 bursts however long it is (from 128 MiB on, one for every 512 KiB), so that the host's time follows the number of jobs and not of bytes. 256 parts are fine enough
// for bursts of different initiators to take turns and for loads, computation and stores to overlap.
constexpr std::uint64_t burst_bytes(std::uint64_t stream_bytes) {
  const std::uint64_t burst = stream_bytes / 256 / ordinary_burst * ordinary_burst;
  return burst < ordinary_burst ? ordinary_burst : burst > longest_burst ? longest_burst : burst;
}

// Direct accesses since the last settlement.
struct AccessTally {
  std::uint64_t reads = 0, read_bytes = 0, writes = 0, write_bytes = 0;
  [[nodiscard]] bool empty() const { return reads == 0 && writes == 0; }
};

// Whoever is on the way of direct accesses.
class DirectHop {
 public:
  virtual ~DirectHop() = default;
  // Books `tally` in sum from `from` (the local time of the last settlement) to `to`; counts and spends; returns the waiting that contention causes.
  virtual SimTime settle(const AccessTally& tally, RegionId region, SimTime from, SimTime to) = 0;
};

struct Transfer : tlm::tlm_extension<Transfer> {
  const char* initiator = "";
  RegionId region = no_region;
  KernelTally* job = nullptr;
  std::uint64_t row_bytes = 0, stride = 0;
  std::vector<DirectHop*>* hops = nullptr;
  const StoreWatch::Watcher* watcher = nullptr;  // the initiator's own: its stores are no news to it
  std::uint64_t pc = 0;                          // of the instruction, for error messages; 0 where there is none
  bool phantom = false;  // no values travel: the data pointer is null; a target counts, books and spends as ever and leaves its contents alone

  [[nodiscard]] tlm_extension_base* clone() const override { return new Transfer(*this); }
  void copy_from(const tlm_extension_base& other) override { *this = static_cast<const Transfer&>(other); }
};

// The payload's Transfer, or a shared neutral one (no region, contiguous).
const Transfer& transfer_of(const tlm::tlm_generic_payload& payload);

// Bytes from the first to the last one touched.
std::uint64_t span_of(const tlm::tlm_generic_payload& payload);

// Calls use(address, host pointer, length) for each contiguous run of the payload; the pointer is null where no values travel.
template <typename Use>
void for_each_run(const tlm::tlm_generic_payload& payload, Use&& use) {
  const Transfer& t = transfer_of(payload);
  const std::uint64_t length = payload.get_data_length();
  std::uint8_t* const data = payload.get_data_ptr();
  if (t.row_bytes == 0 || t.row_bytes >= length) {
    use(payload.get_address(), data, length);
    return;
  }
  for (std::uint64_t done = 0, row = 0; done < length; done += t.row_bytes, ++row)
    use(payload.get_address() + row * t.stride, data == nullptr ? nullptr : data + done, t.row_bytes < length - done ? t.row_bytes : length - done);
}

inline sc_core::sc_time to_sc(SimTime t) {
  return sc_core::sc_time::from_value(t.ps());  // the platform keeps SystemC's default resolution of 1 ps
}
inline SimTime from_sc(const sc_core::sc_time& t) { return SimTime::ps(t.value()); }
inline SimTime now() { return from_sc(sc_core::sc_time_stamp()); }

class EnginePort;
struct PhasedBurst;

// A write that an engine does not wait out: who has posted one waits for it before the next.
struct PostedWrite {
  SimTime over;                        // when it is over, where that is known at once (loosely timed)
  std::shared_ptr<PhasedBurst> burst;  // what is under way (approximately timed); null: nothing
};

// An engine's bus port: blocking bursts. Not for harts. Every call synchronises first and waits out the delay, so that engines always
// act in the present (house plan, decision 3). To be called from an SC_THREAD. Where the socket is an EnginePort that the platform runs approximately
// timed, a burst is cut into transactions of the four-phase protocol instead (engine_port.h); for the engine nothing changes.
class BusMaster {
 public:
  BusMaster(tlm::tlm_initiator_socket<>& socket, const char* name);
  struct Shape {
    std::uint64_t row_bytes = 0, stride = 0;  // 0: contiguous
  };
  // Moves data.size() bytes in bursts of at most `most` (whole rows where strided; a row longer than a burst is split). Returns the first
  // response that is not OK; what was moved before it stays moved. `failed_address` then holds the start of the burst (or of the transaction) that failed.
  // With `posted`, a write that is one burst is not waited out: *posted says when it is over.
  tlm::tlm_response_status read(std::uint64_t address, std::span<std::uint8_t> data, RegionId region, KernelTally* job, Shape shape = {0, 0},
                                std::uint64_t most = ordinary_burst);
  tlm::tlm_response_status write(std::uint64_t address, std::span<const std::uint8_t> data, RegionId region, KernelTally* job, Shape shape = {0, 0},
                                 std::uint64_t most = ordinary_burst, PostedWrite* posted = nullptr);
  // The same bursts without values (Transfer::phantom).
  tlm::tlm_response_status read_phantom(std::uint64_t address, std::uint64_t length, RegionId region, KernelTally* job, Shape shape = {0, 0},
                                        std::uint64_t most = ordinary_burst);
  tlm::tlm_response_status write_phantom(std::uint64_t address, std::uint64_t length, RegionId region, KernelTally* job, Shape shape = {0, 0},
                                         std::uint64_t most = ordinary_burst, PostedWrite* posted = nullptr);
  // Waits until a posted write is over, or until `stop` is notified; whether it is over. Its response: finish_posted(), once it is.
  static bool wait_posted(const PostedWrite& posted, const sc_core::sc_event& stop);
  tlm::tlm_response_status finish_posted(PostedWrite& posted);
  [[nodiscard]] std::uint64_t failed_address() const { return failed_address_; }
  // Time spent waiting in bursts so far (for stall counters).
  [[nodiscard]] SimTime waited() const { return waited_; }

 private:
  tlm::tlm_initiator_socket<>& socket_;
  EnginePort* port_;  // null: a plain socket, loosely timed
  const char* name_;
  std::uint64_t failed_address_ = 0;
  SimTime waited_;
  // What all bursts of one call share; `data` is null where they are phantoms.
  struct Move {
    tlm::tlm_command command;
    std::uint64_t address;
    std::uint8_t* data;
    std::uint64_t length;
    RegionId region;
    KernelTally* job;
    Shape shape;
    std::uint64_t most;
    PostedWrite* posted = nullptr;
  };
  tlm::tlm_response_status move(const Move& all);
  tlm::tlm_response_status burst(const Move& all, std::uint64_t address, std::uint64_t done, std::uint64_t length, Shape shape);
  tlm::tlm_response_status burst_in_phases(const Move& all, std::uint64_t address, std::uint64_t done, std::uint64_t length, Shape shape);
};

}  // namespace spinvp::core
