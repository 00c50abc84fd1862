// Time and energy of a design's lane operations and of a training step, from counts and the physics of its cells. Counts are taken once; prices follow from
// physics that may be moved from its nominal values.
#pragma once

#include <optional>
#include <string>

#include "models/technology/pim_array.h"
#include "platform/explore/lenet_training.h"
#include "platform/explore/pim_counts.h"

namespace spinvp::platform {

// Whose counts an operation takes.
enum class Counting {
  published,   // the paper's closed forms, products as their half array
  full_array,  // the same with all partial products of a multiplication
  executed,    // our micro-programs of the published procedures: truncating, no special values
  ieee,        // our micro-programs of IEEE 754, rounding to nearest even
};
const char* name_of(Counting counting);

// What prices follow from beside the counts.
struct Constants {
  technology::PimPhysics physics;
  // Published counts do not say how many of the written and set cells flip. Half (assumed, as `spinvp pim` does).
  double flip_share = 0.5;
};

// Counts of a lane's operations in one family.
class DesignCounts {
 public:
  // Nothing where the family does not publish such counts.
  static std::optional<DesignCounts> of(const pim::LogicFamily& family, Counting counting);

  const pim::LogicFamily* family = nullptr;
  Counting counting = Counting::published;
  OperationCounts multiply_accumulate, add, multiply, subtract;
  // Cells of a lane: three operands, and the work rows of the executed multiply-accumulate.
  unsigned operand_rows = 0, work_rows = 0;
};

struct OperationPrice {
  double seconds = 0;
  double lane_joules = 0;      // cells of one lane
  double subarray_joules = 0;  // lines of one subarray
};

// Closed forms are charged as price() of pim_cost.h does, with the flip_share of `constants`. FloatPIM's chip-power is that of a cycle: a step that sets many cells
// costs one.
OperationPrice price_operation(const OperationCounts& counts, const technology::PimTechnology& technology, const Constants& constants);
// A row write or read of a word: 32 steps; half of the written cells flip (assumed: random words).
OperationPrice price_word_write(const technology::PimTechnology& technology);
OperationPrice price_word_read(const technology::PimTechnology& technology);

struct DesignFigures {
  double mac_seconds = 0, mac_joules = 0;  // one lane of a full subarray, with its share of lines and leakage
  double step_seconds = 0, step_joules = 0;
  double block_watts = 0;  // one subarray that multiplies and accumulates in all lanes all the time
};
DesignFigures figures_of(const DesignCounts& design, const std::string& regime, const Constants& constants, const ArrayWork& work,
                         const ArrayGeometry& geometry = {});

}  // namespace spinvp::platform
