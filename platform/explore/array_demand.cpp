#include "platform/explore/array_demand.h"

#include <algorithm>

namespace spinvp::platform {

using npu::Dataflow;

ArrayDemand& ArrayDemand::operator+=(const ArrayDemand& next) {
  cycles += next.cycles;
  read_bytes += next.read_bytes;
  written_bytes += next.written_bytes;
  sum_bytes += next.sum_bytes;
  peak_read = std::max(peak_read, next.peak_read);
  peak_written = std::max(peak_written, next.peak_written);
  return *this;
}

ArrayDemand array_demand(Dataflow dataflow, npu::ArrayShape array, npu::FoldCost cost, npu::ProductShape p, std::uint64_t products, std::uint64_t width) {
  constexpr std::uint64_t sum_width = 4;
  const npu::FoldLaw law = npu::fold_law(dataflow, array, p, cost);
  ArrayDemand demand{
      .cycles = law.cycles(products), .read_bytes = products * (law.a_elements + law.b_elements) * width, .written_bytes = products * p.m * p.n * width};
  if (dataflow == Dataflow::output_stationary) {
    const std::uint64_t rows = std::min(array.rows, p.m), columns = std::min(array.columns, p.n);
    demand.peak_read = (std::min(rows, p.k) + std::min(columns, p.k)) * width;
    demand.peak_written = std::min(rows, columns) * width;
    return demand;
  }
  const bool weights = dataflow == Dataflow::weight_stationary;
  const std::uint64_t stream = weights ? p.m : p.n, rows = std::min(array.rows, p.k), columns = std::min(array.columns, weights ? p.n : p.m);
  const std::uint64_t streamed = std::min(rows, stream);
  const bool overlap = cost == npu::FoldCost::pipelined && law.folds() * products > 1;
  demand.peak_read = (overlap ? columns + streamed : std::max(columns, streamed)) * width;
  demand.peak_written = std::min(columns, stream) * width;
  demand.sum_bytes = products * p.m * p.n * (law.row_folds - 1) * sum_width;
  return demand;
}

}  // namespace spinvp::platform
