#include "models/npu/job_checker.h"

namespace spinvp::npu {

namespace {

using Result = tl::expected<Job, Refusal>;

tl::unexpected<Refusal> refuse(std::uint32_t status, std::string message) { return tl::unexpected<Refusal>(Refusal{status, std::move(message)}); }

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
    case SPINVP_NPU_MAP: return "map";
    case SPINVP_NPU_REDUCE: return "reduce";
    case SPINVP_NPU_GATHER: return "gather";
    case SPINVP_NPU_SCATTER_ADD: return "scatter_add";
    case SPINVP_NPU_AVERAGEPOOL_FORWARD: return "averagepool_forward";
    case SPINVP_NPU_AVERAGEPOOL_BACKWARD: return "averagepool_backward";
    default: return "unknown";
  }
}

Result check(const spinvp_npu_descriptor& d, const Limits& limits) {
  if (d.operation > SPINVP_NPU_AVERAGEPOOL_BACKWARD) return refuse(SPINVP_NPU_BAD_OPERATION, fmt::format("operation {} is unknown", d.operation));
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
    default: job.work = check_vector_job(checker); break;
  }
  if (!checker.good()) return tl::unexpected<Refusal>(checker.refusal());
  if (auto* matrix_job = std::get_if<MatrixJob>(&job.work)) {
    matrix_job->format = checker.format();
    matrix_job->accumulate = checker.flag(SPINVP_NPU_ACCUMULATE);
    matrix_job->relu = checker.flag(SPINVP_NPU_FUSE_RELU);
  }
  return job;
}

}  // namespace spinvp::npu
