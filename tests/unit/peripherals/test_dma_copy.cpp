// The plan of a copy, without SystemC.
#include <catch2/catch.hpp>

#include "models/peripherals/dma_copy.h"

using namespace spinvp::peripherals;

namespace {
spinvp_dma_descriptor block(std::uint32_t rows, std::uint32_t row_bytes) { return {0x1000, 0x2000, 0, 0, row_bytes, rows, 0, 0, 0}; }
}  // namespace

TEST_CASE("Pieces cover every byte of every row once, in order, and none is longer than a burst") {
  for (const std::uint32_t row_bytes : {1u, 3u, 4u, 1000u, 4095u, 4096u, 4097u, 10000u})
    for (const std::uint32_t rows : {1u, 2u, 5u, 4097u}) {
      INFO(rows << " rows of " << row_bytes);
      const auto d = block(rows, row_bytes);
      CopyPlan plan(d, 4096);
      std::uint64_t position = 0;  // bytes done, counted along the rows
      bool in_order = true, short_enough = true;
      std::uint64_t pieces = 0;
      while (const auto p = plan.next()) {
        in_order = in_order && p->first_row * row_bytes + p->offset == position && (p->offset + p->row_bytes == row_bytes || p->rows == 1);
        short_enough = short_enough && p->bytes() >= 1 && p->bytes() <= 4096;
        position += p->bytes();
        ++pieces;
      }
      CHECK(in_order);
      CHECK(short_enough);
      CHECK(position == std::uint64_t{rows} * row_bytes);
      // As few as whole rows allow.
      const std::uint64_t rows_a_piece = 4096 / row_bytes;
      CHECK(pieces == (rows_a_piece > 0 ? (rows + rows_a_piece - 1) / rows_a_piece : rows * ((row_bytes + 4095ull) / 4096)));
    }
}

TEST_CASE("A descriptor within the limits has no problem") {
  CHECK(problem_of(block(1, 1)).empty());
  CHECK(problem_of(block(1u << 20, 1u << 10)).empty());
  auto d = block(3, 16);
  d.flags = SPINVP_DMA_INTERRUPT;
  d.source_stride = -0x800;  // down to address 0
  CHECK(problem_of(d).empty());
  d.destination = ~std::uint64_t{0} - 15;  // the last 16 bytes of the address space
  d.destination_stride = -16;
  CHECK(problem_of(d).empty());
}

TEST_CASE("A descriptor out of the limits is refused, and the message says what is allowed") {
  CHECK_THAT(problem_of(block(0, 4)), Catch::Contains("at least 1"));
  CHECK_THAT(problem_of(block(4, 0)), Catch::Contains("at least 1"));
  CHECK_THAT(problem_of(block((1u << 20) + 1, 1u << 10)), Catch::Contains("1 GiB"));
  CHECK_THAT(problem_of(block(0xffffffff, 0xffffffff)), Catch::Contains("1 GiB"));
  auto d = block(1, 4);
  d.flags = 2;
  CHECK_THAT(problem_of(d), Catch::Contains("flags"));
  d = block(4, 16);
  d.source_stride = -0x800;  // the last row would begin below 0
  CHECK_THAT(problem_of(d), Catch::Contains("source"));
  d = block(2, 16);
  d.destination = ~std::uint64_t{0} - 15;
  d.destination_stride = 1;
  CHECK_THAT(problem_of(d), Catch::Contains("destination"));
  d = block(0xffff, 1);
  d.source_stride = INT64_MIN;
  CHECK_THAT(problem_of(d), Catch::Contains("source"));
  d.source_stride = INT64_MAX;
  CHECK_THAT(problem_of(d), Catch::Contains("source"));
}
