// The configurations that come with the program: platform/configs/*.yaml, embedded at build time.
#pragma once

#include <string>
#include <vector>

namespace spinvp::platform {

struct ShippedConfig {
  std::string name;  // the file's name without .yaml
  std::string text;
  // Its first comment that is not for the editor: one line about it.
  [[nodiscard]] std::string about() const;
};

// By name; `default` is always among them.
const std::vector<ShippedConfig>& shipped_configs();
// Null if there is none of that name.
const ShippedConfig* find_shipped_config(const std::string& name);

}  // namespace spinvp::platform
