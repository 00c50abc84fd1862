// A reproduction of the memory claims as one JSON document and as a page for people.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "platform/explore/reproduce_memory.h"

namespace spinvp::platform {

nlohmann::ordered_json to_json(MemoryReproduction& reproduction);
std::string to_text(MemoryReproduction& reproduction);

}  // namespace spinvp::platform
