// Which keys a configuration may hold: the platform's own fields and those that the models declare, by their full names.
//
// Nothing is listed twice: harts, interconnect and device types bring their schemas, and this file only says under which key each is found.
//
//   seed, power_bin                               PlatformFields
//   network....                                  NetworkFields
//   quantum, dmi                                  of riscv::HartConfig, but on top: they say how to simulate, not what
//   transport, at....                             core::TransportConfig
//   harts.count, harts.clock, harts.cycles.load   HartFields and the rest of riscv::HartConfig
//   interconnect....                              interconnect::InterconnectConfig
//   devices.NAME.type, .base, .irq, .link...      PlacementFields, the same for all devices
//   devices.NAME....                              the config of the device's type
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/core/device.h"
#include "models/core/fields.h"
#include "models/interconnect/interconnect.h"

namespace spinvp::platform {

struct PlatformFields {
  std::uint64_t seed = 1;
  core::Time power_bin = core::Time::from_si(10e-6);
  std::string pooling_unit = "hart", loss_unit = "hart", layer_units = "npu";
  std::string weights_memory, activations_memory, gradients_memory;  // names of devices
  static const core::Schema& schema();
};

struct HartFields {
  std::uint64_t count = 1;
  static const core::Schema& schema();
};

struct PlacementFields {
  std::string type;
  std::uint64_t base = 0;
  std::uint64_t irq = 0;
  bool enabled = true;
  std::uint64_t link_width_bytes = 0, link_latency = 0;
  core::Frequency link_clock;
  static const core::Schema& schema();
  [[nodiscard]] interconnect::LinkConfig link() const { return {link_width_bytes, link_clock, link_latency}; }
};

// A field under its full name, relative to the group's own place.
struct NamedField {
  std::string path;
  const core::FieldInfo* info;
};

// Keys that are valid at one place, in the order of their declaration.
class FieldGroup {
 public:
  FieldGroup& add(const core::Schema& schema, const std::string& prefix = "");
  FieldGroup& add(const core::FieldInfo& field, const std::string& prefix = "");
  [[nodiscard]] const std::vector<NamedField>& fields() const { return fields_; }
  [[nodiscard]] const core::FieldInfo* find(std::string_view path) const;
  // Whether longer names begin with `path` and a dot; the empty path is a section.
  [[nodiscard]] bool is_section(std::string_view path) const;
  // The next elements of names below `path`, each once.
  [[nodiscard]] std::vector<std::string> names_below(std::string_view path) const;

 private:
  std::vector<NamedField> fields_;
};

// All but the devices.
const FieldGroup& common_fields();
// Whether a field of the hart's config stands at the top and not under `harts`.
bool is_top_level_hart_field(std::string_view name);
// Placement and own fields of a device of that type.
FieldGroup device_fields(const core::DeviceType& type);

// Names of all registered device types.
std::vector<std::string> device_type_names();

}  // namespace spinvp::platform
