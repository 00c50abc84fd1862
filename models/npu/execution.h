// The running job: four stages that work at the same time, each in a thread of its own, handing tiles or chunks on.
//
// A stage moves data through its own bus port, so that loads, array reads, drains and stores overlap and meet only where the bus or a memory makes them queue.
// Every call of JobContext that waits returns false once the job is over before its time (a bus error, a reset, power taken away); a stage then simply returns.
// A component that is clock-gated or in retention stops before its next burst or fold and goes on when the clock returns.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/core/component.h"
#include "models/core/transport.h"
#include "models/npu/sparse_selectors.h"
#include "models/npu/stream_kernel.h"
#include "models/npu/tensor.h"

namespace spinvp::npu {

enum class Stage : unsigned { load = 0, compute = 1, drain = 2, store = 3 };
inline constexpr unsigned stages = 4;

// Energy of one elementary event each.
struct EnergyEvents {
  core::EventId mac_fp32, mac_bf16, operand_fp32, operand_bf16, vector_fp32, vector_bf16, exponential, divide, buffer_read, buffer_write, accumulator;
  SparseEvents sparse;
  core::EventId sum_fp32 = {}, brick_fp32 = {}, brick_bf16 = {};  // of bit-flexible multipliers, in place of mac_*
  core::EventId rebuild = {};                                     // a shift and an addition for a compressed weight
};
// What an access of the operand buffer moves.
inline constexpr std::uint64_t buffer_word = 64;

// Totals of one job, or of a core's part of it.
struct JobTotals {
  core::KernelTally tally;
  std::uint64_t macs = 0, compute_cycles = 0, folds = 0, steps = 0, operand_elements = 0, vector_operations = 0;
};

class JobContext {
 public:
  JobContext(core::Component& owner, tlm::tlm_initiator_socket<>& socket);

  // Used by the device.
  void begin(core::RegionId region);
  // Other cores' contexts: where one part of a job fails, the others are over too.
  void set_peers(std::vector<JobContext*> peers) { peers_ = std::move(peers); }
  void set_phantom(bool phantom) {
    phantom_ = phantom;
  }               // of the job's tensors: its bursts move no values, and the spans that are to hold them are not touched
  void cancel();  // reset or loss of power: nothing of the job may go on
  void power_changed() { changed_.notify(sc_core::SC_ZERO_TIME); }
  [[nodiscard]] bool cancelled() const { return cancelled_; }
  [[nodiscard]] std::uint32_t failure() const { return failure_; }
  JobTotals totals;

  // Used by the stages.
  [[nodiscard]] bool over() const { return cancelled_ || failure_ != 0; }
  void fail(std::uint32_t status, const std::string& message);  // the first one counts
  // Another stage may go on now.
  void progress() { changed_.notify(sc_core::SC_ZERO_TIME); }
  template <typename Ready>
  bool wait_until(Ready&& ready) {
    while (!over() && !ready()) sc_core::wait(changed_);
    return !over();
  }
  // Waits while the clock is off.
  bool proceed() {
    return wait_until([this] { return owner_.running(); });
  }
  bool wait_time(core::SimTime until);  // or at once if that is past
  [[nodiscard]] core::SimTime cycles(std::uint64_t count) const { return owner_.clock().cycles(count); }
  bool wait_cycles(std::uint64_t cycles, core::SimTime since);  // until `cycles` of the clock after `since`, or at once if that is past
  [[nodiscard]] bool phantom() const { return phantom_; }
  // One burst. Here and below, a phantom job passes empty spans.
  bool read(Stage stage, const Piece& piece, std::span<std::uint8_t> data);
  bool write(Stage stage, const Piece& piece, std::span<const std::uint8_t> data, core::PostedWrite* posted = nullptr);  // posted: BusMaster::write
  bool wait_posted(Stage stage, core::PostedWrite& posted);                                                              // or at once if nothing is
  // Reads pieces one after the other into `data`, in bursts of up to `most` bytes (core::burst_bytes).
  bool read_all(Stage stage, const std::vector<Piece>& pieces, std::span<std::uint8_t> data, std::uint64_t most = core::ordinary_burst);
  bool write_all(Stage stage, const std::vector<Piece>& pieces, std::span<const std::uint8_t> data, std::uint64_t most = core::ordinary_burst);
  // Moves what `from` names to what `to` names, the same number of bytes: gathered into bursts of up to `most` bytes, each read and then written; the next
  // one is read while the last one is written.
  bool copy(Stage stage, const std::vector<Piece>& from, const std::vector<Piece>& to, std::uint64_t most = core::ordinary_burst);
  void spend(core::EventId event, std::uint64_t count, core::SimTime from) { spend(event, count, from, core::now()); }
  void spend(core::EventId event, std::uint64_t count, core::SimTime from, core::SimTime to);

 private:
  core::Component& owner_;
  std::array<core::BusMaster, stages> buses_;
  sc_core::sc_event changed_, stop_;
  core::RegionId region_ = core::no_region;
  bool cancelled_ = false, phantom_ = false;
  std::uint32_t failure_ = 0;
  std::string message_;
  std::vector<JobContext*> peers_;

  bool check(Stage stage, tlm::tlm_response_status response, const char* what);

 public:
  [[nodiscard]] const std::string& message() const { return message_; }
};

class Execution {
 public:
  virtual ~Execution() = default;
  virtual void run(Stage stage) = 0;
};

}  // namespace spinvp::npu
