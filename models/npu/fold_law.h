// How many cycles a systolic array of R x C processing elements takes for a matrix product, fold by fold.
//
// A product of M x K by K x N is cut into folds of Sr x Sc over the array; each streams T elements past it. The full array is charged on ragged folds:
//   output stationary   Sr = M  Sc = N  T = K    R + C + T - 2 cycles a fold
//   weight stationary   Sr = K  Sc = N  T = M   2R + C + T - 2
//   input stationary    Sr = K  Sc = M  T = N   2R + C + T - 2
//   folds = ceil(Sr / R) * ceil(Sc / C)
// This is the law of SCALE-Sim (Samajdar et al., ISPASS 2020, equations 1 to 4), which leaves out nothing but memory. Operand elements that enter the array:
//   os: A = M K ceil(N/C), B = K N ceil(M/R)    ws: A = M K ceil(N/C), B = K N    is: A = M K, B = K N ceil(M/C)
//
// That law is the policy `exact`: a fold ends before the next begins. `pipelined` lets the next fold follow on the heels of the last one. A fold's wavefront is skewed:
// element (r, c) works on stream element t in cycle r + c + t (after a preload of R cycles where something is stationary), so it is idle again T cycles after its first,
// and the next fold's wavefront can enter T cycles after the last one's. One thing can hold it up: a column passes R results down to the edge (os), or takes R
// stationary values from it (ws, is), one a cycle, into a second set of registers, while the array works; so the folds of a job follow each other every
//   max(T, R) cycles, and the first one has the full fold's time: F folds take (first fold) + (F - 1) max(T, R).
#pragma once

#include <cstdint>
#include <string_view>

namespace spinvp::npu {

enum class Dataflow { output_stationary, weight_stationary, input_stationary };
// "os", "ws" or "is".
Dataflow dataflow_of(std::string_view name);

enum class FoldCost { exact, pipelined };
// "exact" or "pipelined".
FoldCost fold_cost_of(std::string_view name);

struct ArrayShape {
  std::uint64_t rows = 128, columns = 128;
};
struct ProductShape {
  std::uint64_t m = 0, n = 0, k = 0;
  [[nodiscard]] std::uint64_t macs() const { return m * n * k; }
};

struct FoldLaw {
  std::uint64_t row_folds = 0, column_folds = 0, cycles_per_fold = 0;
  std::uint64_t a_elements = 0, b_elements = 0;  // that enter the array
  std::uint64_t first_fold_extra = 0;            // what the first fold of a job takes longer (0 where the policy is exact)
  [[nodiscard]] std::uint64_t folds() const { return row_folds * column_folds; }
  // Of `products` products that are alike, one after the other.
  [[nodiscard]] std::uint64_t cycles(std::uint64_t products = 1) const { return products * folds() * cycles_per_fold + first_fold_extra; }
};

// All extents at least 1, and small enough for 64 bits (job.h sees to that).
FoldLaw fold_law(Dataflow dataflow, ArrayShape array, ProductShape product, FoldCost cost = FoldCost::exact);

}  // namespace spinvp::npu
