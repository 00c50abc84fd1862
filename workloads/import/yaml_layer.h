// One layer as our YAML says it: kind, name, where from, settings; and the kinds of layer that there are.
//
// A kind in small letters brings its own parameters (`conv` makes its weights); a kind with a capital is an ONNX operator with its attributes (operator_rules.h). A new kind is a row in
// yaml_kinds.cpp.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "workloads/import/graph_builder.h"

namespace spinvp::workloads {

// `file:line:column` of a place; yaml-cpp counts from 0.
std::string place_of(const std::string& source, const YAML::Node& node);

// What `$name` stands for: the settings of the block that a layer lies in, the sizes of the network, the batch. Values are whole numbers, reals, truth values or lists of them.
using Scope = std::map<std::string, YAML::Node>;

// The settings of one layer. Every setting must be read by somebody: `finish` refuses those that were not.
class YamlLayer {
 public:
  YamlLayer(const std::string& source, const YAML::Node& entry, const Scope& scope, std::set<std::string>& used_scope)
      : source_(source), entry_(entry), scope_(scope), used_scope_(used_scope) {}

  std::string kind, name;        // the name with the blocks that it lies in
  std::vector<TensorId> inputs;  // what `from` names, or the layer before

  [[nodiscard]] bool has(const std::string& key);
  std::int64_t whole(const std::string& key, std::optional<std::int64_t> otherwise = {});
  double real(const std::string& key);
  bool flag(const std::string& key, bool otherwise);
  std::string text(const std::string& key);
  // One number counts as `count` of them.
  std::vector<std::int64_t> wholes(const std::string& key, std::size_t count, std::optional<std::int64_t> otherwise = {});
  Shape shape(const std::string& key);
  // Every setting that is left, as attributes of an ONNX operator.
  Attributes attributes();
  // Every setting that is left, as a block's scope.
  Scope rest();
  void mark(const std::string& key) { read_.insert(key); }
  void finish() const;

  // Refuses the layer where it has not this number of inputs.
  void need_inputs(std::size_t count) const;
  [[nodiscard]] std::string where() const { return place_of(source_, entry_); }
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  const std::string& source_;
  const YAML::Node& entry_;
  const Scope& scope_;
  std::set<std::string>& used_scope_;
  std::set<std::string> read_;

  YAML::Node resolved(const YAML::Node& value) const;
  std::optional<YAML::Node> find(const std::string& key);
  std::int64_t number_of(const std::string& key, const YAML::Node& value) const;
  std::vector<std::int64_t> list_of(const std::string& key, const YAML::Node& value) const;
};

// The table of an embedding, or a parameter layer, by the name that the layer at hand knows it by.
using Parameters = std::function<std::optional<TensorId>(const std::string&)>;

// Builds a layer and returns its output.
using YamlKind = TensorId (*)(GraphBuilder&, YamlLayer&, const Parameters& parameters);
// Null where there is none.
YamlKind find_yaml_kind(const std::string& name);
std::vector<std::string> yaml_kind_names();

}  // namespace spinvp::workloads
