#include <utility>

#include "models/npu/job_checker.h"

namespace spinvp::npu {

namespace {

Tensor matrices(std::uint64_t address, std::uint64_t count, std::uint64_t rows, std::uint64_t columns, std::uint64_t element) {
  return {address, count, rows, columns, element};
}

// The address of the program that results pass on their way out, or 0.
std::uint64_t epilogue(Checker& check) {
  if (!check.flag(SPINVP_NPU_EPILOGUE)) return 0;
  check.need(check.d.aux != 0, SPINVP_NPU_BAD_ADDRESS, "an epilogue at address 0");
  check.place("aux", check.d.aux, sizeof(spinvp_npu_map), 8);
  return check.d.aux;
}

struct Convolution {
  std::uint64_t batch, ci, ih, iw, co, oh, ow, kh, kw, groups;
  WindowShape windows;  // of the forward pass
  [[nodiscard]] std::uint64_t group_ci() const { return ci / groups; }
  [[nodiscard]] std::uint64_t group_co() const { return co / groups; }
  [[nodiscard]] std::uint64_t taps() const { return kh * kw; }
  // What a group sees of the channels of x and of y, and of the images (rows) of w[co][ci / groups][taps].
  [[nodiscard]] Share of_x() const { return {group_ci(), group_ci(), 0}; }
  [[nodiscard]] Share of_y() const { return {group_co(), group_co(), 0}; }
};

// How many windows may stand along an axis: the last begins less than a stride behind the image's end at most (SCALE-Sim's rounded-up sizes do that), and no room for one more is left in the image.
void check_axis(Checker& check, const char* axis, std::uint64_t in, std::uint64_t out, std::uint64_t kernel, std::uint64_t dilation, std::uint64_t stride,
                std::uint64_t pad) {
  if (!check.good()) return;
  const std::uint64_t reach = (kernel - 1) * dilation + 1, span = (out - 1) * stride + reach;
  check.need(span < in + pad + reach + stride - 1 && span + stride > in + pad, SPINVP_NPU_BAD_SHAPE,
             fmt::format("{} windows of {} along the {}, {} apart, do not fit {} inputs and {} of padding in front", out, reach, axis, stride, in, pad));
}

// Checks what the three convolutions share. `x`, `w`, `y` are the addresses of images, weights and results.
Convolution convolution(Checker& check, std::uint64_t x, std::uint64_t w, std::uint64_t y) {
  const auto& d = check.d;
  const std::uint64_t dilation_h = d.dilation_h == 0 ? 1 : d.dilation_h, dilation_w = d.dilation_w == 0 ? 1 : d.dilation_w;
  const Convolution c{d.batch,
                      d.in_channels,
                      d.in_h,
                      d.in_w,
                      d.out_channels,
                      d.out_h,
                      d.out_w,
                      d.kernel_h,
                      d.kernel_w,
                      std::uint64_t{d.groups == 0 ? 1u : d.groups},
                      {d.out_h, d.out_w, d.in_h, d.in_w, d.kernel_h, d.kernel_w, d.stride_h, d.stride_w, d.pad_top, d.pad_left, dilation_h, dilation_w, false}};
  const std::uint64_t e = check.element();
  check.size("x", {c.batch, c.ci, c.ih, c.iw, e});
  check.size("w", {c.co, c.group_ci(), c.kh, c.kw, e});
  check.size("y", {c.batch, c.co, c.oh, c.ow, e});
  check.need(d.stride_h >= 1 && d.stride_w >= 1, SPINVP_NPU_BAD_SHAPE, "a stride of zero");
  check.need(c.ci % c.groups == 0 && c.co % c.groups == 0, SPINVP_NPU_BAD_SHAPE,
             fmt::format("{} groups do not divide {} input and {} output channels", c.groups, c.ci, c.co));
  check_axis(check, "height", c.ih, c.oh, c.kh, dilation_h, d.stride_h, d.pad_top);
  check_axis(check, "width", c.iw, c.ow, c.kw, dilation_w, d.stride_w, d.pad_left);
  if (!check.good()) return c;
  check.steps({c.batch, c.oh, c.ow, c.co, c.group_ci(), c.kh, c.kw});
  check.steps({c.batch, c.ih, c.iw, c.group_co(), c.ci, c.kh, c.kw});  // the data gradient's
  if (!check.good()) return c;
  check.place("x", x, c.batch * c.ci * c.ih * c.iw * e);
  check.place("w", w, c.co * c.group_ci() * c.taps() * e);
  check.place("y", y, c.batch * c.co * c.oh * c.ow * e);
  return c;
}

}  // namespace

MatrixJob check_gemm(Checker& check) {
  const auto& d = check.d;
  const std::uint64_t m = d.m, n = d.n, k = d.k, e = check.element(), products = d.batch == 0 ? 1 : d.batch;
  check.flags(SPINVP_NPU_TRANSPOSE_A | SPINVP_NPU_TRANSPOSE_B | SPINVP_NPU_ACCUMULATE | SPINVP_NPU_FUSE_RELU | SPINVP_NPU_SHARED_B | SPINVP_NPU_EPILOGUE |
              SPINVP_NPU_PHANTOM);
  const std::uint64_t b_count = check.flag(SPINVP_NPU_SHARED_B) ? 1 : products;
  check.size("a", {products, m, k, e});
  check.size("b", {b_count, k, n, e});
  check.size("c", {products, m, n, e});
  check.steps({products, m, n, k});
  if (!check.good()) return {};
  check.folds({m, n, k}, products);
  check.place("a", d.a, products * m * k * e);
  check.place("b", d.b, b_count * k * n * e);
  check.place("c", d.c, products * m * n * e);
  if (d.bias != 0) check.place("bias", d.bias, n * e);
  MatrixJob job;
  const Share one{0, 0, 1}, b_share = b_count == 1 ? Share{} : one;
  job.a = check.flag(SPINVP_NPU_TRANSPOSE_A) ? Operand::planes(matrices(d.a, products, k, m, e), false, one)
                                             : Operand::planes(matrices(d.a, products, m, k, e), true, one);
  job.b = check.flag(SPINVP_NPU_TRANSPOSE_B) ? Operand::planes(matrices(d.b, b_count, n, k, e), true, b_share)
                                             : Operand::planes(matrices(d.b, b_count, k, n, e), false, b_share);
  job.c = Operand::planes(matrices(d.c, products, m, n, e), false, one);
  job.shape = {m, n, k};
  job.products = products;
  job.bias = d.bias;
  job.epilogue_at = epilogue(check);
  return job;
}

MatrixJob check_convolution_forward(Checker& check) {
  const auto& d = check.d;
  const std::uint64_t e = check.element();
  check.flags(SPINVP_NPU_ACCUMULATE | SPINVP_NPU_FUSE_RELU | SPINVP_NPU_EPILOGUE | SPINVP_NPU_PHANTOM);
  const Convolution c = convolution(check, d.a, d.b, d.c);
  if (!check.good()) return {};
  if (d.bias != 0) check.place("bias", d.bias, c.co * e);
  MatrixJob job;
  job.shape = {c.batch * c.oh * c.ow, c.group_co(), c.group_ci() * c.taps()};
  job.products = c.groups;
  check.folds(job.shape, job.products);
  job.a = Operand::windows({d.a, c.batch, c.ci, c.ih, c.iw * e}, c.windows, false, c.of_x());
  job.b = Operand::planes(matrices(d.b, 1, c.co, job.shape.k, e), true, c.of_y());
  job.c = Operand::planes({d.c, c.batch, c.co, c.oh * c.ow, e}, true, c.of_y());
  job.bias = d.bias;
  job.bias_step = c.group_co();
  job.epilogue_at = epilogue(check);
  return job;
}

MatrixJob check_convolution_data_gradient(Checker& check) {
  const auto& d = check.d;
  const std::uint64_t e = check.element();
  check.flags(SPINVP_NPU_ACCUMULATE | SPINVP_NPU_PHANTOM);
  const Convolution c = convolution(check, d.c, d.b, d.a);
  if (!check.good()) return {};
  MatrixJob job;
  job.shape = {c.batch * c.ih * c.iw, c.group_ci(), c.group_co() * c.taps()};
  job.products = c.groups;
  check.folds(job.shape, job.products);
  WindowShape back = c.windows;
  back.transposed = true;
  std::swap(back.grid_h, back.image_h);
  std::swap(back.grid_w, back.image_w);
  job.a = Operand::windows({d.a, c.batch, c.co, c.oh, c.ow * e}, back, false, c.of_y());
  job.b = Operand::planes({d.b, c.co, c.group_ci(), c.taps(), e}, true, {0, 0, c.group_co()});
  job.c = Operand::planes({d.c, c.batch, c.ci, c.ih * c.iw, e}, true, c.of_x());
  return job;
}

MatrixJob check_convolution_weight_gradient(Checker& check) {
  const auto& d = check.d;
  const std::uint64_t e = check.element();
  check.flags(SPINVP_NPU_ACCUMULATE | SPINVP_NPU_PHANTOM);
  const Convolution c = convolution(check, d.a, d.c, d.b);
  if (!check.good()) return {};
  MatrixJob job;
  job.shape = {c.group_co(), c.group_ci() * c.taps(), c.batch * c.oh * c.ow};
  job.products = c.groups;
  check.folds(job.shape, job.products);
  job.a = Operand::planes({d.b, c.batch, c.co, c.oh * c.ow, e}, true, c.of_y());
  job.b = Operand::windows({d.a, c.batch, c.ci, c.ih, c.iw * e}, c.windows, true, c.of_x());
  job.c = Operand::planes(matrices(d.c, 1, c.co, job.shape.n, e), false, c.of_y());
  return job;
}

}  // namespace spinvp::npu
