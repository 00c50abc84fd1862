// Random vector programs for the bench, and what they must give: one plain loop over the points, one switch a step.
#pragma once

#include <algorithm>
#include <numeric>

#include "jobs.h"
#include "models/abi/npu_map.h"

namespace spinvp::npu::test {

inline float reference_canonical(float v) { return to_format(v, SPINVP_NPU_FP32); }

inline void reference_steps(const spinvp_npu_map& map, unsigned first, unsigned count, std::array<float, 16>& registers) {
  for (unsigned i = first; i < first + count; ++i) {
    const spinvp_npu_map_step& s = map.step[i];
    const auto operand = [&](unsigned index) { return index < 16 ? registers[index] : map.constant[index - 16]; };
    const float l = operand(s.left), r = s.operation < SPINVP_NPU_MAP_NEGATE && s.operation != SPINVP_NPU_MAP_MOVE ? operand(s.right) : 0.0f;
    float& to = registers[s.to];
    switch (s.operation) {
      case SPINVP_NPU_MAP_MOVE: to = l; break;
      case SPINVP_NPU_MAP_ADD: to = reference_canonical(l + r); break;
      case SPINVP_NPU_MAP_SUBTRACT: to = reference_canonical(l - r); break;
      case SPINVP_NPU_MAP_MULTIPLY: to = reference_canonical(l * r); break;
      case SPINVP_NPU_MAP_DIVIDE: to = reference_canonical(l / r); break;
      case SPINVP_NPU_MAP_FUSED: to = reference_canonical(std::fmaf(l, r, to)); break;
      case SPINVP_NPU_MAP_MAXIMUM: to = l > r ? l : r; break;
      case SPINVP_NPU_MAP_MINIMUM: to = l < r ? l : r; break;
      case SPINVP_NPU_MAP_SELECT: to = l > 0 ? r : to; break;
      case SPINVP_NPU_MAP_GREATER: to = l > r ? 1.0f : 0.0f; break;
      case SPINVP_NPU_MAP_EQUAL: to = l == r ? 1.0f : 0.0f; break;
      case SPINVP_NPU_MAP_NEGATE: to = reference_canonical(-l); break;
      case SPINVP_NPU_MAP_ABSOLUTE: to = reference_canonical(std::fabs(l)); break;
      case SPINVP_NPU_MAP_SQUARE_ROOT: to = reference_canonical(static_cast<float>(std::sqrt(static_cast<double>(l)))); break;
      case SPINVP_NPU_MAP_EXPONENTIAL: to = reference_canonical(spinvp_exp_f32(l)); break;
      case SPINVP_NPU_MAP_LOGARITHM: to = reference_canonical(spinvp_log_f32(l)); break;
      case SPINVP_NPU_MAP_ERROR_FUNCTION: to = reference_canonical(spinvp_erf_f32(l)); break;
      case SPINVP_NPU_MAP_TANGENT: to = reference_canonical(spinvp_tanh_f32(l)); break;
      case SPINVP_NPU_MAP_FLOOR: to = reference_canonical(std::floor(l)); break;
      default: to = to_format(l, SPINVP_NPU_BF16); break;
    }
  }
}

inline float reference_load(Bench& bench, const spinvp_npu_stream& s, std::int64_t index) {
  const std::uint64_t element = s.format == SPINVP_NPU_BF16 ? 2 : 4;
  const std::uint8_t* from = bench.at(s.address + static_cast<std::uint64_t>(index) * element);
  if (s.format == SPINVP_NPU_BF16) {
    std::uint16_t half = 0;
    std::memcpy(&half, from, 2);
    return from_bf16(half);
  }
  float single = 0;
  std::int32_t whole = 0;
  std::memcpy(&single, from, 4);
  std::memcpy(&whole, from, 4);
  return s.format == SPINVP_NPU_INT32 ? static_cast<float>(whole) : single;
}
// The bits that a value has in a format.
inline std::uint32_t reference_bits(float v, std::uint32_t format) {
  if (format == SPINVP_NPU_FP32) return bits(v);
  if (format == SPINVP_NPU_BF16) return reference_bf16(v);
  if (v != v) return 0;
  const double limited = std::clamp(std::trunc(static_cast<double>(v)), -2147483648.0, 2147483647.0);
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(limited));
}

// What each output must hold, by address.
using Stored = std::map<std::uint64_t, std::pair<std::uint32_t, unsigned>>;  // bits and bytes

inline Stored reference_map(Bench& bench, const spinvp_npu_map& map, bool reduces) {
  Stored stored;
  const auto index = [&](const spinvp_npu_stream& s, const std::array<std::uint32_t, 6>& at) {
    std::int64_t sum = 0;
    for (unsigned axis = 0; axis < map.axes; ++axis) sum += s.stride[axis] * at[axis];
    return sum;
  };
  const auto store = [&](unsigned o, const std::array<std::uint32_t, 6>& at, float value) {
    const spinvp_npu_stream& s = map.output[o];
    const unsigned element = s.format == SPINVP_NPU_BF16 ? 2 : 4;
    stored[s.address + static_cast<std::uint64_t>(index(s, at)) * element] = {reference_bits(value, s.format), element};
  };
  std::map<std::array<std::uint32_t, 6>, std::array<float, 4>> sums;
  std::array<std::uint32_t, 6> at{};
  while (true) {
    std::array<float, 16> registers{};
    for (unsigned i = 0; i < map.inputs; ++i) registers[i] = reference_load(bench, map.input[i], index(map.input[i], at));
    reference_steps(map, 0, map.steps, registers);
    if (!reduces) {
      for (unsigned o = 0; o < map.outputs; ++o) store(o, at, registers[map.result[o]]);
    } else {
      std::array<std::uint32_t, 6> kept = at;
      for (unsigned axis = 0; axis < map.axes; ++axis)
        if ((map.reduced >> axis & 1) != 0) kept[axis] = 0;
      const auto [place, fresh] = sums.try_emplace(kept, std::array<float, 4>{});
      for (unsigned o = 0; o < map.outputs; ++o) {
        const float value = registers[map.result[o]];
        float& sum = place->second[o];
        if (map.combine == SPINVP_NPU_COMBINE_SUM)
          sum = reference_canonical(sum + value);
        else
          sum = !fresh && sum > value ? sum : value;
      }
    }
    unsigned axis = map.axes;
    while (axis > 0 && ++at[axis - 1] == map.extent[axis - 1]) at[--axis] = 0;
    if (axis == 0) break;
  }
  for (const auto& [kept, values] : sums) {
    std::array<float, 16> registers{};
    for (unsigned o = 0; o < map.outputs; ++o) registers[o] = values[o];
    reference_steps(map, map.steps, map.finish_steps, registers);
    for (unsigned o = 0; o < map.outputs; ++o) store(o, kept, registers[o]);
  }
  return stored;
}

// The first address whose bits differ from what must be stored there, or 0.
inline std::uint64_t first_wrong(Bench& bench, const Stored& wanted) {
  for (const auto& [address, value] : wanted) {
    std::uint32_t got = 0;
    std::memcpy(&got, bench.at(address), value.second);
    if (got != value.first) return address;
  }
  return 0;
}

// A stream over `extent`: dense in a random order of the axes, some of them backwards, with gaps, or (inputs) repeated. Its elements lie somewhere in a place of their own.
inline spinvp_npu_stream random_stream(Bench& bench, Random& random, const spinvp_npu_map& map, bool output) {
  spinvp_npu_stream s{};
  s.format = random.below(3);
  const std::uint64_t element = s.format == SPINVP_NPU_BF16 ? 2 : 4;
  std::vector<unsigned> order(map.axes);
  std::iota(order.begin(), order.end(), 0u);
  if (random.coin())
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);
  std::int64_t distance = random.below(4) == 0 ? random.between(2, 3) : 1, below = 0;
  for (std::size_t i = order.size(); i-- > 0;) {
    const unsigned axis = order[i];
    const bool reduced = (map.reduced >> axis & 1) != 0;
    if (output ? reduced : random.below(4) == 0) continue;
    s.stride[axis] = distance;
    distance *= map.extent[axis];
    if (random.below(5) == 0) distance += random.below(5);
    if (random.below(6) == 0) {
      s.stride[axis] = -s.stride[axis];
      below += -s.stride[axis] * static_cast<std::int64_t>(map.extent[axis] - 1);
    }
  }
  const std::uint64_t bytes = static_cast<std::uint64_t>(distance) * element;
  const std::uint64_t base = bench.allocate(bytes + 64, random.coin(), element * random.below(16));
  s.address = base + static_cast<std::uint64_t>(below) * element;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(distance); ++i) {
    const float v = random.value(true) * 4.0f;
    const std::uint32_t word = s.format == SPINVP_NPU_INT32 ? random.below(2000) - 1000 : reference_bits(v, s.format);
    bench.fill(base + i * element, &word, element);
  }
  return s;
}

inline spinvp_npu_map random_map(Bench& bench, Random& random, bool reduces, std::uint32_t most_points) {
  spinvp_npu_map map{};
  map.axes = random.between(1, 6);
  std::uint32_t points = 1;
  for (unsigned axis = 0; axis < map.axes; ++axis) {
    map.extent[axis] = random.between(1, std::max(1u, std::min(40u, most_points / points)));
    points *= map.extent[axis];
  }
  map.inputs = random.between(0, 6);
  map.outputs = random.between(1, 4);
  map.steps = random.between(0, 12);
  if (reduces) {
    map.reduced = random.between(1, (1u << map.axes) - 1);
    map.combine = random.below(2);
    map.finish_steps = random.below(4);
  }
  for (unsigned i = 0; i < map.steps + map.finish_steps; ++i)
    map.step[i] = {static_cast<std::uint8_t>(random.below(SPINVP_NPU_MAP_OPERATIONS)), static_cast<std::uint8_t>(random.below(8)),
                   static_cast<std::uint8_t>(random.below(20)), static_cast<std::uint8_t>(random.below(20))};
  for (float& c : map.constant) c = random.value();
  for (unsigned o = 0; o < map.outputs; ++o) map.result[o] = static_cast<std::uint8_t>(random.below(8));
  for (unsigned i = 0; i < map.inputs; ++i) map.input[i] = random_stream(bench, random, map, false);
  for (unsigned o = 0; o < map.outputs; ++o) map.output[o] = random_stream(bench, random, map, true);
  return map;
}

inline spinvp_npu_descriptor map_job(Bench& bench, const spinvp_npu_map& map, bool reduces) {
  spinvp_npu_descriptor d{};
  d.operation = reduces ? SPINVP_NPU_REDUCE : SPINVP_NPU_MAP;
  d.aux = bench.allocate(sizeof map);
  bench.fill(d.aux, &map, sizeof map);
  return d;
}

}  // namespace spinvp::npu::test
