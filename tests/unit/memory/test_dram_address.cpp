#include <catch2/catch.hpp>

#include <map>
#include <tuple>

#include "models/memory/dram_address.h"

using namespace spinvp;
using memory::DramAddressMap;
using memory::DramOrder;
using memory::DramPiece;

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
        const std::uint64_t columns = sheet.page_bytes / access_bytes;
        std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>, std::uint64_t> in_page;
        std::uint64_t accesses = 0;
        for (std::uint64_t a = 0; a < size / access_bytes;) {
          const DramPiece p = map.piece(a, size / access_bytes - a);
          REQUIRE(p.accesses >= 1);
          REQUIRE(p.lane < sheet.lanes());
          REQUIRE(p.slot < sheet.banks_per_group);
          for (std::uint32_t i = 0; i < p.accesses; ++i) {
            // The piece is what its accesses are one by one.
            const DramPiece one = map.piece(a + i, 1);
            REQUIRE((one.lane == p.lane && one.slot == p.slot && one.row == p.row && one.group == ((p.group + i) & 3)));
            ++in_page[{one.lane, one.slot, one.group, one.row}];
          }
          a += p.accesses;
          accesses += p.accesses;
        }
        CHECK(accesses == size / access_bytes);
        for (const auto& [place, count] : in_page) REQUIRE(count <= columns);
        // No more pages than the memory needs, a part of a line of the lanes at the end aside.
        CHECK(in_page.size() <= accesses / columns + std::uint64_t{sheet.lanes()} * sheet.banks());
      }
}

TEST_CASE("where a stream goes: the default fills a page of every group in every lane, then the next bank") {
  const DramAddressMap map(hbm2(), DramOrder::row_bank_column, 256, 64ull << 20);
  // Blocks of eight accesses; 16 lanes; a page of 32 accesses in each of four groups: 64 KiB before the next bank, four banks before the next row.
  const auto at = [&map](std::uint64_t address) { return map.piece(address / access_bytes, 1u << 20); };
  CHECK(at(0).accesses == 8);
  CHECK(at(256).lane == 1);
  CHECK(at(4096).lane == 0);
  CHECK(at(65536 - 32).slot == 0);
  CHECK(at(65536).slot == 1);
  CHECK(at(65536).row == 0);
  CHECK(at(4 * 65536).slot == 0);
  CHECK(at(4 * 65536).row == 1);
  CHECK(at(32).group == 1);
  CHECK(at(32).accesses == 7);
}

TEST_CASE("the other orders: next bank after each turn, a bank in one place, a lane in one place") {
  const std::uint64_t size = 64ull << 20;
  const DramAddressMap banks(hbm2(), DramOrder::row_column_bank, 256, size), places(hbm2(), DramOrder::bank_row_column, 256, size),
      lanes(hbm2(), DramOrder::channel_first, 256, size);
  CHECK(banks.piece(0, 100).accesses == 4);
  CHECK(banks.piece(4, 100).slot == 1);
  CHECK(banks.piece(4, 100).row == 0);
  // A quarter of the memory a bank of each group.
  CHECK(places.piece(size / 4 / access_bytes - 1, 1).slot == 0);
  CHECK(places.piece(size / 4 / access_bytes, 1).slot == 1);
  CHECK(places.piece(size / 4 / access_bytes, 1).row == 0);
  // A sixteenth a lane.
  CHECK(lanes.piece(size / 16 / access_bytes - 1, 1).lane == 0);
  CHECK(lanes.piece(size / 16 / access_bytes, 1).lane == 1);
}
