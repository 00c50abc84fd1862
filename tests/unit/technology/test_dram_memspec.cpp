#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "models/core/error.h"
#include "models/technology/dram_memspec.h"

using namespace spinvp;
using namespace spinvp::technology;
using namespace spinvp::core::literals;
using Json = nlohmann::json;

namespace {
// A memory of our own making: 16 bits of two devices, four banks in two groups, at 500 MHz.
Json sample() {
  return Json::parse(R"({"memspec": {
    "memoryId": "made-up", "memoryType": "DDR4",
    "memarchitecturespec": {"burstLength": 8, "dataRate": 2, "nbrOfBankGroups": 2, "nbrOfBanks": 4, "nbrOfColumns": 512, "nbrOfRanks": 1, "nbrOfRows": 1000,
                            "width": 8, "nbrOfDevices": 2, "nbrOfChannels": 1, "maxBurstLength": 8},
    "memtimingspec": {"tCK": 2e-9, "RCD": 7, "RP": 6, "RAS": 17, "RC": 23, "CL": 8, "RL": 9, "WL": 5, "CCD_S": 4, "CCD_L": 6, "RRD_S": 3, "RRD_L": 5, "FAW": 16,
                      "WR": 8, "RTP": 4, "WTR_S": 2, "WTR_L": 4, "REFI": 2000, "RFC1": 100, "XP": 3},
    "mempowerspec": {"vdd": 1.5, "idd0": 50e-3, "idd2n": 20e-3, "idd2p": 10e-3, "idd3n": 30e-3, "idd4r": 130e-3, "idd4w": 110e-3, "idd5B": 80e-3, "idd6n": 8e-3}
  }})");
}
DramDataSheet read(const Json& j) { return parse_memspec(j.dump(), "m.json"); }
std::string problem(const std::string& text) {
  try {
    (void)parse_memspec(text, "m.json");
  } catch (const core::InputError& e) {
    CHECK(e.status() == core::ExitStatus::bad_input);
    return e.what();
  }
  return "accepted";
}
std::string problem(const Json& j) { return problem(j.dump()); }
}  // namespace

TEST_CASE("a memspec's clock cycles become times and its geometry a page and a capacity") {
  const DramDataSheet s = read(sample());
  CHECK(s.name == "made-up");
  CHECK(s.lanes() == 1);
  CHECK(s.access_bytes() == 16);  // 16 bits x 8
  CHECK(s.page_bytes == 1024);    // 512 columns x 16 bits
  CHECK(s.banks() == 4);
  CHECK(s.banks_per_group == 2);
  CHECK(s.capacity_bytes() == 4ull * 1000 * 1024);
  CHECK_FALSE(s.non_volatile);
  CHECK(s.timing.t_ck.in(1_ns) == Approx(2));
  CHECK(s.timing.t_burst.in(1_ns) == Approx(8));
  CHECK(s.timing.t_rcd_read.in(1_ns) == Approx(14));
  CHECK(s.timing.t_rcd_write.in(1_ns) == Approx(14));
  CHECK(s.timing.t_cl.in(1_ns) == Approx(18));  // RL, which includes what is added to CL
  CHECK(s.timing.t_ccd_l.in(1_ns) == Approx(12));
  CHECK(s.timing.t_wtr_l.in(1_ns) == Approx(8));
  CHECK(s.timing.t_refi.in(1_ns) == Approx(4000));
  CHECK(s.timing.t_rfc.in(1_ns) == Approx(200));
  CHECK(s.timing.t_rtw.in(1_ns) == Approx((9 + 4 + 2 - 5) * 2));
  // 1.5 V (50 x 46 - 30 x 34 - 20 x 12) mA ns of two devices.
  CHECK(s.activate.in(1_pJ) == Approx(1.5 * 1040 * 2));
  CHECK(s.read_array_per_bit.in(1_pJ) == Approx(1.5 * 100 * 8 * 2 / 128));
  CHECK(s.active_standby.in(1_mW) == Approx(1.5 * 30 * 2));
  for (const core::Constant& row : s.constants()) {
    INFO(row.name);
    CHECK((row.source.starts_with("published: ") || row.source.starts_with("assumed: ") || row.source.starts_with("derived: ")));
  }
}

TEST_CASE("earlier spellings of a memspec mean the same") {
  Json j = sample();
  Json& t = j["memspec"]["memtimingspec"];
  t.erase("tCK");
  t["clkMhz"] = 500;
  t.erase("RFC1");
  t["RFC"] = 100;
  Json& a = j["memspec"]["memarchitecturespec"];
  a.erase("nbrOfDevices");
  a["nbrOfDevicesOnDIMM"] = 2;
  j["memspec"]["mempowerspec"] = {{"vdd", 1.5},   {"idd0", 50},   {"idd2n", 20}, {"idd2p0", 10}, {"idd3n", 30},
                                  {"idd4r", 130}, {"idd4w", 110}, {"idd5", 80},  {"idd6", 8}};
  const DramDataSheet now = read(sample()), then = read(j);
  const auto a_rows = now.constants(), b_rows = then.constants();
  REQUIRE(a_rows.size() == b_rows.size());
  for (std::size_t i = 0; i < a_rows.size(); ++i) {
    INFO(a_rows[i].name);
    CHECK(a_rows[i].value == Approx(b_rows[i].value));
  }
}

TEST_CASE("HBM2 and LPDDR4 memspecs bring pseudo channels, their own names of intervals and two supplies") {
  Json h = sample();
  h["memspec"]["memoryType"] = "HBM2";
  Json& ha = h["memspec"]["memarchitecturespec"];
  ha["nbrOfPseudoChannels"] = 2, ha["nbrOfChannels"] = 8, ha["width"] = 64, ha["nbrOfDevices"] = 1, ha["burstLength"] = 4, ha["nbrOfColumns"] = 32;
  Json& ht = h["memspec"]["memtimingspec"];
  ht.erase("RCD");
  ht["RCDRD"] = 12, ht["RCDWR"] = 6, ht["RTW"] = 18;
  const DramDataSheet hbm = read(h);
  CHECK(hbm.lanes() == 16);
  CHECK(hbm.page_bytes == 1024);  // 32 columns of whole bursts of 32 bytes
  CHECK(hbm.timing.t_rcd_read.in(1_ns) == Approx(24));
  CHECK(hbm.timing.t_rcd_write.in(1_ns) == Approx(12));
  CHECK(hbm.timing.t_rtw.in(1_ns) == Approx(36));
  ha["nbrOfColumns"] = 128;  // the same, counted in words of the bus
  CHECK(read(h).page_bytes == 1024);

  Json l = sample();
  l["memspec"]["memoryType"] = "LPDDR4";
  Json& lt = l["memspec"]["memtimingspec"];
  for (const char* key : {"RP", "RC", "RFC1", "CCD_S", "CCD_L", "RRD_S", "RRD_L", "WTR_S", "WTR_L"}) lt.erase(key);
  lt["RPpb"] = 6, lt["RCpb"] = 23, lt["RFCab"] = 100, lt["CCD"] = 8, lt["RRD"] = 5, lt["WTR"] = 4;
  l["memspec"]["mempowerspec"] =
      Json::parse(R"({"vdd1": 1.8, "idd01": 5e-3, "idd2n1": 2e-3, "idd3n1": 3e-3, "idd4r1": 4e-3, "idd4w1": 4e-3, "idd51": 9e-3, "idd61": 1e-3, "idd2p1": 1e-3,
      "vdd2": 1.0, "idd02": 45e-3, "idd2n2": 20e-3, "idd3n2": 30e-3, "idd4r2": 230e-3, "idd4w2": 200e-3, "idd52": 90e-3, "idd62": 1e-3, "idd2p2": 3e-3})");
  const DramDataSheet lp = read(l);
  // (1.8 V x 1 mA + 1 V x 200 mA) x 8 ns of two devices.
  CHECK(lp.read_array_per_bit.in(1_pJ) == Approx(201.8 * 8 * 2 / 128));
  CHECK(lp.active_standby.in(1_mW) == Approx((1.8 * 3 + 30) * 2));
}

TEST_CASE("a memspec without currents takes its kind's energies and says so; MRAM needs no refresh") {
  Json j = sample();
  j["memspec"]["memoryType"] = "STT-MRAM";
  j["memspec"].erase("mempowerspec");
  j["memspec"]["memtimingspec"].erase("REFI");
  j["memspec"]["memtimingspec"].erase("RFC1");
  const DramDataSheet s = read(j), &kin = *find_dram_data_sheet("stt_mram");
  CHECK(s.non_volatile);
  CHECK_FALSE(s.refreshes());
  CHECK(s.write_array_per_bit.si() == kin.write_array_per_bit.si());
  CHECK(s.activate.si() == Approx(kin.activate.si() / 8));  // a page of 1 KiB where the preset has 8
  CHECK(s.activate_source.starts_with("assumed: the file gives no currents; as preset stt_mram"));
  j["memspec"]["memoryType"] = "DDR4";
  CHECK(problem(j) == "m.json: memspec.memtimingspec: REFI is missing, a number from 0 to 1000000 is allowed");
}

TEST_CASE("a broken memspec is refused with the place and what is allowed") {
  CHECK(problem(std::string("{\n\n  \"memspec\": oops}")) == "m.json:3: not JSON, allowed is an object with a memspec as DRAMSys writes it");
  CHECK(problem(std::string("")) == "m.json:1: not JSON, allowed is an object with a memspec as DRAMSys writes it");
  CHECK(problem(std::string("[1]")) == "m.json: memspec: missing, allowed is an object with a memspec as DRAMSys writes it");
  CHECK(problem(std::string(R"({"memspec": {}})")) == "m.json: memspec.memoryType: missing, a text is allowed");
  const auto with = [](const char* section, const char* key, const Json& value) {
    Json j = sample();
    j["memspec"][section][key] = value;
    return problem(j);
  };
  CHECK(with("memtimingspec", "RCD", "seven") == "m.json: memspec.memtimingspec.RCD: \"seven\" is not allowed: a number from 0 to 1000000");
  CHECK(with("memtimingspec", "RAS", -1) == "m.json: memspec.memtimingspec.RAS: -1 is not allowed: a number from 0 to 1000000");
  CHECK(with("memtimingspec", "RC", 20) == "m.json: memspec.memtimingspec: RC is less than RAS + RP, at least their sum is allowed");
  CHECK(with("memtimingspec", "RFC1", 2000) == "m.json: memspec.memtimingspec: RFC reaches REFI, less is allowed");
  CHECK(with("memtimingspec", "tCK", 0) == "m.json: memspec.memtimingspec.tCK: 0 is not allowed: a number from 1e-11 to 1e-06");
  CHECK(with("memarchitecturespec", "nbrOfBanks", 6) == "m.json: memspec.memarchitecturespec.nbrOfBanks: 6 is not allowed: a power of two up to 256");
  CHECK(with("memarchitecturespec", "nbrOfBanks", 1) == "m.json: memspec.memarchitecturespec.nbrOfBanks: 1 is not allowed: at least the 2 bank groups");
  CHECK(with("memarchitecturespec", "nbrOfRows", 1.5) == "m.json: memspec.memarchitecturespec.nbrOfRows: 1.5 is not allowed: a whole number from 1 to 4194304");
  CHECK(with("memarchitecturespec", "nbrOfColumns", 4) ==
        "m.json: memspec.memarchitecturespec.nbrOfColumns: 4 is not allowed: a page holds at least one burst of 16 bytes");
  CHECK(with("mempowerspec", "idd4r", 20e-3) == "m.json: memspec.mempowerspec: idd4r draws less than standby, at least idd3n is allowed");
  CHECK(with("mempowerspec", "idd0", 50) == "m.json: memspec.mempowerspec.idd0: 50 is not allowed: a number from 0 to 10");
  Json j = sample();
  j["memspec"]["memtimingspec"] = 3;
  CHECK(problem(j) == "m.json: memspec.memtimingspec: not an object, allowed are keys with values");
  CHECK_THROWS_AS(read_memspec("/nonexistent/m.json"), core::FileError);
}

TEST_CASE("no cut and no changed byte of a memspec does more than be refused") {
  const std::string text = sample().dump(1);
  std::uint64_t state = 99;
  const auto random = [&state](std::uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  unsigned accepted = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    std::string broken = trial % 2 == 0 ? text.substr(0, random(text.size())) : text;
    if (trial % 2 != 0) broken[random(text.size())] = static_cast<char>(random(256));
    try {
      const DramDataSheet s = parse_memspec(broken, "m.json");
      CHECK(s.access_bytes() > 0);
      ++accepted;
    } catch (const core::InputError&) {}
  }
  CHECK(accepted > 0);  // a changed digit may still be a memory
}
