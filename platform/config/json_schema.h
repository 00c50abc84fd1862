// The JSON schema of configuration files, for editors and other tools. Made from the same declarations as everything else.
#pragma once

#include <nlohmann/json.hpp>

namespace spinvp::platform {

// JSON Schema draft 7 (what yaml-language-server understands best).
nlohmann::ordered_json config_json_schema();

}  // namespace spinvp::platform
