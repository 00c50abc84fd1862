// Where the loader puts the data set, and what it tells firmware of that.
#include <cstring>

#include <catch2/catch.hpp>

#include "elf_writer.h"
#include "models/abi/language_model.h"
#include "models/core/error.h"
#include "platform/soc/boot_block.h"

using namespace spinvp;
using platform::MemoryRange;

namespace {

const std::vector<MemoryRange> memories = {{"dram", "dram", 0x80000000, 0x1000000}, {"onchip", "onchip_memory", 0x2000000000, 0x10000}};

platform::ElfImage image(std::uint64_t boot_at) {
  test::ElfWriter elf;
  elf.segment(0x80000000, "text").segment(0x80001000, "data", 0x1234);
  elf.symbols = {{"spinvp_boot", boot_at}};
  return platform::parse_elf(elf.bytes(), "x.elf");
}

workloads::Dataset dataset() {
  workloads::Dataset d;
  d.train_images.assign(3 * workloads::image_pixels, 128);
  d.train_labels = {1, 2, 3};
  d.test_images.assign(2 * workloads::image_pixels, 0);
  d.test_labels = {4, 5};
  return d;
}

spinvp_boot block_of(const std::vector<platform::Placement>& placements) {
  spinvp_boot boot;
  REQUIRE(placements.back().bytes.size() == sizeof boot);
  std::memcpy(&boot, placements.back().bytes.data(), sizeof boot);
  return boot;
}

}  // namespace

TEST_CASE("The data set lies behind the ELF, page by page, and the boot block says where") {
  const auto data = dataset();
  const auto placements = platform::plan_boot(image(0x80001100), memories, {7, 20, 32}, &data);
  REQUIRE(placements.size() == 5);
  CHECK(placements.back().address == 0x80001100);
  const spinvp_boot boot = block_of(placements);
  CHECK(boot.magic == SPINVP_BOOT_MAGIC);
  CHECK(boot.seed == 7);
  CHECK(boot.steps == 20);
  CHECK(boot.batch == 32);
  // The last segment ends at 0x80002234; 3 images of 784 floats are 9408 bytes: three pages.
  CHECK(boot.train_images == 0x80003000);
  CHECK(boot.train_labels == 0x80006000);
  CHECK(boot.train_count == 3);
  CHECK(boot.test_images == 0x80007000);
  CHECK(boot.test_labels == 0x80009000);
  CHECK(boot.test_count == 2);
  CHECK(boot.dram_free == 0x8000a000);
  CHECK(boot.dram_end == 0x81000000);
  CHECK(boot.onchip_base == 0x2000000000);
  CHECK(boot.onchip_size == 0x10000);
  CHECK(boot.learning_rate == 0);
  float pixel = 0;
  std::memcpy(&pixel, placements[0].bytes.data(), sizeof pixel);
  CHECK(placements[0].address == boot.train_images);
  CHECK(pixel == workloads::pixel_value(128));
  CHECK(placements[1].bytes == std::string("\x01\x02\x03"));
}

TEST_CASE("Without a data set its counts are zero, without the symbol nothing is written") {
  const spinvp_boot boot = block_of(platform::plan_boot(image(0x80001100), memories, {}, nullptr));
  CHECK(boot.train_count == 0);
  CHECK(boot.dram_free == 0x80003000);
  const auto bare = platform::parse_elf(test::ElfWriter().segment(0x80000000, "text").bytes(), "x.elf");
  CHECK(platform::plan_boot(bare, memories, {}, nullptr).empty());
}

TEST_CASE("A platform without on-chip memory or DRAM says so with zero sizes") {
  const spinvp_boot boot = block_of(platform::plan_boot(image(0x80001100), {{"m", "rom", 0x80000000, 0x10000}}, {}, nullptr));
  CHECK(boot.onchip_size == 0);
  CHECK(boot.dram_end == 0);
}

TEST_CASE("A boot block outside the segments and a data set without room are refused") {
  const auto data = dataset();
  for (const std::uint64_t at : {std::uint64_t{0x7fffffff}, std::uint64_t{0x80002233}, ~std::uint64_t{0} - 3})
    CHECK_THROWS_AS(platform::plan_boot(image(at), memories, {}, &data), core::InputError);
  CHECK_THROWS_AS(platform::plan_boot(image(0x80001100), {{"dram", "dram", 0x80000000, 0x5000}}, {}, &data), core::InputError);
}

TEST_CASE("A segment outside all memories, or across the end of one, is refused") {
  const auto check = [](std::uint64_t address, std::uint64_t size) {
    test::ElfWriter elf;
    elf.header.e_entry = address;
    platform::check_fits(platform::parse_elf(elf.segment(address, "x", size).bytes(), "x.elf"), memories);
  };
  CHECK_NOTHROW(check(0x80fffff0, 16));
  CHECK_THROWS_AS(check(0x80fffff0, 17), core::InputError);
  CHECK_THROWS_AS(check(0x1000, 16), core::InputError);
  CHECK_THROWS_AS(check(0x7ffffff8, 16), core::InputError);
}

TEST_CASE("A text lies in the place of images, and the symbol spinvp_text is told where; the units of layers stand in the boot block") {
  test::ElfWriter elf;
  elf.segment(0x80000000, "text").segment(0x80001000, "data", 0x1234);
  elf.symbols = {{"spinvp_boot", 0x80001100}, {"spinvp_text", 0x80001200}};
  const auto reader = platform::parse_elf(elf.bytes(), "x.elf");
  const auto text = workloads::write_text({.length = 16, .train_count = 300, .test_count = 2});
  platform::BootRequest request;
  request.layer_units = {SPINVP_UNIT_NPU, SPINVP_UNIT_PIM};
  const auto placements = platform::plan_boot(reader, memories, request, nullptr, &text);
  REQUIRE(placements.size() == 4);
  // 300 sentences of 17 words are 5,100 bytes: two pages.
  CHECK(placements[0].address == 0x80003000);
  CHECK(placements[1].address == 0x80005000);
  CHECK(placements[1].bytes == std::string(text.test.begin(), text.test.end()));
  CHECK(placements[2].address == 0x80001200);
  spinvp_text told;
  REQUIRE(placements[2].bytes.size() == sizeof told);
  std::memcpy(&told, placements[2].bytes.data(), sizeof told);
  CHECK(told.train == 0x80003000);
  CHECK(told.train_count == 300);
  CHECK(told.test == 0x80005000);
  CHECK(told.test_count == 2);
  CHECK(told.length == 16);
  CHECK(told.tokens == 16);
  const spinvp_boot boot = block_of(placements);
  CHECK(boot.dram_free == 0x80006000);
  CHECK(boot.train_count == 0);
  CHECK(boot.layer_units[0] == SPINVP_UNIT_NPU);
  CHECK(boot.layer_units[1] == SPINVP_UNIT_PIM);

  elf.symbols = {{"spinvp_boot", 0x80001100}, {"spinvp_text", 0x80002230}};  // the last segment ends 4 bytes behind
  CHECK_THROWS_AS(platform::plan_boot(platform::parse_elf(elf.bytes(), "x.elf"), memories, request, nullptr, &text), core::InputError);
}
