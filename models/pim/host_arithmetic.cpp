#include "models/pim/host_arithmetic.h"

#include <cassert>

namespace spinvp::pim {

namespace {

struct Counts {
  StepCounts steps, cells;  // latency, and cells of one lane
};

Counts counts_of(ArithmeticOperation operation, const FloatFormat& format) {
  using namespace published;
  switch (operation) {
    case ArithmeticOperation::multiply: return {sot_multiply(format), sot_multiply_cells(format)};
    case ArithmeticOperation::multiply_accumulate: return {sot_multiply_accumulate(format), sot_multiply_accumulate_cells(format)};
    // A subtraction flips one operand's sign on the way: the published forms know no difference. They have none for the last three, which a subtraction
    // and a choice by its sign can do.
    case ArithmeticOperation::add:
    case ArithmeticOperation::subtract:
    case ArithmeticOperation::compare:
    case ArithmeticOperation::maximum:
    case ArithmeticOperation::relu: return {sot_add(format), sot_add_cells(format)};
  }
  return {};
}

}  // namespace

HostArithmetic::HostArithmetic(const FloatArithmetic& arithmetic, VectorWidth widest) : format_(arithmetic.format), values_(arithmetic, widest) {
  assert(format_.bits() <= 32);
}

Work HostArithmetic::execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words) {
  values_.run(operation, store.lanes(range, words.destination).data(), store.lanes(range, words.source_a).data(), store.lanes(range, words.source_b).data(),
              range.count);
  const Counts counts = counts_of(operation, format_);
  return Work::in_lanes(counts.steps, counts.cells, range.count);
}

}  // namespace spinvp::pim
