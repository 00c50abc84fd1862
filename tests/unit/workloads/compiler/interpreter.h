// Runs compiled programs by plain loops over the descriptors, as models/abi/npu.h and npu_map.h word them: for tests of what the compiler says, not of the NPU.
// Memory begins as NaNs, so that a kernel which reads what nobody wrote shows.
#pragma once

#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/abi/elementary.h"
#include "models/abi/npu_map.h"
#include "models/abi/program.h"
#include "workloads/compiler/images.h"

namespace spinvp::workloads::compiler::test {

inline std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (value != value) return 0x7fc0;
  return static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
inline float from_bf16(std::uint16_t half) { return std::bit_cast<float>(std::uint32_t{half} << 16); }
inline float through_bf16(float value) { return from_bf16(to_bf16(value)); }

class Memory {
 public:
  explicit Memory(const Machine& machine, std::uint64_t dram_bytes) : machine_(machine), dram_(dram_bytes + 64, 0xff), onchip_(machine.onchip.bytes, 0xff) {}
  std::uint8_t* at(std::uint64_t address, std::uint64_t bytes) {
    if (machine_.onchip.holds(address) && address + bytes <= machine_.onchip.end()) return onchip_.data() + (address - machine_.onchip.base);
    if (address >= machine_.dram.base && address + bytes <= machine_.dram.base + dram_.size()) return dram_.data() + (address - machine_.dram.base);
    throw std::runtime_error("an address outside memory: " + std::to_string(address));
  }
  float load(std::uint64_t address, std::uint32_t format, std::int64_t i) {
    const std::uint64_t width = format == SPINVP_NPU_BF16 ? 2 : 4;
    const std::uint8_t* from = at(address + static_cast<std::uint64_t>(i) * width, width);
    if (format == SPINVP_NPU_BF16) {
      std::uint16_t half = 0;
      std::memcpy(&half, from, 2);
      return from_bf16(half);
    }
    std::uint32_t word = 0;
    std::memcpy(&word, from, 4);
    return format == SPINVP_NPU_INT32 ? static_cast<float>(static_cast<std::int32_t>(word)) : std::bit_cast<float>(word);
  }
  void store(std::uint64_t address, std::uint32_t format, std::int64_t i, float value) {
    const std::uint64_t width = format == SPINVP_NPU_BF16 ? 2 : 4;
    std::uint8_t* to = at(address + static_cast<std::uint64_t>(i) * width, width);
    if (format == SPINVP_NPU_BF16) {
      const std::uint16_t half = to_bf16(value);
      std::memcpy(to, &half, 2);
    } else if (format == SPINVP_NPU_INT32) {
      const std::int32_t whole = value != value           ? 0
                                 : value >= 2147483648.0f ? 2147483647
                                 : value < -2147483648.0f ? -2147483647 - 1
                                                          : static_cast<std::int32_t>(value);
      std::memcpy(to, &whole, 4);
    } else {
      std::memcpy(to, &value, 4);
    }
  }
  std::int32_t whole(std::uint64_t address, std::int64_t i) {
    std::int32_t value = 0;
    std::memcpy(&value, at(address + 4 * static_cast<std::uint64_t>(i), 4), 4);
    return value;
  }

 private:
  const Machine& machine_;
  std::vector<std::uint8_t> dram_, onchip_;
};

class Interpreter {
 public:
  Interpreter(const Machine& machine, const MemoryImage& image) : memory(machine, image.dram_end - machine.dram.base), program_at_(image.program) {
    for (const Image& part : image.images) std::memcpy(memory.at(part.address, part.bytes.size()), part.bytes.data(), part.bytes.size());
  }
  Memory memory;

  void step(std::uint64_t number = 0) {
    spinvp_program program;
    read(program_at_, program);
    if (program.magic != SPINVP_PROGRAM_MAGIC) throw std::runtime_error("no program");
    for (std::uint64_t i = 0; i < program.feeds; ++i) {
      spinvp_program_feed feed;
      read(program.feed_table + i * sizeof feed, feed);
      std::memcpy(memory.at(feed.to, feed.bytes), memory.at(feed.from + number % feed.count * feed.bytes, feed.bytes), feed.bytes);
    }
    for (std::uint64_t i = 0; i < program.kernels; ++i) {
      spinvp_program_kernel kernel;
      read(program.kernel_table + i * sizeof kernel, kernel);
      run(kernel.descriptor);
    }
  }
  std::vector<float> values(const TensorPlace& place) {
    std::vector<float> result(place.elements);
    for (std::size_t i = 0; i < result.size(); ++i)
      result[i] = memory.load(place.address, static_cast<std::uint32_t>(place.format), static_cast<std::int64_t>(i));
    return result;
  }

  void run(const spinvp_npu_descriptor& d) {
    switch (d.operation) {
      case SPINVP_NPU_GEMM: return gemm(d);
      case SPINVP_NPU_CONV_FORWARD: return convolution(d);
      case SPINVP_NPU_CONV_DATA_GRADIENT: return data_gradient(d);
      case SPINVP_NPU_CONV_WEIGHT_GRADIENT: return weight_gradient(d);
      case SPINVP_NPU_MAXPOOL_FORWARD: return maximum_pool(d);
      case SPINVP_NPU_MAXPOOL_BACKWARD: return maximum_pool_back(d);
      case SPINVP_NPU_AVERAGEPOOL_FORWARD: return average_pool(d, false);
      case SPINVP_NPU_AVERAGEPOOL_BACKWARD: return average_pool(d, true);
      case SPINVP_NPU_SOFTMAX_CROSS_ENTROPY: return cross_entropy(d);
      case SPINVP_NPU_SOFTMAX_FORWARD: return softmax(d);
      case SPINVP_NPU_SOFTMAX_BACKWARD: return softmax_back(d);
      case SPINVP_NPU_COPY:
        for (std::uint64_t i = 0, w = d.format == SPINVP_NPU_BF16 ? 2 : 4; i < d.count; ++i)
          std::memcpy(memory.at(d.c + i * w, w), memory.at(d.a + i * w, w), w);
        return;
      case SPINVP_NPU_MAP:
      case SPINVP_NPU_REDUCE: return map(d);
      case SPINVP_NPU_GATHER: return gather(d);
      case SPINVP_NPU_SCATTER_ADD: return scatter(d);
      default: throw std::runtime_error("operation " + std::to_string(d.operation) + " is not interpreted");
    }
  }

 private:
  std::uint64_t program_at_;
  using I = std::int64_t;
  template <typename T>
  void read(std::uint64_t address, T& to) {
    std::memcpy(&to, memory.at(address, sizeof to), sizeof to);
  }
  static float canonical(float v) { return v != v ? std::bit_cast<float>(0x7fc00000u) : v; }

  static float one(const spinvp_npu_map_step& s, float l, float r, float to) {
    switch (s.operation) {
      case SPINVP_NPU_MAP_MOVE: return l;
      case SPINVP_NPU_MAP_ADD: return canonical(l + r);
      case SPINVP_NPU_MAP_SUBTRACT: return canonical(l - r);
      case SPINVP_NPU_MAP_MULTIPLY: return canonical(l * r);
      case SPINVP_NPU_MAP_DIVIDE: return canonical(l / r);
      case SPINVP_NPU_MAP_FUSED: return canonical(std::fma(l, r, to));
      case SPINVP_NPU_MAP_MAXIMUM: return l > r ? l : r;
      case SPINVP_NPU_MAP_MINIMUM: return l < r ? l : r;
      case SPINVP_NPU_MAP_SELECT: return l > 0 ? r : to;
      case SPINVP_NPU_MAP_GREATER: return l > r ? 1.0f : 0.0f;
      case SPINVP_NPU_MAP_EQUAL: return l == r ? 1.0f : 0.0f;
      case SPINVP_NPU_MAP_NEGATE: return -l;
      case SPINVP_NPU_MAP_ABSOLUTE: return std::fabs(l);
      case SPINVP_NPU_MAP_SQUARE_ROOT: return canonical(std::sqrt(l));
      case SPINVP_NPU_MAP_EXPONENTIAL: return canonical(spinvp_exp_f32(l));
      case SPINVP_NPU_MAP_LOGARITHM: return canonical(spinvp_log_f32(l));
      case SPINVP_NPU_MAP_ERROR_FUNCTION: return canonical(spinvp_erf_f32(l));
      case SPINVP_NPU_MAP_TANGENT: return canonical(spinvp_tanh_f32(l));
      case SPINVP_NPU_MAP_FLOOR: return std::floor(l);
      case SPINVP_NPU_MAP_ROUND_BF16: return through_bf16(l);
      default: throw std::runtime_error("a step that does not exist");
    }
  }
  static void steps(const spinvp_npu_map& p, std::uint32_t from, std::uint32_t count, float* registers) {
    const auto value = [&](std::uint8_t i) { return i < SPINVP_NPU_MAP_REGISTERS ? registers[i] : p.constant[i - SPINVP_NPU_MAP_REGISTERS]; };
    for (std::uint32_t s = from; s < from + count; ++s) {
      const auto& step = p.step[s];
      registers[step.to] = one(step, value(step.left), value(step.right), registers[step.to]);
    }
  }
  static I place(const spinvp_npu_map& p, const spinvp_npu_stream& s, const I* point) {
    I at = 0;
    for (std::uint32_t axis = 0; axis < p.axes; ++axis) at += point[axis] * s.stride[axis];
    return at;
  }
  static bool next(const spinvp_npu_map& p, I* point) {
    for (std::uint32_t axis = p.axes; axis-- > 0;) {
      if (++point[axis] < p.extent[axis]) return true;
      point[axis] = 0;
    }
    return false;
  }
  void load_inputs(const spinvp_npu_map& p, const I* point, float* registers, std::uint32_t first) {
    for (std::uint32_t i = 0; i < p.inputs; ++i) registers[first + i] = memory.load(p.input[i].address, p.input[i].format, place(p, p.input[i], point));
  }

  void map(const spinvp_npu_descriptor& d) {
    spinvp_npu_map p;
    read(d.aux, p);
    const bool reduces = d.operation == SPINVP_NPU_REDUCE;
    if (p.axes < 1 || reduces != (p.reduced != 0)) throw std::runtime_error("a map program that contradicts its command");
    std::vector<std::map<I, float>> totals(p.outputs);
    I point[SPINVP_NPU_MAP_AXES] = {};
    do {
      float registers[SPINVP_NPU_MAP_REGISTERS] = {};
      load_inputs(p, point, registers, 0);
      steps(p, 0, p.steps, registers);
      for (std::uint32_t o = 0; o < p.outputs; ++o) {
        const float value = registers[p.result[o]];
        const I at = place(p, p.output[o], point);
        if (!reduces) {
          memory.store(p.output[o].address, p.output[o].format, at, value);
        } else if (p.combine == SPINVP_NPU_COMBINE_SUM) {
          const auto total = totals[o].try_emplace(at, 0.0f).first;
          total->second = canonical(total->second + value);
        } else {
          const auto [total, first] = totals[o].try_emplace(at, value);
          if (!first && value > total->second) total->second = value;
        }
      }
    } while (next(p, point));
    if (!reduces) return;
    // Outputs walk alike, so the n-th place of one goes with the n-th of the others where their strides agree in order; they do: all are made for the same points.
    std::map<std::vector<I>, std::vector<float>> results;
    I again[SPINVP_NPU_MAP_AXES] = {};
    do {
      std::vector<I> key;
      for (std::uint32_t axis = 0; axis < p.axes; ++axis)
        if ((p.reduced >> axis & 1) == 0) key.push_back(again[axis]);
      if (results.count(key) != 0) continue;
      float registers[SPINVP_NPU_MAP_REGISTERS] = {};
      for (std::uint32_t o = 0; o < p.outputs; ++o) registers[o] = totals[o].at(place(p, p.output[o], again));
      steps(p, p.steps, p.finish_steps, registers);
      for (std::uint32_t o = 0; o < p.outputs; ++o) memory.store(p.output[o].address, p.output[o].format, place(p, p.output[o], again), registers[o]);
      results[key] = {};
    } while (next(p, again));
  }

  // What a product's result becomes on its way out.
  float finished(const spinvp_npu_descriptor& d, const spinvp_npu_map& p, float result, const I* point, float bias) {
    if (d.bias != 0) result = canonical(result + bias);
    if ((d.flags & SPINVP_NPU_FUSE_RELU) != 0) result = result > 0 ? result : 0.0f;
    if ((d.flags & SPINVP_NPU_EPILOGUE) == 0) return result;
    float registers[SPINVP_NPU_MAP_REGISTERS] = {result};
    load_inputs(p, point, registers, 1);
    steps(p, 0, p.steps, registers);
    return registers[p.result[0]];
  }
  spinvp_npu_map epilogue(const spinvp_npu_descriptor& d, std::vector<std::uint32_t> axes) {
    spinvp_npu_map p{};
    if ((d.flags & SPINVP_NPU_EPILOGUE) == 0) return p;
    read(d.aux, p);
    if (p.axes != axes.size() || p.outputs != 0 || !std::equal(axes.begin(), axes.end(), p.extent))
      throw std::runtime_error("an epilogue of other axes than its product");
    return p;
  }

  void gemm(const spinvp_npu_descriptor& d) {
    const I batch = d.batch == 0 ? 1 : d.batch, m = d.m, n = d.n, k = d.k;
    const auto p = epilogue(d, d.batch > 1 ? std::vector{d.batch, d.m, d.n} : std::vector{d.m, d.n});
    for (I g = 0; g < batch; ++g)
      for (I i = 0; i < m; ++i)
        for (I j = 0; j < n; ++j) {
          float sum = 0;
          for (I l = 0; l < k; ++l) {
            const I a = g * m * k + ((d.flags & SPINVP_NPU_TRANSPOSE_A) != 0 ? l * m + i : i * k + l);
            const I b = ((d.flags & SPINVP_NPU_SHARED_B) != 0 ? 0 : g * k * n) + ((d.flags & SPINVP_NPU_TRANSPOSE_B) != 0 ? j * k + l : l * n + j);
            sum = canonical(std::fma(memory.load(d.a, d.format, a), memory.load(d.b, d.format, b), sum));
          }
          const I point[] = {g, i, j};
          const float bias = d.bias == 0 ? 0 : memory.load(d.bias, d.format, j);
          memory.store(d.c, d.format, (g * m + i) * n + j, finished(d, p, sum, d.batch > 1 ? point : point + 1, bias));
        }
  }

  struct Convolution {
    I n, ci, ih, iw, co, oh, ow, kh, kw, sh, sw, pt, pl, dh, dw, groups, gi, go;
    explicit Convolution(const spinvp_npu_descriptor& d)
        : n(d.batch),
          ci(d.in_channels),
          ih(d.in_h),
          iw(d.in_w),
          co(d.out_channels),
          oh(d.out_h),
          ow(d.out_w),
          kh(d.kernel_h),
          kw(d.kernel_w),
          sh(d.stride_h),
          sw(d.stride_w),
          pt(d.pad_top),
          pl(d.pad_left),
          dh(std::max<I>(1, d.dilation_h)),
          dw(std::max<I>(1, d.dilation_w)),
          groups(std::max<I>(1, d.groups)),
          gi(ci / groups),
          go(co / groups) {}
  };

  void convolution(const spinvp_npu_descriptor& d) {
    const Convolution c(d);
    const auto p = epilogue(d, {d.batch, d.out_channels, d.out_h * d.out_w});
    for (I n = 0; n < c.n; ++n)
      for (I o = 0; o < c.co; ++o)
        for (I y = 0; y < c.oh; ++y)
          for (I x = 0; x < c.ow; ++x) {
            float sum = 0;
            for (I i = 0; i < c.gi; ++i)
              for (I ky = 0; ky < c.kh; ++ky)
                for (I kx = 0; kx < c.kw; ++kx) {
                  const I iy = y * c.sh + ky * c.dh - c.pt, ix = x * c.sw + kx * c.dw - c.pl, channel = o / c.go * c.gi + i;
                  const bool in = iy >= 0 && iy < c.ih && ix >= 0 && ix < c.iw;
                  const float a = in ? memory.load(d.a, d.format, ((n * c.ci + channel) * c.ih + iy) * c.iw + ix) : 0.0f;
                  sum = canonical(std::fma(a, memory.load(d.b, d.format, ((o * c.gi + i) * c.kh + ky) * c.kw + kx), sum));
                }
            const I point[] = {n, o, y * c.ow + x};
            memory.store(d.c, d.format, ((n * c.co + o) * c.oh + y) * c.ow + x, finished(d, p, sum, point, d.bias == 0 ? 0 : memory.load(d.bias, d.format, o)));
          }
  }
  void data_gradient(const spinvp_npu_descriptor& d) {
    const Convolution c(d);
    for (I n = 0; n < c.n; ++n)
      for (I i = 0; i < c.ci; ++i)
        for (I y = 0; y < c.ih; ++y)
          for (I x = 0; x < c.iw; ++x) {
            float sum = 0;
            for (I o = i / c.gi * c.go; o < (i / c.gi + 1) * c.go; ++o)
              for (I ky = 0; ky < c.kh; ++ky)
                for (I kx = 0; kx < c.kw; ++kx) {
                  const I oy = y + c.pt - ky * c.dh, ox = x + c.pl - kx * c.dw;
                  const bool in = oy >= 0 && ox >= 0 && oy % c.sh == 0 && ox % c.sw == 0 && oy / c.sh < c.oh && ox / c.sw < c.ow;
                  const float a = in ? memory.load(d.a, d.format, ((n * c.co + o) * c.oh + oy / c.sh) * c.ow + ox / c.sw) : 0.0f;
                  sum = canonical(std::fma(a, memory.load(d.b, d.format, ((o * c.gi + i % c.gi) * c.kh + ky) * c.kw + kx), sum));
                }
            memory.store(d.c, d.format, ((n * c.ci + i) * c.ih + y) * c.iw + x, sum);
          }
  }
  void weight_gradient(const spinvp_npu_descriptor& d) {
    const Convolution c(d);
    for (I o = 0; o < c.co; ++o)
      for (I i = 0; i < c.gi; ++i)
        for (I ky = 0; ky < c.kh; ++ky)
          for (I kx = 0; kx < c.kw; ++kx) {
            float sum = 0;
            for (I n = 0; n < c.n; ++n)
              for (I y = 0; y < c.oh; ++y)
                for (I x = 0; x < c.ow; ++x) {
                  const I iy = y * c.sh + ky * c.dh - c.pt, ix = x * c.sw + kx * c.dw - c.pl, channel = o / c.go * c.gi + i;
                  const bool in = iy >= 0 && iy < c.ih && ix >= 0 && ix < c.iw;
                  const float a = in ? memory.load(d.a, d.format, ((n * c.ci + channel) * c.ih + iy) * c.iw + ix) : 0.0f;
                  sum = canonical(std::fma(memory.load(d.b, d.format, ((n * c.co + o) * c.oh + y) * c.ow + x), a, sum));
                }
            memory.store(d.c, d.format, ((o * c.gi + i) * c.kh + ky) * c.kw + kx, sum);
          }
  }

  // use(plane, output, ky, kx, input or -1) for every tap of every window, ascending.
  template <typename Use>
  static void taps(const spinvp_npu_descriptor& d, Use&& use) {
    const Convolution c(d);
    for (I plane = 0; plane < c.n * c.ci; ++plane)
      for (I y = 0; y < c.oh; ++y)
        for (I x = 0; x < c.ow; ++x)
          for (I ky = 0; ky < c.kh; ++ky)
            for (I kx = 0; kx < c.kw; ++kx) {
              const I iy = y * c.sh + ky - c.pt, ix = x * c.sw + kx - c.pl;
              const bool in = iy >= 0 && iy < c.ih && ix >= 0 && ix < c.iw;
              use((plane * c.oh + y) * c.ow + x, ky * c.kw + kx, in ? (plane * c.ih + iy) * c.iw + ix : -1);
            }
  }
  void maximum_pool(const spinvp_npu_descriptor& d) {
    std::map<I, std::pair<float, I>> best;
    taps(d, [&](I out, I tap, I in) {
      if (in < 0) return;
      const float value = memory.load(d.a, d.format, in);
      const auto [found, first] = best.try_emplace(out, value, tap);
      if (!first && value > found->second.first) found->second = {value, tap};
    });
    for (const auto& [out, winner] : best) {
      memory.store(d.c, d.format, out, winner.first);
      *memory.at(d.aux + static_cast<std::uint64_t>(out), 1) = static_cast<std::uint8_t>(winner.second);
    }
  }
  void maximum_pool_back(const spinvp_npu_descriptor& d) {
    const Convolution c(d);
    std::map<I, float> sums;
    taps(d, [&](I out, I tap, I in) {
      if (in < 0 || *memory.at(d.aux + static_cast<std::uint64_t>(out), 1) != tap) return;
      const float dy = memory.load(d.a, d.format, out);
      const auto [found, first] = sums.try_emplace(in, dy);
      if (!first) found->second += dy;
    });
    for (I i = 0; i < c.n * c.ci * c.ih * c.iw; ++i) memory.store(d.c, d.format, i, sums.count(i) != 0 ? sums[i] : 0.0f);
  }
  void average_pool(const spinvp_npu_descriptor& d, bool backward) {
    const Convolution c(d);
    std::map<I, float> sums, counts;
    taps(d, [&](I out, I, I in) {
      counts[out] += in >= 0 || (d.flags & SPINVP_NPU_COUNT_PADDING) != 0 ? 1.0f : 0.0f;
      if (!backward && in >= 0) sums[out] += memory.load(d.a, d.format, in);
    });
    if (!backward) {
      for (const auto& [out, sum] : sums) memory.store(d.c, d.format, out, sum / counts[out]);
      return;
    }
    taps(d, [&](I out, I, I in) {
      if (in >= 0) sums[in] += memory.load(d.a, d.format, out) / counts[out];
    });
    for (I i = 0; i < c.n * c.ci * c.ih * c.iw; ++i) memory.store(d.c, d.format, i, sums.count(i) != 0 ? sums[i] : 0.0f);
  }

  std::vector<float> exponentials(const spinvp_npu_descriptor& d, I row, float scale, float& sum, float& largest) {
    std::vector<float> x;
    for (I j = 0; j < d.n; ++j) x.push_back(memory.load(d.a, d.format, row * d.n + j) * scale);
    largest = x[0];
    for (const float v : x) largest = v > largest ? v : largest;
    sum = 0;
    for (float& v : x) sum += v = spinvp_exp_f32(v - largest);
    return x;
  }
  void softmax(const spinvp_npu_descriptor& d) {
    float sum = 0, largest = 0;
    for (I i = 0; i < d.m; ++i) {
      const auto e = exponentials(d, i, d.scalar, sum, largest);
      for (I j = 0; j < d.n; ++j) memory.store(d.c, d.format, i * d.n + j, e[static_cast<std::size_t>(j)] / sum);
    }
  }
  void softmax_back(const spinvp_npu_descriptor& d) {
    for (I i = 0; i < d.m; ++i) {
      float g = 0;
      for (I j = 0; j < d.n; ++j) {
        const float product = memory.load(d.a, d.format, i * d.n + j) * memory.load(d.b, d.format, i * d.n + j);
        g += product;
      }
      for (I j = 0; j < d.n; ++j) {
        const float p = memory.load(d.b, d.format, i * d.n + j), dp = memory.load(d.a, d.format, i * d.n + j);
        memory.store(d.c, d.format, i * d.n + j, p * (dp - g) * d.scalar);
      }
    }
  }
  void cross_entropy(const spinvp_npu_descriptor& d) {
    const float share = 1.0f / static_cast<float>(d.m);
    float loss = 0, sum = 0, largest = 0;
    for (I i = 0; i < d.m; ++i) {
      const I label = memory.whole(d.aux, i);
      const float chosen = memory.load(d.a, SPINVP_NPU_FP32, i * d.n + label);
      const auto e = exponentials(d, i, 1, sum, largest);
      for (I j = 0; j < d.n; ++j) memory.store(d.c, SPINVP_NPU_FP32, i * d.n + j, (e[static_cast<std::size_t>(j)] / sum - (j == label ? 1.0f : 0.0f)) * share);
      loss += spinvp_log_f32(sum) - (chosen - largest);
    }
    memory.store(d.bias, SPINVP_NPU_FP32, 0, loss * share);
  }

  I row(const spinvp_npu_descriptor& d, I i) {
    const I at = memory.whole(d.aux, i), within = at < 0 ? at + d.k : at;
    if (within < 0 || within >= d.k) throw std::runtime_error("an index out of range");
    return within;
  }
  void gather(const spinvp_npu_descriptor& d) {
    for (I i = 0; i < d.m; ++i)
      for (I j = 0; j < d.n; ++j) memory.store(d.c, d.format, i * d.n + j, memory.load(d.a, d.format, row(d, i) * d.n + j));
  }
  void scatter(const spinvp_npu_descriptor& d) {
    for (I i = 0; i < d.m; ++i)
      for (I j = 0; j < d.n; ++j) {
        const I at = row(d, i) * d.n + j;
        memory.store(d.c, d.format, at, memory.load(d.c, d.format, at) + memory.load(d.a, d.format, i * d.n + j));
      }
  }
};

}  // namespace spinvp::workloads::compiler::test
