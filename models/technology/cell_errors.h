// How often one magnetic cell errs: what a device model gives, and fault processes of memories draw from. Zero everywhere: a cell that never errs.
#pragma once

#include <string>

#include "models/core/units.h"

namespace spinvp::technology {

struct CellErrorRates {
  double write_0_to_1 = 0, write_1_to_0 = 0;  // probability that a bit meant to flip does not
  core::Frequency retention_loss;             // mean flips a second of a resting cell: 1 / (attempt time x e^stability); P(t) = 1 - e^(-rate t)
  double read_disturb = 0;                    // probability that one read flips the cell
  double stuck = 0;                           // share of cells that keep one value whatever is written
  std::string source;                         // which device, temperature and pulse

  [[nodiscard]] bool any() const { return write_0_to_1 > 0 || write_1_to_0 > 0 || retention_loss.si() > 0 || read_disturb > 0 || stuck > 0; }
};

}  // namespace spinvp::technology
