#include "models/technology/dram_sheet.h"

namespace spinvp::technology {

using namespace core::literals;

DramDataSheet::Streaming DramDataSheet::streaming_energy_per_bit(bool write) const {
  const double bits_per_second = peak_bytes_per_second() * 8 * awake();
  Streaming s;
  s.activate = activate / (static_cast<double>(page_bytes) * 8);
  s.array = write ? write_array_per_bit : read_array_per_bit;
  s.io = write ? write_io_per_bit : read_io_per_bit;
  if (refreshes()) s.refresh = refresh * (static_cast<double>(lanes()) * ranks / (timing.t_refi.si() * bits_per_second));
  s.background = core::Energy::from_si(active_standby.si() / bits_per_second);
  return s;
}

std::vector<core::Constant> DramDataSheet::constants() const {
  const auto& t = timing;
  const auto time = [&t](const char* row, core::Time value) { return core::Constant{row, value.in(1_ns), "ns", t.source}; };
  std::vector<core::Constant> rows_of_sheet = {
      {"channels", static_cast<double>(channels), "", organisation_source},
      {"pseudo_channels", static_cast<double>(pseudo_channels), "", organisation_source},
      {"ranks", static_cast<double>(ranks), "", organisation_source},
      {"bank_groups", static_cast<double>(bank_groups), "", organisation_source},
      {"banks_per_group", static_cast<double>(banks_per_group), "", organisation_source},
      {"rows", static_cast<double>(rows), "", organisation_source},
      {"page", static_cast<double>(page_bytes), "B", organisation_source},
      {"bus", static_cast<double>(bus_bits), "bit", organisation_source},
      {"burst_length", static_cast<double>(burst_length), "", organisation_source},
      {"peak_bandwidth", peak_bytes_per_second() * 1e-9, "GB/s", t.source},
      time("t_ck", t.t_ck),
      time("t_burst", t.t_burst),
      time("t_rcd_read", t.t_rcd_read),
      time("t_rcd_write", t.t_rcd_write),
      time("t_rp", t.t_rp),
      time("t_ras", t.t_ras),
      time("t_rc", t.t_rc),
      time("t_cl", t.t_cl),
      time("t_cwl", t.t_cwl),
      time("t_ccd_s", t.t_ccd_s),
      time("t_ccd_l", t.t_ccd_l),
      time("t_rrd_s", t.t_rrd_s),
      time("t_rrd_l", t.t_rrd_l),
      time("t_faw", t.t_faw),
      time("t_wr", t.t_wr),
      time("t_rtp", t.t_rtp),
      time("t_wtr_s", t.t_wtr_s),
      time("t_wtr_l", t.t_wtr_l),
      time("t_rtw", t.t_rtw),
      {"interface_latency", interface_latency.in(1_ns), "ns", interface_source},
      {"activate", activate.in(1_pJ), "pJ", activate_source},
      {"read_array", read_array_per_bit.in(1_pJ), "pJ/bit", array_source},
      {"write_array", write_array_per_bit.in(1_pJ), "pJ/bit", array_source},
      {"read_io", read_io_per_bit.in(1_pJ), "pJ/bit", io_source},
      {"write_io", write_io_per_bit.in(1_pJ), "pJ/bit", io_source},
      {"active_standby", active_standby.in(1_mW), "mW", background_source},
      {"precharge_standby", precharge_standby.in(1_mW), "mW", background_source},
      {"power_down", power_down.in(1_mW), "mW", background_source},
      {"self_refresh", self_refresh.in(1_mW), "mW", background_source},
  };
  if (refreshes()) {
    rows_of_sheet.push_back(time("t_refi", t.t_refi));
    rows_of_sheet.push_back(time("t_rfc", t.t_rfc));
    rows_of_sheet.push_back({"refresh", refresh.in(1_nJ), "nJ", refresh_source});
  }
  return rows_of_sheet;
}

const DramDataSheet* find_dram_data_sheet(const std::string& name) {
  for (const DramDataSheet& sheet : dram_data_sheets())
    if (sheet.name == name) return &sheet;
  return nullptr;
}

}  // namespace spinvp::technology
