#include "platform/config/shipped.h"

#include <algorithm>
#include <sstream>

namespace spinvp::platform {

std::string ShippedConfig::about() const {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("# ") && line.find("yaml-language-server") == std::string::npos) return line.substr(2);
  return {};
}

const ShippedConfig* find_shipped_config(const std::string& name) {
  const auto& all = shipped_configs();
  const auto found = std::find_if(all.begin(), all.end(), [&](const ShippedConfig& c) { return c.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace spinvp::platform
