// Normalisations, softmax, and their gradients. Statistics are reductions in fp32; each element then takes one map.
#include "workloads/compiler/lowering.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads::compiler {
namespace {

float inverse(std::int64_t count) { return static_cast<float>(1.0 / static_cast<double>(count)); }

// What shares statistics: reduced[d] along which dimensions they are taken, `kept` their shape, `scale` that of scale and bias; both repeat along x.
struct Grouping {
  Shape x, kept;
  std::vector<bool> reduced;
  std::int64_t count = 1;
};

Grouping by_channel(const Shape& x) {
  Grouping g{x, Shape(x.size(), 1), std::vector<bool>(x.size(), true), 1};
  g.reduced[1] = false;
  g.kept[1] = x[1];
  for (std::size_t d = 0; d < x.size(); ++d) g.count *= g.reduced[d] ? x[d] : 1;
  return g;
}

Grouping by_row(const Shape& x, std::size_t axis) {
  Grouping g{x, x, std::vector<bool>(x.size(), false), 1};
  for (std::size_t d = axis; d < x.size(); ++d) {
    g.reduced[d] = true;
    g.kept[d] = 1;
    g.count *= x[d];
  }
  return g;
}

// One value for each channel, as it repeats along images.
View along_channels(const View& view, std::size_t rank) {
  Shape shape(rank, 1);
  shape[1] = view.shape[0];
  return *reshaped(view, shape);
}

// mean = sum(x) r; var = sum((x - mean)^2) r; rstd = 1 / sqrt(var + epsilon). `variance` where somebody wants it.
void statistics(Emitter& emit, const Grouping& g, const View& x, float epsilon, const View& mean, const View& rstd, const std::optional<View>& variance) {
  {
    Pass pass(emit, g.x, g.reduced, SPINVP_NPU_COMBINE_SUM);
    const Value total = pass.total(pass.read(x));
    pass.write_total(pass.finish.multiply(total, pass.finish.constant(inverse(g.count))), mean);
    pass.done();
  }
  Pass pass(emit, g.x, g.reduced, SPINVP_NPU_COMBINE_SUM);
  const Value element = pass.read(x), d = pass.e.subtract(element, pass.read(mean));
  Expression& f = pass.finish;
  const Value var = f.multiply(pass.total(pass.e.multiply(d, d)), f.constant(inverse(g.count)));
  pass.write_total(f.divide(f.constant(1), f.square_root(f.add(var, f.constant(epsilon)))), rstd);
  if (variance) pass.write_total(var, *variance);
  pass.done();
}

// ((x - mean) rstd) scale + bias
void normalise(Emitter& emit, const Grouping& g, const View& x, const View& mean, const View& rstd, const View& scale, const std::optional<View>& bias) {
  Pass pass(emit, g.x);
  Expression& e = pass.e;
  const Value element = pass.read(x);
  Value y = e.multiply(e.subtract(element, pass.read(mean)), pass.read(rstd));
  y = e.multiply(y, pass.read(scale));
  if (bias) y = e.add(y, pass.read(*bias));
  pass.write(y, emit.output());
  pass.done();
}

void batch_inference(Emitter& emit) {
  const Shape x = emit.node.shape(0);
  const View s = emit.temporary(Format::fp32, {x[1]});
  {
    Pass pass(emit, {x[1]});
    Expression& e = pass.e;
    const Value scale = pass.operand(1), var = pass.operand(4);
    pass.write(e.divide(scale, e.square_root(e.add(var, e.constant(static_cast<float>(emit.node.real("epsilon", 1e-5)))))), s);
    pass.done();
  }
  Pass pass(emit, x);
  Expression& e = pass.e;
  const auto channel = [&](const View& view) { return pass.read(along_channels(view, x.size())); };
  const Value element = pass.read(emit.input(0)), mean = channel(emit.input(3)), slope = channel(s);
  pass.write(e.add(e.multiply(e.subtract(element, mean), slope), channel(emit.input(2))), emit.output());
  pass.done();
}

void batch_training(Emitter& emit) {
  const Grouping g = by_channel(emit.node.shape(0));
  const std::size_t rank = g.x.size();
  const Shape channels = {g.x[1]};
  const View mean = emit.output_or_temporary(1, Format::fp32, channels), rstd = emit.output_or_temporary(2, Format::fp32, channels);
  const bool runs = emit.wants(3) || emit.wants(4);
  std::optional<View> variance;
  if (runs) variance = emit.temporary(Format::fp32, channels);
  const View x = emit.input(0);
  statistics(emit, g, x, static_cast<float>(emit.node.real("epsilon", 1e-5)), along_channels(mean, rank), along_channels(rstd, rank),
             variance ? std::optional(along_channels(*variance, rank)) : std::nullopt);
  if (runs) {
    // running * momentum + batch * (1 - momentum)
    Pass pass(emit, channels);
    Expression& e = pass.e;
    const double momentum = emit.node.real("momentum", 0.9);
    const Value keep = e.constant(static_cast<float>(momentum)), take = e.constant(static_cast<float>(1 - momentum));
    const auto renewed = [&](std::size_t running, const View& now) { return e.add(e.multiply(pass.operand(running), keep), e.multiply(pass.read(now), take)); };
    if (emit.wants(3)) pass.write(renewed(3, mean), emit.output(3));
    if (emit.wants(4)) pass.write(renewed(4, *variance), emit.output(4));
    pass.done();
  }
  normalise(emit, g, x, along_channels(mean, rank), along_channels(rstd, rank), along_channels(emit.input(1), rank), along_channels(emit.input(2), rank));
}

void layer(Emitter& emit) {
  const NodeView& node = emit.node;
  const Grouping g = by_row(node.shape(0), node.axis(node.whole("axis", -1), node.rank(0)));
  const View mean = emit.output_or_temporary(1, Format::fp32, g.kept), rstd = emit.output_or_temporary(2, Format::fp32, g.kept);
  const View x = emit.input(0);
  statistics(emit, g, x, static_cast<float>(node.real("epsilon", 1e-5)), mean, rstd, std::nullopt);
  normalise(emit, g, x, mean, rstd, emit.input(1), emit.has(2) ? std::optional(emit.input(2)) : std::nullopt);
}

// dx = outer ((g - s1) - (xhat s2)) with g = dy (times scale, where it is not in `outer`).
struct DataGradient {
  View dy, x, mean, rstd, outer, s1, s2;
  std::optional<View> scale;
};

void data_gradient(Emitter& emit, const Grouping& g, const DataGradient& a) {
  Pass p(emit, g.x);
  Expression& e = p.e;
  const Value x = p.read(a.x), xhat = e.multiply(e.subtract(x, p.read(a.mean)), p.read(a.rstd)), part = e.multiply(xhat, p.read(a.s2));
  Value dy = p.read(a.dy);
  if (a.scale) dy = e.multiply(dy, p.read(*a.scale));
  p.write(e.multiply(p.read(a.outer), e.subtract(e.subtract(dy, p.read(a.s1)), part)), emit.output());
  p.done();
}

// Sums of dy and dy xhat for each channel; dx = (scale rstd) ((dy - dbias r) - (xhat (dscale r))).
void batch_gradient(Emitter& emit) {
  const Grouping g = by_channel(emit.node.shape(0));
  const std::size_t rank = g.x.size();
  const Shape channels = {g.x[1]};
  const View dy = emit.input(0), x = emit.input(1);
  const View scale = along_channels(emit.input(2), rank), mean = along_channels(emit.input(3), rank), rstd = along_channels(emit.input(4), rank);
  const View s1 = emit.temporary(Format::fp32, channels), s2 = emit.temporary(Format::fp32, channels);
  {
    Pass pass(emit, g.x, g.reduced, SPINVP_NPU_COMBINE_SUM);
    Expression &e = pass.e, &f = pass.finish;
    const Value d = pass.read(dy), element = pass.read(x);
    const Value xhat = e.multiply(e.subtract(element, pass.read(mean)), pass.read(rstd));
    const Value dbias = pass.total(d), dscale = pass.total(e.multiply(d, xhat)), r = f.constant(inverse(g.count));
    pass.write_total(f.multiply(dbias, r), along_channels(s1, rank));
    pass.write_total(f.multiply(dscale, r), along_channels(s2, rank));
    if (emit.wants(1)) pass.write_total(dscale, along_channels(emit.output(1), rank));
    if (emit.wants(2)) pass.write_total(dbias, along_channels(emit.output(2), rank));
    pass.done();
  }
  if (!emit.wants(0)) return;
  const View outer = emit.temporary(Format::fp32, channels);
  {
    Pass pass(emit, channels);
    const Value factor = pass.read(emit.input(2));
    pass.write(pass.e.multiply(factor, pass.read(emit.input(4))), outer);
    pass.done();
  }
  data_gradient(emit, g, {dy, x, mean, rstd, along_channels(outer, rank), along_channels(s1, rank), along_channels(s2, rank), std::nullopt});
}

// For each row g = dy scale, sums of g and g xhat; dx = rstd ((g - s1 r) - (xhat (s2 r))). dscale and dbias: sums over the rows.
void layer_gradient(Emitter& emit) {
  const NodeView& node = emit.node;
  const std::size_t axis = node.axis(node.whole("axis", -1), node.rank(0));
  const Grouping g = by_row(node.shape(0), axis);
  const View dy = emit.input(0), x = emit.input(1), scale = emit.input(2), mean = emit.input(3), rstd = emit.input(4);
  if (emit.wants(0)) {
    const View s1 = emit.temporary(Format::fp32, g.kept), s2 = emit.temporary(Format::fp32, g.kept);
    Pass pass(emit, g.x, g.reduced, SPINVP_NPU_COMBINE_SUM);
    Expression &e = pass.e, &f = pass.finish;
    const Value d = pass.read(dy), weighted = e.multiply(d, pass.read(scale)), element = pass.read(x);
    const Value xhat = e.multiply(e.subtract(element, pass.read(mean)), pass.read(rstd)), r = f.constant(inverse(g.count));
    const Value first = pass.total(weighted), second = pass.total(e.multiply(weighted, xhat));
    pass.write_total(f.multiply(first, r), s1);
    pass.write_total(f.multiply(second, r), s2);
    pass.done();
    data_gradient(emit, g, {dy, x, mean, rstd, rstd, s1, s2, scale});
  }
  if (!emit.wants(1) && !emit.wants(2)) return;
  std::vector<bool> rows(g.x.size(), false);
  Shape tail = g.x;
  for (std::size_t d = 0; d < axis; ++d) {
    rows[d] = true;
    tail[d] = 1;
  }
  if (axis == 0) {
    // One row: its sum is itself.
    Pass pass(emit, g.x);
    Expression& e = pass.e;
    const Value d = pass.read(dy), element = pass.read(x), zero = e.constant(0);
    const Value xhat = e.multiply(e.subtract(element, pass.read(mean)), pass.read(rstd));
    if (emit.wants(1)) pass.write(e.add(zero, e.multiply(d, xhat)), emit.output(1));
    if (emit.wants(2)) pass.write(e.add(zero, d), emit.output(2));
    pass.done();
    return;
  }
  Pass pass(emit, g.x, rows, SPINVP_NPU_COMBINE_SUM);
  Expression& e = pass.e;
  const Value d = pass.read(dy);
  if (emit.wants(1)) {
    const Value element = pass.read(x), xhat = e.multiply(e.subtract(element, pass.read(mean)), pass.read(rstd));
    const Value dscale = pass.total(e.multiply(d, xhat));
    pass.write_total(dscale, *reshaped(emit.output(1), tail));
  }
  if (emit.wants(2)) pass.write_total(pass.total(d), *reshaped(emit.output(2), tail));
  pass.done();
}

// ---- Softmax: rows of the last axis; another axis is brought there and back.
struct Rows {
  std::vector<std::int64_t> order, back;  // of dimensions; empty: rows lie as they are
  std::int64_t columns = 1;
};

Rows rows_of(const NodeView& node, bool flattens) {
  const Shape shape = node.shape(0);
  const bool flat = flattens && node.opset() != 0 && node.opset() < 13;
  const std::size_t axis = node.axis(node.whole("axis", flat ? 1 : -1), node.rank(0));
  Rows rows;
  if (flat) {
    for (std::size_t d = axis; d < shape.size(); ++d) rows.columns *= shape[d];
    return rows;
  }
  rows.columns = shape[axis];
  if (elements({shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, shape.end()}) == 1) return rows;
  for (std::size_t d = 0; d < shape.size(); ++d)
    if (d != axis) rows.order.push_back(static_cast<std::int64_t>(d));
  rows.order.push_back(static_cast<std::int64_t>(axis));
  rows.back.resize(shape.size());
  for (std::size_t d = 0; d < shape.size(); ++d) rows.back[static_cast<std::size_t>(rows.order[d])] = static_cast<std::int64_t>(d);
  return rows;
}

void softmax_kernel(Emitter& emit, std::uint32_t operation, const Rows& rows, const std::vector<View>& inputs) {
  const Format format = emit.output_format();
  std::vector<View> dense;
  for (const View& view : inputs) dense.push_back(emit.dense(rows.order.empty() ? view : permuted(view, rows.order), format));
  const View c = rows.order.empty() ? emit.output() : emit.temporary(format, dense[0].shape);
  spinvp_npu_descriptor d{};
  d.operation = operation;
  d.format = number_of(format);
  d.m = narrow(emit.node, static_cast<std::int64_t>(elements(c.shape)) / rows.columns);
  d.n = narrow(emit.node, rows.columns);
  d.scalar = 1;
  std::vector<Operand> operands = {Emitter::reads(&spinvp_npu_descriptor::a, dense[0]), Emitter::writes(&spinvp_npu_descriptor::c, c)};
  if (dense.size() > 1) operands.push_back(Emitter::reads(&spinvp_npu_descriptor::b, dense[1]));
  emit.emit(d, std::move(operands));
  if (!rows.order.empty()) emit.alias(0, permuted(c, rows.back));
}

void softmax(Emitter& emit) { softmax_kernel(emit, SPINVP_NPU_SOFTMAX_FORWARD, rows_of(emit.node, true), {emit.input(0)}); }
void softmax_gradient(Emitter& emit) { softmax_kernel(emit, SPINVP_NPU_SOFTMAX_BACKWARD, rows_of(emit.node, false), {emit.input(0), emit.input(1)}); }

// x - largest - log(sum of exp(x - largest))
void log_softmax(Emitter& emit) {
  const NodeView& node = emit.node;
  const bool flat = node.opset() != 0 && node.opset() < 13;
  const std::size_t axis = node.axis(node.whole("axis", flat ? 1 : -1), node.rank(0));
  Shape kept = node.shape(0);
  std::vector<bool> reduced(kept.size(), false);
  for (std::size_t d = axis; d < (flat ? kept.size() : axis + 1); ++d) {
    reduced[d] = true;
    kept[d] = 1;
  }
  const View x = emit.input(0), largest = emit.temporary(Format::fp32, kept), sum = emit.temporary(Format::fp32, kept);
  Pass first(emit, x.shape, reduced, SPINVP_NPU_COMBINE_MAXIMUM);
  first.write_total(first.total(first.read(x)), largest);
  first.done();
  Pass second(emit, x.shape, reduced, SPINVP_NPU_COMBINE_SUM);
  const Value d = second.e.subtract(second.read(x), second.read(largest));
  second.write_total(second.finish.logarithm(second.total(second.e.exponential(d))), sum);
  second.done();
  Pass third(emit, x.shape);
  const Value distance = third.e.subtract(third.read(x), third.read(largest));
  third.write(third.e.subtract(distance, third.read(sum)), emit.output());
  third.done();
}

}  // namespace

const std::vector<LoweringRow>& normalisation_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"BatchNormalization", batch_inference},
      {"BatchNormalizationGradient", batch_gradient},
      {"BatchNormalizationTraining", batch_training},
      {"LayerNormalization", layer},
      {"LayerNormalizationGradient", layer_gradient},
      {"LogSoftmax", log_softmax},
      {"Softmax", softmax},
      {"SoftmaxGradient", softmax_gradient},
  };
  return rows;
}

}  // namespace spinvp::workloads::compiler
