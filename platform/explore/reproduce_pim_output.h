// A reproduction as one JSON document and as a page for people.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "platform/explore/reproduce_pim.h"

namespace spinvp::platform {

nlohmann::ordered_json to_json(const PimReproduction& reproduction);
std::string to_text(const PimReproduction& reproduction);

}  // namespace spinvp::platform
