#include <catch2/catch.hpp>

#include <map>
#include <tuple>
#include <vector>

#include "models/memory/dram_address.h"

using namespace spinvp;
using memory::DramAddressMap;
using memory::DramOrder;
using memory::DramPlace;

namespace {
const technology::DramDataSheet& hbm2() { return *technology::find_dram_data_sheet("hbm2"); }
constexpr std::uint64_t access_bytes = 32;
}  // namespace

TEST_CASE("every access of a memory has a place of its own, in every order of the address's bits") {
  // 4 MiB: 131072 accesses; three lanes as well, and a size that no order divides evenly.
  for (const unsigned channels : {8u, 3u})
    for (const std::uint64_t size : {4ull << 20, (4ull << 20) - 96 * access_bytes})
      for (const auto order : {DramOrder::row_bank_column, DramOrder::row_column_bank, DramOrder::bank_row_column, DramOrder::channel_first}) {
        technology::DramDataSheet sheet = hbm2();
        sheet.channels = channels;
        if (channels == 3) sheet.pseudo_channels = 1;
        const DramAddressMap map(sheet, order, 256, size);
        const std::uint64_t columns = sheet.page_bytes / access_bytes, accesses = size / access_bytes;
        std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>, std::uint64_t> in_page;
        std::vector<std::uint64_t> next(sheet.lanes());  // in each lane's own count
        for (std::uint64_t a = 0; a < accesses; ++a) {
          const DramPlace p = map.place(a);
          REQUIRE(p.lane < sheet.lanes());
          REQUIRE(p.slot < sheet.banks_per_group);
          map.for_each_lane(a, a + 1, [&](std::uint32_t lane, std::uint64_t first, std::uint64_t end) {
            REQUIRE((lane == p.lane && first == next[lane] && end == first + 1));
            // One row of so many banks in turn.
            const std::uint64_t begin = first / map.row_accesses() * map.row_accesses();
            REQUIRE(map.row(begin) == p.row);
            if (first - begin >= map.turn()) REQUIRE((map.slot(first - map.turn()) == p.slot && map.group(first - map.turn()) == p.group));
            next[lane] = end;
          });
          ++in_page[{p.lane, p.slot, p.group, p.row}];
        }
        for (const auto& [place, count] : in_page) REQUIRE(count <= columns);
        // No more pages than the memory needs, a part of a line of the lanes at the end aside.
        CHECK(in_page.size() <= accesses / columns + std::uint64_t{sheet.lanes()} * sheet.banks());
      }
}

TEST_CASE("accesses in a row are a run on each lane that they touch, the same as one by one") {
  for (const unsigned channels : {8u, 3u})
    for (const auto order : {DramOrder::row_bank_column, DramOrder::channel_first}) {
      technology::DramDataSheet sheet = hbm2();
      sheet.channels = channels;
      if (channels == 3) sheet.pseudo_channels = 1;
      const DramAddressMap map(sheet, order, 256, 1ull << 20);
      for (const std::uint64_t length : {1u, 2u, 7u, 8u, 9u, 24u, 25u, 127u, 128u, 129u, 136u, 1000u, 2048u})
        for (std::uint64_t first : {0u, 1u, 7u, 8u, 100u, 255u, 10922u, 30000u}) {
          std::map<std::uint32_t, std::pair<std::uint64_t, std::uint64_t>> expected, found;
          for (std::uint64_t a = first; a < first + length; ++a)
            map.for_each_lane(a, a + 1, [&](std::uint32_t lane, std::uint64_t from, std::uint64_t to) {
              const auto [at, fresh] = expected.try_emplace(lane, from, to);
              if (fresh) return;
              REQUIRE(at->second.second == from);
              at->second.second = to;
            });
          map.for_each_lane(first, first + length,
                            [&](std::uint32_t lane, std::uint64_t from, std::uint64_t to) { REQUIRE(found.try_emplace(lane, from, to).second); });
          REQUIRE(found == expected);
        }
    }
}

TEST_CASE("where a stream goes: the default fills a page of every group in every lane, then the next bank") {
  const DramAddressMap map(hbm2(), DramOrder::row_bank_column, 256, 64ull << 20);
  // Blocks of eight accesses; 16 lanes; a page of 32 accesses in each of four groups: 64 KiB before the next bank, four banks before the next row.
  const auto at = [&map](std::uint64_t address) { return map.place(address / access_bytes); };
  CHECK(at(255).lane == 0);
  CHECK(at(256).lane == 1);
  CHECK(at(4096).lane == 0);
  CHECK(at(65536 - 32).slot == 0);
  CHECK(at(65536).slot == 1);
  CHECK(at(65536).row == 0);
  CHECK(at(4 * 65536).slot == 0);
  CHECK(at(4 * 65536).row == 1);
  CHECK(at(32).group == 1);
}

TEST_CASE("the other orders: next bank after each turn, a bank in one place, a lane in one place") {
  const std::uint64_t size = 64ull << 20;
  const DramAddressMap banks(hbm2(), DramOrder::row_column_bank, 256, size), places(hbm2(), DramOrder::bank_row_column, 256, size),
      lanes(hbm2(), DramOrder::channel_first, 256, size);
  CHECK(banks.place(3).slot == 0);
  CHECK(banks.place(4).slot == 1);
  CHECK(banks.place(4).row == 0);
  // A quarter of the memory a bank of each group.
  CHECK(places.place(size / 4 / access_bytes - 1).slot == 0);
  CHECK(places.place(size / 4 / access_bytes).slot == 1);
  CHECK(places.place(size / 4 / access_bytes).row == 0);
  // A sixteenth a lane.
  CHECK(lanes.place(size / 16 / access_bytes - 1).lane == 0);
  CHECK(lanes.place(size / 16 / access_bytes).lane == 1);
}
