// What is computed once for lanes that are alike, and counted row of a bank by row of a bank, against each lane and each row of the burst by itself.
#include <catch2/catch.hpp>

#include <string>

#include "models/memory/dram_schedule.h"

using namespace spinvp;
using core::SimTime;
using memory::DramBurst;
using memory::DramOrder;
using memory::DramSchedule;
using memory::DramService;

namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 33) % bound;
  }
  template <std::size_t count>
  std::uint64_t one_of(const std::uint64_t (&values)[count]) {
    return values[below(count)];
  }

 private:
  std::uint64_t state_;
};

constexpr std::uint64_t size = 1ull << 30;

// In order or in rows, at places that are as round as tensors are; one in eight at any byte.
DramBurst any_burst(Random& random) {
  DramBurst b;
  b.write = random.below(3) == 0;
  const std::uint64_t round = random.one_of({1u, 32u, 64u, 256u, 256u, 4096u, 4096u, 65536u});
  b.address = random.below(size / 2 / round) * round;
  b.length = random.below(4) == 0 ? 1 + random.below(9000) : random.one_of({64u, 512u, 4096u, 12288u, 65536u, 65536u});
  if (random.below(2) == 0) return b;
  b.row_bytes = random.one_of({4u, 32u, 64u, 224u, 256u, 512u, 1024u, 2048u, 2560u, 5376u, 6144u, 20480u});
  b.stride = random.below(3) == 0 ? b.row_bytes + random.below(5) * 32 : random.one_of({2048u, 3072u, 4096u, 12288u, 24576u, 131072u, 262144u});
  if (b.stride < b.row_bytes) b.stride = 2 * b.row_bytes;
  if (random.below(8) != 0) b.length = std::max<std::uint64_t>(b.length / b.row_bytes, 1) * b.row_bytes;
  while ((b.length / b.row_bytes + 1) * b.stride > size / 2) b.stride /= 2;
  return b;
}

void compare(const char* preset, DramOrder order, bool open_page, std::uint64_t gap_ps) {
  const technology::DramDataSheet& sheet = *technology::find_dram_data_sheet(preset);
  DramSchedule model(sheet, order, 256, size, open_page), walk(sheet, order, 256, size, open_page);
  walk.walk_everything();
  Random random(2026);
  std::uint64_t now = 0, lanes_computed = 0;
  for (int i = 0; i < 1500; ++i) {
    const DramBurst burst = any_burst(random);
    const unsigned divider = i / 300 % 2 == 1 ? 2 : 1;
    if (i % 500 == 499) model.close_rows(), walk.close_rows();
    now += random.below(2 * gap_ps);
    const SimTime at = SimTime::ps(now + random.below(3) * 20'000);
    const DramService a = model.serve(burst, at, SimTime::ps(now), divider), b = walk.serve(burst, at, SimTime::ps(now), divider);
    lanes_computed += model.classes();
    INFO(preset << ", order " << static_cast<int>(order) << ", burst " << i << ": " << burst.length << " bytes at " << burst.address << ", rows of "
                << burst.row_bytes << ", " << burst.stride << " apart");
    REQUIRE(a.start == b.start);
    REQUIRE(a.done == b.done);
    REQUIRE(a.accesses == b.accesses);
    REQUIRE(a.misses == b.misses);
    REQUIRE(a.conflicts == b.conflicts);
    REQUIRE(a.turnarounds == b.turnarounds);
  }
  if (sheet.lanes() > 1) CHECK(lanes_computed < 1500ull * sheet.lanes());
}

}  // namespace

TEST_CASE("lanes that are alike, computed once, take the very picoseconds of each lane and row by itself") {
  for (const char* preset : {"hbm2", "hbm3", "ddr4", "lpddr4", "stt_mram"})
    for (const DramOrder order : {DramOrder::row_bank_column, DramOrder::row_column_bank, DramOrder::bank_row_column, DramOrder::channel_first})
      for (const bool open_page : {true, false}) {
        const std::uint64_t full = std::string(preset).starts_with("hbm") ? 150'000 : 2'000'000;  // ps for a burst, at full rate
        compare(preset, order, open_page, full);
        if (open_page) compare(preset, order, open_page, 10 * full);
      }
}

TEST_CASE("lanes that bursts made unlike are alike again when all of their rows have been opened anew") {
  const technology::DramDataSheet& sheet = *technology::find_dram_data_sheet("hbm2");
  DramSchedule m(sheet, DramOrder::row_bank_column, 256, size, true);
  auto serve = [&m, at = std::uint64_t{0}](std::uint64_t address, std::uint64_t length) mutable {
    at += 1000;
    (void)m.serve({address, length, 0, 0, false}, SimTime::ns(at), SimTime::ns(at));
    return m.classes();
  };
  CHECK(serve(0, 65536) == 1);
  // 256 bytes of a row of another line: one lane is different.
  CHECK(serve(4 * 65536 + 3 * 256, 256) == 2);
  // From 256 bytes into a line on: a lane that begins with the second line's row of its bank differs from the fifteen that do with the first's.
  CHECK(serve(8 * 65536 + 256, 65536) > 1);
  // The next two lines of the same banks; after that nothing is left of the difference.
  (void)serve(12 * 65536, 65536);
  (void)serve(13 * 65536, 65536);
  CHECK(serve(12 * 65536, 65536) == 1);
}
