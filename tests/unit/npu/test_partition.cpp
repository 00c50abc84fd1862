#include <catch2/catch.hpp>

#include <set>

#include "models/npu/partition.h"

using namespace spinvp::npu;

namespace {

CoreSetup setup(std::uint64_t cores, Partition partition = Partition::automatic, Dataflow dataflow = Dataflow::output_stationary) {
  return {cores, partition, {8, 8}, dataflow, FoldCost::exact, 0};
}
Divisible product(std::uint64_t m, std::uint64_t n, std::uint64_t k, std::uint64_t products = 1) {
  Divisible d;
  d.shape = {m, n, k};
  d.products = products;
  d.a_bytes = products * m * k;
  d.b_bytes = products * k * n;
  return d;
}
Divisible convolution(std::uint64_t images, std::uint64_t positions, std::uint64_t n, std::uint64_t k, std::uint64_t groups = 1) {
  Divisible d = product(images * positions, n, k, groups);
  d.images = images;
  d.grouped = true;
  return d;
}
// Whether every output belongs to exactly one part.
bool covers(const std::vector<Part>& parts, const Divisible& job) {
  std::uint64_t outputs = 0;
  for (const Part& p : parts) {
    if (p.products.last > job.products || p.m.last > job.shape.m || p.n.last > job.shape.n) return false;
    if (p.products.size() == 0 || p.m.size() == 0 || p.n.size() == 0) return false;
    outputs += p.products.size() * p.m.size() * p.n.size();
    for (const Part& q : parts) {
      const auto meets = [](const Range& a, const Range& b) { return a.first < b.last && b.first < a.last; };
      if (&p != &q && meets(p.products, q.products) && meets(p.m, q.m) && meets(p.n, q.n)) return false;
    }
  }
  return outputs == job.products * job.shape.m * job.shape.n;
}

}  // namespace

TEST_CASE("every output of a job belongs to one core, whatever its extents and the dataflow") {
  std::uint64_t state = 1;
  const auto below = [&](std::uint64_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
  };
  for (int i = 0; i < 3000; ++i) {
    const Dataflow dataflow = static_cast<Dataflow>(below(3));
    const Divisible job = product(1 + below(100), 1 + below(100), 1 + below(50), 1 + below(6));
    const auto parts = divide(job, setup(1 + below(16), Partition::automatic, dataflow));
    REQUIRE(parts);
    REQUIRE(covers(*parts, job));
  }
}

TEST_CASE("auto finds the least cycles that any grid of whole folds has, and moves the fewest bytes for them") {
  // Brute force: all ways of giving the folds of m, of n and the products to rows of cores, one at a time, so that none has more than one above another.
  for (const auto& [m, n, k, products] :
       {std::array<std::uint64_t, 4>{64, 64, 32, 1}, {8, 512, 16, 1}, {1000, 8, 5, 1}, {24, 40, 9, 7}, {8, 8, 300, 12}, {17, 33, 64, 3}})
    for (std::uint64_t cores = 1; cores <= 16; ++cores) {
      const Divisible job = product(m, n, k, products);
      const std::uint64_t folds_m = (m + 7) / 8, folds_n = (n + 7) / 8;
      std::uint64_t least = ~std::uint64_t{0}, least_bytes = 0;
      for (std::uint64_t p = 1; p <= products; ++p)
        for (std::uint64_t rows = 1; rows <= folds_m; ++rows)
          for (std::uint64_t columns = 1; columns <= folds_n; ++columns) {
            if (p * rows * columns > cores) continue;
            const auto most = [](std::uint64_t things, std::uint64_t hands) { return things / hands + (things % hands != 0 ? 1 : 0); };
            const std::uint64_t cycles = most(products, p) * most(folds_m, rows) * most(folds_n, columns) * (8 + 8 + k - 2);
            const std::uint64_t bytes = products * (m * k * columns + k * n * rows);
            if (cycles < least || (cycles == least && bytes < least_bytes)) least = cycles, least_bytes = bytes;
          }
      const auto parts = divide(job, setup(cores));
      REQUIRE(parts);
      INFO(m << " x " << n << " x " << k << ", " << products << " products on " << cores << " cores");
      CHECK(cycles_of(*parts, k, setup(cores)) == least);
      std::set<std::uint64_t> rows, columns;
      for (const Part& part : *parts) rows.insert(part.m.first), columns.insert(part.n.first);
      CHECK(products * (m * k * columns.size() + k * n * rows.size()) == least_bytes);
    }
}

TEST_CASE("auto weighs what passes the ports against cycles: a product that memory bounds is not cut where that moves more than it saves") {
  // 8 x 64 x 1000 on 8 x 8: eight folds of 1014 cycles; A of 32,000 bytes and B of 256,000. At 64 bytes a cycle one core's port takes 3 x 288,000 / 64 = 13,500 cycles and more for C.
  Divisible job = product(8, 64, 1000);
  job.a_bytes = 8 * 1000 * 4, job.b_bytes = 64 * 1000 * 4, job.c_bytes = 8 * 64 * 4;
  CoreSetup s = setup(8);
  s.bytes_per_cycle = 64;
  // Parts of n: two move 2 x (64,000 + 256,000 + 2,048) / 64 = 10,064 cycles through the on-chip memory, three 11,064; their ports less. Cycles alone would want eight.
  CHECK(divide(job, s)->size() == 2);
  s.bytes_per_cycle = 0;
  CHECK(divide(job, s)->size() == 8);
  // On chip all of it passes once: one core's port takes 290,048 / 64 = 4,532 cycles, and 8 parts 8 x 32,000 + 258,048 = 514,048 / 64 = 8,032 cycles; the folds of one core 8,112, those of two 4,056
  // beside 322,048 / 64 = 5,032.
  s.bytes_per_cycle = 64;
  job.a_on_chip = job.b_on_chip = job.c_on_chip = true;
  CHECK(divide(job, s)->size() == 2);
  // With ports twice as wide three parts take 3 folds, 3,042 cycles, and four 386,048 / 128 = 3,016 beside 2 folds.
  s.bytes_per_cycle = 128;
  CHECK(divide(job, s)->size() == 4);
}

TEST_CASE("a named partition gives each core the same, along what its name says") {
  // Eight images of 25 positions: two images a core.
  const auto batch = divide(convolution(8, 25, 16, 9), setup(4, Partition::batch));
  REQUIRE(batch);
  REQUIRE(batch->size() == 4);
  CHECK((*batch)[1] == Part{{0, 1}, {50, 100}, {0, 16}});
  const auto channels = divide(convolution(8, 25, 16, 9), setup(4, Partition::channels));
  REQUIRE(channels);
  CHECK((*channels)[3] == Part{{0, 1}, {0, 200}, {12, 16}});
  // Rows may be cut inside an image: 200 by 16 does not divide, by 5 it does.
  const auto rows = divide(convolution(8, 25, 16, 9), setup(5, Partition::rows));
  REQUIRE(rows);
  CHECK((*rows)[4] == Part{{0, 1}, {160, 200}, {0, 16}});
  // Of a batched GEMM products; of a single one its rows.
  CHECK((*divide(product(10, 10, 10, 6), setup(3, Partition::batch)))[2] == Part{{4, 6}, {0, 10}, {0, 10}});
  CHECK((*divide(product(12, 10, 10), setup(3, Partition::batch)))[2] == Part{{0, 1}, {8, 12}, {0, 10}});
  // Groups: whole ones, or equal parts of each.
  CHECK((*divide(convolution(1, 25, 3, 9, 8), setup(4, Partition::channels)))[1] == Part{{2, 4}, {0, 25}, {0, 3}});
  CHECK((*divide(convolution(1, 25, 6, 9, 2), setup(4, Partition::channels)))[3] == Part{{1, 2}, {0, 25}, {3, 6}});
}

TEST_CASE("a sum over the batch is not cut: a weight gradient under `batch` is divided as auto does") {
  Divisible job = product(32, 72, 400);
  job.grouped = job.sums_batch = true;
  const auto batch = divide(job, setup(4, Partition::batch)), automatic = divide(job, setup(4));
  REQUIRE(batch);
  CHECK(*batch == *automatic);
}

TEST_CASE("what does not divide by the cores is refused with the extent and what is allowed") {
  const auto message = [](const Divisible& job, std::uint64_t cores, Partition partition) {
    const auto parts = divide(job, setup(cores, partition));
    return parts ? std::string() : parts.error();
  };
  CHECK(message(convolution(3, 25, 16, 9), 2, Partition::batch) ==
        "partition batch: 3 images do not divide by 2 cores; allowed are multiples of 2, or partition auto");
  CHECK(message(convolution(4, 25, 10, 9), 4, Partition::channels) ==
        "partition channels: 10 columns do not divide by 4 cores; allowed are multiples of 4, or partition auto");
  CHECK(message(convolution(4, 25, 10, 9, 3), 4, Partition::channels) ==
        "partition channels: 3 groups of 10 columns do not divide by 4 cores; allowed are multiples of 4, or partition auto");
  CHECK(message(product(25, 10, 9), 4, Partition::rows) == "partition rows: 25 rows do not divide by 4 cores; allowed are multiples of 4, or partition auto");
  CHECK(message(product(25, 10, 9, 5), 4, Partition::batch) ==
        "partition batch: 5 products do not divide by 4 cores; allowed are multiples of 4, or partition auto");
  // One core takes anything.
  CHECK(message(product(25, 10, 9), 1, Partition::rows).empty());
}

TEST_CASE("a core's share of scratch: all of it for one, whole words of 64 bytes for several") {
  CHECK(scratch_share(1000, 1) == 1000);
  CHECK(scratch_share(8 << 20, 16) == 512 << 10);
  CHECK(scratch_share(1000, 3) == 320);
}
