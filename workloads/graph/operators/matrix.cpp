// Matrix products: MatMul with NumPy's meaning, Gemm with transposes and a bias.
#include <algorithm>

#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

struct Operands {
  Shape a_stack, b_stack;  // leading extents
  std::int64_t m, k, n, b_rows;
};

// A vector is a matrix of one row (left) or one column (right) whose extent is dropped from the result.
Operands operands(const NodeView& view) {
  const Shape &a = view.shape(0), &b = view.shape(1);
  view.require(!a.empty() && !b.empty(), "operands " + text_of(a) + " and " + text_of(b) + ", matrices or vectors are needed");
  Operands o{};
  o.k = a.back();
  o.m = a.size() == 1 ? 1 : a[a.size() - 2];
  o.b_rows = b.size() == 1 ? b[0] : b[b.size() - 2];
  o.n = b.size() == 1 ? 1 : b.back();
  o.a_stack.assign(a.begin(), a.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, a.size())));
  o.b_stack.assign(b.begin(), b.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, b.size())));
  view.require(o.k == o.b_rows, "operands " + text_of(a) + " and " + text_of(b) + " disagree, the columns of the first must be the rows of the second");
  return o;
}

std::vector<TensorType> infer_matmul(const NodeView& view) {
  const Operands o = operands(view);
  Shape output = view.grown(o.a_stack, o.b_stack);
  if (view.rank(0) > 1) output.push_back(o.m);
  if (view.rank(1) > 1) output.push_back(o.n);
  return {{view.element(0), output}};
}

// One matrix on the right serves the whole stack on the left, so all of that is one tall product.
std::vector<MatrixProduct> products_matmul(const NodeView& view) {
  const Operands o = operands(view);
  const std::uint64_t stack = elements(view.grown(o.a_stack, o.b_stack));
  MatrixProduct product{1, static_cast<std::uint64_t>(o.m), static_cast<std::uint64_t>(o.n), static_cast<std::uint64_t>(o.k)};
  if (elements(o.b_stack) == 1)
    product.m *= stack;
  else
    product.count = stack;
  return {product};
}

std::vector<MatrixProduct> products_gemm(const NodeView& view) {
  const Shape &a = view.shape(0), &b = view.shape(1);
  view.require(a.size() == 2 && b.size() == 2, "operands " + text_of(a) + " and " + text_of(b) + ", two matrices are needed");
  const bool turn_a = view.whole("transA", 0) != 0, turn_b = view.whole("transB", 0) != 0;
  const std::int64_t m = a[turn_a ? 1 : 0], k = a[turn_a ? 0 : 1], rows = b[turn_b ? 1 : 0], n = b[turn_b ? 0 : 1];
  view.require(k == rows, "operands " + text_of(a) + (turn_a ? " transposed" : "") + " and " + text_of(b) + (turn_b ? " transposed" : "") +
                              " disagree, the columns of the first must be the rows of the second");
  return {{1, static_cast<std::uint64_t>(m), static_cast<std::uint64_t>(n), static_cast<std::uint64_t>(k)}};
}

std::vector<TensorType> infer_gemm(const NodeView& view) {
  const MatrixProduct p = products_gemm(view)[0];
  const Shape output = {static_cast<std::int64_t>(p.m), static_cast<std::int64_t>(p.n)};
  if (view.has(2)) view.require(view.grown(view.shape(2), output) == output, "bias " + text_of(view.shape(2)) + " does not fit the product " + text_of(output));
  return {{view.element(0), output}};
}

}  // namespace

const std::vector<OperatorRules>& matrix_operators() {
  static const std::vector<OperatorRules> rules = {
      {.name = "Gemm", .inputs = {2, 3}, .attributes = {"alpha", "beta", "transA", "transB"}, .infer = infer_gemm, .products = products_gemm, .weights = 0b110},
      {.name = "MatMul", .inputs = {2, 2}, .infer = infer_matmul, .products = products_matmul, .weights = 0b10},
  };
  return rules;
}

}  // namespace spinvp::workloads
