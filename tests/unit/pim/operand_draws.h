// Operands as networks have them, for tests of estimated energies.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace spinvp::pim::test {

inline std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }

class OperandDraw {
 public:
  explicit OperandDraw(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {  // splitmix64
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24f; }  // [0, 1)
  float normal() {                                                         // Irwin and Hall: twelve uniforms have variance 1
    float sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }

 private:
  std::uint64_t state_;
};

struct OperandKind {
  const char* name;
  float (*a)(OperandDraw&);
  float (*b)(OperandDraw&);
  unsigned lanes_a_weight = 1;  // lanes that share one b
};

inline const std::vector<OperandKind>& operand_kinds() {
  static const std::vector<OperandKind> kinds = {
      {"uniform bits", [](OperandDraw& d) { return std::bit_cast<float>(static_cast<std::uint32_t>(d.next())); },
       [](OperandDraw& d) { return std::bit_cast<float>(static_cast<std::uint32_t>(d.next())); }},
      {"normal", [](OperandDraw& d) { return d.normal(); }, [](OperandDraw& d) { return 0.1f * d.normal(); }},
      // Activations after a ReLU.
      {"sparse", [](OperandDraw& d) { return d.uniform() < 0.7f ? 0.0f : std::abs(d.normal()); }, [](OperandDraw& d) { return 0.1f * d.normal(); }, 64},
      // Gradients over six decades of binary exponents, some products subnormal.
      {"gradients", [](OperandDraw& d) { return std::ldexp(d.normal(), -20 - static_cast<int>(d.next() % 60)); },
       [](OperandDraw& d) { return d.uniform() < 0.5f ? 0.0f : std::ldexp(d.normal(), -static_cast<int>(d.next() % 60)); }},
      // Grey pixels, four in five of them black, and weights of a first layer, shared by the 576 places of a feature map.
      {"lenet", [](OperandDraw& d) { return d.uniform() < 0.8f ? 0.0f : static_cast<float>(d.next() % 256) / 255; },
       [](OperandDraw& d) { return 0.4f * d.uniform() - 0.2f; }, 576},
  };
  return kinds;
}

}  // namespace spinvp::pim::test
