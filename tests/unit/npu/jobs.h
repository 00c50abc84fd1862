// Random jobs for the bench: operands in memory, the descriptor that names them, and what must come out.
#pragma once

#include <random>

#include "bench.h"
#include "reference.h"

namespace spinvp::npu::test {

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t n) { return engine_() % n; }
  std::uint32_t between(std::uint32_t low, std::uint32_t high) { return low + below(high - low + 1); }
  bool coin() { return (engine_() & 1) != 0; }
  // Mixed signs and magnitudes, so that the order of a sum shows in its bits; now and then a zero of either sign, a subnormal, or an infinity.
  float value(bool odd = false) {
    if (odd && below(50) == 0) {
      const float odds[] = {0.0f, -0.0f, 1e-40f, -3e-39f, 3e38f, INFINITY};
      return odds[below(6)];
    }
    return std::ldexp(static_cast<float>(static_cast<std::int32_t>(engine_())) * 4.656612873077393e-10f, static_cast<int>(below(8)) - 4);
  }
  Values values(std::size_t count, bool odd = false) {
    Values v(count);
    for (float& x : v) x = value(odd);
    return v;
  }

 private:
  std::mt19937 engine_;
};

inline void store_values(Bench& bench, std::uint64_t address, Values& values, std::uint32_t format) {
  if (format == SPINVP_NPU_FP32) {
    bench.fill(address, values.data(), 4 * values.size());
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint16_t half = reference_bf16(values[i]);
    values[i] = from_bf16(half);
    bench.fill(address + 2 * i, &half, 2);
  }
}
inline Values load_values(Bench& bench, std::uint64_t address, std::size_t count, std::uint32_t format) {
  Values values(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (format == SPINVP_NPU_FP32) {
      std::memcpy(&values[i], bench.at(address + 4 * i), 4);
    } else {
      std::uint16_t half = 0;
      std::memcpy(&half, bench.at(address + 2 * i), 2);
      values[i] = from_bf16(half);
    }
  }
  return values;
}
// The index of the first element whose bits differ, or -1.
inline long first_difference(const Values& got, const Values& wanted) {
  if (got.size() != wanted.size()) return -2;
  for (std::size_t i = 0; i < got.size(); ++i)
    if (bits(got[i]) != bits(wanted[i])) return static_cast<long>(i);
  return -1;
}

struct MatrixCase {
  spinvp_npu_descriptor d{};
  Operands operands;
  std::size_t c_count = 0;
};

inline spinvp_npu_descriptor convolution(std::uint32_t operation, std::uint32_t batch, std::uint32_t ci, std::uint32_t h, std::uint32_t w, std::uint32_t co,
                                         std::uint32_t kh, std::uint32_t kw, std::uint32_t stride = 1, std::uint32_t pad = 0) {
  spinvp_npu_descriptor d{};
  d.operation = operation;
  d.batch = batch;
  d.in_channels = ci;
  d.in_h = h;
  d.in_w = w;
  d.out_channels = co;
  d.kernel_h = kh;
  d.kernel_w = kw;
  d.stride_h = d.stride_w = static_cast<std::uint16_t>(stride);
  d.pad_top = d.pad_left = static_cast<std::uint16_t>(pad);
  d.out_h = (h + 2 * pad - kh) / stride + 1;
  d.out_w = (w + 2 * pad - kw) / stride + 1;
  return d;
}
inline spinvp_npu_descriptor gemm(std::uint32_t m, std::uint32_t n, std::uint32_t k, std::uint32_t flags = 0) {
  spinvp_npu_descriptor d{};
  d.operation = SPINVP_NPU_GEMM;
  d.m = m;
  d.n = n;
  d.k = k;
  d.flags = flags;
  return d;
}

// A convolution with all of it: groups, strides and dilations of their own along each axis, padding in front and the padding behind that out_h and out_w imply. `most` scales it.
inline spinvp_npu_descriptor random_convolution(Random& random, std::uint32_t operation, std::uint32_t most = 9) {
  spinvp_npu_descriptor d{};
  d.operation = operation;
  d.batch = random.between(1, 3);
  const std::uint32_t groups = random.below(2) == 0 ? 1 : random.between(1, 4);
  d.groups = static_cast<std::uint16_t>(random.below(4) == 0 && groups == 1 ? 0 : groups);
  d.in_channels = groups * random.between(1, groups == 1 ? 4 : 2);
  d.out_channels = groups * random.between(1, groups == 1 ? most : 3);
  const auto axis = [&](std::uint32_t& in, std::uint32_t& out, std::uint32_t& kernel, std::uint16_t& stride, std::uint16_t& pad, std::uint8_t& dilation) {
    kernel = random.between(1, 4);
    stride = static_cast<std::uint16_t>(random.between(1, 3));
    dilation = static_cast<std::uint8_t>(random.below(3));
    const std::uint32_t reach = (kernel - 1) * (dilation == 0 ? 1 : dilation) + 1;
    pad = static_cast<std::uint16_t>(random.below(reach));
    in = random.between(1, most);
    const std::uint32_t behind = random.below(reach + stride - 1);
    while (in + pad + behind < reach) ++in;
    out = (in + pad + behind - reach) / stride + 1;
  };
  axis(d.in_h, d.out_h, d.kernel_h, d.stride_h, d.pad_top, d.dilation_h);
  axis(d.in_w, d.out_w, d.kernel_w, d.stride_w, d.pad_left, d.dilation_w);
  return d;
}

// Places random operands for `d` in memory, each on chip or in DRAM as `random` says (`anywhere`), else all in DRAM.
inline MatrixCase place(Bench& bench, Random& random, spinvp_npu_descriptor d, bool with_bias, bool anywhere, bool odd = false) {
  const std::size_t x = std::size_t{d.batch} * d.in_channels * d.in_h * d.in_w, y = std::size_t{d.batch} * d.out_channels * d.out_h * d.out_w;
  const std::size_t w = std::size_t{d.out_channels} * (d.in_channels / (d.groups == 0 ? 1u : d.groups)) * d.kernel_h * d.kernel_w;
  const std::size_t batch = d.batch == 0 ? 1 : d.batch;
  std::size_t a = 0, b = 0, c = 0, n = 0;
  switch (d.operation) {
    case SPINVP_NPU_GEMM:
      a = batch * d.m * d.k;
      b = ((d.flags & SPINVP_NPU_SHARED_B) != 0 ? 1 : batch) * d.k * d.n;
      c = batch * d.m * d.n;
      n = d.n;
      break;
    case SPINVP_NPU_CONV_FORWARD:
      a = x;
      b = w;
      c = y;
      n = d.out_channels;
      break;
    case SPINVP_NPU_CONV_DATA_GRADIENT:
      a = y;
      b = w;
      c = x;
      break;
    default:
      a = x;
      b = y;
      c = w;
      break;
  }
  MatrixCase result;
  result.c_count = c;
  const std::uint64_t element = d.format == SPINVP_NPU_FP32 ? 4 : 2;
  const auto put = [&](std::size_t count, Values& values) {
    values = random.values(count, odd);
    const std::uint64_t address = bench.allocate(count * element, anywhere && random.coin(), anywhere ? 4 * random.below(16) : 0);
    store_values(bench, address, values, d.format);
    return address;
  };
  d.a = put(a, result.operands.a);
  d.b = put(b, result.operands.b);
  d.c = put(c, result.operands.c);
  if (with_bias && n > 0) d.bias = put(n, result.operands.bias);
  result.d = d;
  return result;
}

// An NPU whose vector unit, or each core's, takes chunks of so many bytes.
inline NpuConfig small_chunks(std::uint64_t bytes, std::uint64_t cores = 1) {
  NpuConfig config;
  config.cores = cores;
  config.stream_buffer = core::Bytes{bytes};
  return config;
}

// Stores `values` at an odd place in DRAM or on chip; they become what the format holds.
inline std::uint64_t put(Bench& bench, Random& random, Values& values, std::uint32_t format) {
  const std::uint64_t address = bench.allocate(values.size() * 4, random.coin(), 4 * random.below(16));
  store_values(bench, address, values, format);
  return address;
}

}  // namespace spinvp::npu::test
