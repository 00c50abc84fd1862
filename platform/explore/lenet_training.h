// What one training step of the LeNet (models/abi/lenet_init.h, fp32) asks of the arrays: a count of multiply-accumulates, additions and row traffic, to be
// priced by any logic family. Both designs of a comparison get the same one.
//
// The mapping is that of firmware/kernels/pim_sum.c: a lane (column) an output, outputs padded to whole subarrays, lanes left over share the terms of a sum in
// groups, more outputs than lanes in passes, one command at a time. Each term brings both operands in (32 row writes a word). What the arrays do not do in
// that firmware is not counted: pooling, ReLU, loss and the gradients of biases.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace spinvp::platform {

struct ArrayGeometry {
  std::uint64_t lanes = 65536, subarray_lanes = 1024;
};

// result[lane] = sum over the terms of a product (+ bias).
struct LaneSum {
  std::string name;
  std::array<std::uint64_t, 4> lanes;
  std::array<std::uint64_t, 3> terms;
  bool bias = false;
  std::uint64_t macs = 0;  // of the batch, by the network alone: without the zeros of a frame
  [[nodiscard]] std::uint64_t outputs() const { return lanes[0] * lanes[1] * lanes[2] * lanes[3]; }
  [[nodiscard]] std::uint64_t depth() const { return terms[0] * terms[1] * terms[2]; }
};

// Forward, data gradients (none for the first layer), weight gradients.
std::vector<LaneSum> lenet_forward(std::uint64_t batch);
std::vector<LaneSum> lenet_backward(std::uint64_t batch);

// How often something happens: in sequence (time follows), in all lanes together (energy of cells), in all subarrays together (energy of row lines).
struct Occurrences {
  std::uint64_t sequence = 0, lanes = 0, subarrays = 0;
  void add(std::uint64_t times, std::uint64_t in_lanes, const ArrayGeometry& geometry);
  friend bool operator==(const Occurrences&, const Occurrences&) = default;
};

struct ArrayWork {
  Occurrences multiply_accumulate, add, multiply, subtract;
  Occurrences word_write, word_read;  // 32 row writes, 32 row reads
};

// How partial sums of groups become one: moved (2 x 32 row steps) and added, as an array would; or, as the firmware does, multiplied by one and accumulated.
enum class PartialSums { added, accumulated };

void run_sum(ArrayWork& work, const LaneSum& sum, const ArrayGeometry& geometry, PartialSums partial);
// Parameter -= rate x gradient, for so many parameters.
void run_update(ArrayWork& work, std::uint64_t parameters, const ArrayGeometry& geometry);

ArrayWork lenet_training_step(std::uint64_t batch, const ArrayGeometry& geometry = {}, PartialSums partial = PartialSums::added);

}  // namespace spinvp::platform
