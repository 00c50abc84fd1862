// In which order, and with which roundings, an engine forms a sum. fp32 addition is not associative, so equal bits between an
// engine and the host reference need this written down; everything else about the reference follows from the network.
//
// Every matrix product, convolution and gradient is C[m][n] = sum over k of A[m][k] B[k][n] with k ascending (which index k runs
// over is told beside each operator). Accumulation starts at +0; a bias is added after the sum with one rounding.
//   NPU: acc = fmaf(a, b, acc): one rounding a step, one chain over all k. The update of a parameter is such a step too.
//   PIM: acc = acc + (a * b): two roundings a step. The m * n outputs take one lane each, padded to whole subarrays; lanes left
//        over split k into equal contiguous groups, whose partial sums are added in ascending order: s = p0 + p1 + ...
// IEEE 754 binary32, round to nearest even, subnormal numbers kept.
#pragma once

#include <cstddef>

namespace spinvp::workloads {

struct ArithmeticPolicy {
  enum class Accumulation { fused, two_roundings };

  Accumulation accumulation = Accumulation::fused;
  std::size_t total_lanes = 0;     // 0: never split, one chain
  std::size_t subarray_lanes = 1;  // a group occupies whole subarrays
  // The gradient of a bias is one ascending chain of additions under both policies; true splits it over lanes as the others.
  bool bias_gradient_in_groups = false;

  [[nodiscard]] static constexpr ArithmeticPolicy npu() { return {}; }
  [[nodiscard]] static constexpr ArithmeticPolicy pim(std::size_t total_lanes = 65536, std::size_t subarray_lanes = 1024) {
    return {Accumulation::two_roundings, total_lanes, subarray_lanes, false};
  }

  // Groups G that a sum of `depth` terms is split into when `outputs` sums are formed at once:
  // clamp(floor(total_lanes / padded outputs), 1, depth). More outputs than lanes are taken in passes: no effect on values.
  [[nodiscard]] constexpr std::size_t groups(std::size_t outputs, std::size_t depth) const {
    const std::size_t padded = (outputs + subarray_lanes - 1) / subarray_lanes * subarray_lanes;
    const std::size_t fitting = padded == 0 ? 1 : total_lanes / padded;
    const std::size_t at_most = fitting < depth ? fitting : depth;
    return at_most < 1 ? 1 : at_most;
  }

  // Terms of each group but the last ones, which may be shorter or empty (an empty group adds +0: no effect on the sum, which
  // starts at +0 and so is never -0 under two roundings). One group under one chain.
  [[nodiscard]] constexpr std::size_t group_depth(std::size_t outputs, std::size_t depth) const {
    const std::size_t count = groups(outputs, depth);
    return (depth + count - 1) / count;
  }
};

}  // namespace spinvp::workloads
