// DRAM: a memory of lanes, banks and rows that a data sheet describes (dram_sheet.h, or a file in DRAMSys's format), with refresh, turnaround and energy by command.
//
// When a burst is served: dram_schedule.h. A row hit takes t_cl + t_burst, a closed bank t_rcd more, another open row t_rp more, and `latency` below holds what controller and wires add.
// Which address lies where: dram_address.h.
//
// Direct accesses of a hart (DMI) come in sum: they have no addresses. They take bus time of all lanes in turn and wait as bank_calendar.h says; rows and turnaround do not see
// them. The hart itself sees no latency of the memory (docs/timing.md). They cost energy as a stream: their bytes, and an activate for each page of them.
//
// Busy time (report) is the mean over the lanes. Counters: row_hits, row_misses, row_conflicts (accesses by what they met), activates (of direct accesses as well), turnarounds (lanes
// that changed direction), refreshes (of a rank of a lane).
//
// Energy. Events: activate (a page, its precharge included), byte_read and byte_write (array and interface; bursts move whole accesses, direct accesses count their own bytes), refresh (by
// itself at every t_refi while on or clock-gated). Static: on is active standby (open pages) or precharge standby (closed pages); clock-gated is power-down; retention self-refresh. Off: contents are
// lost (a pattern of the seed where anything was written), unless the sheet is of a non-volatile memory. Leaving `on` closes all rows.
#pragma once

#include "models/memory/dram_schedule.h"
#include "models/memory/memory_device.h"

namespace spinvp::memory {

struct DramConfig {
  core::Bytes size{2ull << 30};
  std::string preset = "hbm2";
  std::string memspec;  // a file that takes the preset's place
  core::Bytes interleave{256};
  std::string mapping = "row-bank-column-channel";
  std::string page_policy = "open";
  // Zero: as the sheet says.
  std::uint64_t channels = 0;
  double peak_gbps = 0;
  core::Time latency;
  core::Energy energy_per_bit;
  core::Power background;
  static const core::Schema& schema();
  // The sheet with the fields above applied. Throws core::InputError (beginning with `owner`, or with the file's name) if a field is impossible.
  [[nodiscard]] technology::DramDataSheet data_sheet(const std::string& owner) const;
  [[nodiscard]] DramOrder order(const std::string& owner) const;
};

class Dram : public MemoryDevice {
 public:
  Dram(const sc_core::sc_module_name& name, core::Simulation& simulation, const DramConfig& config);
  [[nodiscard]] const technology::DramDataSheet& data_sheet() const { return sheet_; }
  void describe_state(core::StateArchive& archive) override;
  std::vector<core::OutputFile> at_end(core::SimTime end) override;

 protected:
  core::SimTime serve(const tlm::tlm_generic_payload& payload, core::SimTime at) override;
  core::SimTime serve_direct(const core::AccessTally& tally, core::RegionId region, core::SimTime from, core::SimTime to) override;
  void on_reset() override;
  void on_power_state(core::PowerState from, core::PowerState to) override;

 private:
  technology::DramDataSheet sheet_;
  DramSchedule schedule_;
  core::EventId read_byte_, write_byte_, activate_, refresh_{};
  core::Counter &hits_, &misses_, &conflicts_, &activates_, &turnarounds_, &refreshes_;
  std::uint64_t direct_bytes_ = 0;  // of direct accesses, since the last whole page
};

}  // namespace spinvp::memory
