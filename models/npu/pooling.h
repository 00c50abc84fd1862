// What max and average pooling share: which rows of x and y a chunk covers. A chunk is some whole planes where they are small, or a band of rows of one plane.
#pragma once

#include <algorithm>
#include <utility>

#include "models/core/units.h"
#include "models/npu/stream_kernel.h"

namespace spinvp::npu {

// Cuts planes of `rows` rows so that one chunk covers at most `most` bytes at `row_bytes` a row (at least one row).
class Bands {
 public:
  Bands(std::uint64_t planes, std::uint64_t rows, std::uint64_t row_bytes, std::uint64_t most) : planes_(planes), rows_(rows) {
    const std::uint64_t rows_at_once = std::max<std::uint64_t>(1, most / row_bytes);
    planes_at_once_ = std::min(planes, std::max<std::uint64_t>(1, rows_at_once / rows));
    band_ = std::min(rows, rows_at_once);
  }
  struct Band {
    std::uint64_t plane, planes, first, last;  // rows [first, last) of each plane; several planes are whole
  };
  [[nodiscard]] std::uint64_t count() const { return core::divide_up(planes_, planes_at_once_) * bands_a_plane(); }
  [[nodiscard]] Band band(std::uint64_t index) const {
    const std::uint64_t group = index / bands_a_plane(), first = index % bands_a_plane() * band_;
    const std::uint64_t plane = group * planes_at_once_;
    return {plane, std::min(planes_at_once_, planes_ - plane), first, std::min(rows_, first + band_)};
  }

 private:
  std::uint64_t planes_, rows_, planes_at_once_, band_;
  [[nodiscard]] std::uint64_t bands_a_plane() const { return core::divide_up(rows_, band_); }
};

class Pooling : public StreamKernel {
 public:
  // Bands of output rows (forward) or of input rows (backward).
  Pooling(const VectorJob& job, const VectorUnit& unit, bool forward)
      : StreamKernel(unit, job.planes * job.in_h * job.in_w * bytes_of(job.format)),
        job_(job),
        element_(bytes_of(job.format)),
        bands_(job.planes, forward ? job.out_h : job.in_h, job.in_w * element_ * (forward ? job.stride_h : 1), unit_.chunk_bytes) {}
  [[nodiscard]] std::uint64_t chunks() const override { return bands_.count(); }
  [[nodiscard]] std::uint64_t pieces() const override { return chunks(); }

 protected:
  VectorJob job_;
  std::uint64_t element_;
  Bands bands_;

  // What of a window that starts at `index * stride - pad` lies inside an extent: input positions [first, last), and the tap of the first one.
  struct Taps {
    std::uint64_t first, last, tap;
    [[nodiscard]] std::uint64_t count() const { return last - first; }
  };
  static Taps taps(std::uint64_t index, std::uint64_t stride, std::uint64_t pad, std::uint64_t kernel, std::uint64_t extent) {
    const std::uint64_t start = index * stride, first = start < pad ? 0 : start - pad;
    return {first, std::min(extent, start + kernel - pad), first + pad - start};
  }
  [[nodiscard]] Taps rows_of(std::uint64_t oy) const { return taps(oy, job_.stride_h, job_.pad_top, job_.kernel_h, job_.in_h); }
  [[nodiscard]] Taps columns_of(std::uint64_t ox) const { return taps(ox, job_.stride_w, job_.pad_left, job_.kernel_w, job_.in_w); }

  // Rows of x under the windows of output rows [first, last).
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> rows_under(std::uint64_t first, std::uint64_t last) const {
    return {rows_of(first).first, rows_of(last - 1).last};
  }
  // The rows of x that a forward chunk holds of each plane, and the number of the first: all of several planes, or those under a band of one.
  struct Held {
    std::uint64_t rows, first;
  };
  [[nodiscard]] Held held(const Bands::Band& b) const {
    if (b.planes > 1) return {job_.in_h, 0};
    const auto [first, last] = rows_under(b.first, b.last);
    return {last - first, first};
  }
  // Output rows whose windows touch input rows [first, last).
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> windows_over(std::uint64_t first, std::uint64_t last) const {
    const std::uint64_t top = first + job_.pad_top;
    const std::uint64_t low = top < job_.kernel_h ? 0 : core::divide_up(top - job_.kernel_h + 1, job_.stride_h);
    const std::uint64_t high = std::min(job_.out_h, (last - 1 + job_.pad_top) / job_.stride_h + 1);
    return {std::min(low, high), high};
  }

  // Rows [first, last) of x (or dx), of y (or dy), of the winners.
  [[nodiscard]] Stream large(std::uint64_t base, std::uint64_t plane, std::uint64_t planes, std::uint64_t first, std::uint64_t last) const {
    return {base + (plane * job_.in_h + first) * job_.in_w * element_, (planes == 1 ? last - first : planes * job_.in_h) * job_.in_w * element_};
  }
  [[nodiscard]] Stream small(std::uint64_t base, std::uint64_t element, std::uint64_t plane, std::uint64_t planes, std::uint64_t first,
                             std::uint64_t last) const {
    return {base + (plane * job_.out_h + first) * job_.out_w * element, (planes == 1 ? last - first : planes * job_.out_h) * job_.out_w * element};
  }
};

std::unique_ptr<StreamKernel> make_average_pool_forward(const VectorJob& job, const VectorUnit& unit);
std::unique_ptr<StreamKernel> make_average_pool_backward(const VectorJob& job, const VectorUnit& unit);

}  // namespace spinvp::npu
