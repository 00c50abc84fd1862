#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "platform/config/platform_config.h"
#include "workloads/graph/sparsity.h"

namespace spinvp::platform {

namespace {

std::string list(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::string suggestion(const std::string& wrong, const std::vector<std::string>& names) {
  const std::string near = core::nearest(wrong, names);
  return near.empty() ? std::string() : fmt::format("; nearest is '{}'", near);
}

struct Checked {
  core::FieldValue value;
  Where where;
};
using CheckedValues = std::map<std::string, Checked>;

class Resolver {
 public:
  void apply(const Layer& layer) {
    for (const Setting& setting : layer.settings) take_device_type(setting);
    for (const Setting& setting : layer.settings) {
      if (setting.keys.front().name == "devices")
        take_device_setting(setting);
      else
        check(common_fields(), setting, 0, common_);
    }
    if (first_layer_)
      for (Device& device : devices_) device.is_default = true;
    first_layer_ = false;
  }

  tl::expected<PlatformConfig, std::vector<std::string>> finish() {
    PlatformConfig config;
    config.platform = PlatformFields::schema().make<PlatformFields>(values_of(""));
    config.network = NetworkFields::schema().make<NetworkFields>(values_of("network."));
    if (!workloads::parse_sparsity(config.network.sparsity))
      problem(common_.at("network.sparsity").where,
              fmt::format("network.sparsity: '{}' is not allowed: {}", config.network.sparsity, workloads::allowed_sparsity()));
    config.transport = core::TransportConfig::schema().make<core::TransportConfig>(values_of(""));
    config.harts = HartFields::schema().make<HartFields>(values_of("harts."));
    config.hart = riscv::HartConfig::schema().make<riscv::HartConfig>(hart_values());
    check_cache("harts.instruction_cache", config.hart.caches().instruction);
    check_cache("harts.data_cache", config.hart.caches().data);
    config.interconnect = interconnect::InterconnectConfig::schema().make<interconnect::InterconnectConfig>(values_of("interconnect."));
    config.fields = with_defaults(common_fields(), common_);
    for (const Device& device : devices_) finish_device(device, config);
    if (!problems_.empty()) return tl::unexpected(std::move(problems_));
    return config;
  }

 private:
  void check_cache(const std::string& name, const riscv::CacheShape& shape) {
    if (shape.valid()) return;
    for (const char* field : {".size", ".ways", ".line"})
      if (const auto set = common_.find(name + field); set != common_.end())
        return problem(set->second.where,
                       fmt::format("{}: {} bytes of {} ways and lines of {} bytes are not allowed: line a power of two, size = ways x line x a power of two",
                                   name, shape.size, shape.ways, shape.line));
  }
  struct Device {
    std::string name;
    Where where;
    std::string type;            // empty: unknown, nothing of it can be checked
    bool type_is_wrong = false;  // and that has been said
    bool is_default = false;
    CheckedValues values;
  };
  CheckedValues common_;
  std::vector<Device> devices_;
  std::vector<std::string> problems_;
  bool first_layer_ = true;

  void problem(const Where& where, const std::string& what) {
    const std::string line = where.text() + ": " + what;
    if (std::find(problems_.begin(), problems_.end(), line) == problems_.end()) problems_.push_back(line);
  }

  Device* find_device(const std::string& name) {
    const auto found = std::find_if(devices_.begin(), devices_.end(), [&](const Device& d) { return d.name == name; });
    return found == devices_.end() ? nullptr : &*found;
  }

  Device& device_at(const Key& key) {
    if (Device* known = find_device(key.name)) return *known;
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    const bool reserved = key.name == "interconnect" || key.name.starts_with("hart") || key.name == "none";
    if (key.name.empty() || key.name.front() < 'a' || key.name.front() > 'z' || !std::all_of(key.name.begin(), key.name.end(), letter) || reserved)
      problem(key.where, fmt::format("'{}' cannot be a device's name: allowed are a-z, 0-9 and _, a letter first, and not interconnect or hart...", key.name));
    return devices_.emplace_back(Device{key.name, key.where, {}, false, false, {}});
  }

  // Types come first within a layer: the fields of a device depend on its type, wherever that is written.
  void take_device_type(const Setting& setting) {
    if (setting.keys.size() != 3 || setting.keys[0].name != "devices" || setting.keys[2].name != "type" || setting.kind != ValueKind::scalar) return;
    Device& device = device_at(setting.keys[1]);
    if (!core::device_types().contains(setting.value)) {
      problem(setting.where, fmt::format("there is no device type '{}'{}; allowed: {}", setting.value, suggestion(setting.value, device_type_names()),
                                         list(device_type_names())));
      device.type_is_wrong = true;
      return;
    }
    if (!device.type.empty() && device.type != setting.value)  // what an earlier layer said about the other type does not carry over
      std::erase_if(device.values, [](const auto& value) { return PlacementFields::schema().find(value.first) == nullptr; });
    device.type = setting.value;
  }

  void take_device_setting(const Setting& setting) {
    const bool empty = setting.kind == ValueKind::nothing || setting.kind == ValueKind::empty_map;
    if (setting.keys.size() == 1) {
      if (!empty) problem(setting.where, "'devices' must be a map of device names, each with type, base and the type's own fields");
      return;
    }
    Device& device = device_at(setting.keys[1]);
    if (device.type_is_wrong) return;
    if (device.type.empty()) {
      std::vector<std::string> names;
      for (const Device& d : devices_)
        if (!d.type.empty()) names.push_back(d.name);
      problem(device.where,
              fmt::format("device '{}' has no type{}; allowed types: {}", device.name, suggestion(device.name, names), list(device_type_names())));
      return;
    }
    if (setting.keys.size() == 2) {
      if (!empty)
        problem(setting.where, fmt::format("device '{}' must be a map of its fields: {}", device.name, list(device_fields(type_of(device)).names_below(""))));
      return;
    }
    check(device_fields(type_of(device)), setting, 2, device.values);
  }

  static const core::DeviceType& type_of(const Device& device) { return core::device_types().at(device.type); }

  // Checks one setting whose keys from `depth` on are a name of `group`, and stores its value.
  void check(const FieldGroup& group, const Setting& setting, std::size_t depth, CheckedValues& values) {
    const std::string path = setting.path().substr(depth == 0 ? 0 : setting.path(depth).size() + 1);
    if (const core::FieldInfo* field = group.find(path)) {
      std::string what;
      if (setting.kind != ValueKind::scalar) {
        problem(setting.where, fmt::format("{}: {} is not allowed: {}", path, kind_text(setting.kind), core::allowed(*field)));
      } else if (const auto value = core::parse(*field, setting.value, what)) {
        values.insert_or_assign(path, Checked{*value, setting.where});
      } else {
        problem(setting.where, what);
      }
      return;
    }
    if (group.is_section(path) || path == "devices") {
      if (setting.kind == ValueKind::scalar || setting.kind == ValueKind::sequence)
        problem(setting.where, fmt::format("'{}' must be a map; allowed in it: {}", path, list(group.names_below(path))));
      return;
    }
    std::string parent;
    for (std::size_t i = depth; i < setting.keys.size(); ++i) {
      const Key& key = setting.keys[i];
      if (const core::FieldInfo* field = group.find(parent)) {
        problem(key.where, fmt::format("'{}' takes a value, not a map: {}", parent, core::allowed(*field)));
        return;
      }
      const std::string here = parent.empty() ? key.name : parent + "." + key.name;
      if (!group.is_section(here) && group.find(here) == nullptr) {
        std::vector<std::string> names = group.names_below(parent);
        if (depth == 0 && parent.empty()) names.push_back("devices");
        problem(key.where, fmt::format("unknown key '{}'{}; allowed{}: {}", key.name, suggestion(key.name, names), parent.empty() ? "" : " in '" + parent + "'",
                                       list(names)));
        return;
      }
      parent = here;
    }
  }

  static const char* kind_text(ValueKind kind) {
    switch (kind) {
      case ValueKind::nothing: return "nothing";
      case ValueKind::sequence: return "a list";
      case ValueKind::empty_map: return "a map";
      case ValueKind::scalar: break;
    }
    return "a value";
  }

  core::FieldValues values_of(const std::string& prefix) const {
    core::FieldValues values;
    for (const auto& [path, checked] : common_)
      if (path.starts_with(prefix)) values.emplace(path.substr(prefix.size()), checked.value);
    return values;
  }

  core::FieldValues hart_values() const {
    core::FieldValues values = values_of("harts.");
    for (const auto& [path, checked] : common_)
      if (is_top_level_hart_field(path)) values.emplace(path, checked.value);
    return values;
  }

  static std::vector<ResolvedField> with_defaults(const FieldGroup& group, const CheckedValues& values) {
    std::vector<ResolvedField> fields;
    for (const NamedField& field : group.fields()) {
      const auto written = values.find(field.path);
      fields.push_back({field.path, field.info, written == values.end() ? field.info->default_value : written->second.value});
    }
    return fields;
  }

  void finish_device(const Device& device, PlatformConfig& config) {
    if (device.type.empty()) {
      if (!device.type_is_wrong && problems_.empty())
        problem(device.where, fmt::format("device '{}' has no type; allowed types: {}", device.name, list(device_type_names())));
      return;
    }
    DeviceConfig done{device.name, {}, {}, device.where, with_defaults(device_fields(type_of(device)), device.values)};
    core::FieldValues placement;
    for (const auto& [path, checked] : device.values) (PlacementFields::schema().find(path) != nullptr ? placement : done.values).emplace(path, checked.value);
    placement.insert_or_assign("type", core::FieldValue(device.type));
    for (ResolvedField& field : done.fields)
      if (field.path == "type") field.value = core::FieldValue(device.type);
    done.placement = PlacementFields::schema().make<PlacementFields>(placement);
    if (!done.placement.enabled) {
      if (device.is_default) config.removed.push_back(device.name);
      return;
    }
    if (const auto base = device.values.find("base"); base != device.values.end())
      done.where = base->second.where;
    else
      problem(device.where, fmt::format("device '{}' has no base; allowed: an address (0x10000000)", device.name));
    for (const DeviceConfig& other : config.devices)
      if (done.placement.irq != 0 && done.placement.irq == other.placement.irq)
        problem(device.values.at("irq").where,
                fmt::format("irq {} of '{}' is taken by '{}'; allowed is a number of its own, or 0", done.placement.irq, device.name, other.name));
    config.devices.push_back(std::move(done));
  }
};

}  // namespace

tl::expected<PlatformConfig, std::vector<std::string>> resolve(const std::vector<Layer>& layers) {
  Resolver resolver;
  for (const Layer& layer : layers) resolver.apply(layer);
  return resolver.finish();
}

}  // namespace spinvp::platform
