#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/core/device.h"
#include "models/pim/logic_family.h"
#include "models/technology/array_model.h"
#include "models/technology/device_presets.h"
#include "platform/commands/apps.h"
#include "platform/commands/verbs.h"
#include "platform/config/shipped.h"
#include "platform/explore/memory_macro.h"
#include "workloads/networks/shipped.h"

namespace spinvp::platform {

namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;  // name, what it is

Rows apps() {
  Rows rows;
  for (const std::string& name : app_names()) rows.emplace_back(name, app_about(name));
  return rows;
}

Rows configs() {
  Rows rows;
  for (const ShippedConfig& config : shipped_configs()) rows.emplace_back(config.name, config.about());
  return rows;
}

Rows devices() {
  Rows rows;
  for (const auto& [name, type] : core::device_types()) rows.emplace_back(name, type.text);
  return rows;
}

// The presets that device types offer under the field names `technology`, `preset` and `device`.
Rows technologies() {
  Rows rows;
  for (const auto& [name, type] : core::device_types())
    for (const core::FieldInfo& field : type.schema->fields())
      if (field.name == "technology" || field.name == "preset" || field.name == "device")
        for (const std::string& choice : field.notes.choices) rows.emplace_back(choice, fmt::format("{} of {}: {}", field.name, name, field.notes.text));
  return rows;
}

Rows families() {
  Rows rows;
  for (const pim::LogicFamily& family : pim::logic_families()) rows.emplace_back(family.name, family.text);
  return rows;
}

// What `spinvp memory --cell` takes by name.
Rows cells() {
  Rows rows;
  for (const std::string& name : cell_names()) {
    const technology::MemoryCell cell = cell_named(name);
    rows.emplace_back(name, fmt::format("{}, {:g} F2; {}", technology::name_of(cell.technology), cell.area_f2, cell.source));
  }
  return rows;
}

// What `spinvp layers` takes by name.
Rows networks() {
  Rows rows;
  for (const workloads::ShippedNetwork& network : workloads::shipped_networks()) rows.emplace_back(network.name, network.about());
  return rows;
}

// What `spinvp memory --device` takes.
Rows magnets() {
  Rows rows;
  for (const std::string& name : technology::device_preset_names()) {
    const technology::MagneticJunction junction = technology::device_preset(name);
    rows.emplace_back(name, fmt::format("{}, thermal stability {:.1f} at {:g} K", junction.write == technology::WriteMechanism::spin_orbit ? "SOT" : "STT",
                                        technology::thermal_stability(junction.layer, junction.layer.reference), junction.layer.reference.si()));
  }
  return rows;
}

// What `spinvp memory --sram-leakage` takes.
Rows leakages() {
  Rows rows;
  for (const technology::SramLeakagePreset& preset : technology::sram_leakage_presets()) rows.emplace_back(preset.name, preset.source);
  return rows;
}

int print(const Rows& rows, const Globals& globals) {
  if (globals.json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto& [name, about] : rows)
      list.push_back({{"name", name}, {"about", about.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(about)}});
    std::printf("%s\n", list.dump(2).c_str());
    return 0;
  }
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.first.size());
  for (const auto& [name, about] : rows) std::printf("%s\n", about.empty() ? name.c_str() : fmt::format("{:<{}}  {}", name, width, about).c_str());
  return 0;
}

}  // namespace

void add_list(CLI::App& program, const Globals& globals, Action& action) {
  auto* verb = program.add_subcommand("list", "lists what can be named: apps, configs, networks, technologies, devices, families, cells, magnets, leakages");
  auto what = std::make_shared<std::string>();
  verb->add_option("WHAT", *what,
                   "apps, configs, networks, technologies, devices (of the SoC), families (of PIM logic), cells, magnets or leakages (of memory)")
      ->required()
      ->check(CLI::IsMember({"apps", "configs", "networks", "technologies", "devices", "families", "cells", "magnets", "leakages"}));
  verb->callback([&globals, &action, what] {
    action = [&globals, what] {
      return print(*what == "apps"       ? apps()
                   : *what == "configs"  ? configs()
                   : *what == "networks" ? networks()
                   : *what == "devices"  ? devices()
                   : *what == "families" ? families()
                   : *what == "cells"    ? cells()
                   : *what == "magnets"  ? magnets()
                   : *what == "leakages" ? leakages()
                                         : technologies(),
                   globals);
    };
  });
}

}  // namespace spinvp::platform
