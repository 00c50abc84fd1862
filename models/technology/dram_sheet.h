// Data sheets of DRAM systems: organisation, timing, energy by command, background power. A sheet describes a whole memory: a stack, or the ranks of a board.
//
// Words. A *channel* has its own commands; a *pseudo-channel* (HBM) its own data bus and banks. What schedules by itself is a pseudo-channel (or a channel without them):
// `lanes()` of them. A *page* is one row of one bank in one lane, over all devices that share the bus. An *access* is one burst of the bus, `access_bytes()`.
//
// Timing has JEDEC's names, all as time (a sheet made of clock cycles has been multiplied out). A sheet of a non-volatile memory has no refresh: t_refi is zero.
//
// Energy. One activate (with its precharge) of one page; one bit through the array and the periphery, and one bit over the interface, read and written; one all-bank
// refresh of one rank of one lane; background power of the whole memory by state. From data-sheet currents by the equations of dram_currents.h, or as published.
// streaming_energy_per_bit() adds all of them up for a stream at full rate: the figure that literature quotes, held against it by a test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/core/energy.h"
#include "models/core/units.h"

namespace spinvp::technology {

struct DramTiming {
  core::Time t_ck;                     // clock
  core::Time t_burst;                  // one access on the data bus: burst length / data rate
  core::Time t_rcd_read, t_rcd_write;  // activate to column command
  core::Time t_rp, t_ras, t_rc;        // precharge; activate to precharge; activate to activate of one bank
  core::Time t_cl, t_cwl;              // read and write command to data
  core::Time t_ccd_s, t_ccd_l;         // column to column: another bank group, the same one
  core::Time t_rrd_s, t_rrd_l;         // activate to activate: another bank group, the same one
  core::Time t_faw;                    // at most four activates of a rank in this time
  core::Time t_wr, t_rtp;              // end of write data to precharge; read command to precharge
  core::Time t_wtr_s, t_wtr_l;         // end of write data to read command: another bank group, the same one
  core::Time t_rtw;                    // read command to write command
  core::Time t_refi, t_rfc;            // between refreshes; all banks busy with one
  std::string source;
};

struct DramDataSheet {
  std::string name;
  unsigned channels = 0, pseudo_channels = 1;
  unsigned ranks = 1;  // of a lane; the dies of a stack that share a bus count as ranks
  unsigned bank_groups = 1, banks_per_group = 0;
  std::uint64_t rows = 0;  // of a bank
  std::uint64_t page_bytes = 0;
  unsigned bus_bits = 0, burst_length = 0;  // of a lane
  bool non_volatile = false;
  std::string organisation_source;
  DramTiming timing;
  core::Time interface_latency;  // controller, interface and wires, there and back
  std::string interface_source;

  core::Energy activate;
  core::Energy read_array_per_bit, write_array_per_bit, read_io_per_bit, write_io_per_bit;
  core::Energy refresh;
  core::Power active_standby, precharge_standby, power_down, self_refresh;  // of the whole memory
  std::string activate_source, array_source, io_source, refresh_source, background_source;

  [[nodiscard]] unsigned lanes() const { return channels * pseudo_channels; }
  [[nodiscard]] unsigned banks() const { return bank_groups * banks_per_group; }  // of a rank of a lane
  [[nodiscard]] std::uint64_t access_bytes() const { return static_cast<std::uint64_t>(bus_bits) / 8 * burst_length; }
  [[nodiscard]] std::uint64_t capacity_bytes() const { return std::uint64_t{lanes()} * ranks * banks() * rows * page_bytes; }
  [[nodiscard]] bool refreshes() const { return timing.t_refi.si() > 0; }
  // Time from one access to the next of a stream that turns over the bank groups.
  [[nodiscard]] core::Time access_time() const { return timing.t_ccd_s > timing.t_burst ? timing.t_ccd_s : timing.t_burst; }
  [[nodiscard]] double peak_bytes_per_second() const { return lanes() * static_cast<double>(access_bytes()) / access_time().si(); }
  [[nodiscard]] core::Energy read_energy_per_bit() const { return read_array_per_bit + read_io_per_bit; }
  [[nodiscard]] core::Energy write_energy_per_bit() const { return write_array_per_bit + write_io_per_bit; }
  // Share of the time that refresh leaves: 1 - t_rfc / t_refi.
  [[nodiscard]] double awake() const { return refreshes() ? 1 - timing.t_rfc / timing.t_refi : 1; }

  // What a long stream in order of addresses costs a bit, refresh and active standby at the bandwidth that refresh leaves included.
  struct Streaming {
    core::Energy activate, array, io, refresh, background;
    [[nodiscard]] core::Energy total() const { return activate + array + io + refresh + background; }
  };
  [[nodiscard]] Streaming streaming_energy_per_bit(bool write) const;

  [[nodiscard]] std::vector<core::Constant> constants() const;
};

// hbm2 (a stack), hbm3 (a stack), ddr4 (one rank of DDR4-3200, 64 bits), lpddr4 (a package of four 16-bit channels of LPDDR4-4266), stt_mram (one rank on a DDR3-1600 bus).
const std::vector<DramDataSheet>& dram_data_sheets();
const DramDataSheet* find_dram_data_sheet(const std::string& name);

}  // namespace spinvp::technology
