#include "workloads/graph/float_values.h"

#include <bit>

#include "models/core/error.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {

float rounded_to_bfloat16(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value);
  if (value != value) return std::bit_cast<float>(0x7fc00000u);
  bits += 0x7fffu + (bits >> 16 & 1u);
  return std::bit_cast<float>(bits & 0xffff0000u);
}

std::vector<float> floats_of(const Tensor& tensor) {
  const std::uint64_t count = elements(tensor.type.shape);
  const unsigned width = bits_of(tensor.type.element) / 8;
  if (tensor.values == nullptr || tensor.values->size() < count * width) throw core::InputError("tensor '" + tensor.name + "' has no values, they are needed");
  std::vector<float> floats(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t word = 0;
    for (unsigned b = 0; b < width; ++b) word |= std::uint64_t{std::to_integer<std::uint8_t>((*tensor.values)[i * width + b])} << 8 * b;
    switch (tensor.type.element) {
      case ElementType::float32: floats[i] = std::bit_cast<float>(static_cast<std::uint32_t>(word)); break;
      case ElementType::bfloat16: floats[i] = std::bit_cast<float>(static_cast<std::uint32_t>(word) << 16); break;
      case ElementType::float64: floats[i] = static_cast<float>(std::bit_cast<double>(word)); break;
      default: throw core::InputError("tensor '" + tensor.name + "' is " + std::string(name_of(tensor.type.element)) + ", float32 or bfloat16 is needed");
    }
  }
  return floats;
}

}  // namespace spinvp::workloads
