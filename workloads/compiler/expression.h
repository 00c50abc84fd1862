// What a map computes of one point: a list of steps, each of which makes a value of earlier ones. Registers and the numbers of constants are assigned at the end (assign), so that
// expressions can be joined.
//
// A value is one of the inputs, a constant, or the result of a step. FUSED and SELECT have a third operand, the register that they overwrite.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/abi/npu_map.h"

namespace spinvp::workloads::compiler {

struct Value {
  enum class Kind : std::uint8_t { none, input, constant, step } kind = Kind::none;
  std::uint32_t index = 0;
  bool operator==(const Value&) const = default;
  static Value input(std::uint32_t i) { return {Kind::input, i}; }
};

struct Step {
  spinvp_npu_map_operation operation = SPINVP_NPU_MAP_MOVE;
  Value left = {}, right = {}, to = {};
  bool operator==(const Step&) const = default;
};

class Expression {
 public:
  // Equal bits are one constant, equal steps one step.
  Value constant(float value);
  Value step(spinvp_npu_map_operation operation, Value left, Value right = {}, Value to = {});

  Value add(Value a, Value b) { return step(SPINVP_NPU_MAP_ADD, a, b); }
  Value subtract(Value a, Value b) { return step(SPINVP_NPU_MAP_SUBTRACT, a, b); }
  Value multiply(Value a, Value b) { return step(SPINVP_NPU_MAP_MULTIPLY, a, b); }
  Value divide(Value a, Value b) { return step(SPINVP_NPU_MAP_DIVIDE, a, b); }
  Value fused(Value a, Value b, Value addend) { return step(SPINVP_NPU_MAP_FUSED, a, b, addend); }
  Value maximum(Value a, Value b) { return step(SPINVP_NPU_MAP_MAXIMUM, a, b); }
  Value minimum(Value a, Value b) { return step(SPINVP_NPU_MAP_MINIMUM, a, b); }
  // condition > 0 ? yes : no
  Value select(Value condition, Value yes, Value no) { return step(SPINVP_NPU_MAP_SELECT, condition, yes, no); }
  Value greater(Value a, Value b) { return step(SPINVP_NPU_MAP_GREATER, a, b); }
  Value equal(Value a, Value b) { return step(SPINVP_NPU_MAP_EQUAL, a, b); }
  Value negate(Value a) { return step(SPINVP_NPU_MAP_NEGATE, a); }
  Value absolute(Value a) { return step(SPINVP_NPU_MAP_ABSOLUTE, a); }
  Value square_root(Value a) { return step(SPINVP_NPU_MAP_SQUARE_ROOT, a); }
  Value exponential(Value a) { return step(SPINVP_NPU_MAP_EXPONENTIAL, a); }
  Value logarithm(Value a) { return step(SPINVP_NPU_MAP_LOGARITHM, a); }
  Value error_function(Value a) { return step(SPINVP_NPU_MAP_ERROR_FUNCTION, a); }
  Value tangent(Value a) { return step(SPINVP_NPU_MAP_TANGENT, a); }
  Value floor(Value a) { return step(SPINVP_NPU_MAP_FLOOR, a); }
  Value rounded_to_bf16(Value a) { return step(SPINVP_NPU_MAP_ROUND_BF16, a); }

  // Appends `other`, whose input i is the value inputs[i] here; returns what its values are called now.
  class Renamed {
   public:
    [[nodiscard]] Value operator()(Value value) const;

   private:
    friend class Expression;
    std::vector<Value> inputs_, constants_, steps_;
  };
  Renamed append(const Expression& other, std::vector<Value> inputs);

  [[nodiscard]] const std::vector<float>& constants() const { return constants_; }
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

 private:
  std::vector<float> constants_;
  std::vector<Step> steps_;
};

// Steps with registers.
struct Assigned {
  std::vector<spinvp_npu_map_step> steps;
  std::vector<std::uint8_t> results;  // registers
};

// Inputs fill registers 0, 1, ...; `constants` collects what the steps name, with those that it holds already. Nothing where registers, constants or steps do not suffice.
// results_in_order: result i must end in register i (a reduction's finishing steps).
std::optional<Assigned> assign(const Expression& expression, const std::vector<Value>& results, std::size_t inputs, bool results_in_order,
                               std::vector<float>& constants);

}  // namespace spinvp::workloads::compiler
