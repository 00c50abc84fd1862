// DRAM: channels that stream at their share of the peak bandwidth after a fixed latency. Rows, refresh and turnaround are in that latency, not modelled one by one.
//
// Blocks of `interleave` bytes lie in turn over the channels. A burst moves whole accesses (`access_bytes` of the sheet, aligned); rows of a strided burst that follow
// each other within one access are one. With m_k accesses in channel k, each of duration access_bytes / channel bandwidth, its channels start together at s, the
// earliest place that fits (bank_calendar.h), and it is done at
//   s + latency + max m_k x duration
// A channel's data bus is busy from s for m_k durations: latencies overlap.
//
// Busy time (report) is the mean over the channels.
//
// Energy: one event a byte moved, in whole accesses for bursts; direct accesses of a hart count their own bytes (neighbours share an access in a line buffer). Static:
// background power; clock-gated is power-down, retention self-refresh, off loses the contents (a pattern of the seed where anything was written).
#pragma once

#include "models/memory/burst_plan.h"
#include "models/memory/memory_device.h"
#include "models/technology/dram_sheet.h"

namespace spinvp::memory {

struct DramConfig {
  core::Bytes size{2ull << 30};
  std::string preset = "hbm2";
  core::Bytes interleave{256};
  // Zero: as the preset says.
  std::uint64_t channels = 0;
  double peak_gbps = 0;
  core::Time latency;
  core::Energy energy_per_bit;
  core::Power background;
  static const core::Schema& schema();
  // The preset with the fields above applied. Throws core::InputError (beginning with `owner`) if a field is impossible.
  [[nodiscard]] technology::DramDataSheet data_sheet(const std::string& owner) const;
};

class Dram : public MemoryDevice {
 public:
  Dram(const sc_core::sc_module_name& name, core::Simulation& simulation, const DramConfig& config);
  [[nodiscard]] const technology::DramDataSheet& data_sheet() const { return sheet_; }
  void describe_state(core::StateArchive& archive) override;

 protected:
  core::SimTime serve(const tlm::tlm_generic_payload& payload, core::SimTime at) override;
  core::SimTime serve_direct(const core::AccessTally& tally, core::RegionId region, core::SimTime from, core::SimTime to) override;
  void on_reset() override;

 private:
  technology::DramDataSheet sheet_;
  std::uint64_t interleave_;
  core::SimTime latency_, access_time_;
  core::EventId read_byte_, write_byte_;
  BurstPlan plan_;
  BankCalendar calendar_;
};

}  // namespace spinvp::memory
