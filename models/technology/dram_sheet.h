// Data sheets of DRAM systems, as coarse as a loosely-timed model needs them: bandwidth, channels, latency, energy per bit, background power.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/core/energy.h"
#include "models/core/units.h"

namespace spinvp::technology {

struct DramDataSheet {
  std::string name;
  double peak_bytes_per_second = 0;  // all channels together
  unsigned channels = 0;
  std::uint64_t access_bytes = 0;  // the least that one access moves (bus width x burst length)
  core::Time latency;              // from the request at the controller to the first data, row miss on an idle bank
  core::Energy read_energy_per_bit, write_energy_per_bit;
  core::Power background;  // clocked, no traffic, refresh included
  core::Power power_down, self_refresh;
  std::string bandwidth_source, access_source, latency_source, energy_source, background_source;

  // Of one channel.
  [[nodiscard]] double channel_bytes_per_second() const { return peak_bytes_per_second / channels; }
  [[nodiscard]] std::vector<core::Constant> constants() const;
};

// hbm2 (one stack), ddr4 (one 64-bit channel of DDR4-3200).
const std::vector<DramDataSheet>& dram_data_sheets();
const DramDataSheet* find_dram_data_sheet(const std::string& name);

}  // namespace spinvp::technology
