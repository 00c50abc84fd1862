// Matrix products and convolution: two products each, one by the other operand.
#include <numeric>

#include "workloads/graph/shape.h"
#include "workloads/training/gradient_rules.h"

namespace spinvp::workloads {
namespace {

void convolution(GradientContext& c) {
  if (c.wants(0)) c.give(0, c.emit("ConvDataGradient", {c.dy(), c.input(1)}, c.attributes_with("input_shape", c.input_shape(0))));
  if (c.wants(1)) c.give(1, c.emit("ConvWeightGradient", {c.input(0), c.dy()}, c.attributes_with("weight_shape", c.input_shape(1))));
  if (c.node().inputs.size() > 2 && c.wants(2)) {
    std::vector<std::int64_t> axes(c.output_shape(0).size());
    std::iota(axes.begin(), axes.end(), 0);
    axes.erase(axes.begin() + 1);
    Attributes attributes;
    attributes.set("axes", axes);
    attributes.set("keepdims", std::int64_t{0});
    c.give(2, c.emit("ReduceSum", {c.dy()}, std::move(attributes)));
  }
}

TensorId gemm(GradientContext& c, TensorId a, bool turn_a, TensorId b, bool turn_b, double alpha) {
  Attributes attributes;
  if (turn_a) attributes.set("transA", std::int64_t{1});
  if (turn_b) attributes.set("transB", std::int64_t{1});
  if (alpha != 1) attributes.set("alpha", alpha);
  return c.emit("Gemm", {a, b}, std::move(attributes));
}

// y = alpha a b + beta bias, a and b transposed where the node says so: so are their gradients.
void general_product(GradientContext& c) {
  const double alpha = c.view().real("alpha", 1), beta = c.view().real("beta", 1);
  const bool turn_a = c.view().whole("transA", 0) != 0, turn_b = c.view().whole("transB", 0) != 0;
  if (c.wants(0)) c.give(0, turn_a ? gemm(c, c.input(1), turn_b, c.dy(), true, alpha) : gemm(c, c.dy(), false, c.input(1), !turn_b, alpha));
  if (c.wants(1)) c.give(1, turn_b ? gemm(c, c.dy(), true, c.input(0), turn_a, alpha) : gemm(c, c.input(0), !turn_a, c.dy(), false, alpha));
  if (c.node().inputs.size() > 2 && c.wants(2)) {
    const TensorId sum = c.summed_to(c.dy(), c.input_shape(2));
    c.give(2, beta == 1 ? sum : c.emit("Mul", {sum, c.constant(beta)}));
  }
}

TensorId turned(GradientContext& c, TensorId tensor) {
  std::vector<std::int64_t> order(c.shape(tensor).size());
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return c.transposed(tensor, order);
}

// A vector is a matrix of one row (left) or one column (right).
void matrix_product(GradientContext& c) {
  const Shape given_a = c.input_shape(0), given_b = c.input_shape(1);
  Shape a = given_a, b = given_b, y = c.output_shape(0);
  if (b.size() == 1) {
    b.push_back(1);
    y.push_back(1);
  }
  if (a.size() == 1) {
    a.insert(a.begin(), 1);
    y.insert(y.end() - 1, 1);
  }
  if (b.size() == 2) {
    // One matrix on the right: the stack on the left is one tall matrix.
    const std::int64_t k = a.back(), n = b[1], rows = static_cast<std::int64_t>(elements(a)) / k;
    const TensorId dy = c.reshaped(c.dy(), {rows, n});
    if (c.wants(0)) c.give(0, c.reshaped(gemm(c, dy, false, c.reshaped(c.input(1), b), true, 1), given_a));
    if (c.wants(1)) c.give(1, c.reshaped(gemm(c, c.reshaped(c.input(0), {rows, k}), true, dy, false, 1), given_b));
    return;
  }
  const TensorId dy = c.reshaped(c.dy(), y);
  if (c.wants(0)) c.give(0, c.reshaped(c.summed_to(c.emit("MatMul", {dy, turned(c, c.reshaped(c.input(1), b))}), a), given_a));
  if (c.wants(1)) c.give(1, c.reshaped(c.summed_to(c.emit("MatMul", {turned(c, c.reshaped(c.input(0), a)), dy}), b), given_b));
}

}  // namespace

const std::vector<GradientRule>& product_gradients() {
  static const std::vector<GradientRule> rules = {{"Conv", convolution}, {"Gemm", general_product}, {"MatMul", matrix_product}};
  return rules;
}

}  // namespace spinvp::workloads
