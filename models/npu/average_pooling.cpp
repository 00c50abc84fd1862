// Average-pool forward and backward: plain sums in ascending order, and one division an output.
#include "models/npu/pooling.h"

namespace spinvp::npu {

using core::divide_up;

namespace {

class AveragePool : public Pooling {
 public:
  AveragePool(const VectorJob& job, const VectorUnit& unit, bool forward) : Pooling(job, unit, forward) {}

 protected:
  // What the sum of a window is divided by.
  [[nodiscard]] float divisor(const Taps& rows, const Taps& columns) const {
    return static_cast<float>(job_.count_padding ? job_.kernel_h * job_.kernel_w : rows.count() * columns.count());
  }
  void charge(Chunk& chunk, std::uint64_t outputs) const {
    chunk.operations = outputs * job_.kernel_h * job_.kernel_w;
    chunk.divisions = outputs;
    chunk.cycles = divide_up(chunk.operations, unit_.lanes) + divide_up(outputs, unit_.lanes) * unit_.divide_cycles;
  }
};

class AveragePoolForward : public AveragePool {
 public:
  AveragePoolForward(const VectorJob& job, const VectorUnit& unit) : AveragePool(job, unit, true) {}

  [[nodiscard]] Chunk chunk(std::uint64_t index) const override {
    const auto b = bands_.band(index);
    const auto [first, last] = rows_under(b.first, b.last);
    Chunk c;
    c.inputs.push_back(large(job_.a, b.plane, b.planes, first, last));
    c.outputs.push_back(small(job_.c, element_, b.plane, b.planes, b.first, b.last));
    charge(c, b.planes * (b.last - b.first) * job_.out_w);
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
          float sum = 0.0f;
          for (std::uint64_t y = rows.first; y < rows.last; ++y)
            for (std::uint64_t x = columns.first; x < columns.last; ++x)
              sum = sum + load_element(job_.format, in[0], (plane * plane_rows + y - first_row) * job_.in_w + x);
          store_element(job_.format, out[0], at, canonical(sum / divisor(rows, columns)));
        }
    return std::nullopt;
  }
};

class AveragePoolBackward : public AveragePool {
 public:
  AveragePoolBackward(const VectorJob& job, const VectorUnit& unit) : AveragePool(job, unit, false) {}

  [[nodiscard]] Chunk chunk(std::uint64_t index) const override {
    const auto b = bands_.band(index);
    const auto [first, last] = windows_over(b.first, b.last);
    Chunk c;
    c.inputs.push_back(small(job_.a, element_, b.plane, b.planes, first, last));
    c.outputs.push_back(large(job_.c, b.plane, b.planes, b.first, b.last));
    charge(c, b.planes * (last - first) * job_.out_w);
    return c;
  }

  std::optional<std::string> compute(std::uint64_t index, const std::vector<Bytes>& in, std::vector<Bytes>& out) override {
    const auto b = bands_.band(index);
    const auto [first, last] = windows_over(b.first, b.last);
    const std::uint64_t rows_here = b.last - b.first;
    sums_.assign(b.planes * rows_here * job_.in_w, 0.0f);
    std::uint64_t at = 0;
    for (std::uint64_t plane = 0; plane < b.planes; ++plane)
      for (std::uint64_t oy = first; oy < last; ++oy)
        for (std::uint64_t ox = 0; ox < job_.out_w; ++ox, ++at) {
          const Taps rows = rows_of(oy), columns = columns_of(ox);
          const float share = load_element(job_.format, in[0], at) / divisor(rows, columns);
          for (std::uint64_t y = std::max(rows.first, b.first); y < std::min(rows.last, b.last); ++y)
            for (std::uint64_t x = columns.first; x < columns.last; ++x) {
              float& sum = sums_[(plane * rows_here + y - b.first) * job_.in_w + x];
              sum = sum + share;
            }
        }
    for (std::uint64_t i = 0; i < sums_.size(); ++i) store_element(job_.format, out[0], i, canonical(sums_[i]));
    return std::nullopt;
  }

 private:
  std::vector<float> sums_;
};

}  // namespace

std::unique_ptr<StreamKernel> make_average_pool_forward(const VectorJob& job, const VectorUnit& unit) {
  return std::make_unique<AveragePoolForward>(job, unit);
}
std::unique_ptr<StreamKernel> make_average_pool_backward(const VectorJob& job, const VectorUnit& unit) {
  return std::make_unique<AveragePoolBackward>(job, unit);
}

}  // namespace spinvp::npu
