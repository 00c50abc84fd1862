// The array model beside other figures: *agreement* with an array tool, and *validation* against published macros and silicon. Printed by commands and held by tests.
#pragma once

#include <string>
#include <vector>

#include "models/technology/array_model.h"

namespace spinvp::technology {

struct ArrayComparison {
  std::string row;     // "sram 1 MiB"
  std::string figure;  // "area"
  std::string unit;    // "mm2"
  double ours = 0, published = 0;
  double least = 0, most = 0;  // of ours / published: the band that the test holds
  std::string source;          // of the published figure; begins with published:, derived: or assumed: (recalled)
  [[nodiscard]] double ratio() const { return ours / published; }
  [[nodiscard]] bool inside() const { return ratio() >= least && ratio() <= most; }
};

// Six figures of six NVSim rows (memory_sheet.h) at 22 nm with one set of circuit constants, NVSim's conventions and its fixed sense delay. `own_search`: with the
// organisations that our search finds best; else with those that NVSim chose in a repetition of the sweep.
std::vector<ArrayComparison> array_agreement(bool own_search);

// Published macros and silicon, without the fixed delay and conventions.
std::vector<ArrayComparison> array_validation();

// The row that is furthest from 1 (by ratio or its inverse); rows whose published figure is only a bound (least 0) do not count.
const ArrayComparison& worst_of(const std::vector<ArrayComparison>& rows);

}  // namespace spinvp::technology
