#include "platform/config/written.h"

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "models/core/error.h"
#include "platform/report/files.h"

namespace spinvp::platform {

namespace {

[[noreturn]] void fail(const Where& where, const std::string& what) { throw core::InputError(where.text() + ": " + what); }

// yaml-cpp's marks count from 0.
Where where_of(const std::string& source, const YAML::Mark& mark) { return {source, mark.line + 1, mark.column + 1}; }

struct Node {
  ValueKind kind = ValueKind::nothing;
  bool is_map = false;
  std::string text;
  Where where;
  std::vector<std::pair<Key, std::shared_ptr<const Node>>> entries;
};
using NodePointer = std::shared_ptr<const Node>;

// Builds the tree from yaml-cpp's events: its own node tree drops the second of two equal keys without a word.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const std::string& source) : source_(source) {}
  [[nodiscard]] const NodePointer& root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) fail(where_of(source_, mark), "a second document begins here; allowed is one");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(mark, anchor, ValueKind::nothing, ""); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) fail(where_of(source_, mark), "this alias stands inside the value that it names");
    place(found->second, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    check_tag(mark, tag);
    leaf(mark, anchor, ValueKind::scalar, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(mark, anchor, ValueKind::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(mark, anchor, ValueKind::empty_map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor;
    YAML::Mark mark;
    std::string key = {};
    YAML::Mark key_mark = {};
    bool has_key = false;
  };
  std::string source_;
  NodePointer root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, NodePointer> anchors_;
  int documents_ = 0;

  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!") fail(where_of(source_, mark), fmt::format("the tag '{}' is not allowed: values carry no tags", tag));
  }
  void open(const YAML::Mark& mark, YAML::anchor_t anchor, ValueKind kind) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->is_map = kind == ValueKind::empty_map;
    node->where = where_of(source_, mark);
    open_.push_back({std::move(node), anchor, mark});
  }
  void close() {
    const Open done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0) anchors_[done.anchor] = done.node;
    place(done.node, done.mark);
  }
  void leaf(const YAML::Mark& mark, YAML::anchor_t anchor, ValueKind kind, const std::string& text) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->text = text;
    node->where = where_of(source_, mark);
    if (anchor != 0) anchors_[anchor] = node;
    place(node, mark);
  }
  void place(const NodePointer& node, const YAML::Mark& mark) {
    if (open_.empty()) {
      root_ = node;
      return;
    }
    Open& parent = open_.back();
    if (!parent.node->is_map) return;  // what a list holds is of no interest: no field takes a list
    if (!parent.has_key) {
      take_key(parent, *node, mark);
      return;
    }
    parent.has_key = false;
    parent.node->entries.push_back({{parent.key, where_of(source_, parent.key_mark)}, node});
  }
  void take_key(Open& parent, const Node& node, const YAML::Mark& mark) {
    const Where where = where_of(source_, mark);
    if (node.kind != ValueKind::scalar || node.text.empty()) fail(where, "a key must be a text");
    if (node.text == "<<") fail(where, "the merge key '<<' is not supported: write the keys out, or alias the whole map");
    if (node.text.find('.') != std::string::npos) fail(where, fmt::format("the key '{}' holds a dot: nest the keys instead", node.text));
    for (const auto& [earlier, value] : parent.node->entries)
      if (earlier.name == node.text)
        fail(where, fmt::format("the key '{}' stands twice in this map, first at line {}; allowed is once", node.text, earlier.where.line));
    parent.key = node.text;
    parent.key_mark = mark;
    parent.has_key = true;
  }
};

// Aliases of aliases can multiply without bound; no sensible platform has this many settings.
constexpr std::size_t most_settings = 100000;

void flatten(const Node& node, std::vector<Key>& keys, std::vector<Setting>& settings) {
  if (settings.size() >= most_settings) fail(node.where, fmt::format("more than {} settings, aliases counted", most_settings));
  if (node.is_map && !node.entries.empty()) {
    for (const auto& [key, value] : node.entries) {
      keys.push_back(key);
      flatten(*value, keys, settings);
      keys.pop_back();
    }
    return;
  }
  settings.push_back({keys, node.kind, node.text, node.where});
}

}  // namespace

std::string Where::text() const { return line == 0 ? source : fmt::format("{}:{}:{}", source, line, column); }

std::string Setting::path(std::size_t count) const {
  std::string joined;
  for (std::size_t i = 0; i < keys.size() && i < count; ++i) joined += (i == 0 ? "" : ".") + keys[i].name;
  return joined;
}

Layer read_yaml(std::string_view text, const std::string& source) {
  TreeBuilder builder(source);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {}
  } catch (const YAML::Exception& error) {
    std::string what = error.msg;
    for (char& c : what)
      if (c == '\n') c = ' ';
    fail(where_of(source, error.mark.is_null() ? YAML::Mark() : error.mark), "not YAML: " + what);
  }
  Layer layer{source, {}};
  if (builder.root() == nullptr || builder.root()->kind == ValueKind::nothing) return layer;  // an empty file changes nothing
  const Node& root = *builder.root();
  if (!root.is_map) fail(root.where, "the file must be a map of keys and values");
  std::vector<Key> keys;
  if (!root.entries.empty()) flatten(root, keys, layer.settings);
  return layer;
}

Layer read_yaml_file(const std::string& path) { return read_yaml(read_file(path), path); }

Layer read_option(const std::string& assignment, const std::string& option) {
  const Where where{option + " " + assignment, 0, 0};
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) throw core::InputError(where.text() + ": must be path=value", core::ExitStatus::usage);
  Setting setting;
  const std::string path = assignment.substr(0, equals);
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    setting.keys.push_back({path.substr(begin, end - begin), where});
    begin = end + 1;
  }
  setting.value = assignment.substr(equals + 1);
  setting.where = where;
  return {where.source, {std::move(setting)}};
}

}  // namespace spinvp::platform
