#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "models/npu/fold_law.h"

using namespace spinvp::npu;

namespace {

// When the last processing element finishes its last element, stepping through a skewed wavefront: operand t reaches element (r, c) at r + c + t after `preload` cycles.
std::uint64_t wavefront_cycles(std::uint64_t rows, std::uint64_t columns, std::uint64_t stream, std::uint64_t preload) {
  std::uint64_t last = 0;
  for (std::uint64_t r = 0; r < rows; ++r)
    for (std::uint64_t c = 0; c < columns; ++c)
      for (std::uint64_t t = 0; t < stream; ++t) last = std::max(last, preload + r + c + t + 1);
  return last;
}

}  // namespace

TEST_CASE("a fold costs what a skewed wavefront through the full array takes") {
  for (const std::uint64_t rows : {1, 3, 8})
    for (const std::uint64_t columns : {1, 5, 8})
      for (const std::uint64_t extent : {1, 2, 7, 20}) {
        const ArrayShape array{rows, columns};
        CHECK(fold_law(Dataflow::output_stationary, array, {2, 2, extent}).cycles_per_fold == wavefront_cycles(rows, columns, extent, 0));
        // Stationary operands are loaded row by row first.
        CHECK(fold_law(Dataflow::weight_stationary, array, {extent, 2, 2}).cycles_per_fold == wavefront_cycles(rows, columns, extent, rows));
        CHECK(fold_law(Dataflow::input_stationary, array, {2, extent, 2}).cycles_per_fold == wavefront_cycles(rows, columns, extent, rows));
      }
}

TEST_CASE("the number of folds and the operand traffic follow from counting blocks") {
  const ArrayShape array{4, 6};
  for (std::uint64_t m = 1; m <= 13; ++m)
    for (std::uint64_t n = 1; n <= 13; ++n)
      for (std::uint64_t k = 1; k <= 9; k += 4) {
        for (const Dataflow dataflow : {Dataflow::output_stationary, Dataflow::weight_stationary, Dataflow::input_stationary}) {
          const bool os = dataflow == Dataflow::output_stationary, ws = dataflow == Dataflow::weight_stationary;
          std::uint64_t folds = 0, a = 0, b = 0;
          for (std::uint64_t r = 0; r < (os ? m : k); r += array.rows)
            for (std::uint64_t c = 0; c < (os || ws ? n : m); c += array.columns) {
              ++folds;
              const std::uint64_t height = std::min(array.rows, (os ? m : k) - r), width = std::min(array.columns, (os || ws ? n : m) - c);
              a += os ? height * k : ws ? height * m : height * width;
              b += os ? width * k : ws ? height * width : height * n;
            }
          const FoldLaw law = fold_law(dataflow, array, {m, n, k});
          CHECK(law.folds() == folds);
          CHECK(law.a_elements == a);
          CHECK(law.b_elements == b);
          CHECK(law.cycles() == folds * law.cycles_per_fold);
        }
      }
}

TEST_CASE("the first layer of AlexNet takes the cycles of SCALE-Sim's golden trace") {
  // 224 x 224 x 3, 96 filters of 11 x 11, stride 4, 32 x 32 array, weight stationary; that tool's output extent is ceil((224 - 11 + 4) / 4) = 55. Its report names
  // the index of the last cycle, 112283.
  CHECK(fold_law(Dataflow::weight_stationary, {32, 32}, {55 * 55, 96, 11 * 11 * 3}).cycles() == 112283 + 1);
}

TEST_CASE("dataflows are known by the names of the config") {
  CHECK(dataflow_of("os") == Dataflow::output_stationary);
  CHECK(dataflow_of("ws") == Dataflow::weight_stationary);
  CHECK(dataflow_of("is") == Dataflow::input_stationary);
}

TEST_CASE("pipelined folds follow each other as soon as every element, and every column's way out or in, is free again") {
  // Stepping: fold f works in (r, c) on t in cycle start(f) + preload + r + c + t. The next one must find each element idle, and the R values that a column passes along beside the work
  // must have passed before the next ones do.
  for (const std::uint64_t rows : {1, 3, 8})
    for (const std::uint64_t columns : {1, 5})
      for (const std::uint64_t stream : {1, 2, 7, 20})
        for (const Dataflow dataflow : {Dataflow::output_stationary, Dataflow::weight_stationary, Dataflow::input_stationary}) {
          const std::uint64_t preload = dataflow == Dataflow::output_stationary ? 0 : rows, folds = 6;
          std::vector<std::uint64_t> idle(rows * columns, 0);
          std::uint64_t start = 0, passing_until = 0, last = 0;
          for (std::uint64_t f = 0; f < folds; ++f) {
            // As early as all elements are idle and the column's registers free; the wavefront's skew is the same for every fold, so element (0, 0) decides.
            start = std::max(idle[0], passing_until);
            if (f == 0) start = preload;
            passing_until = start + rows;
            for (std::uint64_t r = 0; r < rows; ++r)
              for (std::uint64_t c = 0; c < columns; ++c) {
                REQUIRE(start + r + c >= idle[r * columns + c]);
                idle[r * columns + c] = start + r + c + stream;
                last = std::max(last, start + r + c + stream);
              }
          }
          // Six folds: 2 x 3 of them in rows and columns.
          ProductShape p{2 * rows, 3 * columns, stream};
          if (dataflow == Dataflow::weight_stationary) p = {stream, 3 * columns, 2 * rows};
          if (dataflow == Dataflow::input_stationary) p = {3 * columns, stream, 2 * rows};
          const FoldLaw law = fold_law(dataflow, {rows, columns}, p, FoldCost::pipelined);
          CAPTURE(rows, columns, stream, static_cast<int>(dataflow));
          CHECK(law.folds() == folds);
          CHECK(law.cycles() == last);
          // One fold alone costs what it always does, and ten products go on where one ends.
          const FoldLaw exact = fold_law(dataflow, {rows, columns}, p);
          CHECK(law.cycles_per_fold + law.first_fold_extra == exact.cycles_per_fold);
          CHECK(law.cycles(10) == law.cycles() + 9 * folds * std::max(stream, rows));
          CHECK(exact.cycles(10) == 10 * exact.cycles());
        }
  CHECK(fold_cost_of("pipelined") == FoldCost::pipelined);
  CHECK(fold_cost_of("exact") == FoldCost::exact);
}
