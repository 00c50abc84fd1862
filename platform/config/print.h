// A checked configuration as text again: YAML that gives the same configuration when it is read, and JSON for the report.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "platform/config/platform_config.h"

namespace spinvp::platform {

// A value as YAML text that parses back to exactly the same value.
std::string exact_text(const core::FieldInfo& field, const core::FieldValue& value);

// Every field of everything. With `comments`, each carries its text, what it allows and where its default comes from.
std::string to_yaml(const PlatformConfig& config, bool comments = false);

// The same tree. Quantities, sizes and addresses are texts with their units; counts, reals and booleans are themselves.
nlohmann::ordered_json to_json(const PlatformConfig& config);

}  // namespace spinvp::platform
