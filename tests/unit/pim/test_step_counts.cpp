// The published step counts, on the numbers that the papers and the fact sheet quote.
#include <catch2/catch.hpp>

#include "models/pim/work.h"

using namespace spinvp::pim;
using namespace spinvp::pim::published;

TEST_CASE("FloatPIM's closed forms give the quoted 360 and 328 cycles for bf16") {
  CHECK(nor_multiply(bf16) == StepCounts::whole(0, 0, 0, 360));
  CHECK(nor_add(bf16) == StepCounts::whole(0, 0, 15, 313));
  CHECK((nor_add(bf16).nors + nor_add(bf16).searches) / 2 == 328);  // a search counted as a cycle
}

TEST_CASE("FloatPIM's closed forms give 633 and 373 + 21 for fp16, 3360 and 1097 + 47 for fp32") {
  CHECK(nor_multiply(fp16) == StepCounts::whole(0, 0, 0, 633));
  CHECK(nor_add(fp16) == StepCounts::whole(0, 0, 21, 373));
  CHECK(nor_multiply(fp32) == StepCounts::whole(0, 0, 0, 3360));
  CHECK(nor_add(fp32) == StepCounts::whole(0, 0, 47, 1097));
}

TEST_CASE("the hidden bit counted as a mantissa bit gives 3658 and 1163") {
  constexpr FloatFormat wide{8, 24};
  CHECK(nor_multiply(wide).nors == 2 * 3658);
  CHECK(nor_add(wide).nors == 2 * 1163);
}

TEST_CASE("the SOT design's fp32 addition takes 218 reads, 217 writes and 50 searches") { CHECK(sot_add(fp32) == StepCounts::whole(218, 217, 50)); }

TEST_CASE("the SOT design's fp32 multiplication takes 1258.5 reads and writes, exactly") { CHECK(sot_multiply(fp32) == StepCounts{2517, 2517, 0, 0}); }

TEST_CASE("a SOT multiply-accumulate is 1476.5 reads, 1475.5 writes, 50 searches, and drives 3148.5 and 3147.5 cells a lane") {
  CHECK(sot_multiply_accumulate(fp32) == StepCounts{2953, 2951, 100, 0});
  CHECK(sot_multiply_accumulate_cells(fp32) == StepCounts{6297, 6295, 100, 0});
}

TEST_CASE("a SOT multiply-accumulate in bf16 is 300.5 reads, 299.5 writes, 18 searches, and drives 612.5 and 611.5 cells") {
  CHECK(sot_multiply_accumulate(bf16) == StepCounts{601, 599, 36, 0});
  CHECK(sot_multiply_accumulate_cells(bf16) == StepCounts{1225, 1223, 36, 0});
}

TEST_CASE("the full partial-product array adds the missing half of each multiplication") {
  // 4 Nm^2 and 13 Nm^2 in place of 2 Nm^2 and 6.5 Nm^2, Nm = 23: 1058 and 3438.5 more.
  CHECK(sot_multiply_full_array(fp32).reads - sot_multiply(fp32).reads == 2 * 1058);
  CHECK(nor_multiply_full_array(fp32).nors - nor_multiply(fp32).nors == 6877);
}

TEST_CASE("a transfer takes two cycles a bit") { CHECK(transfer(32) == StepCounts::whole(32, 32)); }

TEST_CASE("work adds in sequence, and side by side takes the longer latency and all events") {
  const Work read = Work::rows_read(3, 10), written = Work::rows_written(5, 10, 7);
  Work sequence = read;
  sequence.then(written);
  CHECK(sequence.steps == StepCounts::whole(3, 5));
  Work beside = sequence;
  beside.beside(Work::rows_written(8, 2, 1));
  CHECK(beside.steps == StepCounts::whole(3, 8));
  CHECK(beside.events[CellEvent::read_cell] == 30);
  CHECK(beside.events[CellEvent::write_cell] == 50 + 16);
  CHECK(beside.events[CellEvent::write_flip] == 7 + 1);
  CHECK(beside.events[CellEvent::row_step] == 3 + 5 + 8);
}
