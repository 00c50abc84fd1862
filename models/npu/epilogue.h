// A vector program that results of the array pass on their way out (SPINVP_NPU_EPILOGUE): after bias and ReLU, before they are rounded to the format.
//
// Its axes are those of the output as a tensor: image (batch), channel (m of a GEMM), unit (n, or the position in the image). A part of the output is a region of that tensor; what
// the program's inputs hold for it is read in the same shape, as boxes of one or several images with the same units.
#pragma once

#include <memory>

#include "models/npu/map_lanes.h"
#include "models/npu/step_sum.h"
#include "models/npu/stream_box.h"

namespace spinvp::npu {

// What is wrong with the program's axes for an output `c`, if anything: they must be (images,) channels, units.
std::optional<Refusal> epilogue_fits(const MapProgram& program, const Tensor& c);

class Epilogue {
 public:
  // A program that fits.
  Epilogue(const MapProgram& program, const VectorUnit& unit);
  [[nodiscard]] std::size_t inputs() const { return program_.inputs.size(); }
  // What of an input a region of the output needs, in the order in which run() takes it; and its bytes.
  [[nodiscard]] std::vector<Piece> pieces(std::size_t input, const Region& region) const;
  // No more bytes of an input than this belong to the whole output.
  [[nodiscard]] std::uint64_t most_bytes(std::size_t input) const { return program_.points() * bytes_of(program_.inputs[input].format); }
  // Runs the program over the packed `values` of a region, in place; bytes[i] holds the pieces of input i one after the other.
  void run(const Region& region, const std::vector<Bytes>& bytes, std::span<float> values);
  // Of `elements` elements: cycles of the unit, and events.
  [[nodiscard]] Chunk cost(std::uint64_t elements) const;

 private:
  MapProgram program_;
  VectorUnit unit_;
  StepSum steps_;
  MapLanes registers_;
  std::uint32_t unset_;
  [[nodiscard]] static std::vector<Box> boxes(const Region& region);
  void run_box(const Box& box, const std::vector<const std::uint8_t*>& inputs, float* values);
};

}  // namespace spinvp::npu
