#include "models/npu/fold_law.h"

#include <algorithm>

#include "models/core/units.h"

namespace spinvp::npu {

using core::divide_up;

Dataflow dataflow_of(std::string_view name) {
  if (name == "ws") return Dataflow::weight_stationary;
  if (name == "is") return Dataflow::input_stationary;
  return Dataflow::output_stationary;
}

FoldCost fold_cost_of(std::string_view name) { return name == "pipelined" ? FoldCost::pipelined : FoldCost::exact; }

FoldLaw fold_law(Dataflow dataflow, ArrayShape array, ProductShape p, FoldCost cost) {
  const std::uint64_t r = array.rows, c = array.columns;
  FoldLaw law;
  switch (dataflow) {
    case Dataflow::output_stationary:
      law = {divide_up(p.m, r), divide_up(p.n, c), r + c + p.k - 2, 0, 0, 0};
      law.a_elements = p.m * p.k * law.column_folds;
      law.b_elements = p.k * p.n * law.row_folds;
      break;
    case Dataflow::weight_stationary:
      law = {divide_up(p.k, r), divide_up(p.n, c), 2 * r + c + p.m - 2, 0, 0, 0};
      law.a_elements = p.m * p.k * law.column_folds;
      law.b_elements = p.k * p.n;
      break;
    case Dataflow::input_stationary:
      law = {divide_up(p.k, r), divide_up(p.m, c), 2 * r + c + p.n - 2, 0, 0, 0};
      law.a_elements = p.m * p.k;
      law.b_elements = p.k * p.n * law.column_folds;
      break;
  }
  if (cost == FoldCost::pipelined) {
    const std::uint64_t stream = dataflow == Dataflow::output_stationary ? p.k : dataflow == Dataflow::weight_stationary ? p.m : p.n;
    const std::uint64_t next = std::max(stream, r);
    law.first_fold_extra = law.cycles_per_fold - next;
    law.cycles_per_fold = next;
  }
  return law;
}

}  // namespace spinvp::npu
