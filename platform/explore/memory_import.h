// What `spinvp memory --import` says about the designs of another array tool: as a JSON document, as a table, as a CSV file.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "models/technology/import/imported_design.h"

namespace spinvp::platform {

nlohmann::ordered_json to_json(const technology::ImportedDesigns& imported);
std::string to_table(const technology::ImportedDesigns& imported);
std::string to_csv(const technology::ImportedDesigns& imported);

}  // namespace spinvp::platform
