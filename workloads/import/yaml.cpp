// Our own form of a network. docs/networks.md describes it for users:
//
//   name: example                       # optional: the file's name otherwise
//   source: where the shapes are published
//   element: float32                    # of inputs and parameters
//   sizes: {sequence: 384}              # extents with a name and a default; --size changes them
//   input: {image: [$batch, 3, 32, 32], token: {shape: [$batch, $sequence], element: int64}}
//   blocks:
//     residual:
//     - {conv: conv1, filters: $width, kernel: 3, pad: 1}
//     - Relu
//     - {Add: sum, from: [Relu, $in]}
//   layers:
//   - {conv: stem, filters: 16, kernel: 3, pad: 1}
//   - {residual: stage1, width: 16, repeat: 2}
//   - {linear: head, features: 10}
//   output: [head]                      # optional: the last layer otherwise
//
// A layer is `kind: name` with settings, or a kind alone, which is then its name too. It takes the output of the layer before it (the first one: the first input) unless `from` names
// others. A block is a list of layers under a name; its use is a layer of that kind, whose other settings its layers know as $setting, and whose input they know as $in. Layers inside
// are named block.layer; they see the names around their block too, but not into other blocks except by such a full name. `repeat` puts a block several times in a row, named
// stage1.0, stage1.1, ...; its name then means the last of them.
#include <algorithm>
#include <set>

#include "models/core/error.h"
#include "workloads/graph/inference.h"
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"
#include "workloads/import/import.h"
#include "workloads/import/yaml_layer.h"

namespace spinvp::workloads {
namespace {

// No sensible network has more; repeats in repeated blocks multiply.
constexpr std::size_t most_layers = 100000;
constexpr unsigned most_depth = 16;

class YamlImport {
 public:
  YamlImport(const std::string& source, const ImportOptions& options) : source_(printable(source)), options_(options) { graph_.source = source_; }

  Graph run(const std::string& text) {
    const YAML::Node root = load(text);
    if (!root.IsMap()) refuse(root, "the file must be a map of keys and values");
    check_keys(root, {"about", "blocks", "element", "input", "layers", "name", "output", "sizes", "source"});
    graph_.name = root["name"].IsDefined() ? text_of(root["name"], "name") : std::filesystem::path(source_).stem().string();
    if (root["element"].IsDefined()) builder_.element = element_of(root["element"]);
    take_sizes(root["sizes"]);
    take_inputs(root);
    if (options_.batch && !used_sizes_.contains("batch")) refuse(root, "no input has $batch among its extents, so --batch changes nothing");
    if (const YAML::Node blocks = root["blocks"]; blocks.IsDefined()) {
      check_keys(blocks, {});
      for (const auto& pair : blocks) blocks_.emplace(pair.first.Scalar(), pair.second);
    }
    const YAML::Node layers = root["layers"];
    if (!layers.IsDefined()) refuse(root, "'layers' is missing, a list of layers is needed");
    const TensorId last = place_layers(layers, "", first_input_, sizes_, 0);
    take_outputs(root["output"], last);
    for (const auto& [name, size] : options_.sizes)
      if (!sizes_.contains(name) || name == "batch") refuse(root, "has no size '" + printable(name) + "', there are: " + size_names());
    complete_graph(graph_, {.allow_unknown = options_.allow_unknown, .declared = {}});
    return std::move(graph_);
  }

 private:
  const std::string source_;
  const ImportOptions& options_;
  Graph graph_;
  GraphBuilder builder_{graph_};
  Scope sizes_;
  std::set<std::string> used_sizes_;
  std::map<std::string, YAML::Node> blocks_;
  TensorId first_input_{};
  std::map<std::string, TensorId> outputs_;     // by full name of layer or input
  std::map<std::string, TensorId> parameters_;  // tables of embeddings and parameter layers, by full name
  std::size_t layers_ = 0;

  [[noreturn]] void refuse(const YAML::Node& at, const std::string& what) const { throw core::InputError(place_of(source_, at) + ": " + what); }

  YAML::Node load(const std::string& text) const {
    try {
      const auto documents = YAML::LoadAll(text);
      if (documents.size() == 1) return documents[0];
    } catch (const YAML::Exception& error) {
      const std::string place =
          error.mark.is_null() ? source_ : source_ + ':' + std::to_string(error.mark.line + 1) + ':' + std::to_string(error.mark.column + 1);
      throw core::InputError(place + ": not YAML: " + printable(error.msg));
    }
    throw core::InputError(source_ + ": must hold one YAML document");
  }

  // Every key once, and only these; any where the list is empty.
  void check_keys(const YAML::Node& map, const std::set<std::string>& allowed) const {
    if (!map.IsMap()) refuse(map, "must be a map of keys and values");
    std::set<std::string> met;
    for (const auto& pair : map) {
      if (!pair.first.IsScalar()) refuse(pair.first, "a key must be a text");
      const std::string key = pair.first.Scalar();
      if (!met.insert(key).second) refuse(pair.first, "the key '" + printable(key) + "' stands twice in this map, allowed is once");
      if (allowed.empty() || allowed.contains(key)) continue;
      std::string list;
      for (const std::string& name : allowed) list += (list.empty() ? "" : ", ") + name;
      refuse(pair.first, "there is no key '" + printable(key) + "', allowed are " + list);
    }
  }

  std::string text_of(const YAML::Node& node, const char* key) const {
    if (!node.IsScalar()) refuse(node, std::string("'") + key + "' must be a text");
    return node.Scalar();
  }

  ElementType element_of(const YAML::Node& node) const {
    const auto element = element_type_named(text_of(node, "element"));
    if (!element) refuse(node, "there is no element type '" + printable(node.Scalar()) + "', float32, bfloat16, float16, int64 and the like are allowed");
    return *element;
  }

  void take_sizes(const YAML::Node& sizes) {
    if (sizes.IsDefined()) check_keys(sizes, {});
    if (sizes.IsDefined())
      for (const auto& pair : sizes) {
        std::int64_t value = 0;
        if (!pair.second.IsScalar() || !YAML::convert<std::int64_t>::decode(pair.second, value) || value < 1)
          refuse(pair.second, "a size must be a whole number of at least 1");
        sizes_[pair.first.Scalar()] = pair.second;
      }
    if (sizes_.contains("batch")) refuse(sizes, "'batch' is no size of the file: --batch sets it");
    for (const auto& [name, size] : options_.sizes)
      if (sizes_.contains(name)) sizes_[name] = YAML::Node(size);
    sizes_["batch"] = YAML::Node(options_.batch.value_or(1));
  }

  [[nodiscard]] std::string size_names() const {
    std::string list;
    for (const auto& [name, value] : sizes_)
      if (name != "batch") list += (list.empty() ? "" : ", ") + name;
    return list.empty() ? "none" : list;
  }

  void take_inputs(const YAML::Node& root) {
    const YAML::Node inputs = root["input"];
    if (!inputs.IsDefined() || !inputs.IsMap() || inputs.size() == 0) refuse(root, "'input' is missing, a map of names and shapes is needed");
    check_keys(inputs, {});
    bool first = true;
    for (const auto& pair : inputs) {
      const bool is_map = pair.second.IsMap();
      if (is_map) check_keys(pair.second, {"element", "shape"});
      builder_.where = place_of(source_, pair.second);
      YAML::Node entry;
      entry["shape"] = is_map ? pair.second["shape"] : pair.second;
      YamlLayer layer(source_, entry, sizes_, used_sizes_);
      layer.kind = "input";
      layer.name = pair.first.Scalar();
      const Shape shape = layer.shape("shape");
      const ElementType element = is_map && pair.second["element"].IsDefined() ? element_of(pair.second["element"]) : builder_.element;
      const TensorId id = builder_.input(layer.name, {element, shape});
      remember(pair.first, layer.name, id);
      if (first) first_input_ = id;
      first = false;
    }
  }

  void take_outputs(const YAML::Node& outputs, TensorId last) {
    if (!outputs.IsDefined()) {
      graph_.add_output(last);
      return;
    }
    if (!outputs.IsSequence()) refuse(outputs, "'output' must be a list of layers");
    for (const YAML::Node& name : outputs) graph_.add_output(found(name, text_of(name, "output"), ""));
  }

  void remember(const YAML::Node& at, const std::string& name, TensorId id) {
    if (!outputs_.emplace(name, id).second) refuse(at, "a second layer or input is called '" + printable(name) + "', allowed is one");
  }

  // A name as a layer within `prefix` sees it: its own block first, then those around it.
  static std::optional<TensorId> visible(const std::map<std::string, TensorId>& among, const std::string& name, std::string prefix) {
    while (true) {
      if (const auto found = among.find(prefix + name); found != among.end()) return found->second;
      if (prefix.empty()) return std::nullopt;
      prefix.pop_back();
      const std::size_t dot = prefix.rfind('.');
      prefix = dot == std::string::npos ? "" : prefix.substr(0, dot + 1);
    }
  }

  [[nodiscard]] TensorId found(const YAML::Node& at, const std::string& name, const std::string& prefix) const {
    if (const auto output = visible(outputs_, name, prefix)) return *output;
    refuse(at, "there is no layer or input '" + printable(name) + "' above");
  }

  TensorId place_layers(const YAML::Node& list, const std::string& prefix, TensorId input, const Scope& scope, unsigned depth) {
    if (!list.IsSequence() || list.size() == 0) refuse(list, "a list of layers is needed");
    if (depth > most_depth) refuse(list, "blocks stand in blocks deeper than " + std::to_string(most_depth));
    TensorId last = input;
    std::set<std::string> used;
    for (const YAML::Node& entry : list) last = place_layer(entry, prefix, input, last, scope, used, depth);
    for (const auto& [name, value] : scope)
      if (depth > 0 && !sizes_.contains(name) && !used.contains(name))
        refuse(list, "no layer of this block takes the setting '" + printable(name) + "' that it is given");
    return last;
  }

  TensorId place_layer(const YAML::Node& entry, const std::string& prefix, TensorId block_input, TensorId before, const Scope& scope,
                       std::set<std::string>& used, unsigned depth) {
    if (++layers_ > most_layers) refuse(entry, "more than " + std::to_string(most_layers) + " layers");
    YamlLayer layer(source_, entry, scope, used);
    if (entry.IsMap()) {
      check_keys(entry, {});
      const auto first = *entry.begin();
      layer.kind = first.first.Scalar();
      layer.name = first.second.IsNull() ? layer.kind : text_of(first.second, "the layer's name");
    } else {
      layer.kind = layer.name = text_of(entry, "a layer");
    }
    const bool named = entry.IsMap() && !entry.begin()->second.IsNull();
    layer.mark(layer.kind);
    layer.name = prefix + layer.name;
    // A layer without a name may stand several times; its name then means the last one.
    if (!named) outputs_.erase(layer.name);
    builder_.where = layer.where();
    layer.inputs = {before};
    if (entry.IsMap() && entry["from"].IsDefined()) take_from(layer, entry["from"], prefix, block_input);
    const TensorId output = built(layer, prefix, depth);
    remember(entry, layer.name, output);
    return output;
  }

  void take_from(YamlLayer& layer, const YAML::Node& from, const std::string& prefix, TensorId block_input) {
    layer.mark("from");
    layer.inputs.clear();
    const auto add = [&](const YAML::Node& name) {
      const std::string text = text_of(name, "from");
      layer.inputs.push_back(text == "$in" ? block_input : found(name, text, prefix));
    };
    if (from.IsSequence())
      for (const YAML::Node& name : from) add(name);
    else
      add(from);
    if (layer.inputs.empty()) layer.refuse("'from' names nothing");
  }

  TensorId built(YamlLayer& layer, const std::string& prefix, unsigned depth) {
    if (const auto block = blocks_.find(layer.kind); block != blocks_.end()) return place_block(layer, block->second, depth);
    if (const YamlKind build = find_yaml_kind(layer.kind)) {
      const TensorId output = build(builder_, layer, [&](const std::string& name) { return visible(parameters_, name, prefix); });
      layer.finish();
      if (layer.kind == "parameter") parameters_[layer.name] = output;
      if (layer.kind == "embedding") parameters_[layer.name] = *graph_.node(*graph_.tensor(output).producer).inputs[0];
      return output;
    }
    if ((find_operator(layer.kind) == nullptr || find_operator(layer.kind)->of_training) && !options_.allow_unknown)
      layer.refuse("unknown kind of layer; there are " + kinds() + ", and ONNX's operators: " + operators());
    return builder_.node(layer.name, layer.kind, layer.inputs, layer.attributes());
  }

  TensorId place_block(YamlLayer& layer, const YAML::Node& block, unsigned depth) {
    layer.need_inputs(1);
    const bool repeats = layer.has("repeat");
    const std::int64_t times = layer.whole("repeat", 1);
    if (times < 1 || times > static_cast<std::int64_t>(most_layers)) layer.refuse("'repeat' must be at least 1");
    Scope inner = layer.rest();
    for (const auto& [name, value] : inner)
      if (sizes_.contains(name)) layer.refuse("'" + printable(name) + "' is a size of the network and cannot be a setting of a block");
    for (const auto& [name, value] : sizes_) inner[name] = value;
    TensorId output = layer.inputs[0];
    for (std::int64_t i = 0; i < times; ++i)
      output = place_layers(block, layer.name + (repeats ? "." + std::to_string(i) : "") + ".", output, inner, depth + 1);
    return output;
  }

  [[nodiscard]] std::string kinds() const {
    std::string list;
    for (const std::string& name : yaml_kind_names()) list += (list.empty() ? "" : ", ") + name;
    for (const auto& [name, block] : blocks_) list += ", " + printable(name);
    return list;
  }
  static std::string operators() {
    std::string list;
    for (const std::string& name : operator_names()) list += (list.empty() ? "" : ", ") + name;
    return list;
  }
};

}  // namespace

Graph import_yaml(const std::string& text, const std::string& source, const ImportOptions& options) {
  try {
    return YamlImport(source, options).run(text);
  } catch (const YAML::Exception& error) {
    throw core::InputError(printable(source) + ": " + printable(error.msg));
  }
}

}  // namespace spinvp::workloads
