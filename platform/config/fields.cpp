#include "platform/config/fields.h"

#include <algorithm>

#include "models/core/engine_port.h"
#include "models/riscv/hart_config.h"
#include "platform/config/network_fields.h"

namespace spinvp::platform {

const core::Schema& PlatformFields::schema() {
  static const core::Schema schema =
      core::Schema::of<PlatformFields>()
          .field("seed", &PlatformFields::seed, {.most = 4294967295.0, .text = "seed of every random number: initial weights, faults"})
          .field("power_bin", &PlatformFields::power_bin, {.least = 1, .most = 1e9, .unit = "ns", .text = "width of a row of power.csv, and of the peak power"})
          .field("pooling_unit", &PlatformFields::pooling_unit,
                 {.choices = {"hart", "npu", "pim"}, .text = "where apps that train on the PIM arrays compute pools, ReLUs and residual sums"})
          .field("loss_unit", &PlatformFields::loss_unit,
                 {.choices = {"hart", "npu"},
                  .text = "where apps that train on the PIM arrays compute loss, softmaxes and layer norms: the arrays have neither exponentials nor quotients "
                          "and roots"})
          .field("layer_units", &PlatformFields::layer_units,
                 {.choices = {"npu", "pim", "npu+pim", "pim+npu"},
                  .text = "where train_transformer computes its two layers: both on one unit, or the first on one and the second on the other; the embedding "
                          "goes with the first, head and loss with the second"})
          .field("tensors.weights", &PlatformFields::weights_memory,
                 {.text = "memory device that holds the parameters of apps that train; empty: where the app has its other tensors"})
          .field("tensors.activations", &PlatformFields::activations_memory, {.text = "the same for inputs and what the layers hand forward"})
          .field("tensors.gradients", &PlatformFields::gradients_memory, {.text = "the same for all gradients"});
  return schema;
}

const core::Schema& HartFields::schema() {
  static const core::Schema schema =
      core::Schema::of<HartFields>().field("count", &HartFields::count, {.least = 1, .most = 8, .text = "number of harts; all start at the ELF's entry"});
  return schema;
}

const core::Schema& PlacementFields::schema() {
  static const core::Schema schema =
      core::Schema::of<PlacementFields>()
          .field("type", &PlacementFields::type, {.text = "type of the device: `spinvp list devices`"})
          .field("base", &PlacementFields::base, {.least = 0, .unit = "hex", .text = "first address of the device on the bus"})
          .field("irq", &PlacementFields::irq, {.least = 0, .most = 1023, .text = "its number at the interrupt controller; 0: not connected"})
          .field("enabled", &PlacementFields::enabled, {.text = "false removes the device"})
          .field("link.width_bytes", &PlacementFields::link_width_bytes,
                 {.least = 0, .most = 4096, .text = "bytes a cycle of its links to the interconnect; 0: the interconnect's"})
          .field("link.clock", &PlacementFields::link_clock, {.least = 0, .most = 1e11, .text = "clock of its links; 0: the interconnect's"})
          .field("link.latency", &PlacementFields::link_latency,
                 {.least = 0, .most = 100000, .text = "cycles that its links add to the interconnect's latency"})
          .what_if({"link."});
  return schema;
}

FieldGroup& FieldGroup::add(const core::Schema& schema, const std::string& prefix) {
  for (const core::FieldInfo& field : schema.fields()) add(field, prefix);
  return *this;
}

FieldGroup& FieldGroup::add(const core::FieldInfo& field, const std::string& prefix) {
  fields_.push_back({prefix + field.name, &field});
  return *this;
}

const core::FieldInfo* FieldGroup::find(std::string_view path) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const NamedField& f) { return f.path == path; });
  return found == fields_.end() ? nullptr : found->info;
}

bool FieldGroup::is_section(std::string_view path) const {
  return path.empty() || std::any_of(fields_.begin(), fields_.end(), [&](const NamedField& f) {
           return f.path.size() > path.size() && f.path.starts_with(path) && f.path[path.size()] == '.';
         });
}

std::vector<std::string> FieldGroup::names_below(std::string_view path) const {
  std::vector<std::string> names;
  const std::string prefix = path.empty() ? std::string() : std::string(path) + ".";
  for (const NamedField& field : fields_) {
    if (!field.path.starts_with(prefix)) continue;
    std::string name = field.path.substr(prefix.size());
    name = name.substr(0, name.find('.'));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

bool is_top_level_hart_field(std::string_view name) { return name == "quantum" || name == "dmi"; }

const FieldGroup& common_fields() {
  static const FieldGroup group = [] {
    FieldGroup g;
    g.add(PlatformFields::schema());
    g.add(NetworkFields::schema(), "network.");
    for (const core::FieldInfo& field : riscv::HartConfig::schema().fields())
      if (is_top_level_hart_field(field.name)) g.add(field);
    g.add(core::TransportConfig::schema());
    g.add(HartFields::schema(), "harts.");
    for (const core::FieldInfo& field : riscv::HartConfig::schema().fields())
      if (!is_top_level_hart_field(field.name)) g.add(field, "harts.");
    g.add(interconnect::InterconnectConfig::schema(), "interconnect.");
    return g;
  }();
  return group;
}

FieldGroup device_fields(const core::DeviceType& type) {
  FieldGroup group;
  group.add(PlacementFields::schema()).add(*type.schema);
  return group;
}

std::vector<std::string> device_type_names() {
  std::vector<std::string> names;
  for (const auto& [name, type] : core::device_types()) names.push_back(name);
  return names;
}

}  // namespace spinvp::platform
