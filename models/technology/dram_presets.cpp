// The DRAM sheets that come with the program. Vendors' sheets are behind forms or under copyright, so timing and currents come from public configurations that quote them
// (named in the source of each), from papers, or from memory ("assumed: recalled").
#include "models/technology/dram_currents.h"
#include "models/technology/dram_sheet.h"

namespace spinvp::technology {

using namespace core::literals;

namespace {

// 3.9 pJ a bit of HBM2 in parts.
constexpr const char* hbm2_energy =
    "assumed: recalled, O'Connor et al., MICRO 2017: 909 pJ a row of 1 KiB, 1.51 + 1.17 pJ/bit before and behind the sense amplifiers, 0.80 pJ/bit I/O";

DramDataSheet hbm2() {
  DramDataSheet s;
  s.name = "hbm2";
  s.channels = 8, s.pseudo_channels = 2, s.bank_groups = 4, s.banks_per_group = 4;
  s.rows = 16384, s.page_bytes = 1024;
  s.bus_bits = 64, s.burst_length = 4;
  s.organisation_source = "published: eight channels of 128 bits, two pseudo channels each (JEDEC JESD235); a stack of four dies of 8 Gbit, 4 GiB";
  s.timing = {.t_ck = 1_ns,
              .t_burst = 2_ns,
              .t_rcd_read = 14_ns,
              .t_rcd_write = 12_ns,
              .t_rp = 14_ns,
              .t_ras = 34_ns,
              .t_rc = 48_ns,
              .t_cl = 14_ns,
              .t_cwl = 5_ns,
              .t_ccd_s = 2_ns,
              .t_ccd_l = 4_ns,
              .t_rrd_s = 4_ns,
              .t_rrd_l = 4_ns,
              .t_faw = 16_ns,
              .t_wr = 16_ns,
              .t_rtp = 5_ns,
              .t_wtr_s = 6_ns,
              .t_wtr_l = 8_ns,
              .t_rtw = 13_ns,
              .t_refi = 3900_ns,
              .t_rfc = 260_ns,
              .source = "published: Ramulator 2, preset HBM2_2000Mbps, 2 Gbit/s a pin, 256 GB/s a stack; t_faw: DRAMSys, HBM2.json; t_rfc of 4 Gbit a channel"};
  s.interface_latency = 32_ns;
  s.interface_source = "assumed: 60 ns from request to data of a closed row in all";
  s.activate = 909_pJ;
  s.activate_source = s.array_source = s.io_source = hbm2_energy;
  s.read_array_per_bit = s.write_array_per_bit = 2.68_pJ;
  s.read_io_per_bit = s.write_io_per_bit = 0.80_pJ;
  // 16384 rows of a bank in 8192 refreshes: two rows in each of 16 banks.
  s.refresh = s.activate * 32;
  s.refresh_source = "derived: rows / 8192 rows of each bank, each at the energy of an activate";
  s.active_standby = 400_mW;
  s.precharge_standby = 320_mW;
  s.power_down = 160_mW;
  s.self_refresh = 80_mW;
  s.background_source = "assumed: 0.4 W a stack of 4 GiB with rows open, 80 % of it with all closed, 40 % powered down, 20 % in self-refresh";
  return s;
}

DramDataSheet hbm3() {
  DramDataSheet s;
  s.name = "hbm3";
  s.channels = 16, s.pseudo_channels = 2, s.ranks = 2, s.bank_groups = 4, s.banks_per_group = 4;
  s.rows = 16384, s.page_bytes = 1024;
  s.bus_bits = 32, s.burst_length = 8;
  s.organisation_source =
      "published: sixteen channels of 64 bits, two pseudo channels each (JEDEC JESD238); a stack of eight dies of 16 Gbit, 16 GiB, of which two share a bus";
  s.timing = {.t_ck = 0.625_ns,
              .t_burst = 1.25_ns,
              .t_rcd_read = 19.375_ns,
              .t_rcd_write = 9.375_ns,
              .t_rp = 16.25_ns,
              .t_ras = 28.125_ns,
              .t_rc = 45_ns,
              .t_cl = 12.5_ns,
              .t_cwl = 6.25_ns,
              .t_ccd_s = 1.25_ns,
              .t_ccd_l = 2.5_ns,
              .t_rrd_s = 2.5_ns,
              .t_rrd_l = 3.125_ns,
              .t_faw = 15_ns,
              .t_wr = 20.625_ns,
              .t_rtp = 5.625_ns,
              .t_wtr_s = 4.375_ns,
              .t_wtr_l = 6.25_ns,
              .t_rtw = 12.5_ns,
              .t_refi = 3900_ns,
              .t_rfc = 350_ns,
              .source = "published: Ramulator 2, preset HBM3_6400Mbps, 6.4 Gbit/s a pin, 819 GB/s a stack; t_rfc of 8 Gbit a channel"};
  s.interface_latency = 32_ns;
  s.interface_source = "assumed: as HBM2's";
  // In the parts in which HBM2's 3.9 pJ/bit fall.
  constexpr double share = 3.7 / 3.9;
  s.activate = 909_pJ * share;
  s.read_array_per_bit = s.write_array_per_bit = 2.68_pJ * share;
  s.read_io_per_bit = s.write_io_per_bit = 0.80_pJ * share;
  s.activate_source = s.array_source = s.io_source =
      "assumed: recalled, 3.4 to 4 pJ/bit for the device; 3.7, in the parts of HBM2's 3.9, so that this total is put in and not found";
  s.refresh = s.activate * 32;
  s.refresh_source = "derived: rows / 8192 rows of each bank, each at the energy of an activate";
  s.active_standby = 1600_mW;
  s.precharge_standby = 1280_mW;
  s.power_down = 640_mW;
  s.self_refresh = 320_mW;
  s.background_source = "assumed: HBM2's for each byte of capacity";
  return s;
}

DramDataSheet ddr4() {
  DramDataSheet s;
  s.name = "ddr4";
  s.channels = 1, s.bank_groups = 4, s.banks_per_group = 4;
  s.rows = 65536, s.page_bytes = 8192;
  s.bus_bits = 64, s.burst_length = 8;
  s.organisation_source = "derived: one channel, one rank of eight 8 Gbit devices of 8 bits with pages of 1 KiB, 8 GiB";
  s.timing = {.t_ck = 0.625_ns,
              .t_burst = 2.5_ns,
              .t_rcd_read = 13.75_ns,
              .t_rcd_write = 13.75_ns,
              .t_rp = 13.75_ns,
              .t_ras = 32.5_ns,
              .t_rc = 46.25_ns,
              .t_cl = 13.75_ns,
              .t_cwl = 10_ns,
              .t_ccd_s = 2.5_ns,
              .t_ccd_l = 5_ns,
              .t_rrd_s = 2.5_ns,
              .t_rrd_l = 5_ns,
              .t_faw = 21.25_ns,
              .t_wr = 15_ns,
              .t_rtp = 7.5_ns,
              .t_wtr_s = 2.5_ns,
              .t_wtr_l = 7.5_ns,
              .t_rtw = 7.5_ns,
              .t_refi = 7800_ns,
              .t_rfc = 350_ns,
              .source = "published: Ramulator 2, preset DDR4_3200AA (22-22-22), 25.6 GB/s; t_rfc assumed: recalled, JEDEC JESD79-4, 8 Gbit"};
  s.interface_latency = 42.5_ns;
  s.interface_source = "assumed: 70 ns from request to data of a closed row in all";
  DramCurrents c;
  c.devices = 8;
  c.rails = {{.voltage = 1.2_V,
              .idd0 = 60.75_mA,
              .idd2n = 38.25_mA,
              .idd2p = 17_mA,
              .idd3n = 44_mA,
              .idd4r = 184.5_mA,
              .idd4w = 168.75_mA,
              .idd5 = 118_mA,
              .idd6 = 20.25_mA},
             {.voltage = 2.5_V, .idd0 = 4.05_mA, .idd2n = {}, .idd2p = {}, .idd3n = {}, .idd4r = {}, .idd4w = {}, .idd5 = {}, .idd6 = 2.6_mA}};
  c.t_rc = 45.815_ns, c.t_ras = 32.487_ns, c.t_burst = 3.332_ns, c.t_rfc = 260.7_ns;
  apply_currents(s, c, "derived: currents of DRAMSys, MICRON_4Gb_DDR4-2400_8bit_A, taken for the 8 Gbit part at 3200", s.name);
  // A driver of 34 ohm into 48 ohm at the far end draws 1.2 V / 82 ohm whenever its line is low.
  s.read_io_per_bit = s.write_io_per_bit = 4_pJ;
  s.io_source = "assumed: half of the bits low at 1.2 V over 34 + 48 ohm, 2.7 pJ/bit at 3.2 Gbit/s; a pair of strobes a byte 0.7; switching 3 pF a line 0.6";
  return s;
}

DramDataSheet lpddr4() {
  DramDataSheet s;
  s.name = "lpddr4";
  s.channels = 4, s.banks_per_group = 8;
  s.rows = 65536, s.page_bytes = 2048;
  s.bus_bits = 16, s.burst_length = 16;
  s.organisation_source = "derived: four channels of 16 bits, 8 Gbit each, 4 GiB";
  constexpr core::Time ck = 0.469_ns;
  s.timing = {.t_ck = ck,
              .t_burst = ck * 8,
              .t_rcd_read = ck * 39,
              .t_rcd_write = ck * 39,
              .t_rp = ck * 39,
              .t_ras = ck * 90,
              .t_rc = ck * 129,
              .t_cl = ck * 36,
              .t_cwl = ck * 18,
              .t_ccd_s = ck * 8,
              .t_ccd_l = ck * 8,
              .t_rrd_s = ck * 22,
              .t_rrd_l = ck * 22,
              .t_faw = ck * 86,
              .t_wr = ck * 39,
              .t_rtp = ck * 17,
              .t_wtr_s = ck * 22,
              .t_wtr_l = ck * 22,
              .t_rtw = ck * 30,
              .t_refi = ck * 8341,
              .t_rfc = ck * 599,
              .source = "published: DRAMSys, JEDEC_512Mbx16_LPDDR4-4266, 34.1 GB/s; t_rtw derived: RL + BL/2 + DQSCK - WL"};
  s.interface_latency = 40_ns;
  s.interface_source = "assumed: between HBM2's and DDR4's";
  DramCurrents c;
  c.rails = {
      {.voltage = 1.8_V, .idd0 = 3.5_mA, .idd2n = 2_mA, .idd2p = 1.2_mA, .idd3n = 2.25_mA, .idd4r = 2.25_mA, .idd4w = 2.25_mA, .idd5 = 10_mA, .idd6 = 0.3_mA},
      {.voltage = 1.1_V, .idd0 = 45_mA, .idd2n = 27_mA, .idd2p = 3_mA, .idd3n = 30_mA, .idd4r = 275_mA, .idd4w = 210_mA, .idd5 = 90_mA, .idd6 = 0.5_mA}};
  c.t_rc = 60.625_ns, c.t_ras = 42.5_ns, c.t_burst = 5_ns, c.t_rfc = 280_ns;
  apply_currents(s, c, "derived: currents of DRAMSys, JEDEC_8Gb_LPDDR4-3200_16bit (VDD1 and VDD2)", s.name);
  // VDDQ while reading: (150 - 0.75) mA x 1.1 V over 16 bits at 3.2 Gbit/s.
  s.read_io_per_bit = core::Energy::from_si(1.1 * 149.25e-3 / (16 * 3.2e9));
  s.write_io_per_bit = s.read_io_per_bit;
  s.io_source = "derived: VDDQ current of the same file while reading; assumed: whoever drives a write draws the same";
  return s;
}

// On a bus like `bus`, whose periphery and interface it has.
DramDataSheet stt_mram(const DramDataSheet& bus) {
  DramDataSheet s;
  s.name = "stt_mram";
  s.channels = 1, s.banks_per_group = 8;
  s.rows = 32768, s.page_bytes = 8192;
  s.bus_bits = 64, s.burst_length = 8;
  s.non_volatile = true;
  s.organisation_source = "published: DRAMSys, STT-MRAM-1.2x, eight devices of 8 bits, 2 GiB";
  constexpr core::Time ck = 1.25_ns;
  s.timing = {.t_ck = ck,
              .t_burst = ck * 4,
              .t_rcd_read = ck * 14,
              .t_rcd_write = ck * 14,
              .t_rp = ck * 14,
              .t_ras = ck * 20,
              .t_rc = ck * 34,
              .t_cl = ck * 11,
              .t_cwl = ck * 11,
              .t_ccd_s = ck * 4,
              .t_ccd_l = ck * 4,
              .t_rrd_s = ck * 6,
              .t_rrd_l = ck * 6,
              .t_faw = ck * 29,
              .t_wr = ck * 12,
              .t_rtp = ck * 6,
              .t_wtr_s = ck * 2,
              .t_wtr_l = ck * 2,
              .t_rtw = ck * 6,
              .t_refi = {},
              .t_rfc = {},
              .source = "published: DRAMSys, STT-MRAM-1.2x, 12.8 GB/s; t_rtw derived: RL + BL/2 + 2 - WL"};
  s.interface_latency = 42.5_ns;
  s.interface_source = "assumed: as DDR4's";
  s.activate = 0.2_pJ * (static_cast<double>(s.page_bytes) * 8);
  s.activate_source =
      "derived: 0.2 pJ a bit of the page, the least cell read of the STT silicon survey in NVMExplorer (0.2 to 1.2 pJ/bit); no precharge restores a cell";
  s.read_array_per_bit = bus.read_array_per_bit;
  s.write_array_per_bit = bus.write_array_per_bit + 2.55_pJ;
  s.array_source =
      "assumed: DDR4's way from the row buffer to the pins; a written bit 2.55 pJ more, the middle of the survey's cell writes (0.6 to 4.5 pJ/bit)";
  s.read_io_per_bit = bus.read_io_per_bit;
  s.write_io_per_bit = bus.write_io_per_bit;
  s.io_source = "assumed: DDR4's";
  s.active_standby = bus.active_standby;
  s.precharge_standby = bus.precharge_standby;
  s.power_down = bus.power_down;
  s.self_refresh = bus.power_down;
  s.background_source = "assumed: DDR4's; nothing is refreshed, so that self-refresh is power-down";
  return s;
}

}  // namespace

const std::vector<DramDataSheet>& dram_data_sheets() {
  static const std::vector<DramDataSheet> sheets = [] {
    std::vector<DramDataSheet> all = {hbm2(), hbm3(), ddr4(), lpddr4()};
    all.push_back(stt_mram(all[2]));
    return all;
  }();
  return sheets;
}

}  // namespace spinvp::technology
