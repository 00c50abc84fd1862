// The area claims: of the arrays that the same task needs in both designs, and of FloatPIM's chip. Area does not depend on how energy is taken: in these rows the
// regime names the memristor's cell and what is counted.
//   lane       operands and work rows of a lane, cells alone                  (boundary device)
//   workspace  work rows alone                                                (boundary device)
//   subarray   as many rows as a lane needs, with row and column circuits     (boundary array)
//   1K x 1K    subarrays of the published size, whatever a lane needs         (boundary array)
#pragma once

#include <vector>

#include "platform/explore/reproduce_pim.h"

namespace spinvp::platform {

// Ratios by what a lane needs; both designs have as many lanes.
std::vector<Claim> area_claims(const DesignCounts& sot, const DesignCounts& nor);
// Ratio of subarrays of fixed size, and FloatPIM's chip.
std::vector<Claim> fixed_area_claims();

}  // namespace spinvp::platform
