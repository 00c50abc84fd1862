// Inside of device_tuning.h: what a request comes down to, and a design in the parts that its search holds on to.
#pragma once

#include "models/technology/device_tuning.h"

namespace spinvp::technology {

struct TuningLimits {
  double bit_budget = 0, retention = 0, write = 0, read = 0;  // probabilities allowed
  double stability = 0;                                       // needed at T_max in the worst cell
  core::Time pulse;                                           // at most
  core::Time shortest;                                        // above: what the write error alone takes of a SOT pulse
};
// Checks the request first.
TuningLimits tuning_limits(const TuningRequest& request);

// The request's device in another size.
MagneticJunction tuned_device(const TuningRequest& request, core::Length diameter, core::Length free_layer_thickness, core::Length track_thickness);

// What does not depend on track and pulse. A ratio above 1 keeps its limit.
struct TunedMagnet {
  bool possible = false;
  double hot = 0, reference = 0, cold = 0;  // mean Delta
  double retention_ratio = 0, read_ratio = 0, read_disturb = 1;

  [[nodiscard]] bool holds() const { return possible && retention_ratio >= 1 && read_ratio >= 1; }
};
TunedMagnet tuned_magnet(const TuningRequest& request, const TuningLimits& limits, core::Length diameter, core::Length free_layer_thickness);

TuningEvaluation evaluate(const TuningRequest& request, const TuningLimits& limits, const TunedMagnet& magnet, core::Length diameter,
                          core::Length free_layer_thickness, core::Length track_thickness, core::Time pulse);
// The margins that a search does not need.
void complete_margins(const TuningRequest& request, TuningEvaluation& evaluation);

}  // namespace spinvp::technology
