// What the NPU's results must equal, from the definitions of models/abi/npu.h, one plain loop an index; nothing of the model is used here.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "models/abi/elementary.h"
#include "models/abi/npu.h"

namespace spinvp::npu::test {

using Values = std::vector<float>;

inline std::uint32_t bits(float v) {
  std::uint32_t b = 0;
  std::memcpy(&b, &v, 4);
  return b;
}
// Nearest bf16, found by comparing distances rather than by adding half: the two neighbours are exact in double.
inline std::uint16_t reference_bf16(float v) {
  if (v != v) return 0x7fc0;
  const std::uint32_t b = bits(v);
  const auto low = static_cast<std::uint16_t>(b >> 16), high = static_cast<std::uint16_t>(low + 1);
  if ((b & 0xffff) == 0 || (b & 0x7f800000) == 0x7f800000) return low;
  const auto as_double = [](std::uint16_t h) {
    // An overflowing neighbour counts as the power of two that would follow the largest number.
    if ((h & 0x7fff) == 0x7f80) return (h & 0x8000) != 0 ? -std::ldexp(1.0, 128) : std::ldexp(1.0, 128);
    const std::uint32_t w = std::uint32_t{h} << 16;
    float f = 0;
    std::memcpy(&f, &w, 4);
    return static_cast<double>(f);
  };
  const double below = std::fabs(v - as_double(low)), above = std::fabs(as_double(high) - v);
  if (below != above) return below < above ? low : high;
  return (low & 1) == 0 ? low : high;
}
inline float from_bf16(std::uint16_t h) {
  const std::uint32_t w = std::uint32_t{h} << 16;
  float f = 0;
  std::memcpy(&f, &w, 4);
  return f;
}
// To the format and back, NaN made canonical.
inline float to_format(float v, std::uint32_t format) {
  if (v != v) {
    const std::uint32_t nan = 0x7fc00000;
    std::memcpy(&v, &nan, 4);
    return v;
  }
  return format == SPINVP_NPU_BF16 ? from_bf16(reference_bf16(v)) : v;
}

struct Operands {
  Values a, b, c, bias;  // c: what lies there before (ACCUMULATE)
};

inline float finish(const spinvp_npu_descriptor& d, float sum, const Values& bias, std::size_t n) {
  if (!bias.empty()) sum = sum + bias[n];
  if ((d.flags & SPINVP_NPU_FUSE_RELU) != 0) sum = sum > 0 ? sum : 0.0f;
  return to_format(sum, d.format);
}
inline float first(const spinvp_npu_descriptor& d, const Values& c, std::size_t at) { return (d.flags & SPINVP_NPU_ACCUMULATE) != 0 ? c[at] : 0.0f; }

inline Values reference_gemm(const spinvp_npu_descriptor& d, const Operands& o) {
  const std::size_t m = d.m, n = d.n, k = d.k, batch = d.batch == 0 ? 1 : d.batch;
  Values c(batch * m * n);
  for (std::size_t p = 0; p < batch; ++p)
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        const float* of_a = o.a.data() + p * m * k;
        const float* of_b = o.b.data() + ((d.flags & SPINVP_NPU_SHARED_B) != 0 ? 0 : p * k * n);
        float sum = first(d, o.c, (p * m + i) * n + j);
        for (std::size_t l = 0; l < k; ++l) {
          const float a = (d.flags & SPINVP_NPU_TRANSPOSE_A) != 0 ? of_a[l * m + i] : of_a[i * k + l];
          const float b = (d.flags & SPINVP_NPU_TRANSPOSE_B) != 0 ? of_b[j * k + l] : of_b[l * n + j];
          sum = std::fmaf(a, b, sum);
        }
        c[(p * m + i) * n + j] = finish(d, sum, o.bias, j);
      }
  return c;
}

// What a convolution's fields mean: zeros count as ones, and which weight belongs to (co, ci of its group, ky, kx).
struct ConvolutionView {
  const spinvp_npu_descriptor& d;
  std::size_t groups, ci_each, co_each;
  long dilation_h, dilation_w;
  explicit ConvolutionView(const spinvp_npu_descriptor& descriptor)
      : d(descriptor),
        groups(d.groups == 0 ? 1 : d.groups),
        ci_each(d.in_channels / groups),
        co_each(d.out_channels / groups),
        dilation_h(d.dilation_h == 0 ? 1 : d.dilation_h),
        dilation_w(d.dilation_w == 0 ? 1 : d.dilation_w) {}
  [[nodiscard]] std::size_t weight(std::size_t co, std::size_t ci_of_group, long ky, long kx) const {
    return ((co * ci_each + ci_of_group) * d.kernel_h + static_cast<std::size_t>(ky)) * d.kernel_w + static_cast<std::size_t>(kx);
  }
};

// a[image][channel][y][x], or 0 outside.
inline float pixel(const Values& t, std::size_t channels, std::size_t h, std::size_t w, std::size_t image, std::size_t channel, long y, long x) {
  if (y < 0 || x < 0 || y >= static_cast<long>(h) || x >= static_cast<long>(w)) return 0.0f;
  return t[((image * channels + channel) * h + static_cast<std::size_t>(y)) * w + static_cast<std::size_t>(x)];
}

inline Values reference_conv_forward(const spinvp_npu_descriptor& d, const Operands& o) {
  const ConvolutionView v(d);
  Values y;
  for (std::size_t image = 0; image < d.batch; ++image)
    for (std::size_t co = 0; co < d.out_channels; ++co)
      for (long oy = 0; oy < static_cast<long>(d.out_h); ++oy)
        for (long ox = 0; ox < static_cast<long>(d.out_w); ++ox) {
          float sum = first(d, o.c, y.size());
          for (std::size_t ci = 0; ci < v.ci_each; ++ci)
            for (long ky = 0; ky < static_cast<long>(d.kernel_h); ++ky)
              for (long kx = 0; kx < static_cast<long>(d.kernel_w); ++kx)
                sum = std::fmaf(pixel(o.a, d.in_channels, d.in_h, d.in_w, image, co / v.co_each * v.ci_each + ci,
                                      oy * d.stride_h + ky * v.dilation_h - d.pad_top, ox * d.stride_w + kx * v.dilation_w - d.pad_left),
                                o.b[v.weight(co, ci, ky, kx)], sum);
          y.push_back(finish(d, sum, o.bias, co));
        }
  return y;
}

inline Values reference_conv_data_gradient(const spinvp_npu_descriptor& d, const Operands& o) {
  const ConvolutionView v(d);
  Values dx;
  for (std::size_t image = 0; image < d.batch; ++image)
    for (std::size_t ci = 0; ci < d.in_channels; ++ci)
      for (long iy = 0; iy < static_cast<long>(d.in_h); ++iy)
        for (long ix = 0; ix < static_cast<long>(d.in_w); ++ix) {
          float sum = first(d, o.c, dx.size());
          const std::size_t group = ci / v.ci_each;
          for (std::size_t co = group * v.co_each; co < (group + 1) * v.co_each; ++co)
            for (long ky = 0; ky < static_cast<long>(d.kernel_h); ++ky)
              for (long kx = 0; kx < static_cast<long>(d.kernel_w); ++kx) {
                const long y = iy + d.pad_top - ky * v.dilation_h, x = ix + d.pad_left - kx * v.dilation_w;
                const bool whole = y >= 0 && x >= 0 && y % d.stride_h == 0 && x % d.stride_w == 0;
                const float dy = whole ? pixel(o.a, d.out_channels, d.out_h, d.out_w, image, co, y / d.stride_h, x / d.stride_w) : 0.0f;
                sum = std::fmaf(dy, o.b[v.weight(co, ci % v.ci_each, ky, kx)], sum);
              }
          dx.push_back(finish(d, sum, {}, 0));
        }
  return dx;
}

inline Values reference_conv_weight_gradient(const spinvp_npu_descriptor& d, const Operands& o) {
  const ConvolutionView v(d);
  Values dw;
  for (std::size_t co = 0; co < d.out_channels; ++co)
    for (std::size_t ci = 0; ci < v.ci_each; ++ci)
      for (long ky = 0; ky < static_cast<long>(d.kernel_h); ++ky)
        for (long kx = 0; kx < static_cast<long>(d.kernel_w); ++kx) {
          float sum = first(d, o.c, dw.size());
          for (std::size_t image = 0; image < d.batch; ++image)
            for (long oy = 0; oy < static_cast<long>(d.out_h); ++oy)
              for (long ox = 0; ox < static_cast<long>(d.out_w); ++ox)
                sum = std::fmaf(pixel(o.b, d.out_channels, d.out_h, d.out_w, image, co, oy, ox),
                                pixel(o.a, d.in_channels, d.in_h, d.in_w, image, co / v.co_each * v.ci_each + ci,
                                      oy * d.stride_h + ky * v.dilation_h - d.pad_top, ox * d.stride_w + kx * v.dilation_w - d.pad_left),
                                sum);
          dw.push_back(finish(d, sum, {}, 0));
        }
  return dw;
}

inline Values reference_matrix(const spinvp_npu_descriptor& d, const Operands& o) {
  switch (d.operation) {
    case SPINVP_NPU_GEMM: return reference_gemm(d, o);
    case SPINVP_NPU_CONV_FORWARD: return reference_conv_forward(d, o);
    case SPINVP_NPU_CONV_DATA_GRADIENT: return reference_conv_data_gradient(d, o);
    default: return reference_conv_weight_gradient(d, o);
  }
}

}  // namespace spinvp::npu::test
