// ONNX models. The library's check_model is not used: it refuses newer versions of the format and models whose weights lie elsewhere.
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <climits>
#include <map>
#include <set>

#include "models/core/error.h"
#include "workloads/graph/inference.h"
#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"
#include "workloads/import/import.h"
#include "workloads/import/onnx_tensor.h"

namespace spinvp::workloads {
namespace {

class OnnxImport {
 public:
  OnnxImport(const std::filesystem::path& source, const ImportOptions& options) : source_(source), options_(options) {
    graph_.source = printable(source.string());
    inference_.allow_unknown = options.allow_unknown;
  }

  Graph run(const std::string& bytes) {
    parse(bytes);
    const onnx::GraphProto& g = model_.graph();
    graph_.name = g.name().empty() ? source_.stem().string() : printable(g.name());
    if (g.sparse_initializer_size() > 0) refuse("holds sparse initializers, allowed are dense ones");
    for (const auto& stored : g.initializer()) add_stored(stored, stored.name(), "initializer '" + printable(stored.name()) + '\'', Role::parameter);
    take_inputs(g);
    for (const auto& n : g.node()) add_outputs_of(n);
    for (const auto& n : g.node())
      if (!is_constant(n)) add(n);
    for (const auto& output : g.output()) {
      const auto found = tensors_.find(output.name());
      if (found == tensors_.end()) refuse("its output '" + printable(output.name()) + "' is made by no node");
      graph_.add_output(found->second);
    }
    if (!batch_was_replaced_) {
      for (const auto& info : g.value_info()) declare(info);
      for (const auto& info : g.output()) declare(info);
    }
    for (const auto& [name, size] : options_.sizes)
      if (!used_sizes_.contains(name)) refuse("has no open dimension '" + printable(name) + "', there are: " + open_dimensions());
    complete_graph(graph_, inference_);
    if (batch_was_replaced_) check_reshapes();
    return std::move(graph_);
  }

 private:
  const std::filesystem::path& source_;
  const ImportOptions& options_;
  onnx::ModelProto model_;
  Graph graph_;
  InferenceOptions inference_;
  std::map<std::string, TensorId> tensors_;
  std::map<std::string, int> opsets_;  // by domain
  std::string batch_symbol_;
  std::set<std::string> used_sizes_, open_;
  bool batch_was_replaced_ = false;

  [[noreturn]] void refuse(const std::string& what) const { throw core::InputError(graph_.source + ": " + what); }

  void parse(const std::string& bytes) {
    const google::protobuf::LogSilencer silence;  // it would write lines of its own to stderr
    if (bytes.size() > INT_MAX) refuse("larger than 2 GiB, which the format does not allow; such weights lie in files of their own");
    if (!model_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model_.has_graph())
      refuse("no ONNX model, or a damaged one: a whole file of the ONNX format is needed");
    if (model_.graph().node_size() == 0) refuse("its graph has no nodes, at least one is needed");
    for (const auto& set : model_.opset_import()) opsets_[own_domain(set.domain())] = static_cast<int>(std::clamp<std::int64_t>(set.version(), 0, INT_MAX));
    if (!opsets_.contains("")) refuse("names no opset of ONNX's operators, 7 and up are allowed");
    if (opsets_[""] < least_opset) refuse("opset " + std::to_string(opsets_[""]) + ", allowed are 7 and up");
  }

  static std::string own_domain(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }
  static bool is_constant(const onnx::NodeProto& n) { return n.op_type() == "Constant" && own_domain(n.domain()).empty(); }

  TensorId add_tensor(Tensor tensor, const std::string& name) {
    tensor.name = name;
    const TensorId id = graph_.add_tensor(std::move(tensor));
    if (!tensors_.emplace(name, id).second) refuse("'" + printable(name) + "' names two tensors, allowed is one");
    return id;
  }

  void add_stored(const onnx::TensorProto& stored, const std::string& name, const std::string& called, Role role) {
    const std::string refused = graph_.source + ": " + called;
    Tensor tensor{.type = type_of_onnx(stored, refused), .role = role};
    if (options_.keep_weights || elements(tensor.type.shape) <= most_folded)
      tensor.values = values_of_onnx(stored, tensor.type, source_.parent_path(), refused);
    add_tensor(std::move(tensor), name);
  }

  // ---- inputs
  struct Dimension {
    std::int64_t extent = 0;  // 0: open
    std::string symbol = {};
  };

  std::vector<Dimension> dimensions_of(const onnx::ValueInfoProto& info, ElementType& element) const {
    const std::string called = "input '" + printable(info.name()) + '\'';
    if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape()) refuse(called + " has no shape, a tensor of known rank is needed");
    const auto found = element_type_of_onnx(info.type().tensor_type().elem_type());
    if (!found) refuse(called + " has element type " + std::to_string(info.type().tensor_type().elem_type()) + ", allowed are numbers and truth values");
    element = *found;
    std::vector<Dimension> dimensions;
    for (const auto& d : info.type().tensor_type().shape().dim()) {
      if (d.dim_value() > 0)
        dimensions.push_back({d.dim_value()});
      else
        dimensions.push_back({0, d.dim_param()});
    }
    return dimensions;
  }

  void take_inputs(const onnx::GraphProto& g) {
    struct Input {
      std::string name;
      ElementType element;
      std::vector<Dimension> dimensions;
    };
    std::vector<Input> inputs;
    for (const auto& info : g.input()) {
      if (tensors_.contains(info.name())) continue;  // an initializer that older versions list as an input too
      Input input{info.name(), ElementType::float32, {}};
      input.dimensions = dimensions_of(info, input.element);
      inputs.push_back(std::move(input));
    }
    bool open = false, ones = false;
    for (const Input& input : inputs) {
      if (input.dimensions.empty()) continue;
      const Dimension& first = input.dimensions[0];
      if (first.extent == 0 && !options_.sizes.contains(first.symbol)) {
        if (!open) batch_symbol_ = first.symbol;
        open = true;
      }
      ones = ones || first.extent == 1;
    }
    // A batch that the file fixes at 1 can be changed where nothing inside the graph fixes it too; another fixed extent may be anything.
    const std::uint64_t batch = options_.batch.value_or(1);
    const bool replace = options_.batch && !open && ones && batch != 1;
    if (options_.batch && !open && !ones && !inputs.empty() &&
        (inputs[0].dimensions.empty() || inputs[0].dimensions[0].extent != static_cast<std::int64_t>(batch)))
      refuse("--batch " + std::to_string(batch) + ": the first extent of input '" + printable(inputs[0].name) +
             "' is fixed, allowed are models that leave it open or at 1");
    batch_was_replaced_ = replace;
    for (const Input& input : inputs) {
      Tensor tensor{.type = {input.element, {}}, .role = Role::input};
      for (const Dimension& d : input.dimensions)
        if (d.extent == 0) inference_.open_inputs.insert(input.name);
      for (std::size_t d = 0; d < input.dimensions.size(); ++d)
        tensor.type.shape.push_back(extent_of(input.dimensions[d], d, input.name, static_cast<std::int64_t>(batch), replace));
      add_tensor(std::move(tensor), input.name);
    }
  }

  std::int64_t extent_of(const Dimension& dimension, std::size_t at, const std::string& input, std::int64_t batch, bool replace) {
    if (dimension.extent != 0) return at == 0 && replace && dimension.extent == 1 ? batch : dimension.extent;
    if (!dimension.symbol.empty()) open_.insert(dimension.symbol);
    if (const auto given = options_.sizes.find(dimension.symbol); given != options_.sizes.end()) {
      used_sizes_.insert(dimension.symbol);
      return static_cast<std::int64_t>(given->second);
    }
    if (at == 0 || (!batch_symbol_.empty() && dimension.symbol == batch_symbol_)) return batch;
    refuse("dimension " + std::to_string(at) + " of input '" + printable(input) + "' is open ('" + printable(dimension.symbol) + "'), " +
           (dimension.symbol.empty() ? "a model with a fixed or a named extent is needed" : "--size " + printable(dimension.symbol) + "=EXTENT sets it"));
  }

  [[nodiscard]] std::string open_dimensions() const {
    std::string list;
    for (const std::string& symbol : open_) list += (list.empty() ? "" : ", ") + printable(symbol);
    return list.empty() ? "none" : list;
  }

  // ---- nodes
  static std::string name_of(const onnx::NodeProto& n) {
    if (!n.name().empty()) return n.name();
    return n.output_size() > 0 && !n.output(0).empty() ? n.output(0) : n.op_type();
  }

  [[nodiscard]] Node begun(const onnx::NodeProto& n) const {
    Node node{.name = printable(name_of(n)), .type = n.op_type(), .domain = own_domain(n.domain()), .where = graph_.source};
    const auto set = opsets_.find(node.domain);
    node.opset = set == opsets_.end() ? 0 : set->second;
    return node;
  }

  void add_outputs_of(const onnx::NodeProto& n) {
    for (const std::string& output : n.output()) {
      if (output.empty()) continue;
      if (tensors_.contains(output)) graph_.refuse(begun(n), "its output '" + printable(output) + "' is made elsewhere too, allowed is one producer");
      if (is_constant(n))
        add_constant(n, output);
      else
        add_tensor({.role = Role::activation}, output);
    }
  }

  void add_constant(const onnx::NodeProto& n, const std::string& output) {
    for (const auto& a : n.attribute()) {
      Values values;
      if (a.name() == "value" && a.has_t()) {
        add_stored(a.t(), output, "constant '" + printable(output) + '\'', Role::constant);
        return;
      }
      if (a.name() == "value_int") values = whole_values(ElementType::int64, {}, {a.i()});
      if (a.name() == "value_ints") values = whole_values(ElementType::int64, {a.ints_size()}, {a.ints().begin(), a.ints().end()});
      if (a.name() == "value_float") values = {{ElementType::float32, {}}, {}, {a.f()}};
      if (a.name() == "value_floats") values = {{ElementType::float32, {a.floats_size()}}, {}, {a.floats().begin(), a.floats().end()}};
      if (a.name().rfind("value_", 0) != 0 || a.name() == "value_string" || a.name() == "value_strings") continue;
      add_tensor({.type = values.type, .role = Role::constant, .values = bytes_of(values)}, output);
      return;
    }
    graph_.refuse(begun(n), "a constant without a value, allowed are value, value_int, value_ints, value_float, value_floats");
  }

  void add(const onnx::NodeProto& n) {
    Node node = begun(n);
    const bool known = node.domain.empty() && find_operator(node.type) != nullptr;
    for (const auto& a : n.attribute()) {
      if (node.type == "ConstantOfShape" && a.name() == "value" && a.has_t())
        set_filling(node, a.t());
      else if (node.type == "Cast" && a.name() == "to") {
        const auto to = element_type_of_onnx(a.i());
        node.attributes.set("to", to ? std::string(workloads::name_of(*to)) : "type " + std::to_string(a.i()));
      } else if (!set_attribute(node, a) && known)
        graph_.refuse(node, "attribute '" + printable(a.name()) + "' holds neither numbers nor a text");
    }
    for (const std::string& input : n.input()) {
      const auto found = tensors_.find(input);
      if (!input.empty() && found == tensors_.end())
        graph_.refuse(node, "its input '" + printable(input) + "' is neither made by a node nor an input nor an initializer of the graph");
      node.inputs.push_back(input.empty() ? std::nullopt : std::optional(found->second));
    }
    while (!node.inputs.empty() && !node.inputs.back()) node.inputs.pop_back();
    for (const std::string& output : n.output()) node.outputs.push_back(output.empty() ? std::nullopt : std::optional(tensors_.at(output)));
    graph_.add_node(std::move(node));
  }

  void set_filling(Node& node, const onnx::TensorProto& value) const {
    const std::string refused = graph_.source + ": the value of node '" + node.name + '\'';
    Tensor tensor{.type = type_of_onnx(value, refused)};
    tensor.values = values_of_onnx(value, tensor.type, source_.parent_path(), refused);
    node.attributes.set("value_type", std::string(workloads::name_of(tensor.type.element)));
    const auto values = values_of(tensor);
    if (!values || values->size() != 1) return;  // a type that is not computed with
    if (values->real.empty())
      node.attributes.set("whole_value", values->whole[0]);
    else
      node.attributes.set("real_value", values->real[0]);
  }

  static bool set_attribute(Node& node, const onnx::AttributeProto& a) {
    switch (a.type()) {
      case onnx::AttributeProto::FLOAT: node.attributes.set(a.name(), static_cast<double>(a.f())); return true;
      case onnx::AttributeProto::INT: node.attributes.set(a.name(), std::int64_t{a.i()}); return true;
      case onnx::AttributeProto::STRING: node.attributes.set(a.name(), a.s()); return true;
      case onnx::AttributeProto::FLOATS: node.attributes.set(a.name(), std::vector<double>(a.floats().begin(), a.floats().end())); return true;
      case onnx::AttributeProto::INTS: node.attributes.set(a.name(), std::vector<std::int64_t>(a.ints().begin(), a.ints().end())); return true;
      default: return false;
    }
  }

  // ---- shapes that the file states
  void declare(const onnx::ValueInfoProto& info) {
    if (!info.type().has_tensor_type() || info.type().tensor_type().shape().dim_size() == 0) return;
    const auto element = element_type_of_onnx(info.type().tensor_type().elem_type());
    TensorType type{element.value_or(ElementType::float32), {}};
    for (const auto& d : info.type().tensor_type().shape().dim()) {
      if (d.dim_value() <= 0) return;
      type.shape.push_back(d.dim_value());
    }
    if (checked_elements(type.shape)) inference_.declared[info.name()] = type;
  }

  void check_reshapes() const {
    const auto batch = static_cast<std::int64_t>(*options_.batch);
    for (const NodeId id : graph_.order()) {
      const Node& node = graph_.node(id);
      if (node.type != "Reshape" || !node.inputs[0] || !node.outputs[0]) continue;
      const Tensor &from = graph_.tensor(*node.inputs[0]), &to = graph_.tensor(*node.outputs[0]);
      if (from.varies() && !from.type.shape.empty() && !to.type.shape.empty() && from.type.shape[0] == batch && to.type.shape[0] == 1)
        graph_.refuse(node, "its shape fixes the batch at 1, --batch needs a model whose batch is open");
    }
  }
};

}  // namespace

Graph import_onnx(const std::string& bytes, const std::filesystem::path& source, const ImportOptions& options) {
  return OnnxImport(source, options).run(bytes);
}

}  // namespace spinvp::workloads
