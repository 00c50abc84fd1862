// Checks of the vector unit's descriptors.
#include "models/npu/job_checker.h"

namespace spinvp::npu {

namespace {

VectorJob element_wise(Checker& check) {
  const auto& d = check.d;
  VectorJob job;
  job.source_format = check.format();
  if (d.operation == SPINVP_NPU_COPY) {
    check.flags(SPINVP_NPU_CONVERT | SPINVP_NPU_PHANTOM);
    if (check.flag(SPINVP_NPU_CONVERT)) job.source_format = check.format() == Format::fp32 ? Format::bf16 : Format::fp32;
  } else {
    check.flags(SPINVP_NPU_PHANTOM);
  }
  check.size("count elements", {d.count, 4});
  if (!check.good()) return job;
  check.place("a", d.a, d.count * bytes_of(job.source_format));
  check.place("c", d.c, d.count * check.element());
  if (d.operation == SPINVP_NPU_RELU_BACKWARD) check.place("b", d.b, d.count * check.element());
  job.a = d.a;
  job.b = d.b;
  job.c = d.c;
  job.count = d.count;
  job.scalar = d.scalar;
  return job;
}

VectorJob bias_gradient(Checker& check) {
  const auto& d = check.d;
  const std::uint64_t e = check.element();
  check.flags(SPINVP_NPU_PHANTOM);
  check.size("dy", {d.batch, d.out_channels, d.out_h, d.out_w, e});
  VectorJob job;
  if (!check.good()) return job;
  job.images = d.batch;
  job.channels = d.out_channels;
  job.spatial = std::uint64_t{d.out_h} * d.out_w;
  check.place("a", d.a, job.images * job.channels * job.spatial * e);
  check.place("c", d.c, job.channels * e);
  job.a = d.a;
  job.c = d.c;
  return job;
}

// Along one dimension: every window meets the image, and what the last ones leave over is less than a stride.
void pool_extent(Checker& check, std::uint64_t in, std::uint64_t out, std::uint64_t kernel, std::uint64_t stride, std::uint64_t pad) {
  check.need(stride >= 1, SPINVP_NPU_BAD_SHAPE, "a stride of zero");
  check.need(pad < kernel, SPINVP_NPU_BAD_SHAPE, "padding is not less than the window");
  if (!check.good()) return;
  const std::uint64_t last_start = (out - 1) * stride, padded = in + pad;
  check.need(last_start < padded && (last_start + kernel >= padded || padded - last_start - kernel < stride), SPINVP_NPU_BAD_SHAPE,
             "out_h, out_w do not fit: windows must meet the image, and leave less than a stride over");
}

VectorJob pooling(Checker& check) {
  const auto& d = check.d;
  const bool average = d.operation == SPINVP_NPU_AVERAGEPOOL_FORWARD || d.operation == SPINVP_NPU_AVERAGEPOOL_BACKWARD;
  const bool forward = d.operation == SPINVP_NPU_MAXPOOL_FORWARD || d.operation == SPINVP_NPU_AVERAGEPOOL_FORWARD;
  const std::uint64_t e = check.element();
  check.flags(SPINVP_NPU_PHANTOM | (average ? SPINVP_NPU_COUNT_PADDING : 0));
  check.size("x", {d.batch, d.in_channels, d.in_h, d.in_w, e});
  check.size("y", {d.batch, d.in_channels, d.out_h, d.out_w, e});
  // A winner is a uint8_t; a mean has none, and global pooling has large windows.
  check.need(d.kernel_h >= 1 && d.kernel_w >= 1 && (average || std::uint64_t{d.kernel_h} * d.kernel_w <= 256), SPINVP_NPU_BAD_SHAPE,
             "a window of no or of more than 256 elements");
  // What one row of outputs reads of a plane, and one row of inputs of the outputs, passes the unit at once.
  check.need(std::uint64_t{std::min(d.in_h, d.kernel_h)} * d.in_w * e <= most_chunk_bytes &&
                 (std::uint64_t{d.kernel_h} / std::max<std::uint64_t>(1, d.stride_h) + 2) * d.out_w * e <= most_chunk_bytes,
             SPINVP_NPU_BAD_SHAPE, "more than 64 MiB under a row of windows");
  VectorJob job;
  if (!check.good()) return job;
  pool_extent(check, d.in_h, d.out_h, d.kernel_h, d.stride_h, d.pad_top);
  pool_extent(check, d.in_w, d.out_w, d.kernel_w, d.stride_w, d.pad_left);
  check.steps({d.batch, d.in_channels, d.out_h, d.out_w, d.kernel_h, d.kernel_w});
  if (!check.good()) return job;
  job.planes = std::uint64_t{d.batch} * d.in_channels;
  job.in_h = d.in_h;
  job.in_w = d.in_w;
  job.out_h = d.out_h;
  job.out_w = d.out_w;
  job.kernel_h = d.kernel_h;
  job.kernel_w = d.kernel_w;
  job.stride_h = d.stride_h;
  job.stride_w = d.stride_w;
  job.pad_top = d.pad_top;
  job.pad_left = d.pad_left;
  job.count_padding = check.flag(SPINVP_NPU_COUNT_PADDING);
  const std::uint64_t large = job.planes * job.in_h * job.in_w, small = job.planes * job.out_h * job.out_w;
  check.place("a", d.a, (forward ? large : small) * e);
  check.place("c", d.c, (forward ? small : large) * e);
  if (!average) check.place("aux", d.aux, small, 1);
  job.a = d.a;
  job.c = d.c;
  job.aux = d.aux;
  return job;
}

// What it computes stands in memory: the device reads and decodes it (map_program.h).
VectorJob map(Checker& check) {
  const auto& d = check.d;
  check.flags(SPINVP_NPU_PHANTOM);
  check.place("aux", d.aux, sizeof(spinvp_npu_map), 8);
  VectorJob job;
  job.aux = d.aux;
  return job;
}

VectorJob table_rows(Checker& check) {
  const auto& d = check.d;
  const std::uint64_t e = check.element();
  check.flags(SPINVP_NPU_PHANTOM);
  check.size("the rows", {d.m, d.n, e});
  check.size("the table", {d.k, d.n, e});
  check.size("the indices", {d.m, 4});
  check.need(std::uint64_t{d.n} * e <= most_chunk_bytes, SPINVP_NPU_BAD_SHAPE, "rows of more than 64 MiB");
  VectorJob job;
  if (!check.good()) return job;
  job.rows = d.m;
  job.columns = d.n;
  job.table_rows = d.k;
  const bool gather = d.operation == SPINVP_NPU_GATHER;
  check.place("a", d.a, (gather ? job.table_rows : job.rows) * job.columns * e);
  check.place("c", d.c, (gather ? job.rows : job.table_rows) * job.columns * e);
  check.place("aux", d.aux, job.rows * 4);
  job.a = d.a;
  job.c = d.c;
  job.aux = d.aux;
  return job;
}

VectorJob softmax_cross_entropy(Checker& check) {
  const auto& d = check.d;
  check.flags(SPINVP_NPU_PHANTOM | SPINVP_NPU_INT32_LABELS);
  check.need(check.format() == Format::fp32, SPINVP_NPU_BAD_OPERATION, "softmax cross-entropy is always fp32");
  check.size("logits", {d.m, d.n, 4});
  check.need(d.n <= most_softmax_columns, SPINVP_NPU_BAD_SHAPE, "more than 2^20 columns");
  VectorJob job;
  if (!check.good()) return job;
  job.rows = d.m;
  job.columns = d.n;
  check.place("a", d.a, job.rows * job.columns * 4);
  check.place("c", d.c, job.rows * job.columns * 4);
  job.wide_labels = check.flag(SPINVP_NPU_INT32_LABELS);
  check.place("aux", d.aux, job.rows * (job.wide_labels ? 4 : 1), job.wide_labels ? 4 : 1);
  check.place("bias", d.bias, 4);
  job.a = d.a;
  job.c = d.c;
  job.aux = d.aux;
  job.loss = d.bias;
  return job;
}

VectorJob softmax(Checker& check) {
  const auto& d = check.d;
  check.flags(SPINVP_NPU_PHANTOM);
  check.size("rows", {d.m, d.n, 4});
  check.need(d.n <= most_softmax_columns, SPINVP_NPU_BAD_SHAPE, "more than 2^20 columns");
  VectorJob job;
  if (!check.good()) return job;
  job.rows = d.m;
  job.columns = d.n;
  job.scalar = d.scalar;
  const std::uint64_t bytes = job.rows * job.columns * check.element();
  check.place("a", d.a, bytes);
  check.place("c", d.c, bytes);
  if (d.operation == SPINVP_NPU_SOFTMAX_BACKWARD) check.place("b", d.b, bytes);
  job.a = d.a;
  job.b = d.b;
  job.c = d.c;
  return job;
}

}  // namespace

VectorJob check_vector_job(Checker& check) {
  VectorJob job;
  switch (check.d.operation) {
    case SPINVP_NPU_BIAS_GRADIENT: job = bias_gradient(check); break;
    case SPINVP_NPU_MAXPOOL_FORWARD:
    case SPINVP_NPU_MAXPOOL_BACKWARD:
    case SPINVP_NPU_AVERAGEPOOL_FORWARD:
    case SPINVP_NPU_AVERAGEPOOL_BACKWARD: job = pooling(check); break;
    case SPINVP_NPU_MAP:
    case SPINVP_NPU_REDUCE: job = map(check); break;
    case SPINVP_NPU_GATHER:
    case SPINVP_NPU_SCATTER_ADD: job = table_rows(check); break;
    case SPINVP_NPU_SOFTMAX_CROSS_ENTROPY: job = softmax_cross_entropy(check); break;
    case SPINVP_NPU_SOFTMAX_FORWARD:
    case SPINVP_NPU_SOFTMAX_BACKWARD: job = softmax(check); break;
    default: job = element_wise(check); break;
  }
  job.operation = check.d.operation;
  job.format = check.format();
  job.phantom = check.flag(SPINVP_NPU_PHANTOM);
  return job;
}

}  // namespace spinvp::npu
