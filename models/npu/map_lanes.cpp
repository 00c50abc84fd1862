#include "models/npu/map_lanes.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "models/abi/elementary.h"

namespace spinvp::npu {

namespace {

// Element by element: `to` may be one of the operands.
template <typename Function>
void each(float* to, const float* left, const float* right, std::size_t count, Function function) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) to[i] = function(left[i], right[i], to[i]);
}
template <typename Function>
void each(float* to, const float* left, std::size_t count, Function function) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) to[i] = function(left[i]);
}

#define SPINVP_BINARY(expression) \
  [](float* to, const float* left, const float* right, std::size_t count) { each(to, left, right, count, [](float l, float r, float) { return expression; }); }
#define SPINVP_UNARY(expression) \
  [](float* to, const float* left, const float*, std::size_t count) { each(to, left, count, [](float l) { return expression; }); }

constexpr bool unary = true, binary = false, reads_target = true;

constexpr std::array<MapOperation, SPINVP_NPU_MAP_OPERATIONS> table = {{
    {"move", SPINVP_UNARY(l), unary, false, StepCost::lane},
    {"add", SPINVP_BINARY(canonical(l + r)), binary, false, StepCost::lane},
    {"subtract", SPINVP_BINARY(canonical(l - r)), binary, false, StepCost::lane},
    {"multiply", SPINVP_BINARY(canonical(l* r)), binary, false, StepCost::lane},
    {"divide", SPINVP_BINARY(canonical(l / r)), binary, false, StepCost::divide},
    {"fused",
     [](float* to, const float* left, const float* right, std::size_t count) {
       each(to, left, right, count, [](float l, float r, float t) { return canonical(std::fmaf(l, r, t)); });
     },
     binary, reads_target, StepCost::lane},
    {"maximum", SPINVP_BINARY(l > r ? l : r), binary, false, StepCost::lane},
    {"minimum", SPINVP_BINARY(l < r ? l : r), binary, false, StepCost::lane},
    {"select",
     [](float* to, const float* left, const float* right, std::size_t count) {
       each(to, left, right, count, [](float l, float r, float t) { return l > 0.0f ? r : t; });
     },
     binary, reads_target, StepCost::lane},
    {"greater", SPINVP_BINARY((l > r ? 1.0f : 0.0f)), binary, false, StepCost::lane},
    {"equal", SPINVP_BINARY((l == r ? 1.0f : 0.0f)), binary, false, StepCost::lane},
    {"negate", SPINVP_UNARY(canonical(-l)), unary, false, StepCost::lane},
    {"absolute", SPINVP_UNARY(canonical(std::fabs(l))), unary, false, StepCost::lane},
    {"square_root", SPINVP_UNARY(canonical(std::sqrt(l))), unary, false, StepCost::divide},
    {"exponential", SPINVP_UNARY(canonical(spinvp_exp_f32(l))), unary, false, StepCost::exponential},
    {"logarithm", SPINVP_UNARY(canonical(spinvp_log_f32(l))), unary, false, StepCost::logarithm},
    {"error_function", SPINVP_UNARY(canonical(spinvp_erf_f32(l))), unary, false, StepCost::exponential},
    {"tangent", SPINVP_UNARY(canonical(spinvp_tanh_f32(l))), unary, false, StepCost::exponential},
    {"floor", SPINVP_UNARY(canonical(std::floor(l))), unary, false, StepCost::lane},
    {"round_bf16", SPINVP_UNARY(widen(narrow(l))), unary, false, StepCost::lane},
}};

#undef SPINVP_BINARY
#undef SPINVP_UNARY

template <typename Element, typename Convert>
void load_each(float* to, const std::uint8_t* from, std::int64_t stride, std::size_t count, Convert convert) {
  const auto element = [&](std::int64_t index) {
    Element value;
    std::memcpy(&value, from + index * static_cast<std::int64_t>(sizeof value), sizeof value);
    return convert(value);
  };
  if (stride == 0) {
    std::fill_n(to, count, element(0));
  } else if (stride == 1) {
    for (std::size_t i = 0; i < count; ++i) to[i] = element(static_cast<std::int64_t>(i));
  } else {
    for (std::size_t i = 0; i < count; ++i) to[i] = element(static_cast<std::int64_t>(i) * stride);
  }
}

template <typename Convert>
void store_each(const float* from, std::uint8_t* to, std::int64_t stride, std::size_t count, Convert convert) {
  const auto put = [&](std::int64_t index, float value) {
    const auto element = convert(value);
    std::memcpy(to + index * static_cast<std::int64_t>(sizeof element), &element, sizeof element);
  };
  if (stride == 1) {
    for (std::size_t i = 0; i < count; ++i) put(static_cast<std::int64_t>(i), from[i]);
  } else {
    for (std::size_t i = 0; i < count; ++i) put(static_cast<std::int64_t>(i) * stride, from[i]);
  }
}

}  // namespace

const MapOperation& map_operation(unsigned operation) { return table[operation]; }

MapLanes::MapLanes(std::span<const float, SPINVP_NPU_MAP_CONSTANTS> constants) : operands_(std::make_unique<Operands>()) {
  operands_->fill(0.0f);
  for (unsigned i = 0; i < constants.size(); ++i) std::fill_n(operand(SPINVP_NPU_MAP_REGISTERS + i), width, constants[i]);
}

void MapLanes::clear(std::uint32_t registers, std::size_t count) {
  for (unsigned i = 0; i < SPINVP_NPU_MAP_REGISTERS; ++i)
    if ((registers >> i & 1) != 0) std::fill_n(operand(i), count, 0.0f);
}

void MapLanes::run(std::span<const spinvp_npu_map_step> steps, std::size_t count) {
  for (const spinvp_npu_map_step& step : steps) {
    const MapOperation& operation = table[step.operation];
    operation.run(operand(step.to), operand(step.left), operand(operation.unary ? step.left : step.right), count);
  }
}

void load_lanes(float* to, Format format, const std::uint8_t* from, std::int64_t stride, std::size_t count) {
  switch (format) {
    case Format::fp32: load_each<float>(to, from, stride, count, [](float value) { return value; }); break;
    case Format::bf16: load_each<std::uint16_t>(to, from, stride, count, [](std::uint16_t bits) { return widen(bits); }); break;
    case Format::int32: load_each<std::int32_t>(to, from, stride, count, [](std::int32_t value) { return static_cast<float>(value); }); break;
  }
}

void store_lanes(const float* from, Format format, std::uint8_t* to, std::int64_t stride, std::size_t count) {
  switch (format) {
    case Format::fp32: store_each(from, to, stride, count, [](float value) { return value; }); break;
    case Format::bf16: store_each(from, to, stride, count, [](float value) { return narrow(value); }); break;
    case Format::int32: store_each(from, to, stride, count, [](float value) { return to_int32(value); }); break;
  }
}

}  // namespace spinvp::npu
