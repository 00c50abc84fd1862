#include "workloads/import/yaml_layer.h"

#include "models/core/error.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {

std::string place_of(const std::string& source, const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  if (mark.is_null()) return source;
  return source + ':' + std::to_string(mark.line + 1) + ':' + std::to_string(mark.column + 1);
}

void YamlLayer::refuse(const std::string& what) const {
  throw core::InputError(where() + ": layer '" + printable(name) + "' (" + printable(kind) + "): " + what);
}

YAML::Node YamlLayer::resolved(const YAML::Node& value) const {
  if (!value.IsScalar() || !value.Scalar().starts_with('$')) return value;
  const std::string variable = value.Scalar().substr(1);
  const auto found = scope_.find(variable);
  if (found == scope_.end()) {
    std::string known;
    for (const auto& [key, any] : scope_) known += (known.empty() ? "$" : ", $") + key;
    refuse("'$" + printable(variable) + "' stands for nothing here, there are " + known);
  }
  used_scope_.insert(variable);
  return found->second;
}

std::optional<YAML::Node> YamlLayer::find(const std::string& key) {
  read_.insert(key);
  if (!entry_.IsMap()) return std::nullopt;
  const YAML::Node value = entry_[key];
  if (!value.IsDefined()) return std::nullopt;
  return resolved(value);
}

bool YamlLayer::has(const std::string& key) { return find(key).has_value(); }

std::int64_t YamlLayer::number_of(const std::string& key, const YAML::Node& value) const {
  std::int64_t number = 0;
  if (!value.IsScalar() || !YAML::convert<std::int64_t>::decode(value, number)) refuse("'" + printable(key) + "' must be a whole number");
  return number;
}

std::vector<std::int64_t> YamlLayer::list_of(const std::string& key, const YAML::Node& value) const {
  if (!value.IsSequence()) refuse("'" + printable(key) + "' must be a list of whole numbers");
  std::vector<std::int64_t> numbers;
  for (const YAML::Node& entry : value) numbers.push_back(number_of(key, resolved(entry)));
  return numbers;
}

std::int64_t YamlLayer::whole(const std::string& key, std::optional<std::int64_t> otherwise) {
  const auto value = find(key);
  if (!value && !otherwise) refuse("'" + key + "' is missing, it is needed");
  return value ? number_of(key, *value) : *otherwise;
}

double YamlLayer::real(const std::string& key) {
  const auto value = find(key);
  double number = 0;
  if (!value || !value->IsScalar() || !YAML::convert<double>::decode(*value, number)) refuse("'" + key + "' must be a number");
  return number;
}

bool YamlLayer::flag(const std::string& key, bool otherwise) {
  const auto value = find(key);
  if (value && (!value->IsScalar() || !YAML::convert<bool>::decode(*value, otherwise))) refuse("'" + key + "' must be true or false");
  return otherwise;
}

std::string YamlLayer::text(const std::string& key) {
  const auto value = find(key);
  if (!value || !value->IsScalar()) refuse("'" + key + "' must be a text");
  return value->Scalar();
}

std::vector<std::int64_t> YamlLayer::wholes(const std::string& key, std::size_t count, std::optional<std::int64_t> otherwise) {
  const auto value = find(key);
  if (!value || value->IsScalar()) return std::vector<std::int64_t>(count, whole(key, otherwise));
  auto numbers = list_of(key, *value);
  if (numbers.size() != count) refuse("'" + key + "' has " + std::to_string(numbers.size()) + " entries, one or " + std::to_string(count) + " are needed");
  return numbers;
}

Shape YamlLayer::shape(const std::string& key) {
  const auto value = find(key);
  if (!value) refuse("'" + key + "' is missing, a list of extents is needed");
  return list_of(key, *value);
}

Attributes YamlLayer::attributes() {
  Attributes attributes;
  for (const auto& [key, value] : rest()) {
    std::int64_t whole = 0;
    double real = 0;
    if (value.IsSequence())
      attributes.set(key, list_of(key, value));
    else if (value.IsScalar() && YAML::convert<std::int64_t>::decode(value, whole))
      attributes.set(key, whole);
    else if (value.IsScalar() && YAML::convert<double>::decode(value, real))
      attributes.set(key, real);
    else if (value.IsScalar())
      attributes.set(key, value.Scalar());
    else
      refuse("'" + printable(key) + "' must be a number, a text or a list of whole numbers");
  }
  return attributes;
}

Scope YamlLayer::rest() {
  Scope scope;
  if (!entry_.IsMap()) return scope;
  for (const auto& pair : entry_) {
    const std::string key = pair.first.Scalar();
    if (!read_.insert(key).second) continue;
    scope[key] = resolved(pair.second);
  }
  return scope;
}

void YamlLayer::finish() const {
  if (!entry_.IsMap()) return;
  for (const auto& pair : entry_)
    if (!read_.contains(pair.first.Scalar())) {
      std::string known;
      for (const std::string& key : read_)
        if (key != kind) known += (known.empty() ? "" : ", ") + key;
      refuse("'" + printable(pair.first.Scalar()) + "' is no setting of it, allowed are " + known);
    }
}

void YamlLayer::need_inputs(std::size_t count) const {
  if (inputs.size() != count) refuse(std::to_string(inputs.size()) + " inputs, " + std::to_string(count) + " are needed");
}

}  // namespace spinvp::workloads
