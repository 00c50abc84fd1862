// How many cycles a systolic array of R x C processing elements takes for a matrix product, fold by fold.
//
// A product of M x K by K x N is cut into folds of Sr x Sc over the array; each streams T elements past it. The full array is charged on ragged folds:
//   output stationary   Sr = M  Sc = N  T = K    R + C + T - 2 cycles a fold
//   weight stationary   Sr = K  Sc = N  T = M   2R + C + T - 2
//   input stationary    Sr = K  Sc = M  T = N   2R + C + T - 2
//   folds = ceil(Sr / R) * ceil(Sc / C)
// This is the law of SCALE-Sim (Samajdar et al., ISPASS 2020, equations 1 to 4), which leaves out nothing but memory. Operand elements that enter the array:
//   os: A = M K ceil(N/C), B = K N ceil(M/R)    ws: A = M K ceil(N/C), B = K N    is: A = M K, B = K N ceil(M/C)
#pragma once

#include <cstdint>
#include <string_view>

namespace spinvp::npu {

enum class Dataflow { output_stationary, weight_stationary, input_stationary };
// "os", "ws" or "is".
Dataflow dataflow_of(std::string_view name);

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
  [[nodiscard]] std::uint64_t folds() const { return row_folds * column_folds; }
  [[nodiscard]] std::uint64_t cycles() const { return folds() * cycles_per_fold; }
};

// All extents at least 1, and small enough for 64 bits (job.h sees to that).
FoldLaw fold_law(Dataflow dataflow, ArrayShape array, ProductShape product);

}  // namespace spinvp::npu
