// The closed form of a burst against a simulator of single commands, written for this test: every access issues its precharge, activate and column command at the first instant that all of
// JEDEC's distances to every earlier command allow. It knows bank groups for t_ccd and t_wtr between bursts and gives each lane its own start, both of which the closed form does not.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "models/memory/dram_schedule.h"

using namespace spinvp;
using core::SimTime;
using memory::DramAddressMap;
using memory::DramOrder;
using memory::DramSchedule;

namespace {

class CommandSimulator {
 public:
  CommandSimulator(const technology::DramDataSheet& sheet, DramOrder order, std::uint64_t size)
      : s_(sheet),
        map_(sheet, order, 256, size),
        banks_(sheet.lanes() * sheet.ranks * sheet.banks()),
        ranks_(sheet.lanes() * sheet.ranks),
        lanes_(sheet.lanes()) {}

  // Returns when the last data are at the requester.
  std::uint64_t burst(bool write, std::uint64_t address, std::uint64_t length, std::uint64_t at) {
    std::uint64_t done = 0;
    for (std::uint64_t a = address / s_.access_bytes(); a <= (address + length - 1) / s_.access_bytes(); ++a) done = std::max(done, access(write, a, at));
    return done + ps(s_.interface_latency);
  }
  std::uint64_t activates = 0;

 private:
  struct Command {
    std::uint64_t at;
    std::uint32_t group;
  };
  struct Bank {
    bool open = false;
    std::uint32_t row = 0;
    std::vector<std::uint64_t> activates, precharges;
    std::uint64_t earliest_precharge = 0;
  };
  struct Lane {
    std::vector<Command> reads, writes;
  };
  const technology::DramDataSheet& s_;
  DramAddressMap map_;
  std::vector<Bank> banks_;
  std::vector<std::vector<Command>> ranks_;  // activates
  std::vector<Lane> lanes_;

  static std::uint64_t ps(core::Time t) { return SimTime::from(t).ps(); }
  [[nodiscard]] std::uint64_t refi() const { return ps(s_.timing.t_refi); }
  // The refresh before a time, and the time moved out of it.
  [[nodiscard]] std::uint64_t number(std::uint64_t t) const { return refi() == 0 ? 0 : t / refi(); }
  [[nodiscard]] std::uint64_t awake(std::uint64_t t) const {
    const std::uint64_t k = number(t);
    return k == 0 ? t : std::max(t, k * refi() + ps(s_.timing.t_rfc));
  }

  std::uint64_t access(bool write, std::uint64_t number_of_access, std::uint64_t at) {
    const auto& t = s_.timing;
    const memory::DramPlace p = map_.place(number_of_access);
    Bank& bank = banks_[(p.slot * s_.lanes() + p.lane) * s_.bank_groups + p.group];
    std::vector<Command>& rank = ranks_[p.slot / s_.banks_per_group * s_.lanes() + p.lane];
    Lane& lane = lanes_[p.lane];

    // The column command by the bus alone.
    std::uint64_t bus = 0;
    const auto after = [&bus](const std::vector<Command>& commands, core::Time same, core::Time other, std::uint32_t group) {
      const std::size_t first = commands.size() > 8 ? commands.size() - 8 : 0;
      for (std::size_t i = first; i < commands.size(); ++i) bus = std::max(bus, commands[i].at + ps(commands[i].group == group ? same : other));
    };
    after(write ? lane.writes : lane.reads, t.t_ccd_l, t.t_ccd_s, p.group);
    if (write)
      after(lane.reads, t.t_rtw, t.t_rtw, p.group);
    else
      after(lane.writes, t.t_cwl + t.t_burst + t.t_wtr_l, t.t_cwl + t.t_burst + t.t_wtr_s, p.group);

    std::uint64_t from = awake(at);
    for (;;) {
      // Where the bus is free only after a refresh, the row is opened after it.
      const std::uint64_t slot = awake(std::max(from, bus));
      if (number(slot) > number(from)) from = awake(number(slot) * refi());
      // A row opened before a refresh is closed by it.
      const bool fresh = !bank.activates.empty() && number(bank.activates.back()) >= number(from);
      const bool open = bank.open && fresh;
      std::uint64_t column = 0;
      if (open && bank.row == p.row) {
        column = std::max({from, bus, bank.activates.back() + ps(write ? t.t_rcd_write : t.t_rcd_read)});
        if (crosses(from, column)) {
          from = awake((number(from) + 1) * refi());
          continue;
        }
      } else {
        std::uint64_t activate = from;
        if (open) activate = std::max(from, bank.earliest_precharge) + ps(t.t_rp);
        if (fresh) activate = std::max(activate, bank.activates.back() + ps(t.t_rc));
        if (!rank.empty()) activate = std::max(activate, rank.back().at + ps(rank.back().group == p.group ? t.t_rrd_l : t.t_rrd_s));
        if (rank.size() >= 4) activate = std::max(activate, rank[rank.size() - 4].at + ps(t.t_faw));
        column = std::max(bus, activate + ps(write ? t.t_rcd_write : t.t_rcd_read));
        if (crosses(from, column)) {
          from = awake((number(from) + 1) * refi());
          continue;
        }
        bank.activates.push_back(activate);
        rank.push_back({activate, p.group});
        bank.open = true;
        bank.row = p.row;
        bank.earliest_precharge = activate + ps(t.t_ras);
        ++activates;
      }
      (write ? lane.writes : lane.reads).push_back({column, p.group});
      bank.earliest_precharge = std::max(bank.earliest_precharge, column + ps(write ? t.t_cwl + t.t_burst + t.t_wr : t.t_rtp));
      return column + ps(write ? t.t_cwl : t.t_cl) + ps(t.t_burst);
    }
  }
  // Whether a refresh begins between the request and the end of the slot.
  [[nodiscard]] bool crosses(std::uint64_t from, std::uint64_t column) const {
    return refi() != 0 && column + ps(s_.access_time()) > (number(from) + 1) * refi();
  }
};

struct Traffic {
  const char* name;
  std::uint64_t longest, spread;  // bytes
  unsigned writes_percent;
  std::uint64_t gap_ps;  // mean time between arrivals
};

// Mean latency of both, and the time at which the last burst is done.
void compare(const char* preset, const Traffic& traffic, double latency_band, double end_band) {
  const technology::DramDataSheet& sheet = *technology::find_dram_data_sheet(preset);
  const std::uint64_t size = 1ull << 30;
  const DramOrder order = DramOrder::row_bank_column;
  DramSchedule model(sheet, order, 256, size, true);
  CommandSimulator reference(sheet, order, size);
  std::uint64_t state = 2026, at = 0, model_sum = 0, reference_sum = 0, model_end = 0, reference_end = 0, activates = 0;
  const auto random = [&state](std::uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  constexpr int bursts = 4000;
  for (int i = 0; i < bursts; ++i) {
    const std::uint64_t length = 1 + random(traffic.longest), address = random(traffic.spread);
    const bool write = random(100) < traffic.writes_percent;
    at += random(2 * traffic.gap_ps);
    const memory::DramService s = model.serve({address, length, 0, 0, write}, SimTime::ps(at), SimTime::ps(at));
    const std::uint64_t expected = reference.burst(write, address, length, at);
    activates += s.activates();
    model_sum += s.done.ps() - at, reference_sum += expected - at;
    model_end = std::max(model_end, s.done.ps()), reference_end = std::max(reference_end, expected);
  }
  const double latency = static_cast<double>(model_sum) / static_cast<double>(reference_sum),
               end = static_cast<double>(model_end) / static_cast<double>(reference_end);
  INFO(preset << ", " << traffic.name << ": mean latency " << model_sum / bursts << " ps against " << reference_sum / bursts << " of single commands ("
              << latency << "), end " << end << ", activates " << activates << " against " << reference.activates);
  if (std::getenv("SPINVP_DRAM_TABLE") != nullptr)
    std::cout << preset << ", " << traffic.name << ": latency " << model_sum / bursts << " / " << reference_sum / bursts << " = " << latency << ", end " << end
              << ", activates " << activates << " / " << reference.activates << "\n";
  CHECK(latency > 1 - latency_band);
  CHECK(latency < 1 + latency_band);
  CHECK(end > 1 - end_band);
  CHECK(end < 1 + end_band);
  CHECK(static_cast<double>(activates) == Approx(static_cast<double>(reference.activates)).epsilon(0.03));
}

constexpr std::uint64_t everywhere = (1ull << 30) - 8192;
}  // namespace

TEST_CASE("random small traffic takes the time that a simulation of single commands finds") {
  // Bands: mean latency, and when the last burst is done. Met on writing this (SPINVP_DRAM_TABLE=1 prints): 0.03 %, 0.4 %, 18 %, 1.1 %, 7.1 %, 4.1 % and 1.7 % at worst.
  for (const char* preset : {"hbm2", "ddr4", "lpddr4", "hbm3", "stt_mram"}) {
    const bool wide = std::string(preset).starts_with("hbm");
    compare(preset, {"single accesses, idle", 32, everywhere, 0, 400'000}, 0.002, 0.002);
    compare(preset, {"single accesses, reads and writes", 32, everywhere, 30, wide ? 8'000u : 60'000u}, 0.01, 0.002);
    // All 4000 wait from the start, which no platform of a few blocking engines does: lanes that start together and the order of arrival cost most.
    compare(preset, {"single accesses, as fast as they go", 32, everywhere, 0, 1}, 0.20, 0.20);
    compare(preset, {"single accesses, rows often hit", 32, 1 << 18, 30, wide ? 8'000u : 40'000u}, 0.02, 0.002);
    compare(preset, {"bursts to 512 bytes", 512, everywhere, 30, wide ? 12'000u : 120'000u}, 0.10, 0.002);
    compare(preset, {"bursts to 4 KiB", 4096, everywhere, 30, wide ? 60'000u : 600'000u}, 0.06, 0.002);
    compare(preset, {"bursts to 64 KiB", 65536, everywhere - 65536, 30, wide ? 1'000'000u : 10'000'000u}, 0.06, 0.002);
  }
}
