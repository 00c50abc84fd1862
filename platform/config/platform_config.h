// A checked configuration: the second of the two stages. Every field of everything has a value that is allowed, and nothing changes it any more.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "models/core/engine_port.h"
#include "models/core/fields.h"
#include "models/interconnect/interconnect.h"
#include "models/riscv/hart_config.h"
#include "platform/config/fields.h"
#include "platform/config/network_fields.h"
#include "platform/config/written.h"

namespace spinvp::platform {

// A field with its value, for the resolved configuration.
struct ResolvedField {
  std::string path;
  const core::FieldInfo* info;
  core::FieldValue value;
};

struct DeviceConfig {
  std::string name;
  PlacementFields placement;
  core::FieldValues values;  // of its type's own fields, as they were written
  Where where;               // of the device's base: where an overlap is reported
  std::vector<ResolvedField> fields;
};

struct PlatformConfig {
  PlatformFields platform;
  NetworkFields network;
  core::TransportConfig transport;
  HartFields harts;
  riscv::HartConfig hart;
  interconnect::InterconnectConfig interconnect;
  std::vector<DeviceConfig> devices;  // in the order in which they were first named
  std::vector<std::string> removed;   // devices of the default configuration that are not there
  std::vector<ResolvedField> fields;  // all but the devices'
};

// Lays `layers` over each other and checks all of it; the first layer is the default SoC. Wrong: all problems, one line each, in the order of the files.
tl::expected<PlatformConfig, std::vector<std::string>> resolve(const std::vector<Layer>& layers);

// What the command line says about the configuration.
struct ConfigRequest {
  std::optional<std::string> config;     // a file, or the name of a shipped configuration
  std::vector<std::string> assignments;  // of `--set`
  std::vector<std::string> what_if;      // of `--what-if`: over those
  std::optional<std::string> seed, transport;
};

// Default SoC, then the file, then `--set`, `--seed` and `--transport`. Throws core::InputError with the first problem, core::FileError.
PlatformConfig load_config(const ConfigRequest& request);
// The layers of such a request, not yet checked against each other.
std::vector<Layer> read_layers(const ConfigRequest& request);

}  // namespace spinvp::platform
