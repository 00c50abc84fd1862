#include "models/npu/job.h"

#include <initializer_list>

#include <fmt/format.h>

namespace spinvp::npu {

namespace {

using Result = tl::expected<Job, Refusal>;

tl::unexpected<Refusal> refuse(std::uint32_t status, std::string message) { return tl::unexpected<Refusal>(Refusal{status, std::move(message)}); }

// The product, or nothing if it exceeds `most` or a factor is zero.
bool product(std::initializer_list<std::uint64_t> factors, std::uint64_t most, std::uint64_t& result) {
  result = 1;
  for (const std::uint64_t factor : factors)
    if (factor == 0 || __builtin_mul_overflow(result, factor, &result) || result > most) return false;
  return true;
}

// Collects the checks of one descriptor; the first that fails stays.
class Checker {
 public:
  Checker(const spinvp_npu_descriptor& descriptor, const Limits& limits) : d(descriptor), limits_(limits) {}

  void size(const char* what, std::initializer_list<std::uint64_t> extents) {
    std::uint64_t bytes = 0;
    if (!product(extents, most_tensor_bytes, bytes)) fail(SPINVP_NPU_BAD_SHAPE, fmt::format("{} has a zero extent or is larger than 4 GiB", what));
  }
  // `bytes` has passed size() already.
  void place(const char* what, std::uint64_t address, std::uint64_t bytes, std::uint64_t alignment = 4) {
    if (address % alignment != 0) fail(SPINVP_NPU_BAD_ADDRESS, fmt::format("{} at {:#x} is not aligned to {} bytes", what, address, alignment));
    if (bytes > 0 && address + (bytes - 1) < address)
      fail(SPINVP_NPU_BAD_ADDRESS, fmt::format("{} at {:#x} runs past the end of the address space", what, address));
  }
  void steps(std::initializer_list<std::uint64_t> extents) {
    std::uint64_t n = 0;
    if (!product(extents, limits_.steps, n)) fail(SPINVP_NPU_BAD_SHAPE, fmt::format("more than {} steps of work in one job", limits_.steps));
  }
  void flags(std::uint32_t allowed) {
    if ((d.flags & ~(allowed | SPINVP_NPU_INTERRUPT)) != 0)
      fail(SPINVP_NPU_BAD_OPERATION, fmt::format("flags {:#x} do not belong to {}", d.flags, name_of_operation(d.operation)));
  }
  void need(bool good, std::uint32_t status, const char* message) {
    if (!good) fail(status, message);
  }
  void folds(ProductShape shape) {
    if (good() && fold_law(limits_.dataflow, limits_.array, shape).folds() > most_folds)
      fail(SPINVP_NPU_BAD_SHAPE, fmt::format("more than {} folds in one job", most_folds));
  }
  [[nodiscard]] bool good() const { return refusal_.status == 0; }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }
  [[nodiscard]] Format format() const { return static_cast<Format>(d.format); }
  [[nodiscard]] std::uint64_t element() const { return bytes_of(format()); }
  [[nodiscard]] bool flag(std::uint32_t bit) const { return (d.flags & bit) != 0; }

  const spinvp_npu_descriptor& d;

 private:
  const Limits& limits_;
  Refusal refusal_;
  void fail(std::uint32_t status, std::string message) {
    if (good()) refusal_ = {status, std::move(message)};
  }
};

Tensor matrix(std::uint64_t address, std::uint64_t rows, std::uint64_t columns, std::uint64_t element) { return {address, 1, rows, columns, element}; }

MatrixJob gemm(Checker& check) {
  const auto& d = check.d;
  const std::uint64_t m = d.m, n = d.n, k = d.k, e = check.element();
  check.flags(SPINVP_NPU_TRANSPOSE_A | SPINVP_NPU_TRANSPOSE_B | SPINVP_NPU_ACCUMULATE | SPINVP_NPU_FUSE_RELU);
  check.size("a", {m, k, e});
  check.size("b", {k, n, e});
  check.size("c", {m, n, e});
  check.steps({m, n, k});
  if (!check.good()) return {};
  check.folds({m, n, k});
  check.place("a", d.a, m * k * e);
  check.place("b", d.b, k * n * e);
  check.place("c", d.c, m * n * e);
  if (d.bias != 0) check.place("bias", d.bias, n * e);
  MatrixJob job;
  job.a = check.flag(SPINVP_NPU_TRANSPOSE_A) ? Operand::planes(matrix(d.a, k, m, e), false) : Operand::planes(matrix(d.a, m, k, e), true);
  job.b = check.flag(SPINVP_NPU_TRANSPOSE_B) ? Operand::planes(matrix(d.b, n, k, e), true) : Operand::planes(matrix(d.b, k, n, e), false);
  job.c = matrix(d.c, m, n, e);
  job.shape = {m, n, k};
  job.bias = d.bias;
  return job;
}

struct Convolution {
  std::uint64_t batch, ci, ih, iw, co, oh, ow, kh, kw, stride, pad;
  [[nodiscard]] WindowShape windows() const { return {oh, ow, ih, iw, kh, kw, stride, pad, false}; }
};

// Checks what the three convolutions share. `x`, `w`, `y` are the addresses of images, weights and results.
Convolution convolution(Checker& check, std::uint64_t x, std::uint64_t w, std::uint64_t y) {
  const auto& d = check.d;
  const Convolution c{d.batch, d.in_channels, d.in_h, d.in_w, d.out_channels, d.out_h, d.out_w, d.kernel_h, d.kernel_w, d.stride_h, d.pad_top};
  const std::uint64_t e = check.element();
  check.size("x", {c.batch, c.ci, c.ih, c.iw, e});
  check.size("w", {c.co, c.ci, c.kh, c.kw, e});
  check.size("y", {c.batch, c.co, c.oh, c.ow, e});
  check.need(c.stride >= 1, SPINVP_NPU_BAD_SHAPE, "a stride of zero");
  check.need(d.stride_w == d.stride_h && d.pad_left == d.pad_top && d.groups <= 1 && d.dilation_h <= 1 && d.dilation_w <= 1, SPINVP_NPU_BAD_SHAPE,
             "unequal strides or padding, groups, or dilation");
  check.need(c.kh <= c.ih + 2 * c.pad && c.kw <= c.iw + 2 * c.pad, SPINVP_NPU_BAD_SHAPE, "the kernel is larger than the padded input");
  if (!check.good()) return c;
  check.need(c.oh == (c.ih + 2 * c.pad - c.kh) / c.stride + 1 && c.ow == (c.iw + 2 * c.pad - c.kw) / c.stride + 1, SPINVP_NPU_BAD_SHAPE,
             "out_h, out_w are not (in + 2 pad - kernel) / stride + 1");
  check.steps({c.batch, c.oh, c.ow, c.co, c.ci, c.kh, c.kw});
  check.steps({c.batch, c.ih, c.iw, c.co, c.ci, c.kh, c.kw});  // the data gradient's
  if (!check.good()) return c;
  check.place("x", x, c.batch * c.ci * c.ih * c.iw * e);
  check.place("w", w, c.co * c.ci * c.kh * c.kw * e);
  check.place("y", y, c.batch * c.co * c.oh * c.ow * e);
  return c;
}

MatrixJob convolution_forward(Checker& check) {
  const auto& d = check.d;
  const std::uint64_t e = check.element();
  check.flags(SPINVP_NPU_ACCUMULATE | SPINVP_NPU_FUSE_RELU);
  const Convolution c = convolution(check, d.a, d.b, d.c);
  if (!check.good()) return {};
  if (d.bias != 0) check.place("bias", d.bias, c.co * e);
  MatrixJob job;
  job.shape = {c.batch * c.oh * c.ow, c.co, c.ci * c.kh * c.kw};
  check.folds(job.shape);
  job.a = Operand::windows({d.a, c.batch, c.ci, c.ih, c.iw * e}, c.windows(), false);
  job.b = Operand::planes(matrix(d.b, c.co, job.shape.k, e), true);
  job.c = {d.c, c.batch, c.co, c.oh * c.ow, e};
  job.m_is_position = true;
  job.bias = d.bias;
  return job;
}

MatrixJob convolution_data_gradient(Checker& check) {
  const auto& d = check.d;
  const std::uint64_t e = check.element();
  check.flags(SPINVP_NPU_ACCUMULATE);
  const Convolution c = convolution(check, d.c, d.b, d.a);
  if (!check.good()) return {};
  MatrixJob job;
  job.shape = {c.batch * c.ih * c.iw, c.ci, c.co * c.kh * c.kw};
  check.folds(job.shape);
  job.a = Operand::windows({d.a, c.batch, c.co, c.oh, c.ow * e}, {c.ih, c.iw, c.oh, c.ow, c.kh, c.kw, c.stride, c.pad, true}, false);
  job.b = Operand::planes({d.b, c.co, c.ci, c.kh * c.kw, e}, true);
  job.c = {d.c, c.batch, c.ci, c.ih * c.iw, e};
  job.m_is_position = true;
  return job;
}

MatrixJob convolution_weight_gradient(Checker& check) {
  const auto& d = check.d;
  const std::uint64_t e = check.element();
  check.flags(SPINVP_NPU_ACCUMULATE);
  const Convolution c = convolution(check, d.a, d.c, d.b);
  if (!check.good()) return {};
  MatrixJob job;
  job.shape = {c.co, c.ci * c.kh * c.kw, c.batch * c.oh * c.ow};
  check.folds(job.shape);
  job.a = Operand::planes({d.b, c.batch, c.co, c.oh * c.ow, e}, true);
  job.b = Operand::windows({d.a, c.batch, c.ci, c.ih, c.iw * e}, c.windows(), true);
  job.c = matrix(d.c, c.co, job.shape.n, e);
  return job;
}

VectorJob element_wise(Checker& check) {
  const auto& d = check.d;
  VectorJob job;
  job.source_format = check.format();
  if (d.operation == SPINVP_NPU_COPY) {
    check.flags(SPINVP_NPU_CONVERT);
    if (check.flag(SPINVP_NPU_CONVERT)) job.source_format = check.format() == Format::fp32 ? Format::bf16 : Format::fp32;
  } else {
    check.flags(0);
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
  check.flags(0);
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

VectorJob pooling(Checker& check) {
  const auto& d = check.d;
  const std::uint64_t e = check.element();
  check.flags(0);
  check.size("x", {d.batch, d.in_channels, d.in_h, d.in_w, e});
  check.size("y", {d.batch, d.in_channels, d.out_h, d.out_w, e});
  check.need(d.pad_top == 0 && d.pad_left == 0, SPINVP_NPU_BAD_SHAPE, "pooling knows no padding");
  check.need(d.stride_h >= 1 && d.stride_w == d.stride_h, SPINVP_NPU_BAD_SHAPE, "a stride of zero");
  check.need(d.kernel_h >= 1 && d.kernel_w >= 1 && std::uint64_t{d.kernel_h} * d.kernel_w <= 256, SPINVP_NPU_BAD_SHAPE,
             "a window of no or of more than 256 elements");
  check.need(d.kernel_h <= d.in_h && d.kernel_w <= d.in_w, SPINVP_NPU_BAD_SHAPE, "the window is larger than the input");
  VectorJob job;
  if (!check.good()) return job;
  check.need(d.out_h == (d.in_h - d.kernel_h) / d.stride_h + 1 && d.out_w == (d.in_w - d.kernel_w) / d.stride_h + 1, SPINVP_NPU_BAD_SHAPE,
             "out_h, out_w are not (in - kernel) / stride + 1");
  check.steps({d.batch, d.in_channels, d.out_h, d.out_w, d.kernel_h, d.kernel_w});
  if (!check.good()) return job;
  job.planes = std::uint64_t{d.batch} * d.in_channels;
  job.in_h = d.in_h;
  job.in_w = d.in_w;
  job.out_h = d.out_h;
  job.out_w = d.out_w;
  job.kernel_h = d.kernel_h;
  job.kernel_w = d.kernel_w;
  job.stride = d.stride_h;
  const bool forward = d.operation == SPINVP_NPU_MAXPOOL_FORWARD;
  const std::uint64_t large = job.planes * job.in_h * job.in_w, small = job.planes * job.out_h * job.out_w;
  check.place("a", d.a, (forward ? large : small) * e);
  check.place("c", d.c, (forward ? small : large) * e);
  check.place("aux", d.aux, small, 1);
  job.a = d.a;
  job.c = d.c;
  job.aux = d.aux;
  return job;
}

VectorJob softmax_cross_entropy(Checker& check) {
  const auto& d = check.d;
  check.flags(0);
  check.need(check.format() == Format::fp32, SPINVP_NPU_BAD_OPERATION, "softmax cross-entropy is always fp32");
  check.size("logits", {d.m, d.n, 4});
  check.need(d.n <= most_softmax_columns, SPINVP_NPU_BAD_SHAPE, "more than 2^20 columns");
  VectorJob job;
  if (!check.good()) return job;
  job.rows = d.m;
  job.columns = d.n;
  check.place("a", d.a, job.rows * job.columns * 4);
  check.place("c", d.c, job.rows * job.columns * 4);
  check.place("aux", d.aux, job.rows, 1);
  check.place("bias", d.bias, 4);
  job.a = d.a;
  job.c = d.c;
  job.aux = d.aux;
  job.loss = d.bias;
  return job;
}

VectorJob softmax(Checker& check) {
  const auto& d = check.d;
  check.flags(0);
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

const char* name_of_operation(std::uint32_t operation) {
  switch (operation) {
    case SPINVP_NPU_NOP: return "nop";
    case SPINVP_NPU_GEMM: return "gemm";
    case SPINVP_NPU_CONV_FORWARD: return "conv_forward";
    case SPINVP_NPU_CONV_DATA_GRADIENT: return "conv_data_gradient";
    case SPINVP_NPU_CONV_WEIGHT_GRADIENT: return "conv_weight_gradient";
    case SPINVP_NPU_BIAS_GRADIENT: return "bias_gradient";
    case SPINVP_NPU_RELU_FORWARD: return "relu_forward";
    case SPINVP_NPU_RELU_BACKWARD: return "relu_backward";
    case SPINVP_NPU_MAXPOOL_FORWARD: return "maxpool_forward";
    case SPINVP_NPU_MAXPOOL_BACKWARD: return "maxpool_backward";
    case SPINVP_NPU_SOFTMAX_CROSS_ENTROPY: return "softmax_cross_entropy";
    case SPINVP_NPU_SGD_UPDATE: return "sgd_update";
    case SPINVP_NPU_COPY: return "copy";
    case SPINVP_NPU_SOFTMAX_FORWARD: return "softmax_forward";
    case SPINVP_NPU_SOFTMAX_BACKWARD: return "softmax_backward";
    default: return "unknown";
  }
}

Result check(const spinvp_npu_descriptor& d, const Limits& limits) {
  if (d.operation > SPINVP_NPU_SOFTMAX_BACKWARD) return refuse(SPINVP_NPU_BAD_OPERATION, fmt::format("operation {} is unknown", d.operation));
  if (d.format > SPINVP_NPU_BF16) return refuse(SPINVP_NPU_BAD_OPERATION, fmt::format("format {} is unknown", d.format));
  Checker checker(d, limits);
  Job job;
  job.name = name_of_operation(d.operation);
  job.interrupt = (d.flags & SPINVP_NPU_INTERRUPT) != 0;
  switch (d.operation) {
    case SPINVP_NPU_NOP: checker.flags(0); break;
    case SPINVP_NPU_GEMM: job.work = gemm(checker); break;
    case SPINVP_NPU_CONV_FORWARD: job.work = convolution_forward(checker); break;
    case SPINVP_NPU_CONV_DATA_GRADIENT: job.work = convolution_data_gradient(checker); break;
    case SPINVP_NPU_CONV_WEIGHT_GRADIENT: job.work = convolution_weight_gradient(checker); break;
    case SPINVP_NPU_BIAS_GRADIENT: job.work = bias_gradient(checker); break;
    case SPINVP_NPU_MAXPOOL_FORWARD:
    case SPINVP_NPU_MAXPOOL_BACKWARD: job.work = pooling(checker); break;
    case SPINVP_NPU_SOFTMAX_CROSS_ENTROPY: job.work = softmax_cross_entropy(checker); break;
    case SPINVP_NPU_SOFTMAX_FORWARD:
    case SPINVP_NPU_SOFTMAX_BACKWARD: job.work = softmax(checker); break;
    default: job.work = element_wise(checker); break;
  }
  if (!checker.good()) return tl::unexpected<Refusal>(checker.refusal());
  if (auto* matrix_job = std::get_if<MatrixJob>(&job.work)) {
    matrix_job->format = checker.format();
    matrix_job->accumulate = checker.flag(SPINVP_NPU_ACCUMULATE);
    matrix_job->relu = checker.flag(SPINVP_NPU_FUSE_RELU);
  }
  if (auto* vector_job = std::get_if<VectorJob>(&job.work)) {
    vector_job->operation = d.operation;
    vector_job->format = checker.format();
  }
  return job;
}

}  // namespace spinvp::npu
