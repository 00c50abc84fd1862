#include <catch2/catch.hpp>

#include "models/memory/dram_schedule.h"

using namespace spinvp;
using core::SimTime;
using memory::DramBurst;
using memory::DramOrder;
using memory::DramSchedule;
using memory::DramService;

namespace {
const technology::DramDataSheet& sheet(const char* name) { return *technology::find_dram_data_sheet(name); }

// HBM2: 16 lanes, accesses of 32 bytes in 2 ns, t_rcd 14 (12 writing), t_rp 14, t_ras 34, t_rc 48, t_cl 14, t_cwl 5, t_rrd 4, t_faw 16, t_wr 16, t_rtp 5, t_wtr 8, t_rtw 13,
// refresh 260 every 3900, interface 32 ns. A line of all lanes and groups is 64 KiB; four banks of it before the next row.
struct Memory {
  DramSchedule schedule;
  explicit Memory(const char* name = "hbm2", bool open_page = true, DramOrder order = DramOrder::row_bank_column)
      : schedule(sheet(name), order, 256, 1ull << 30, open_page) {}
  DramService serve(bool write, std::uint64_t address, std::uint64_t length, std::uint64_t at_ns, unsigned divider = 1) {
    return schedule.serve({address, length, 0, 0, write}, SimTime::ns(at_ns), SimTime(), divider);
  }
  std::uint64_t read(std::uint64_t address, std::uint64_t length, std::uint64_t at_ns) { return serve(false, address, length, at_ns).done.ps() - at_ns * 1000; }
  std::uint64_t write(std::uint64_t address, std::uint64_t length, std::uint64_t at_ns) { return serve(true, address, length, at_ns).done.ps() - at_ns * 1000; }
};
constexpr std::uint64_t line = 65536, next_row = 4 * line;
}  // namespace

TEST_CASE("latency: a closed row is activated, an open one hit, another one closed first") {
  Memory m;
  CHECK(m.read(0, 32, 0) == 1000 * (14 + 14 + 2 + 32));                 // t_rcd + t_cl + burst + interface
  CHECK(m.read(0, 32, 1000) == 1000 * (14 + 2 + 32));                   // t_cl
  CHECK(m.read(next_row, 32, 2000) == 1000 * (14 + 14 + 14 + 2 + 32));  // t_rp + t_rcd + t_cl
  CHECK(m.write(next_row, 32, 2200) == 1000 * (5 + 2 + 32));            // t_cwl
  CHECK(m.write(line, 32, 2400) == 1000 * (12 + 5 + 2 + 32));           // the next bank: t_rcd of a write
  Memory ddr4("ddr4");
  CHECK(ddr4.read(0, 64, 0) == 13750 + 13750 + 2500 + 42500);
  Memory stt("stt_mram");
  CHECK(stt.read(0, 64, 0) == 1250 * (14 + 11 + 4) + 42500);
}

TEST_CASE("a burst of a page in every lane: four activates apart by t_rrd, then data without a gap") {
  Memory m;
  // Activates of the four groups at 0, 4, 8, 12; their columns may be 2 ns apart: the last one's 12 + 14 - 3 x 2 = 20.
  const DramService s = m.serve(false, 0, 4096, 0);
  CHECK(s.start == SimTime::ns(20));
  CHECK(s.done == SimTime::ns(20 + 16 + 14 + 32));
  CHECK(s.accesses == 128);
  CHECK(s.misses == 64);
  CHECK(s.hits() == 64);
  const DramService again = m.serve(false, 4096, 4096, 1000);
  CHECK(again.hits() == 128);
  CHECK(again.done == SimTime::ns(1000 + 16 + 14 + 32));
}

TEST_CASE("a stream reaches the peak bandwidth times the share of the time that refresh leaves") {
  Memory m;
  SimTime done;
  for (std::uint64_t i = 0; i < 1000; ++i) done = m.serve(false, i * 4096, 4096, 0).done;
  // Bursts of 16 ns, 20 ns for opening rows after a refresh: floor((3900 - 20) / 16) = 242 before the first one, floor((3640 - 20) / 16) = 226 in each later interval. 242 + 3 x 226
  // leave 80 for the fifth, which begins at 4 x 3900 + 260 + 20.
  CHECK(done == SimTime::ns(4 * 3900 + 260 + 20 + 80 * 16 + 14 + 32));
  // A long stream: 256 GB/s x (1 - 260/3900), less the reopening and the burst that no longer fits: within 1.2 %.
  Memory l;
  const std::uint64_t bursts = 20000;
  for (std::uint64_t i = 0; i < bursts; ++i) done = l.serve(false, i * 4096, 4096, 0).done;
  const double bandwidth = static_cast<double>(bursts * 4096) / done.seconds(), closed_form = 256e9 * (1 - 260.0 / 3900);
  CHECK(bandwidth < closed_form);
  CHECK(bandwidth > 0.988 * closed_form);
  // No refresh, no such share: 12.8 GB/s of STT-MRAM, less the first latency.
  Memory stt("stt_mram");
  for (std::uint64_t i = 0; i < 1000; ++i) done = stt.serve(false, i * 4096, 4096, 0).done;
  CHECK(done.ps() == 1000 * 64 * 5000 + 1250 * (14 + 11) + 42500);
}

TEST_CASE("rows of one bank: one access each t_rc, a written one each t_rcd + t_cwl + burst + t_wr + t_rp") {
  Memory m;
  SimTime done;
  for (std::uint64_t i = 0; i < 50; ++i) done = m.serve(false, (i % 2) * next_row, 32, 0).done;
  CHECK(done == SimTime::ns(49 * 48 + 62));
  Memory w;
  for (std::uint64_t i = 0; i < 50; ++i) done = w.serve(true, (i % 2) * next_row, 32, 0).done;
  CHECK(done == SimTime::ns(49 * (12 + 5 + 2 + 16 + 14) + 12 + 5 + 2 + 32));
}

TEST_CASE("reads and writes in turn pay for turning the bus round") {
  Memory m;
  (void)m.read(0, 32, 0);
  const std::uint64_t begin = 1000;
  SimTime done;
  for (int i = 0; i < 20; ++i) {
    (void)m.serve(false, 0, 32, begin);
    const DramService w = m.serve(true, 0, 32, begin);
    CHECK(w.turnarounds == 1);
    done = w.done;
  }
  // Read to write t_rtw = 13; write to read t_cwl + burst + t_wtr = 5 + 2 + 8 = 15: 28 ns a pair.
  CHECK(done == SimTime::ns(begin + 19 * 28 + 13 + 5 + 2 + 32));
}

TEST_CASE("single accesses to ever other banks are limited by four activates each t_faw") {
  // DDR4: 16 banks, t_faw 21.25 > 4 x t_rrd_s = 10; t_rc 46.25 < 16 / 4 x 21.25.
  Memory m("ddr4");
  constexpr std::uint64_t ddr4_line = 4 * 8192, row = 4 * ddr4_line;
  SimTime done;
  for (std::uint64_t i = 0; i < 64; ++i) done = m.serve(false, i / 16 * row + i / 4 % 4 * ddr4_line + i % 4 * 64, 64, 0).done;
  // The 64th activate: 15 windows, then three t_rrd_s.
  CHECK(done.ps() == 15 * 21250 + 3 * 2500 + 13750 + 13750 + 2500 + 42500);
}

TEST_CASE("activates of one bank group keep t_rrd_l") {
  Memory m("ddr4");
  constexpr std::uint64_t ddr4_line = 4 * 8192;
  // The four banks of group 0: activates at 0, 5, 10, 15.
  SimTime done;
  for (std::uint64_t i = 0; i < 4; ++i) done = m.serve(false, i * ddr4_line, 64, 0).done;
  CHECK(done.ps() == 3 * 5000 + 13750 + 13750 + 2500 + 42500);
}

TEST_CASE("a row is closed only when what was written to it has been written, whether its bursts were looked at bank by bank or not") {
  for (const std::uint64_t first_length : {4096u, 2048u}) {  // all lanes open: the second burst needs no look at the banks; half of them: it does
    Memory m;
    (void)m.write(0, first_length, 0);
    const DramService w = m.serve(true, 0, 2048, 1000);
    CHECK(w.start == SimTime::ns(1000));
    CHECK(w.hits() == 64);
    // Lane 0's last column is at 1014 (bank group 3); t_cwl + burst + t_wr = 23 later its bank may be closed: t_rp + t_rcd.
    core::StateArchive out;
    m.schedule.describe_state(out);
    core::StateArchive in(out.bytes());
    Memory restored;
    restored.schedule.describe_state(in);
    for (Memory* x : {&m, &restored}) CHECK(x->serve(false, next_row + 3 * 32, 32, 1016).start == SimTime::ns(1014 + 23 + 14 + 14));
  }
}

TEST_CASE("columns that crowd into one bank group keep t_ccd_l") {
  Memory m;
  // 16 rows of a stride of one turn over the groups: all in group 0 of lane 0, two in each block of 256 bytes.
  const DramBurst crowded{0, 16 * 4, 4, 128, false};
  (void)m.serve(false, 0, 4096, 0);
  // Accesses 0 and 4 of eight blocks: eight lanes, two each.
  CHECK(m.schedule.serve(crowded, SimTime::ns(1000), SimTime()).done == SimTime::ns(1000 + 4 + 2 + 14 + 32));
  const DramBurst spread{0, 16 * 4, 4, 32, false};
  // Sixteen accesses in a row: two lanes, eight each.
  CHECK(m.schedule.serve(spread, SimTime::ns(2000), SimTime()).done == SimTime::ns(2000 + 16 + 14 + 32));
}

TEST_CASE("runs inside one access are one access, and an empty burst is none") {
  Memory m;
  CHECK(m.schedule.serve({0, 64, 4, 8, false}, SimTime(), SimTime()).accesses == 4);  // sixteen runs of 4 bytes over 128 bytes
  const DramService none = m.schedule.serve({0, 0, 0, 0, false}, SimTime::ns(7), SimTime());
  CHECK(none.accesses == 0);
  CHECK(none.done == SimTime::ns(7));
  CHECK(m.serve(false, 20, 24, 1000).accesses == 2);  // 20 to 43
}

TEST_CASE("a refresh holds bursts back and closes all rows") {
  Memory m;
  (void)m.read(0, 32, 0);
  CHECK(m.serve(false, 0, 32, 3800).hits() == 1);
  // Arrives inside: waits for 3900 + 260, then opens the row again.
  const DramService inside = m.serve(false, 0, 32, 3950);
  CHECK(inside.misses == 1);
  CHECK(inside.done == SimTime::ns(3900 + 260 + 62));
  // Would be cut: the slot of 16 ns does not fit into the last 10.
  const DramService cut = m.serve(false, 0, 4096, 2 * 3900 - 10);
  CHECK(cut.start == SimTime::ns(2 * 3900 + 260 + 20));
  CHECK(cut.misses == 64);
  // STT-MRAM never refreshes: the row stays open for a second.
  Memory stt("stt_mram");
  (void)stt.read(0, 64, 0);
  CHECK(stt.serve(false, 0, 64, 1000000000).hits() == 1);
}

TEST_CASE("a burst longer than the time between two refreshes is stretched by them") {
  Memory m;
  // 1024 rows of one bank, t_rc each: 49 us over 13 refreshes.
  const DramService s = m.schedule.serve({0, 4096, 4, next_row, false}, SimTime(), SimTime());
  CHECK(s.accesses == 1024);
  CHECK(s.activates() == 1024);
  // It begins behind the first refresh; 1023 x t_rc + t_rcd + the last slot stretch by 3900 / 3640.
  const double stretched = (1023 * 48.0 + 14 + 2) * 3900 / (3900 - 260);
  CHECK(s.done.seconds() * 1e9 == Approx(3900 + 260 + stretched + 14 + 32).epsilon(1e-4));
}

TEST_CASE("closed pages: every burst opens its row and none ever waits for a precharge") {
  Memory m("hbm2", false);
  CHECK(m.read(0, 32, 0) == 62000);
  CHECK(m.read(0, 32, 1000) == 62000);
  CHECK(m.read(next_row, 32, 2000) == 62000);
  const DramService s = m.serve(false, 0, 4096, 3000);
  CHECK(s.misses == 64);
  CHECK(s.conflicts == 0);
  // At once again: t_rc after the activate.
  CHECK(m.serve(false, next_row, 32, 3500).start == SimTime::ns(3514));
  CHECK(m.serve(false, next_row, 32, 3500).start == SimTime::ns(3514 + 48));
  // Two rows of one bank in one burst: the second t_rc behind the first, and the bank is free t_rc after that.
  Memory two("hbm2", false);
  CHECK(two.schedule.serve({0, 8, 4, next_row, false}, SimTime(), SimTime()).activates() == 2);
  CHECK(two.serve(false, 0, 32, 0).start == SimTime::ns(2 * 48 + 14));
}

TEST_CASE("an open row can be used while another bank is being prepared, and a busy bus hides the preparation") {
  Memory m;
  for (int i = 0; i < 4; ++i) (void)m.serve(false, static_cast<std::uint64_t>(i) * 4096, 4096, 0);
  // Four bursts of 16 ns from 20 ns on; a fifth in the next bank opens its rows meanwhile.
  CHECK(m.serve(false, line, 4096, 0).start == SimTime::ns(20 + 4 * 16));
}

TEST_CASE("a slowed clock stretches all times but refresh") {
  Memory m;
  CHECK(m.serve(false, 0, 32, 0, 4).done == SimTime::ns(4 * 62));
  CHECK(m.serve(false, 0, 32, 3900, 4).done == SimTime::ns(3900 + 260 + 4 * 62));
}

TEST_CASE("closed rows, a clear and a saved state leave what they should") {
  Memory m;
  (void)m.read(0, 4096, 0);
  m.schedule.close_rows();
  CHECK(m.serve(false, 0, 32, 1000).misses == 1);
  // Half a run, saved, restored into another: the other half is the same.
  Memory original, copy;
  const auto step = [](Memory& x, std::uint64_t i) {
    return x.serve(i % 3 == 0, i / 7 * 7919 * 4096 % (1u << 20), i % 7 < 4 ? 4096 : 32 + i % 700, i * 20).done;
  };
  for (std::uint64_t i = 0; i < 500; ++i) (void)step(original, i);
  core::StateArchive out;
  original.schedule.describe_state(out);
  core::StateArchive in(out.bytes());
  copy.schedule.describe_state(in);
  for (std::uint64_t i = 500; i < 1000; ++i) REQUIRE(step(original, i) == step(copy, i));
  copy.schedule.clear(SimTime());
  Memory fresh;
  for (std::uint64_t i = 0; i < 500; ++i) REQUIRE(step(copy, i) == step(fresh, i));
}

TEST_CASE("direct accesses take bus time of all lanes and nothing of the rows") {
  Memory m;
  (void)m.read(0, 32, 0);
  CHECK(m.schedule.direct(4096, SimTime(), SimTime::us(1), SimTime()) == SimTime());  // nobody else: no waiting
  CHECK(m.schedule.booked() > 1);
  CHECK(m.serve(false, 0, 32, 3000).hits() == 1);
}

TEST_CASE("a long burst takes the time of the short ones that it is made of, on every preset and for rows too") {
  for (const char* name : {"hbm2", "hbm3", "ddr4", "lpddr4", "stt_mram"})
    for (const bool rows : {false, true}) {
      Memory longer(name), shorter(name);
      // 64 KiB in order, or 64 rows of 1 KiB, 4 KiB apart; 400 of them as fast as they go.
      SimTime long_done, short_done;
      std::uint64_t long_accesses = 0, short_accesses = 0;
      for (std::uint64_t i = 0; i < 400; ++i) {
        DramBurst burst{i * (rows ? 262144 : 65536), 65536, rows ? 1024u : 0u, rows ? 4096u : 0u, false};
        const DramService s = longer.schedule.serve(burst, SimTime(), SimTime());
        long_done = std::max(long_done, s.done);
        long_accesses += s.accesses;
        burst.length = 4096;
        for (std::uint64_t k = 0; k < 16; ++k, burst.address += rows ? 16384 : 4096) {
          const DramService piece = shorter.schedule.serve(burst, SimTime(), SimTime());
          short_done = std::max(short_done, piece.done);
          short_accesses += piece.accesses;
        }
      }
      INFO(name << (rows ? ", rows: " : ": ") << long_done.ps() << " ps against " << short_done.ps());
      CHECK(long_accesses == short_accesses);
      CHECK(long_done.seconds() == Approx(short_done.seconds()).epsilon(0.03));
    }
}

TEST_CASE("a long burst that meets a refresh is cut there, and its rows are opened again") {
  Memory m;
  // A line of all lanes and groups: 128 accesses a lane in 256 ns. From 3700 on there is time for half of it, not for all.
  const DramService s = m.serve(false, 0, line, 3700);
  CHECK(s.start < SimTime::ns(3740));
  CHECK(s.accesses == 2048);
  CHECK(s.misses == 2 * 64);
  // What was not served before 3900 begins at 4160 + 20 (rows of four groups).
  const std::uint64_t rest = 256 - (3900 - s.start.ps() / 1000);
  CHECK(s.done >= SimTime::ns(4160 + 20 + rest + 14 + 32));
  CHECK(s.done <= SimTime::ns(4160 + 20 + rest + 14 + 32 + 48));  // opening is given t_rc before the refresh
  // One that fits is not cut.
  CHECK(m.serve(false, line, line, 5000).misses == 64);
}

TEST_CASE("spans do not end at 32 bits: 64 KiB in one lane of a very slow memory") {
  technology::DramDataSheet slow = sheet("stt_mram");
  const double factor = slow.peak_bytes_per_second() / 1e6;
  for (core::Time* t : {&slow.timing.t_burst, &slow.timing.t_ccd_s, &slow.timing.t_ccd_l}) *t = *t * factor;
  DramSchedule schedule(slow, DramOrder::row_bank_column, 256, 1ull << 28, true);
  const DramService s = schedule.serve({0, 65536, 0, 0, false}, SimTime(), SimTime());
  CHECK(s.done.seconds() == Approx(65536 / 1e6).epsilon(0.001));
}
