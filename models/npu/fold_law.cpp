#include "models/npu/fold_law.h"

#include "models/core/units.h"

namespace spinvp::npu {

using core::divide_up;

Dataflow dataflow_of(std::string_view name) {
  if (name == "ws") return Dataflow::weight_stationary;
  if (name == "is") return Dataflow::input_stationary;
  return Dataflow::output_stationary;
}

FoldLaw fold_law(Dataflow dataflow, ArrayShape array, ProductShape p) {
  const std::uint64_t r = array.rows, c = array.columns;
  FoldLaw law;
  switch (dataflow) {
    case Dataflow::output_stationary:
      law = {divide_up(p.m, r), divide_up(p.n, c), r + c + p.k - 2, 0, 0};
      law.a_elements = p.m * p.k * law.column_folds;
      law.b_elements = p.k * p.n * law.row_folds;
      break;
    case Dataflow::weight_stationary:
      law = {divide_up(p.k, r), divide_up(p.n, c), 2 * r + c + p.m - 2, 0, 0};
      law.a_elements = p.m * p.k * law.column_folds;
      law.b_elements = p.k * p.n;
      break;
    case Dataflow::input_stationary:
      law = {divide_up(p.k, r), divide_up(p.m, c), 2 * r + c + p.n - 2, 0, 0};
      law.a_elements = p.m * p.k;
      law.b_elements = p.k * p.n * law.column_folds;
      break;
  }
  return law;
}

}  // namespace spinvp::npu
