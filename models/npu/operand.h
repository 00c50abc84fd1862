// The operands of a matrix product, seen through the tensors they come from.
//
// An operand has an outer index (m of A, n of B) and the summation index k. Two kinds cover GEMM and the three convolutions:
//   planes   a tensor whose channel is one index and whose flattened (image, unit) position is the other: matrices (one image; channel = row), dy of the weight
//            gradient, the weights of the data gradient ([co][ci][ky kx]: image = co)
//   windows  the im2col view of images: one index is the position (image, gy, gx) of a window, the other the tap (channel, ky, kx) in it. Nothing is unfolded
//            in memory: the images travel, rows of them are the units, and the unit in front of the array repeats the elements.
// Taps that fall outside the image, or between strides in the transposed form, are +0 and take part in the chain like any other term.
//
// Products that are alike (a batch, the groups of a convolution) share one tensor: product p sees a Share of it, p steps further along channels or images.
// A core that computes a part of a job sees a part of each operand: the same tensor, its own indices counted from the part's first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/npu/numbers.h"
#include "models/npu/tensor.h"

namespace spinvp::npu {

// The window (gy, gx), tap (ky, kx) reads the image at y = gy * stride_h + ky * dilation_h - pad_top. Transposed (data gradient): at
// y = (gy + pad_top - ky * dilation_h) / stride_h where that is whole. The same along x.
struct WindowShape {
  std::uint64_t grid_h = 1, grid_w = 1;  // windows of one image
  std::uint64_t image_h = 1, image_w = 1;
  std::uint64_t kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, pad_top = 0, pad_left = 0, dilation_h = 1, dilation_w = 1;
  bool transposed = false;
  [[nodiscard]] std::uint64_t taps() const { return kernel_h * kernel_w; }
  [[nodiscard]] std::uint64_t windows() const { return grid_h * grid_w; }
  [[nodiscard]] std::uint64_t reach_h() const { return (kernel_h - 1) * dilation_h + 1; }  // rows that a kernel spans
};

// What one of several products sees of a tensor, and how far the next one's part is.
struct Share {
  std::uint64_t channels = 0;  // that it sees; 0: all
  std::uint64_t channel_step = 0, image_step = 0;
};

class Operand {
 public:
  Operand() = default;
  // k_is_position: the position is k and the channel the outer index; otherwise the other way round.
  static Operand planes(const Tensor& tensor, bool k_is_position, const Share& share = {});
  // `images`: units are rows of shape.image_w elements. k_is_position: k runs over windows and the outer index over taps; otherwise the other way round.
  static Operand windows(const Tensor& images, const WindowShape& shape, bool k_is_position, const Share& share = {});

  // Those indices alone, counted from 0. Of an operand that is no part itself.
  [[nodiscard]] Operand part(Range products, Range outer, Range k) const;

  [[nodiscard]] const Tensor& tensor() const { return tensor_; }
  // Of the tensor, or of what a part needs of it.
  [[nodiscard]] std::uint64_t bytes() const { return is_part_ ? part_bytes_ : tensor_.bytes(); }
  [[nodiscard]] bool is_windows() const { return is_windows_; }
  [[nodiscard]] bool k_is_position() const { return k_is_position_; }
  [[nodiscard]] const WindowShape& shape() const { return shape_; }
  // All products see the same.
  [[nodiscard]] bool is_shared() const { return share_.channel_step == 0 && share_.image_step == 0; }

  // What of the tensor the given part of the operand needs. Of several products: all of their outer and k indices.
  [[nodiscard]] Region region(Range products, Range outer, Range k) const;
  // No region of `outer` x `k` indices of one product is larger than this many bytes.
  [[nodiscard]] std::uint64_t most_bytes(std::uint64_t outer, std::uint64_t k) const;

  // Unfolds a part of one product from the packed `data` of `held`, a region that holds it: element (o, k) goes to
  // out[(o - outer.first) * outer_stride + (k - k.first) * k_stride]. One of the strides is 1.
  void expand(const float* data, const Region& held, std::uint64_t product, Range outer, Range k, float* out, std::size_t outer_stride,
              std::size_t k_stride) const;

 private:
  Tensor tensor_;
  bool is_windows_ = false, k_is_position_ = false;
  WindowShape shape_;
  Share share_;
  bool is_part_ = false;
  std::uint64_t part_bytes_ = 0, first_product_ = 0, first_outer_ = 0, first_k_ = 0;

  // As indices of the whole operand.
  [[nodiscard]] Range outer_in_whole(Range outer) const { return {outer.first + first_outer_, outer.last + first_outer_}; }
  [[nodiscard]] Range k_in_whole(Range k) const { return {k.first + first_k_, k.last + first_k_}; }
  [[nodiscard]] std::uint64_t positions_of_image() const { return is_windows_ ? shape_.windows() : tensor_.units; }
  [[nodiscard]] Range rows_needed(Range grid_rows) const;
  void expand_planes(const float* data, const Region& held, Range channels, Range positions, float* out, std::size_t channel_stride,
                     std::size_t position_stride) const;
  void expand_window_rows(const float* data, const Region& held, std::uint64_t first_channel, Range taps, Range positions, float* out,
                          std::size_t tap_stride) const;
  void expand_windows(const float* data, const Region& held, std::uint64_t first_channel, Range taps, Range positions, float* out,
                      std::size_t position_stride) const;
};

}  // namespace spinvp::npu
