// Gemm and MatMul. A right operand that serves a whole stack makes one tall product; stacks on both sides are batches, and an operand that repeats along a stack is laid out first.
// A transpose of the last two dimensions becomes a flag of the command.
#include "workloads/compiler/lowering.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads::compiler {
namespace {

struct Matrix {
  View view;            // dense, in the order in which it lies
  bool turned = false;  // that order is the transpose of what was asked for
};

View swapped(const View& view) {
  View result = view;
  const std::size_t last = view.shape.size() - 1;
  std::swap(result.shape[last], result.shape[last - 1]);
  std::swap(result.stride[last], result.stride[last - 1]);
  return result;
}

// What lies across is copied along its fast dimension, so that the copy runs over neighbours.
Matrix matrix(Emitter& emit, const View& view, Format format) {
  if (is_dense(view)) return {emit.dense(view, format), false};
  const View across = swapped(view);
  const std::size_t last = view.shape.size() - 1;
  if (is_dense(across) || (view.shape[last - 1] > 1 && std::abs(view.stride[last - 1]) < std::abs(view.stride[last])))
    return {emit.dense(across, format), true};
  return {emit.dense(view, format), false};
}

struct Product {
  std::int64_t batch = 1, m = 1, n = 1, k = 1;
  bool shared_b = false;
};

void product(Emitter& emit, const Product& p, const Matrix& a, const Matrix& b, const std::optional<View>& bias, const View& c,
             std::optional<Program> epilogue) {
  spinvp_npu_descriptor d{};
  d.operation = SPINVP_NPU_GEMM;
  d.format = number_of_reals(emit.node, emit.format(c));
  d.flags = (a.turned ? SPINVP_NPU_TRANSPOSE_A : 0) | (b.turned ? SPINVP_NPU_TRANSPOSE_B : 0) | (p.shared_b ? SPINVP_NPU_SHARED_B : 0);
  d.batch = p.batch == 1 ? 0 : narrow(emit.node, p.batch);
  d.m = narrow(emit.node, p.m);
  d.n = narrow(emit.node, p.n);
  d.k = narrow(emit.node, p.k);
  std::vector<Operand> operands = {Emitter::reads(&spinvp_npu_descriptor::a, a.view), Emitter::reads(&spinvp_npu_descriptor::b, b.view),
                                   Emitter::writes(&spinvp_npu_descriptor::c, c)};
  if (bias) operands.push_back(Emitter::reads(&spinvp_npu_descriptor::bias, *bias));
  emit.emit(d, std::move(operands), std::move(epilogue));
}

void gemm(Emitter& emit) {
  View a = emit.input(0), b = emit.input(1);
  if (emit.node.whole("transA", 0) != 0) a = swapped(a);
  if (emit.node.whole("transB", 0) != 0) b = swapped(b);
  const Product p{1, a.shape[0], b.shape[1], a.shape[1], false};
  const auto alpha = static_cast<float>(emit.node.real("alpha", 1)), beta = static_cast<float>(emit.node.real("beta", 1));
  const Format format = emit.output_format();
  std::optional<View> bias;
  std::optional<Program> epilogue;
  if (emit.has(2)) {
    const View grown = repeated(emit.input(2), {p.m, p.n});
    const View row = cut(grown, 0, 0, 1, 1);
    const bool same_rows = p.m == 1 || grown.stride[0] == 0;
    if (alpha == 1 && beta == 1 && same_rows && is_dense(row) && emit.format(row) == format) bias = row;
  }
  if (alpha != 1 || (emit.has(2) && !bias)) {
    epilogue.emplace();
    epilogue->extent = {p.m, p.n};
    epilogue->reduced = {false, false};
    Expression& e = epilogue->steps;
    Value result = Value::input(0);
    if (alpha != 1) result = e.multiply(result, e.constant(alpha));
    if (emit.has(2)) {
      const View grown = repeated(emit.input(2), {p.m, p.n});
      epilogue->inputs.push_back({grown.buffer, emit.format(grown), grown.offset, grown.stride});
      const Value addend = Value::input(1);
      result = e.add(result, beta != 1 ? e.multiply(addend, e.constant(beta)) : addend);
    }
    epilogue->results = {result};
  }
  const Matrix left = matrix(emit, a, format), right = matrix(emit, b, format);
  product(emit, p, left, right, bias, emit.output(), std::move(epilogue));
}

void matmul(Emitter& emit) {
  View a = emit.input(0), b = emit.input(1);
  // A vector is a matrix of one row on the left, of one column on the right.
  if (a.shape.size() == 1) a = *reshaped(a, {1, a.shape[0]});
  if (b.shape.size() == 1) b = *reshaped(b, {b.shape[0], 1});
  const std::size_t a_rank = a.shape.size(), b_rank = b.shape.size();
  const Shape a_stack(a.shape.begin(), a.shape.end() - 2), b_stack(b.shape.begin(), b.shape.end() - 2);
  const Shape stack = *broadcast(a_stack, b_stack);
  Product p{static_cast<std::int64_t>(elements(stack)), a.shape[a_rank - 2], b.shape[b_rank - 1], a.shape[a_rank - 1], false};
  const Format format = emit.output_format();
  const auto grown = [&](const View& view) {
    Shape shape = stack;
    shape.insert(shape.end(), view.shape.end() - 2, view.shape.end());
    return repeated(view, shape);
  };
  const bool one_b = elements(b_stack) == 1;
  const Matrix left = matrix(emit, grown(a), format);
  const Matrix right = matrix(emit, one_b ? *reshaped(b, {p.k, p.n}) : grown(b), format);
  if (one_b && !left.turned) {
    p.m *= p.batch;
    p.batch = 1;
  }
  p.shared_b = one_b && p.batch > 1;
  product(emit, p, left, right, std::nullopt, emit.output(), std::nullopt);
}

}  // namespace

const std::vector<LoweringRow>& product_lowerings() {
  static const std::vector<LoweringRow> rows = {{"Gemm", gemm}, {"MatMul", matmul}};
  return rows;
}

}  // namespace spinvp::workloads::compiler
