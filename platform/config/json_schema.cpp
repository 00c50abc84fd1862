#include "platform/config/json_schema.h"

#include <fmt/format.h>

#include "platform/config/platform_config.h"
#include "platform/config/print.h"

namespace spinvp::platform {

namespace {

using Json = nlohmann::ordered_json;

Json field_schema(const core::FieldInfo& field) {
  Json json = Json::object();
  const core::FieldNotes& notes = field.notes;
  // Counts may be written as 0x40 or 1e6, which YAML calls texts.
  switch (field.kind) {
    case core::FieldKind::boolean: json["type"] = "boolean"; break;
    case core::FieldKind::count: json["type"] = {"integer", "string"}; break;
    case core::FieldKind::real: json["type"] = "number"; break;
    case core::FieldKind::text: json["type"] = "string"; break;
    case core::FieldKind::bytes:
    case core::FieldKind::quantity: json["type"] = {"string", "number"}; break;
  }
  if (!notes.choices.empty()) json["enum"] = notes.choices;
  const bool plain_number = field.kind == core::FieldKind::count || field.kind == core::FieldKind::real;
  if (plain_number && notes.least > std::numeric_limits<double>::lowest()) json["minimum"] = notes.least;
  if (plain_number && notes.most < std::numeric_limits<double>::max()) json["maximum"] = notes.most;
  json["description"] =
      fmt::format("{}{}{}{}", notes.text, notes.text.empty() ? "" : "; ", core::allowed(field), notes.source.empty() ? "" : " (" + notes.source + ")");
  const std::string standard = exact_text(field, field.default_value);
  if (field.kind == core::FieldKind::boolean)
    json["default"] = std::get<bool>(field.default_value);
  else if (field.kind == core::FieldKind::count && notes.unit != "hex")
    json["default"] = std::get<std::uint64_t>(field.default_value);
  else if (field.kind == core::FieldKind::real)
    json["default"] = std::get<double>(field.default_value);
  else if (!standard.empty())
    json["default"] = standard;
  return json;
}

Json object_schema() { return {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}}; }

void insert(Json& object, const std::string& path, Json schema) {
  const std::size_t dot = path.find('.');
  const std::string name = path.substr(0, dot);
  if (dot == std::string::npos) {
    object["properties"][name] = std::move(schema);
    return;
  }
  if (!object["properties"].contains(name)) object["properties"][name] = object_schema();
  insert(object["properties"][name], path.substr(dot + 1), std::move(schema));
}

Json group_schema(const FieldGroup& group) {
  Json object = object_schema();
  for (const NamedField& field : group.fields()) insert(object, field.path, field_schema(*field.info));
  return object;
}

Json reference(const std::string& type) { return {{"$ref", "#/definitions/" + type}}; }

}  // namespace

nlohmann::ordered_json config_json_schema() {
  Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "SpinVP platform configuration"}};
  schema.update(group_schema(common_fields()));

  // Which type's fields are valid follows from `type`; a device of the default SoC need not name it again.
  Json by_type = Json::array();
  Json definitions = Json::object();
  for (const auto& [name, type] : core::device_types()) {
    definitions[name] = group_schema(device_fields(type));
    definitions[name]["description"] = type.text;
    definitions[name]["properties"]["type"] = {{"const", name}};
    by_type.push_back({{"if", {{"properties", {{"type", {{"const", name}}}}}}}, {"then", reference(name)}});
  }
  definitions["any device"] = {{"type", "object"}, {"required", {"type"}}, {"properties", {{"type", {{"enum", device_type_names()}}}}}, {"allOf", by_type}};

  Json devices = {{"type", "object"}, {"additionalProperties", reference("any device")}, {"properties", Json::object()}};
  for (const DeviceConfig& device : load_config({}).devices)
    devices["properties"][device.name] = {{"if", {{"required", {"type"}}}}, {"then", reference("any device")}, {"else", reference(device.placement.type)}};
  schema["properties"]["devices"] = std::move(devices);
  schema["definitions"] = std::move(definitions);
  return schema;
}

}  // namespace spinvp::platform
