#include <catch2/catch.hpp>

#include "map_jobs.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

// Small jobs end soon, whatever they are.
NpuConfig bounded() {
  NpuConfig config;
  config.job_limit = 1 << 16;
  return config;
}
constexpr std::uint64_t dram_end = Bench::dram_base + (64 << 20);

bool is_status(std::uint32_t status) { return status >= SPINVP_NPU_DONE && status <= SPINVP_NPU_NO_SPACE; }

}  // namespace

TEST_CASE("vector descriptors of random bits end with a status, and the queue goes on") {
  Bench bench(bounded());
  Random random(121);
  bench.run([&] {
    bench.start();
    const std::uint32_t small[] = {0, 1, 2, 3, 4, 7, 16, 31};
    unsigned done = 0;
    for (int i = 0; i < 4000; ++i) {
      bench.free_all();
      std::uint32_t words[32];
      for (std::uint32_t& w : words) w = random.below(40) == 0 ? random.below(0xffffffff) : small[random.below(8)];
      words[23] = words[24] = 0x00010001u * random.between(0, 2);
      spinvp_npu_descriptor d;
      std::memcpy(&d, words, sizeof d);
      d.operation = random.between(SPINVP_NPU_BIAS_GRADIENT, SPINVP_NPU_AVERAGEPOOL_BACKWARD + 1);
      d.format &= 1;
      d.flags = random.below(8) == 0 ? random.below(2048) : random.coin() ? SPINVP_NPU_PHANTOM : 0;
      d.count = random.below(2000);
      for (std::uint64_t* address : {&d.a, &d.b, &d.c, &d.bias, &d.aux}) {
        const std::uint32_t kind = random.below(12);
        *address = kind == 0 ? dram_end - 4 * random.below(64) : kind == 1 ? *address : Bench::heap_base + 4096 * random.below(100);
      }
      for (unsigned b = 0; b < 4096; ++b)
        *bench.at(d.aux < Bench::heap_base || d.aux + 4096 > dram_end ? Bench::heap_base + b : d.aux + b) = static_cast<std::uint8_t>(random.below(4));
      const std::uint32_t status = bench.execute(d);
      CAPTURE(i, d.operation, status);
      REQUIRE(is_status(status));
      done += status == SPINVP_NPU_DONE;
    }
    CHECK(done > 200);
  });
}

TEST_CASE("map programs with overwritten bytes end with a status, and the queue goes on") {
  Bench bench(bounded());
  Random random(122);
  bench.run([&] {
    bench.start();
    unsigned done = 0;
    for (int i = 0; i < 3000; ++i) {
      bench.free_all();
      const bool reduces = random.coin();
      spinvp_npu_map map = random_map(bench, random, reduces, 60);
      auto* bytes = reinterpret_cast<std::uint8_t*>(&map);
      // The steps are 48 x 4 bytes from 128 on; what matters more lies before and behind.
      for (unsigned n = random.below(5); n > 0; --n)
        bytes[random.coin() ? random.below(72) : 320 + random.below(640)] ^= static_cast<std::uint8_t>(1u << random.below(8));
      spinvp_npu_descriptor d = map_job(bench, map, reduces);
      if (random.coin()) d.flags = SPINVP_NPU_PHANTOM;
      const std::uint32_t status = bench.execute(d);
      CAPTURE(i, status);
      REQUIRE(is_status(status));
      done += status == SPINVP_NPU_DONE;
    }
    CHECK(done > 500);
  });
}

TEST_CASE("a map program at the end of memory, beyond it, or misaligned") {
  Bench bench;
  Random random(123);
  bench.run([&] {
    bench.start();
    const spinvp_npu_map map = random_map(bench, random, false, 60);
    const Stored wanted = reference_map(bench, map, false);
    spinvp_npu_descriptor d{};
    d.operation = SPINVP_NPU_MAP;
    d.aux = dram_end - sizeof map;
    bench.fill(d.aux, &map, sizeof map);
    CHECK(bench.execute(d) == SPINVP_NPU_DONE);
    CHECK(first_wrong(bench, wanted) == 0);
    d.aux += 8;
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_ADDRESS);
    d.aux -= 12;
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_ADDRESS);
    d.aux = 0xfffffffffffffff8;
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_ADDRESS);
  });
}
