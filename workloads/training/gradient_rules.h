// How gradients pass through operators: one rule for each, in the file of its family (gradient_rules/*.cpp). A new operator is a new row there.
//
// A rule sees one node of the forward pass and the gradients of its outputs, and gives the gradient of each input that wants one, by adding nodes to the graph. What it reads of the
// forward pass it asks for by input() and output(): a value that was not kept is recomputed then.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/graph/graph.h"
#include "workloads/graph/node_view.h"

namespace spinvp::workloads {

class GradientContext {
 public:
  virtual ~GradientContext() = default;

  [[nodiscard]] virtual const Node& node() const = 0;
  [[nodiscard]] virtual NodeView view() const = 0;
  // Values of the forward pass.
  virtual TensorId input(std::size_t i) = 0;
  virtual TensorId output(std::size_t i) = 0;
  [[nodiscard]] virtual bool wants(std::size_t input) const = 0;
  // Of an output; nothing where it does not reach the loss.
  [[nodiscard]] virtual std::optional<TensorId> gradient(std::size_t output) const = 0;
  [[nodiscard]] TensorId dy() const { return *gradient(0); }
  virtual void give(std::size_t input, TensorId gradient) = 0;

  // A node of the backward pass with its outputs; `outputs` (as bits): which ones it has.
  virtual std::vector<TensorId> emit_some(const std::string& type, const std::vector<TensorId>& inputs, Attributes attributes, std::uint32_t outputs) = 0;
  TensorId emit(const std::string& type, const std::vector<TensorId>& inputs, Attributes attributes = {}) {
    return emit_some(type, inputs, std::move(attributes), 1)[0];
  }
  virtual TensorId constant(double value) = 0;                             // a float32 scalar
  virtual TensorId constant(const std::vector<std::int64_t>& values) = 0;  // int64
  [[nodiscard]] virtual Shape shape(TensorId tensor) const = 0;
  [[nodiscard]] Shape input_shape(std::size_t i) const { return view().shape(i); }
  [[nodiscard]] Shape output_shape(std::size_t i) const;

  // Helpers in terms of emit. The first gives its operand back where nothing changes.
  TensorId reshaped(TensorId tensor, const Shape& shape);
  // Sums what was repeated to grow `shape` to the tensor's.
  TensorId summed_to(TensorId tensor, const Shape& shape);
  TensorId expanded(TensorId tensor, const Shape& shape);
  TensorId transposed(TensorId tensor, const std::vector<std::int64_t>& order);
  // Zeros of `extent` along `axis`, to which the slices of `tensor` along it are added at `places`.
  TensorId scattered(TensorId tensor, std::size_t axis, const std::vector<std::int64_t>& places, std::int64_t extent);
  // The node's own attributes and one more.
  [[nodiscard]] Attributes attributes_with(const std::string& name, Attribute value) const;
};

struct GradientRule {
  std::string_view name;
  void (*apply)(GradientContext&);  // null: it passes no gradient on
};

// Null where there is none.
const GradientRule* find_gradient_rule(std::string_view name);
// Of operators that pass a gradient on, in the order of the alphabet.
std::vector<std::string> differentiable_operators();

// The families.
const std::vector<GradientRule>& elementwise_gradients();
const std::vector<GradientRule>& movement_gradients();
const std::vector<GradientRule>& normalisation_gradients();
const std::vector<GradientRule>& product_gradients();
const std::vector<GradientRule>& shape_gradients();
const std::vector<GradientRule>& window_gradients();

}  // namespace spinvp::workloads
