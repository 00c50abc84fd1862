#include "workloads/reference/interpreter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <type_traits>

#include "models/core/error.h"
#include "workloads/graph/float_values.h"
#include "workloads/graph/shape.h"
#include "workloads/graph/values.h"
#include "workloads/reference/kernels.h"
#include "workloads/training/precision_schedule.h"

namespace spinvp::workloads {

namespace reference {

template <typename T>
const Kernel<T>* find_kernel(std::string_view name) {
  for (const auto* family : {&activation_gradient_kernels<T>(), &elementwise_kernels<T>(), &movement_kernels<T>(), &normalisation_kernels<T>(),
                             &pooling_kernels<T>(), &product_kernels<T>(), &reduction_kernels<T>(), &step_kernels<T>()})
    for (const Kernel<T>& kernel : *family)
      if (kernel.name == name) return &kernel;
  return nullptr;
}

}  // namespace reference

namespace {

// To nearest even at so many significant bits; numbers below the smallest normal one have its step.
float rounded_to_bits(float value, unsigned bits) {
  if (!std::isfinite(value)) return value;
  int exponent = 0;
  (void)std::frexp(value, &exponent);
  const double step = std::ldexp(1.0, std::max(exponent, std::numeric_limits<float>::min_exponent) - static_cast<int>(bits));
  return static_cast<float>(std::nearbyint(value / step) * step);
}

}  // namespace

template <typename T>
Interpreter<T>::Interpreter(const Graph& graph) : graph_(graph), values_(graph.tensors().size()) {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const Tensor& tensor = graph.tensors()[i];
    if (tensor.values == nullptr) continue;
    if (is_floating(tensor.type.element)) {
      if (tensor.type.element != ElementType::float32 && tensor.type.element != ElementType::bfloat16 && tensor.type.element != ElementType::float64) continue;
      const std::vector<float> floats = floats_of(tensor);
      values_[i].real.assign(floats.begin(), floats.end());
    } else if (auto whole = values_of(tensor)) {
      values_[i].whole = std::move(whole->whole);
    }
  }
}

template <typename T>
void Interpreter<T>::set(TensorId tensor, std::vector<T> values) {
  const Tensor& of = graph_.tensor(tensor);
  if (values.size() != elements(of.type.shape))
    throw core::InputError("tensor '" + of.name + "': " + std::to_string(values.size()) + " values, its shape " + text_of(of.type.shape) + " is needed");
  values_[index(tensor)].real = std::move(values);
  round(tensor);
}

template <typename T>
void Interpreter<T>::set_whole(TensorId tensor, std::vector<std::int64_t> values) {
  const Tensor& of = graph_.tensor(tensor);
  if (values.size() != elements(of.type.shape))
    throw core::InputError("tensor '" + of.name + "': " + std::to_string(values.size()) + " values, its shape " + text_of(of.type.shape) + " is needed");
  values_[index(tensor)].whole = std::move(values);
}

template <typename T>
void Interpreter<T>::run() {
  for (const NodeId id : graph_.order()) run(graph_.node(id));
}

template <typename T>
void Interpreter<T>::run(const Node& node) {
  const reference::Kernel<T>* kernel = reference::find_kernel<T>(node.type);
  if (kernel == nullptr) graph_.refuse(node, "the reference does not compute this operator");
  std::vector<const TensorValues<T>*> inputs;
  for (const auto& input : node.inputs) {
    inputs.push_back(input ? &values_[index(*input)] : nullptr);
    if (input && inputs.back()->real.size() + inputs.back()->whole.size() != elements(graph_.tensor(*input).type.shape))
      graph_.refuse(node, "its input '" + printable(graph_.tensor(*input).name) + "' has no values");
  }
  const std::vector<TensorValues<T>> narrowed = narrowed_operands(node, inputs);
  for (std::size_t i = 0; i < narrowed.size(); ++i) inputs[i] = &narrowed[i];
  TensorValues<T> dropped[6];
  std::vector<TensorValues<T>*> outputs;
  for (std::size_t i = 0; i < std::max<std::size_t>(node.outputs.size(), 6); ++i) {
    const bool there = i < node.outputs.size() && node.outputs[i];
    outputs.push_back(there ? &values_[index(*node.outputs[i])] : &dropped[i % 6]);
    if (!there) continue;
    const TensorType& type = graph_.tensor(*node.outputs[i]).type;
    if (is_floating(type.element))
      outputs.back()->real.assign(elements(type.shape), T(0));
    else
      outputs.back()->whole.assign(elements(type.shape), 0);
  }
  reference::Work<T> work(graph_, node, std::move(inputs), std::move(outputs));
  kernel->run(work);
  for (const auto& output : node.outputs)
    if (output) round(*output);
}

// Of a product under a schedule: its two factors; otherwise none.
template <typename T>
std::vector<TensorValues<T>> Interpreter<T>::narrowed_operands(const Node& node, const std::vector<const TensorValues<T>*>& inputs) const {
  std::vector<TensorValues<T>> narrowed;
  if constexpr (std::is_same_v<T, float>) {
    const unsigned bits = bits_of(node) == SPINVP_BITS_FORWARD ? bits_.forward : bits_.backward;
    const auto& products = reference::product_kernels<T>();
    if (bits == 0 || std::none_of(products.begin(), products.end(), [&](const auto& kernel) { return kernel.name == node.type; })) return narrowed;
    for (std::size_t i = 0; i < 2; ++i) {
      narrowed.push_back(*inputs.at(i));
      for (float& value : narrowed.back().real) value = rounded_to_bits(value, bits);
    }
  }
  return narrowed;
}

template <typename T>
void Interpreter<T>::round(TensorId tensor) {
  if constexpr (std::is_same_v<T, float>) {
    const bool narrow = graph_.tensor(tensor).type.element == ElementType::bfloat16;
    for (float& value : values_[index(tensor)].real) {
      if (value != value) value = std::bit_cast<float>(0x7fc00000u);
      if (narrow) value = rounded_to_bfloat16(value);
    }
  }
}

template class Interpreter<float>;
template class Interpreter<double>;

}  // namespace spinvp::workloads
