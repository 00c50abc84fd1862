#include "models/technology/dram_sheet.h"

namespace spinvp::technology {

using namespace core::literals;

namespace {

DramDataSheet hbm2() {
  DramDataSheet s;
  s.name = "hbm2";
  s.peak_bytes_per_second = 256e9;
  s.channels = 8;
  s.bandwidth_source = "published: 256 GB/s a stack, eight channels of 128 bits (HBM2 vendor pages, JEDEC JESD235)";
  s.access_bytes = 32;
  s.access_source = "assumed: recalled, pseudo channel of 64 bits, burst length 4";
  s.latency = 60_ns;
  s.latency_source = "assumed: activate and column access of about 14 ns each, the rest controller and interface";
  s.read_energy_per_bit = 3.9_pJ;
  s.write_energy_per_bit = 3.9_pJ;
  s.energy_source = "published: 3.9 pJ/bit, HBM2 row of the Accelergy/Timeloop table (which names O'Connor et al., MICRO 2017); writes taken equal to reads";
  s.background = 400_mW;
  s.power_down = 160_mW;
  s.self_refresh = 80_mW;
  s.background_source = "assumed: 0.4 W a stack without traffic, 40 % of it powered down, 20 % in self-refresh";
  return s;
}

DramDataSheet ddr4() {
  DramDataSheet s;
  s.name = "ddr4";
  s.peak_bytes_per_second = 25.6e9;
  s.channels = 1;
  s.bandwidth_source = "derived: DDR4-3200, 3200 million transfers a second of 64 bits, one channel";
  s.access_bytes = 64;
  s.access_source = "derived: 64 bits, burst length 8";
  s.latency = 70_ns;
  s.latency_source = "assumed: activate and column access of about 14 ns each, the rest controller, interface and board";
  s.read_energy_per_bit = 17.5_pJ;
  s.write_energy_per_bit = 17.5_pJ;
  s.energy_source = "assumed: recalled, 15 to 20 pJ/bit, the middle taken; writes taken equal to reads";
  s.background = 400_mW;
  s.power_down = 160_mW;
  s.self_refresh = 80_mW;
  s.background_source = "assumed: 0.4 W a rank without traffic, 40 % of it powered down, 20 % in self-refresh";
  return s;
}

}  // namespace

std::vector<core::Constant> DramDataSheet::constants() const {
  return {
      {"peak_bandwidth", peak_bytes_per_second * 1e-9, "GB/s", bandwidth_source},
      {"channels", static_cast<double>(channels), "", bandwidth_source},
      {"access_bytes", static_cast<double>(access_bytes), "B", access_source},
      {"latency", latency.in(1_ns), "ns", latency_source},
      {"read_energy", read_energy_per_bit.in(1_pJ), "pJ/bit", energy_source},
      {"write_energy", write_energy_per_bit.in(1_pJ), "pJ/bit", energy_source},
      {"background", background.in(1_mW), "mW", background_source},
      {"power_down", power_down.in(1_mW), "mW", background_source},
      {"self_refresh", self_refresh.in(1_mW), "mW", background_source},
  };
}

const std::vector<DramDataSheet>& dram_data_sheets() {
  static const std::vector<DramDataSheet> sheets = {hbm2(), ddr4()};
  return sheets;
}

const DramDataSheet* find_dram_data_sheet(const std::string& name) {
  for (const DramDataSheet& sheet : dram_data_sheets())
    if (sheet.name == name) return &sheet;
  return nullptr;
}

}  // namespace spinvp::technology
