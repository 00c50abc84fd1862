// What NVSim prints, as data sheets: one for each block RESULT but those of tags.
//
// Traps that are caught:
//   - units float with the value (um^2 and mm^2, ps to ms, pJ to mJ, pW to W): each is parsed, an unknown one is an error.
//   - a cache target prints a summary with `Cache Hit Latency` and the like first: it includes the tags and is not used; what is taken is the data array, and it is said.
//     In access mode Fast a word of the data array is a whole set.
//   - MRAM and SRAM print `Write Latency`; phase-change and resistive cells print SET and RESET: the slower and the dearer of the two count.
//   - `No valid solutions`: a failed design, left out.
//   - the capacity is printed in whole KB, MB or GB, cut off: where the organisation holds a few more bits of the same print, the organisation counts.
//   - a text that ends early: an error that names what is missing.
#pragma once

#include <string>
#include <string_view>

#include "models/technology/import/imported_design.h"

namespace spinvp::technology {

// Throws core::InputError.
ImportedDesigns import_nvsim_result(std::string_view text, const std::string& file, const ImportOptions& options = {});

}  // namespace spinvp::technology
