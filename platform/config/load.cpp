#include <filesystem>

#include <fmt/format.h>

#include "models/core/error.h"
#include "platform/config/platform_config.h"
#include "platform/config/shipped.h"

namespace spinvp::platform {

namespace {

Layer read_named(const std::string& config) {
  if (const ShippedConfig* shipped = find_shipped_config(config)) return read_yaml(shipped->text, shipped->name + ".yaml");
  std::error_code error;
  if (!std::filesystem::exists(config, error) && config.find_first_of("./") == std::string::npos) {
    std::string names;
    for (const ShippedConfig& c : shipped_configs()) names += (names.empty() ? "" : ", ") + c.name;
    throw core::FileError(fmt::format("{}: there is no such file, and no shipped configuration of that name; shipped: {}", config, names));
  }
  return read_yaml_file(config);
}

}  // namespace

std::vector<Layer> read_layers(const ConfigRequest& request) {
  std::vector<Layer> layers;
  const ShippedConfig& standard = *find_shipped_config("default");
  layers.push_back(read_yaml(standard.text, "default.yaml"));
  if (request.config && *request.config != "default") layers.push_back(read_named(*request.config));
  for (const std::string& assignment : request.assignments) layers.push_back(read_option(assignment));
  for (const std::string& assignment : request.what_if) layers.push_back(read_option(assignment, "--what-if"));
  for (const auto& [key, value] : {std::pair{"seed", &request.seed}, {"transport", &request.transport}}) {
    if (!*value) continue;
    const Where where{fmt::format("--{} {}", key, **value), 0, 0};
    layers.push_back({where.source, {{{{key, where}}, ValueKind::scalar, **value, where}}});
  }
  return layers;
}

PlatformConfig load_config(const ConfigRequest& request) {
  auto config = resolve(read_layers(request));
  if (!config) throw core::InputError(config.error().front());
  return std::move(*config);
}

}  // namespace spinvp::platform
