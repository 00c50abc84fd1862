#include <catch2/catch.hpp>

#include <cstdio>

#include "models/core/error.h"
#include "models/memory/storage.h"

using spinvp::core::StateArchive;
using spinvp::memory::Storage;

namespace {
// The process's resident pages, in bytes.
std::uint64_t resident_bytes() {
  unsigned long total = 0, resident = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  REQUIRE(file != nullptr);
  REQUIRE(std::fscanf(file, "%lu %lu", &total, &resident) == 2);
  std::fclose(file);
  return resident * 4096;
}
}  // namespace

TEST_CASE("a memory of 2 GiB in which a few pages are written uses little of the host's memory") {
  const std::uint64_t before = resident_bytes();
  Storage storage(2ull << 30, "dram");
  for (std::uint64_t i = 0; i < 8; ++i) *storage.write(i * (256ull << 20) + 5, 1) = 7;
  CHECK(*storage.read((256ull << 20) + 5) == 7);
  CHECK(*storage.read((256ull << 20) + 6) == 0);
  CHECK(storage.touched_bytes() == 8 * Storage::chunk_bytes);
  CHECK(resident_bytes() - before < (32ull << 20));
}

TEST_CASE("saved contents come back, whatever was written since") {
  Storage storage(5 * Storage::chunk_bytes + 100, "m");
  *storage.write(3, 1) = 1;
  *storage.write(5 * Storage::chunk_bytes + 99, 1) = 2;
  StateArchive save;
  storage.describe_state(save);
  CHECK(save.bytes().size() < 3 * 4096);  // two pages and their numbers
  *storage.write(3, 1) = 9;
  *storage.write(3 * Storage::chunk_bytes, 1) = 9;
  StateArchive load(save.bytes());
  storage.describe_state(load);
  CHECK(*storage.read(3) == 1);
  CHECK(*storage.read(5 * Storage::chunk_bytes + 99) == 2);
  CHECK(*storage.read(3 * Storage::chunk_bytes) == 0);
  // Another memory, too small for it.
  Storage small(4096, "s");
  StateArchive again(save.bytes());
  CHECK_THROWS_AS(small.describe_state(again), spinvp::core::InputError);
}

TEST_CASE("a scrambled memory follows from the seed alone") {
  Storage a(10000, "a"), b(10000, "b"), c(10000, "c");
  *a.write(0, 1) = 77;
  a.scramble(1, true);
  b.scramble(1, true);
  c.scramble(2, true);
  CHECK(std::equal(a.read(0), a.read(0) + 10000, b.read(0)));
  CHECK_FALSE(std::equal(a.read(0), a.read(0) + 10000, c.read(0)));
  // Half of the bits are set, within five standard deviations: sqrt(80000) / 2 = 141.
  int ones = 0;
  for (int i = 0; i < 10000; ++i) ones += __builtin_popcount(*a.read(static_cast<std::uint64_t>(i)));
  CHECK(std::abs(ones - 40000) < 5 * 141);
  Storage untouched(10000, "u");
  untouched.scramble(1, false);
  CHECK(*untouched.read(5) == 0);
}

TEST_CASE("a size that no machine can map is bad input") { CHECK_THROWS_AS(Storage(1ull << 62, "dram"), spinvp::core::InputError); }
