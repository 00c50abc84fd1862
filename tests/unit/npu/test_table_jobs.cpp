#include <catch2/catch.hpp>

#include "jobs.h"
#include "models/abi/counter_hash.h"
#include "phantom_twin.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

struct TableCase {
  spinvp_npu_descriptor d{};
  std::vector<std::int32_t> indices;
  Values rows, table;  // what is gathered or added; the table
};

// `indices(i)` gives the index of row i.
template <typename Index>
TableCase table_case(Bench& bench, Random& random, std::uint32_t operation, std::uint32_t m, std::uint32_t n, std::uint32_t k, Index&& index,
                     bool single = false) {
  TableCase c;
  c.d.operation = operation;
  c.d.format = !single && random.coin() ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
  c.d.m = m, c.d.n = n, c.d.k = k;
  c.rows = random.values(std::size_t{m} * n);
  c.table = random.values(std::size_t{k} * n);
  for (std::uint32_t i = 0; i < m; ++i) c.indices.push_back(index(i));
  const std::uint64_t rows = bench.allocate(c.rows.size() * 4, random.coin(), 4 * random.below(16)), table = bench.allocate(c.table.size() * 4, random.coin());
  store_values(bench, rows, c.rows, c.d.format);
  store_values(bench, table, c.table, c.d.format);
  const bool gather = operation == SPINVP_NPU_GATHER;
  c.d.a = gather ? table : rows;
  c.d.c = gather ? rows : table;
  c.d.aux = bench.allocate(4 * std::uint64_t{m});
  bench.fill(c.d.aux, c.indices.data(), 4 * std::uint64_t{m});
  return c;
}

}  // namespace

namespace {
void gathers(std::uint64_t cores) {
  Bench bench(small_chunks(200, cores));
  Random random(111);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 150; ++i) {
      bench.free_all();
      const std::uint32_t k = random.between(1, 40), n = random.between(1, 30);
      TableCase c = table_case(bench, random, SPINVP_NPU_GATHER, random.between(1, 120), n, k,
                               [&](std::uint32_t) { return static_cast<std::int32_t>(random.below(2 * k)) - static_cast<std::int32_t>(k); });
      Values wanted;
      for (const std::int32_t index : c.indices)
        for (std::uint32_t j = 0; j < n; ++j) wanted.push_back(c.table[static_cast<std::size_t>(index < 0 ? index + static_cast<int>(k) : index) * n + j]);
      REQUIRE(bench.execute(c.d) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, c.d.c, wanted.size(), c.d.format), wanted) == -1);
    }
  });
}
}  // namespace
TEST_CASE("a gather copies the rows that the indices name, negative ones from the end") { gathers(1); }
TEST_CASE("a gather copies the rows that the indices name, negative ones from the end; on three cores as well") { gathers(3); }

namespace {
void scatter_adds(std::uint64_t cores) {
  Bench bench(small_chunks(120, cores));
  bench.dram = {50'000, 3'000};
  bench.onchip = {20'000, 500};
  Random random(112);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 150; ++i) {
      bench.free_all();
      const std::uint32_t k = random.coin() ? random.between(1, 4) : random.between(1, 200), n = random.between(1, 20);
      TableCase c = table_case(bench, random, SPINVP_NPU_SCATTER_ADD, random.between(1, 150), n, k,
                               [&](std::uint32_t) { return static_cast<std::int32_t>(random.below(2 * k)) - static_cast<std::int32_t>(k); });
      Values wanted = c.table;
      for (std::size_t r = 0; r < c.indices.size(); ++r)
        for (std::uint32_t j = 0; j < n; ++j) {
          float& sum = wanted[static_cast<std::size_t>(c.indices[r] < 0 ? c.indices[r] + static_cast<int>(k) : c.indices[r]) * n + j];
          sum = to_format(sum + c.rows[r * n + j], c.d.format);
        }
      CAPTURE(i, c.d.m, n, k);
      REQUIRE(bench.execute(c.d) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, c.d.c, wanted.size(), c.d.format), wanted) == -1);
    }
  });
}
}  // namespace
TEST_CASE("a scatter-add adds rows in ascending order, each sum rounded, however often a row is named and however close") { scatter_adds(1); }
TEST_CASE("a scatter-add adds rows in ascending order, each sum rounded, however often a row is named and however close; on three cores as well") {
  scatter_adds(3);
}

TEST_CASE("a scatter-add reads a row again only when it is stored, where stores lag behind by one, two or three chunks") {
  Bench bench(small_chunks(192));  // three fp32 rows of 16 elements
  bench.write_extra_ps = 1'000'000;
  Random random(116);
  bench.run([&] {
    bench.start();
    // Three rows of a chunk at unequal distances: their store is two bursts, and the second one comes late.
    constexpr std::int32_t rows[] = {0, 2, 7, 1, 4, 11, 3, 5, 14, 6, 8, 19, 9, 10, 17, 12, 13, 18};
    for (std::uint32_t k = 1; k <= 6; ++k) {
      TableCase c = table_case(
          bench, random, SPINVP_NPU_SCATTER_ADD, 90, 16, 20, [&](std::uint32_t i) { return rows[i / 3 % k * 3 + i % 3]; }, true);
      Values wanted = c.table;
      for (std::size_t r = 0; r < 90; ++r)
        for (std::size_t j = 0; j < 16; ++j) {
          float& sum = wanted[static_cast<std::size_t>(c.indices[r]) * 16 + j];
          sum = to_format(sum + c.rows[r * 16 + j], c.d.format);
        }
      CAPTURE(k);
      REQUIRE(bench.execute(c.d) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, c.d.c, wanted.size(), c.d.format), wanted) == -1);
    }
  });
}

TEST_CASE("an index that is no row ends a gather or a scatter-add with an error") {
  Bench bench;
  Random random(113);
  bench.run([&] {
    bench.start();
    for (const std::uint32_t operation : {SPINVP_NPU_GATHER, SPINVP_NPU_SCATTER_ADD})
      for (const std::int32_t bad : {5, -6, INT32_MAX, INT32_MIN}) {
        const TableCase c = table_case(bench, random, operation, 9, 4, 5, [&](std::uint32_t i) { return i == 7 ? bad : 4; });
        CHECK(bench.execute(c.d) == SPINVP_NPU_BAD_SHAPE);
      }
  });
}

namespace {
void phantom_tables(std::uint64_t cores) {
  Bench bench(small_chunks(120, cores));
  bench.dram = {50'000, 3'000};
  bench.onchip = {20'000, 500};
  Random random(114);
  bench.run([&] {
    bench.start();
    for (int i = 0; i < 60; ++i) {
      bench.free_all();
      const std::uint32_t k = random.between(1, 60);
      const std::uint32_t operation = random.coin() ? SPINVP_NPU_GATHER : SPINVP_NPU_SCATTER_ADD;
      const TableCase c = table_case(bench, random, operation, random.between(1, 150), random.between(1, 20), k,
                                     [&](std::uint32_t row) { return static_cast<std::int32_t>(spinvp_counter_hash(0, row) % k); });
      CAPTURE(i, operation, c.d.m, c.d.n, k);
      REQUIRE(phantom_differs(bench, c.d) == "");
    }
  });
}
}  // namespace
TEST_CASE("a phantom gather or scatter-add costs what a real one with indices hash(i) mod k does") { phantom_tables(1); }
TEST_CASE("a phantom gather or scatter-add costs what a real one with indices hash(i) mod k does; on three cores as well") { phantom_tables(3); }

TEST_CASE("rows and windows that would need more than 64 MiB at once are refused") {
  Bench bench;
  bench.run([&] {
    bench.start();
    spinvp_npu_descriptor d{};
    d.operation = SPINVP_NPU_GATHER;
    d.m = d.k = 1;
    d.n = (16u << 20) + 1;
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_SHAPE);
    d = {};
    d.operation = SPINVP_NPU_AVERAGEPOOL_FORWARD;
    d.batch = d.in_channels = d.out_channels = d.out_h = d.out_w = 1;
    d.in_h = d.in_w = d.kernel_h = d.kernel_w = 8192;
    d.stride_h = d.stride_w = 1;
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_SHAPE);
  });
}

TEST_CASE("rows that follow each other in the table travel together") {
  Bench bench;
  Random random(115);
  bench.run([&] {
    bench.start();
    const TableCase c = table_case(bench, random, SPINVP_NPU_GATHER, 100, 8, 200, [](std::uint32_t i) { return static_cast<std::int32_t>(i + 50); });
    const std::uint64_t before = bench.transactions;
    REQUIRE(bench.execute(c.d) == SPINVP_NPU_DONE);
    CHECK(bench.transactions - before == 5);  // the descriptor, the indices, the rows, the result, the status
  });
}
