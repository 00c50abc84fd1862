#include "platform/config/print.h"

#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "platform/config/shipped.h"

namespace spinvp::platform {

namespace {

// Fields by the elements of their dotted names, in the order in which each first occurs.
struct Tree {
  std::string name;
  const ResolvedField* leaf = nullptr;
  std::vector<std::unique_ptr<Tree>> children;

  Tree& child(const std::string& wanted) {
    for (const auto& c : children)
      if (c->name == wanted) return *c;
    children.push_back(std::make_unique<Tree>());
    children.back()->name = wanted;
    return *children.back();
  }
  void insert(const ResolvedField& field) {
    Tree* at = this;
    for (std::size_t begin = 0; begin <= field.path.size();) {
      const std::size_t end = std::min(field.path.find('.', begin), field.path.size());
      at = &at->child(field.path.substr(begin, end - begin));
      begin = end + 1;
    }
    at->leaf = &field;
  }
};

Tree tree_of(const std::vector<ResolvedField>& fields) {
  Tree tree;
  for (const ResolvedField& field : fields) tree.insert(field);
  return tree;
}

// Quoted where a plain text could be read as something else.
std::string scalar_text(const ResolvedField& field) {
  const std::string text = exact_text(*field.info, field.value);
  if (field.info->kind != core::FieldKind::text) return text;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '/' || c == '.';
  };
  const bool simple = !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0 && std::all_of(text.begin(), text.end(), plain);
  const bool word = text == "null" || text == "true" || text == "false" || text == "yes" || text == "no";
  return simple && !word ? text : nlohmann::json(text).dump();
}

void print(const Tree& tree, int depth, bool comments, std::string& out) {
  for (const auto& child : tree.children) {
    const std::string indent(static_cast<std::size_t>(2 * depth), ' ');
    if (child->leaf != nullptr) {
      if (comments) {
        const core::FieldNotes& notes = child->leaf->info->notes;
        out += fmt::format("{}# {}{}{}", indent, notes.text, notes.text.empty() ? "" : "; ", core::allowed(*child->leaf->info));
        out += notes.source.empty() ? "\n" : fmt::format(" ({})\n", notes.source);
      }
      out += fmt::format("{}{}: {}\n", indent, child->name, scalar_text(*child->leaf));
    } else {
      out += fmt::format("{}{}:\n", indent, child->name);
      print(*child, depth + 1, comments, out);
    }
  }
}

nlohmann::ordered_json json_of(const Tree& tree) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const auto& child : tree.children) {
    if (child->leaf == nullptr) {
      object[child->name] = json_of(*child);
      continue;
    }
    const core::FieldInfo& field = *child->leaf->info;
    const core::FieldValue& value = child->leaf->value;
    if (field.kind == core::FieldKind::boolean)
      object[child->name] = std::get<bool>(value);
    else if (field.kind == core::FieldKind::count && field.notes.unit != "hex")
      object[child->name] = std::get<std::uint64_t>(value);
    else if (field.kind == core::FieldKind::real)
      object[child->name] = std::get<double>(value);
    else
      object[child->name] = exact_text(field, value);
  }
  return object;
}

}  // namespace

std::string exact_text(const core::FieldInfo& field, const core::FieldValue& value) {
  const std::string text = core::to_text(field, value);
  std::string problem;
  const auto same = [&](const std::string& candidate) { return core::parse(field, candidate, problem) == value; };
  if (same(text)) return text;
  if (field.kind == core::FieldKind::real) return fmt::format("{}", std::get<double>(value));
  if (field.kind != core::FieldKind::quantity) return text;
  // The shortest digits that come back, first in the unit that to_text chose. A value may lie between what the parser's one rounding can reach in that unit, but
  // not in the base unit, whose factor is 1.
  const double si = std::get<double>(value);
  for (const std::string& unit :
       {text.substr(text.find_first_not_of("+-.0123456789e")), std::string("s"), std::string("Hz"), std::string("J"), std::string("W"), std::string("K"),
        std::string("V"), std::string("A"), std::string("mm2"), std::string("um2"), std::string("mm"), std::string("um"), std::string("nm")}) {
    const auto factor = core::parse_quantity("1" + unit, field.dimension, unit);
    if (!factor) continue;
    for (int digits = 11; digits <= 17; ++digits)
      if (const std::string candidate = fmt::format("{:.{}g}{}", si / *factor, digits, unit); same(candidate)) return candidate;
    for (double low = si / *factor, high = low, steps = 0; steps < 4; ++steps, low = std::nextafter(low, -HUGE_VAL), high = std::nextafter(high, HUGE_VAL)) {
      if (const std::string candidate = fmt::format("{}{}", low, unit); same(candidate)) return candidate;
      if (const std::string candidate = fmt::format("{}{}", high, unit); same(candidate)) return candidate;
    }
  }
  return text;
}

std::string to_yaml(const PlatformConfig& config, bool comments) {
  std::string out;
  print(tree_of(config.fields), 0, comments, out);
  out += "devices:\n";
  for (const DeviceConfig& device : config.devices) {
    out += fmt::format("  {}:\n", device.name);
    print(tree_of(device.fields), 2, comments, out);
  }
  for (const std::string& name : config.removed) out += fmt::format("  {}: {{enabled: false}}\n", name);
  return out;
}

nlohmann::ordered_json to_json(const PlatformConfig& config) {
  nlohmann::ordered_json json = json_of(tree_of(config.fields));
  nlohmann::ordered_json& devices = json["devices"] = nlohmann::ordered_json::object();
  for (const DeviceConfig& device : config.devices) devices[device.name] = json_of(tree_of(device.fields));
  for (const std::string& name : config.removed) devices[name] = {{"enabled", false}};
  return json;
}

}  // namespace spinvp::platform
