// The vector unit's registers on the host, and what its steps do to them: some hundred elements of each register at a time.
//
// Every step is one row of a table: a loop over the lanes that the compiler vectorises, what it reads, and what it costs. Lanes never meet, so the number of elements at a time is
// no part of the result. Rounding: fp32, one rounding a step; a NaN that comes out of arithmetic is made canonical; what is moved, selected or compared keeps its bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "models/abi/npu_map.h"
#include "models/npu/numbers.h"

namespace spinvp::npu {

// What a step keeps busy: a lane for a cycle, or one of its slower units (VectorUnit says for how long).
enum class StepCost : std::uint8_t { lane, divide, exponential, logarithm };

struct MapOperation {
  const char* name;
  void (*run)(float* to, const float* left, const float* right, std::size_t count);
  bool unary;         // `right` is not read
  bool reads_target;  // `to` is an operand as well
  StepCost cost;
};

// `operation` is below SPINVP_NPU_MAP_OPERATIONS.
const MapOperation& map_operation(unsigned operation);

class MapLanes {
 public:
  static constexpr std::size_t width = 256;
  explicit MapLanes(std::span<const float, SPINVP_NPU_MAP_CONSTANTS> constants);
  // `width` floats; from 16 on constants.
  [[nodiscard]] float* operand(unsigned index) { return operands_->data() + index * width; }
  void clear(std::uint32_t registers, std::size_t count);  // bit i: register i becomes 0
  void run(std::span<const spinvp_npu_map_step> steps, std::size_t count);

 private:
  using Operands = std::array<float, (SPINVP_NPU_MAP_REGISTERS + SPINVP_NPU_MAP_CONSTANTS) * width>;
  std::unique_ptr<Operands> operands_;
};

// `count` elements of raw memory in a format to lanes, and back; the next one `stride` elements on. Memory is not aligned.
void load_lanes(float* to, Format format, const std::uint8_t* from, std::int64_t stride, std::size_t count);
void store_lanes(const float* from, Format format, std::uint8_t* to, std::int64_t stride, std::size_t count);

}  // namespace spinvp::npu
