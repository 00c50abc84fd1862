// Max-pool forward and backward. A chunk is some whole planes where they are small, or a band of rows of one plane.
#include <algorithm>
#include <cstring>

#include "models/core/units.h"
#include "models/npu/stream_kernel.h"

namespace spinvp::npu {

using core::divide_up;

namespace {

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
  [[nodiscard]] std::uint64_t count() const { return divide_up(planes_, planes_at_once_) * bands_a_plane(); }
  [[nodiscard]] Band band(std::uint64_t index) const {
    const std::uint64_t group = index / bands_a_plane(), first = index % bands_a_plane() * band_;
    const std::uint64_t plane = group * planes_at_once_;
    return {plane, std::min(planes_at_once_, planes_ - plane), first, std::min(rows_, first + band_)};
  }

 private:
  std::uint64_t planes_, rows_, planes_at_once_, band_;
  [[nodiscard]] std::uint64_t bands_a_plane() const { return divide_up(rows_, band_); }
};

class Pooling : public StreamKernel {
 public:
  // Bands of output rows (forward) or of input rows (backward).
  Pooling(const VectorJob& job, const VectorUnit& unit, bool forward)
      : job_(job),
        unit_(unit),
        element_(bytes_of(job.format)),
        bands_(job.planes, forward ? job.out_h : job.in_h, job.in_w * element_ * (forward ? job.stride : 1), unit.chunk_bytes) {}
  [[nodiscard]] std::uint64_t chunks() const override { return bands_.count(); }

 protected:
  VectorJob job_;
  VectorUnit unit_;
  std::uint64_t element_;
  Bands bands_;

  // Rows [first, last) of x (or dx), of y (or dy), of the winners.
  [[nodiscard]] Run large(std::uint64_t base, std::uint64_t plane, std::uint64_t planes, std::uint64_t first, std::uint64_t last) const {
    return {base + (plane * job_.in_h + first) * job_.in_w * element_, (planes == 1 ? last - first : planes * job_.in_h) * job_.in_w * element_};
  }
  [[nodiscard]] Run small(std::uint64_t base, std::uint64_t element, std::uint64_t plane, std::uint64_t planes, std::uint64_t first, std::uint64_t last) const {
    return {base + (plane * job_.out_h + first) * job_.out_w * element, (planes == 1 ? last - first : planes * job_.out_h) * job_.out_w * element};
  }
};

class PoolForward : public Pooling {
 public:
  PoolForward(const VectorJob& job, const VectorUnit& unit) : Pooling(job, unit, true) {}

  [[nodiscard]] Chunk chunk(std::uint64_t index) const override {
    const auto b = bands_.band(index);
    Chunk c;
    c.inputs.push_back(large(job_.a, b.plane, b.planes, b.first * job_.stride, (b.last - 1) * job_.stride + job_.kernel_h));
    c.outputs.push_back(small(job_.c, element_, b.plane, b.planes, b.first, b.last));
    c.outputs.push_back(small(job_.aux, 1, b.plane, b.planes, b.first, b.last));
    const std::uint64_t outputs = b.planes * (b.last - b.first) * job_.out_w;
    c.operations = outputs * job_.kernel_h * job_.kernel_w;
    c.cycles = divide_up(c.operations, unit_.lanes);
    return c;
  }

  std::optional<std::string> compute(std::uint64_t index, const std::vector<Bytes>& in, std::vector<Bytes>& out) override {
    const auto b = bands_.band(index);
    const std::uint64_t plane_rows = b.planes == 1 ? in[0].size() / (job_.in_w * element_) : job_.in_h;
    std::uint64_t at = 0;
    for (std::uint64_t plane = 0; plane < b.planes; ++plane)
      for (std::uint64_t oy = 0; oy < b.last - b.first; ++oy)
        for (std::uint64_t ox = 0; ox < job_.out_w; ++ox, ++at) {
          const std::uint64_t corner = (plane * plane_rows + oy * job_.stride) * job_.in_w + ox * job_.stride;
          std::uint64_t winner = 0, best_at = corner, tap = 0;
          float best = load_element(job_.format, in[0], corner);
          // Which element wins is as good as random: selections, not branches.
          for (std::uint64_t ky = 0; ky < job_.kernel_h; ++ky)
            for (std::uint64_t kx = 0; kx < job_.kernel_w; ++kx, ++tap) {
              const std::uint64_t here = corner + ky * job_.in_w + kx;
              const float value = load_element(job_.format, in[0], here);
              const std::uint64_t larger = 0 - std::uint64_t{value > best};
              best_at ^= (best_at ^ here) & larger;
              winner ^= (winner ^ tap) & larger;
              best = value > best ? value : best;
            }
          std::memcpy(out[0].data() + at * element_, in[0].data() + best_at * element_, element_);
          out[1][at] = static_cast<std::uint8_t>(winner);
        }
    return std::nullopt;
  }
};

class PoolBackward : public Pooling {
 public:
  PoolBackward(const VectorJob& job, const VectorUnit& unit) : Pooling(job, unit, false) {}

  [[nodiscard]] Chunk chunk(std::uint64_t index) const override {
    const auto b = bands_.band(index);
    const auto [first, last] = windows_over(b.first, b.last);
    Chunk c;
    c.inputs.push_back(small(job_.a, element_, b.plane, b.planes, first, last));
    c.inputs.push_back(small(job_.aux, 1, b.plane, b.planes, first, last));
    c.outputs.push_back(large(job_.c, b.plane, b.planes, b.first, b.last));
    c.operations = b.planes * (last - first) * job_.out_w;
    c.cycles = divide_up(c.operations + c.outputs[0].bytes / element_, unit_.lanes);
    return c;
  }

  std::optional<std::string> compute(std::uint64_t index, const std::vector<Bytes>& in, std::vector<Bytes>& out) override {
    const auto b = bands_.band(index);
    const auto [first, last] = windows_over(b.first, b.last);
    const std::uint64_t rows = b.last - b.first;
    sums_.assign(b.planes * rows * job_.in_w, 0.0f);
    taken_.assign(sums_.size(), 0);
    std::uint64_t at = 0;
    for (std::uint64_t plane = 0; plane < b.planes; ++plane)
      for (std::uint64_t oy = first; oy < last; ++oy)
        for (std::uint64_t ox = 0; ox < job_.out_w; ++ox, ++at) {
          const std::uint64_t winner = in[1][at], y = oy * job_.stride + winner / job_.kernel_w, x = ox * job_.stride + winner % job_.kernel_w;
          if (winner >= job_.kernel_h * job_.kernel_w) return "the winner " + std::to_string(winner) + " lies outside its window";
          if (y < b.first || y >= b.last) continue;  // belongs to a neighbouring band
          const std::uint64_t target = (plane * rows + y - b.first) * job_.in_w + x;
          const float value = load_element(job_.format, in[0], at);
          sums_[target] = taken_[target] != 0 ? sums_[target] + value : value;
          taken_[target] = 1;
        }
    for (std::uint64_t i = 0; i < sums_.size(); ++i) store_element(job_.format, out[0], i, canonical(sums_[i]));
    return std::nullopt;
  }

 private:
  std::vector<float> sums_;
  std::vector<std::uint8_t> taken_;  // the first contribution is taken as it is, a sign of zero included

  // Output rows whose windows touch input rows [first, last).
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> windows_over(std::uint64_t first, std::uint64_t last) const {
    const std::uint64_t low = first < job_.kernel_h ? 0 : divide_up(first - job_.kernel_h + 1, job_.stride);
    const std::uint64_t high = std::min(job_.out_h, (last - 1) / job_.stride + 1);
    return {std::min(low, high), high};
  }
};

}  // namespace

std::unique_ptr<StreamKernel> make_pool_forward(const VectorJob& job, const VectorUnit& unit) { return std::make_unique<PoolForward>(job, unit); }
std::unique_ptr<StreamKernel> make_pool_backward(const VectorJob& job, const VectorUnit& unit) { return std::make_unique<PoolBackward>(job, unit); }

}  // namespace spinvp::npu
