// Losses and optimisers.
#include "workloads/compiler/lowering.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads::compiler {
namespace {

// scale where the attribute is there and not 1.
Value scaled(Emitter& emit, Expression& e, Value value) {
  const auto scale = static_cast<float>(emit.node.real("scale", 1));
  return scale == 1 ? value : e.multiply(value, e.constant(scale));
}

// The command takes and gives fp32; what is narrower, or scaled, is mapped.
void cross_entropy(Emitter& emit) {
  const View logits = emit.dense(emit.input(0), Format::fp32), labels = emit.dense(emit.input(1));
  const View loss = emit.output_or_temporary(0, Format::fp32, {});
  const Format format = emit.wants(1) ? emit.output_format(1) : Format::fp32;
  const bool as_it_comes = emit.node.real("scale", 1) == 1 && format == Format::fp32;
  const View gradient = as_it_comes ? emit.output_or_temporary(1, format, logits.shape) : emit.temporary(Format::fp32, logits.shape);
  spinvp_npu_descriptor d{};
  d.operation = SPINVP_NPU_SOFTMAX_CROSS_ENTROPY;
  d.flags = SPINVP_NPU_INT32_LABELS;
  d.m = narrow(emit.node, logits.shape[0]);
  d.n = narrow(emit.node, logits.shape[1]);
  emit.emit(d, {Emitter::reads(&spinvp_npu_descriptor::a, logits), Emitter::reads(&spinvp_npu_descriptor::aux, labels),
                Emitter::writes(&spinvp_npu_descriptor::c, gradient), Emitter::writes(&spinvp_npu_descriptor::bias, loss)});
  if (as_it_comes || !emit.wants(1)) return;
  Pass pass(emit, logits.shape);
  const Value value = pass.read(gradient);
  pass.write(scaled(emit, pass.e, value), emit.output(1));
  pass.done();
}

void mean_squared(Emitter& emit) {
  const View y = emit.input(0), target = emit.input(1);
  const auto count = static_cast<double>(elements(y.shape));
  const View loss = emit.output_or_temporary(0, Format::fp32, {});
  if (elements(y.shape) > 1) {
    Pass pass(emit, y.shape, std::vector<bool>(y.shape.size(), true), SPINVP_NPU_COMBINE_SUM);
    const Value a = pass.read(y), d = pass.e.subtract(a, pass.read(target));
    const Value total = pass.total(pass.e.multiply(d, d));
    pass.write_total(pass.finish.multiply(total, pass.finish.constant(static_cast<float>(1 / count))), *reshaped(loss, Shape(y.shape.size(), 1)));
    pass.done();
  } else {
    Pass pass(emit, y.shape);
    const Value a = pass.read(y), d = pass.e.subtract(a, pass.read(target));
    pass.write(pass.e.add(pass.e.constant(0), pass.e.multiply(d, d)), *reshaped(loss, y.shape));
    pass.done();
  }
  if (!emit.wants(1)) return;
  Pass pass(emit, y.shape);
  const Value a = pass.read(y), d = pass.e.subtract(a, pass.read(target));
  pass.write(scaled(emit, pass.e, pass.e.multiply(d, pass.e.constant(static_cast<float>(2 / count)))), emit.output(1));
  pass.done();
}

// ---- Optimisers: one map each; the new values take the places of the old ones.
void finish_update(Emitter& emit, Pass& pass, Value w, std::size_t copy) {
  pass.write(w, emit.output(0));
  if (emit.wants(copy)) pass.write(w, emit.output(copy));
  pass.done();
}

void sgd(Emitter& emit) {
  Pass pass(emit, emit.node.shape(0));
  Expression& e = pass.e;
  const Value w = pass.operand(0), g = scaled(emit, e, pass.operand(1)), rate = e.negate(pass.operand(2));
  finish_update(emit, pass, e.fused(rate, g, w), 1);
}

void momentum(Emitter& emit) {
  Pass pass(emit, emit.node.shape(0));
  Expression& e = pass.e;
  const Value w = pass.operand(0), g = scaled(emit, e, pass.operand(1)), v = pass.operand(2), rate = e.negate(pass.operand(3));
  const Value velocity = e.fused(e.constant(static_cast<float>(emit.node.real("momentum", 0.9))), v, g);
  pass.write(velocity, emit.output(1));
  finish_update(emit, pass, e.fused(rate, velocity, w), 2);
}

void adam(Emitter& emit) {
  Pass pass(emit, emit.node.shape(0));
  Expression& e = pass.e;
  const double beta1 = emit.node.real("beta1", 0.9), beta2 = emit.node.real("beta2", 0.999);
  const Value w = pass.operand(0), g = scaled(emit, e, pass.operand(1)), m = pass.operand(2), v = pass.operand(3);
  const Value mean = e.fused(e.constant(static_cast<float>(beta1)), m, e.multiply(e.constant(static_cast<float>(1 - beta1)), g));
  const Value square = e.fused(e.constant(static_cast<float>(beta2)), v, e.multiply(e.constant(static_cast<float>(1 - beta2)), e.multiply(g, g)));
  pass.write(mean, emit.output(1));
  pass.write(square, emit.output(2));
  const Value step = e.divide(e.multiply(pass.operand(4), mean), e.add(e.square_root(square), pass.operand(5)));
  finish_update(emit, pass, e.subtract(w, step), 3);
}

}  // namespace

const std::vector<LoweringRow>& training_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"AdamUpdate", adam}, {"MeanSquared", mean_squared}, {"MomentumUpdate", momentum}, {"SgdUpdate", sgd}, {"SoftmaxCrossEntropy", cross_entropy},
  };
  return rows;
}

}  // namespace spinvp::workloads::compiler
