// `spinvp memory --tune`: the codes that a word may have, and a tuning as a JSON document.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/technology/device_tuning.h"

namespace spinvp::platform {

// What a code leaves of the error budget: stored bits of a word and how many wrong ones are corrected.
struct WordCode {
  std::string name;
  unsigned word_bits = 0;  // check bits included; zero: no code, the budget is that of a raw bit
  unsigned corrected_bits = 0;
};
// none; secded (72, 64); dec (532, 512) and tec (542, 512), as the on-chip memory has them.
const std::vector<WordCode>& word_codes();

nlohmann::ordered_json to_json(const technology::TuningRequest& request, const technology::TuningResult& result);

}  // namespace spinvp::platform
