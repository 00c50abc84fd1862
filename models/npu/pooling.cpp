// Max-pool forward and backward.
#include "models/npu/pooling.h"

#include <cstring>

namespace spinvp::npu {

using core::divide_up;

namespace {

class PoolForward : public Pooling {
 public:
  PoolForward(const VectorJob& job, const VectorUnit& unit) : Pooling(job, unit, true) {}

  [[nodiscard]] Chunk chunk(std::uint64_t index) const override {
    const auto b = bands_.band(index);
    const auto [first, last] = rows_under(b.first, b.last);
    Chunk c;
    c.inputs.push_back(large(job_.a, b.plane, b.planes, first, last));
    c.outputs.push_back(small(job_.c, element_, b.plane, b.planes, b.first, b.last));
    c.outputs.push_back(small(job_.aux, 1, b.plane, b.planes, b.first, b.last));
    const std::uint64_t outputs = b.planes * (b.last - b.first) * job_.out_w;
    c.operations = outputs * job_.kernel_h * job_.kernel_w;
    c.cycles = divide_up(c.operations, unit_.lanes);
    return c;
  }

  std::optional<std::string> compute(std::uint64_t index, const std::vector<Bytes>& in, std::vector<Bytes>& out) override {
    const auto b = bands_.band(index);
    const auto [plane_rows, first_row] = held(b);
    std::uint64_t at = 0;
    for (std::uint64_t plane = 0; plane < b.planes; ++plane)
      for (std::uint64_t oy = b.first; oy < b.last; ++oy)
        for (std::uint64_t ox = 0; ox < job_.out_w; ++ox, ++at) {
          const Taps rows = rows_of(oy), columns = columns_of(ox);
          const std::uint64_t corner = (plane * plane_rows + rows.first - first_row) * job_.in_w + columns.first;
          std::uint64_t winner = rows.tap * job_.kernel_w + columns.tap, best_at = corner;
          float best = load_element(job_.format, in[0], corner);
          // Which element wins is as good as random: selections, not branches.
          for (std::uint64_t ky = 0; ky < rows.count(); ++ky)
            for (std::uint64_t kx = 0; kx < columns.count(); ++kx) {
              const std::uint64_t here = corner + ky * job_.in_w + kx, tap = (rows.tap + ky) * job_.kernel_w + columns.tap + kx;
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
    c.cycles = divide_up(c.operations + c.outputs[0].bytes() / element_, unit_.lanes);
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
          const std::uint64_t winner = in[1][at];
          // In coordinates of the padded input.
          const std::uint64_t y = oy * job_.stride_h + winner / job_.kernel_w, x = ox * job_.stride_w + winner % job_.kernel_w;
          if (winner >= job_.kernel_h * job_.kernel_w) return "the winner " + std::to_string(winner) + " lies outside its window";
          if (y < job_.pad_top || y >= job_.pad_top + job_.in_h || x < job_.pad_left || x >= job_.pad_left + job_.in_w)
            return "the winner " + std::to_string(winner) + " lies in the padding";
          if (y - job_.pad_top < b.first || y - job_.pad_top >= b.last) continue;  // belongs to a neighbouring band
          const std::uint64_t target = (plane * rows + y - job_.pad_top - b.first) * job_.in_w + x - job_.pad_left;
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
};

}  // namespace

std::unique_ptr<StreamKernel> make_pool_forward(const VectorJob& job, const VectorUnit& unit) {
  if (job.operation == SPINVP_NPU_AVERAGEPOOL_FORWARD) return make_average_pool_forward(job, unit);
  return std::make_unique<PoolForward>(job, unit);
}
std::unique_ptr<StreamKernel> make_pool_backward(const VectorJob& job, const VectorUnit& unit) {
  if (job.operation == SPINVP_NPU_AVERAGEPOOL_BACKWARD) return make_average_pool_backward(job, unit);
  return std::make_unique<PoolBackward>(job, unit);
}

}  // namespace spinvp::npu
