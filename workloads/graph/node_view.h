// What the rules of an operator see of a node: its inputs' types, its attributes, the values of its constant inputs; and how they refuse it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/graph/graph.h"
#include "workloads/graph/values.h"

namespace spinvp::workloads {

class NodeView {
 public:
  NodeView(const Graph& graph, const Node& node) : graph_(graph), node_(node) {}
  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] int opset() const { return node_.opset; }

  [[nodiscard]] std::size_t inputs() const { return node_.inputs.size(); }
  [[nodiscard]] bool has(std::size_t i) const { return i < inputs() && node_.inputs[i].has_value(); }
  [[nodiscard]] const Tensor& input(std::size_t i) const;
  [[nodiscard]] const Shape& shape(std::size_t i) const { return input(i).type.shape; }
  [[nodiscard]] std::int64_t rank(std::size_t i) const { return static_cast<std::int64_t>(shape(i).size()); }
  [[nodiscard]] ElementType element(std::size_t i) const { return input(i).type.element; }
  // The number of outputs that the node names.
  [[nodiscard]] std::size_t outputs() const { return node_.outputs.size(); }

  // Of an input whose values are known at import; refuses the node where they are not.
  [[nodiscard]] Values values(std::size_t i) const;
  [[nodiscard]] std::vector<std::int64_t> whole_values(std::size_t i) const;

  // Refuse the node where the attribute is of another kind.
  [[nodiscard]] bool has_attribute(std::string_view name) const { return node_.attributes.find(name) != nullptr; }
  [[nodiscard]] std::int64_t whole(std::string_view name, std::int64_t otherwise) const;
  [[nodiscard]] double real(std::string_view name, double otherwise) const;
  [[nodiscard]] std::string text(std::string_view name, const std::string& otherwise) const;
  // Empty where there is none.
  [[nodiscard]] std::vector<std::int64_t> wholes(std::string_view name) const;

  // `axis` within a tensor of `rank` dimensions, counted from the end where it is negative.
  [[nodiscard]] std::size_t axis(std::int64_t axis, std::int64_t rank) const;
  // Settings such as axes that moved from an attribute to an input in some opset. Nothing where neither is there.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> setting(std::string_view attribute, std::size_t input) const;
  // The shape that both inputs grow to; refuses the node where they do not fit.
  [[nodiscard]] Shape grown(const Shape& a, const Shape& b) const;

  [[noreturn]] void refuse(const std::string& what) const { graph_.refuse(node_, what); }
  void require(bool holds, const std::string& what) const {
    if (!holds) refuse(what);
  }

 private:
  const Graph& graph_;
  const Node& node_;
};

}  // namespace spinvp::workloads
