#include "models/npu/operand.h"

#include <algorithm>
#include <cstring>

#include "models/core/units.h"

namespace spinvp::npu {

using core::divide_up;

namespace {

// A run of neighbouring windows in one row of the grid.
struct WindowRun {
  std::uint64_t image, gy;
  Range gx;
};

template <typename Use>
void for_each_run(const WindowShape& s, Range positions, Use&& use) {
  for (std::uint64_t position = positions.first; position < positions.last;) {
    const std::uint64_t within = position % s.windows(), gx = within % s.grid_w;
    const std::uint64_t count = std::min(s.grid_w - gx, positions.last - position);
    use(WindowRun{position / s.windows(), within / s.grid_w, {gx, gx + count}});
    position += count;
  }
}

// A tap counted up without divisions.
struct Tap {
  std::uint64_t channel, ky, kx;
  Tap(std::uint64_t index, const WindowShape& s) : channel(index / s.taps()), ky(index % s.taps() / s.kernel_w), kx(index % s.kernel_w) {}
  // True when the row of the kernel changes.
  bool next(const WindowShape& s) {
    if (++kx < s.kernel_w) return false;
    kx = 0;
    if (++ky == s.kernel_h) {
      ky = 0;
      ++channel;
    }
    return true;
  }
};

// One axis of a window: where a tap of it lies in the image.
struct Axis {
  std::int64_t stride, pad, dilation, extent;
  bool transposed;
  // The image coordinate under (window, tap), or -1 where there is none.
  [[nodiscard]] std::int64_t source(std::uint64_t window, std::uint64_t tap) const {
    const auto w = static_cast<std::int64_t>(window), t = static_cast<std::int64_t>(tap) * dilation;
    std::int64_t at = transposed ? w + pad - t : w * stride + t - pad;
    if (transposed && at >= 0) {
      if (at % stride != 0) return -1;
      at /= stride;
    }
    return at >= 0 && at < extent ? at : -1;
  }
};
Axis vertical(const WindowShape& s) {
  return {static_cast<std::int64_t>(s.stride_h), static_cast<std::int64_t>(s.pad_top), static_cast<std::int64_t>(s.dilation_h),
          static_cast<std::int64_t>(s.image_h), s.transposed};
}
Axis horizontal(const WindowShape& s) {
  return {static_cast<std::int64_t>(s.stride_w), static_cast<std::int64_t>(s.pad_left), static_cast<std::int64_t>(s.dilation_w),
          static_cast<std::int64_t>(s.image_w), s.transposed};
}

// Steps through the images of packed windows: where each one's rows begin.
class PackedImages {
 public:
  PackedImages(const float* data, const Region& held, std::uint64_t row) : data_(data), held_(held), row_(row), image_(held.slices.front().image) {}
  // To `image`, not before the last one asked for; returns the rows that are held.
  Range go_to(std::uint64_t image) {
    for (; image_ < image; ++image_) data_ += held_.channels.size() * rows().size() * row_;
    return rows();
  }
  [[nodiscard]] const float* data() const { return data_; }

 private:
  const float* data_;
  const Region& held_;
  std::uint64_t row_, image_;
  [[nodiscard]] Range rows() const { return held_.slices[image_ - held_.slices.front().image].units; }
};

}  // namespace

Operand Operand::planes(const Tensor& tensor, bool k_is_position, const Share& share) {
  Operand o;
  o.tensor_ = tensor;
  o.k_is_position_ = k_is_position;
  o.share_ = share;
  if (o.share_.channels == 0) o.share_.channels = tensor.channels;
  return o;
}

Operand Operand::windows(const Tensor& images, const WindowShape& shape, bool k_is_position, const Share& share) {
  Operand o = planes(images, k_is_position, share);
  o.is_windows_ = true;
  o.shape_ = shape;
  return o;
}

Operand Operand::part(Range products, Range outer, Range k) const {
  Operand o = *this;
  o.is_part_ = true;
  o.part_bytes_ = region(products, outer, k).bytes(tensor_);
  o.first_product_ = products.first;
  o.first_outer_ = outer.first;
  o.first_k_ = k.first;
  return o;
}

Range Operand::rows_needed(Range grid_rows) const {
  const WindowShape& s = shape_;
  const auto clip = [&s](std::int64_t y) { return static_cast<std::uint64_t>(std::clamp<std::int64_t>(y, 0, static_cast<std::int64_t>(s.image_h))); };
  const auto first = static_cast<std::int64_t>(grid_rows.first), last = static_cast<std::int64_t>(grid_rows.last) - 1;
  const auto stride = static_cast<std::int64_t>(s.stride_h), pad = static_cast<std::int64_t>(s.pad_top), reach = static_cast<std::int64_t>(s.reach_h());
  Range rows;
  if (s.transposed) {
    const std::int64_t lowest = first + pad - (reach - 1), highest = last + pad;
    rows = {clip(lowest <= 0 ? 0 : (lowest + stride - 1) / stride), clip(highest < 0 ? 0 : highest / stride + 1)};
  } else {
    rows = {clip(first * stride - pad), clip(last * stride + reach - pad)};
  }
  return rows.first < rows.last ? rows : Range{};
}

Region Operand::region(Range products, Range outer, Range k) const {
  const Range of_position = k_is_position_ ? k_in_whole(k) : outer_in_whole(outer), inner = k_is_position_ ? outer_in_whole(outer) : k_in_whole(k);
  const std::uint64_t first = products.first + first_product_, last = products.last - 1 + first_product_,
                      images_step = share_.image_step * positions_of_image();
  const Range positions{of_position.first + first * images_step, of_position.last + last * images_step};
  const auto channels = [&](std::uint64_t from, std::uint64_t until) { return Range{from + first * share_.channel_step, until + last * share_.channel_step}; };
  if (!is_windows_) return region_of(tensor_, channels(inner.first, inner.last), positions);
  Region region{channels(inner.first / shape_.taps(), divide_up(inner.last, shape_.taps())), {}};
  const std::uint64_t first_image = positions.first / shape_.windows(), last_image = (positions.last - 1) / shape_.windows();
  region.slices.reserve(last_image - first_image + 1);
  for (std::uint64_t image = first_image; image <= last_image; ++image) {
    const std::uint64_t start = image * shape_.windows();
    const std::uint64_t first_window = std::max(positions.first, start) - start, last_window = std::min(positions.last - start, shape_.windows());
    region.slices.push_back({image, rows_needed({first_window / shape_.grid_w, divide_up(last_window, shape_.grid_w)})});
  }
  return region;
}

std::uint64_t Operand::most_bytes(std::uint64_t outer, std::uint64_t k) const {
  if (!is_windows_) return outer * k * tensor_.unit_bytes;
  const WindowShape& s = shape_;
  const std::uint64_t positions = k_is_position_ ? k : outer, taps = k_is_position_ ? outer : k;
  const std::uint64_t channels = std::min(share_.channels, taps == 1 ? 1 : divide_up(taps - 1, s.taps()) + 1);
  // Rows of the grid and images that so many neighbouring windows can touch, then rows of the images under them.
  const std::uint64_t grid_rows = positions == 1 ? 1 : divide_up(positions - 1, s.grid_w) + 1;
  const std::uint64_t images = std::min(tensor_.images, grid_rows == 1 ? 1 : divide_up(grid_rows - 1, s.grid_h) + 1);
  const std::uint64_t under = s.transposed ? grid_rows / s.stride_h + images * (s.reach_h() / s.stride_h + 2)
                                           : grid_rows * s.stride_h + images * (s.reach_h() > s.stride_h ? s.reach_h() - s.stride_h : 0);
  return channels * std::min(under, images * s.image_h) * tensor_.unit_bytes;
}

void Operand::expand(const float* data, const Region& held, std::uint64_t product, Range outer, Range k, float* out, std::size_t outer_stride,
                     std::size_t k_stride) const {
  const std::size_t position_stride = k_is_position_ ? k_stride : outer_stride, other_stride = k_is_position_ ? outer_stride : k_stride;
  product += first_product_;
  const std::uint64_t first_channel = product * share_.channel_step, first_position = product * share_.image_step * positions_of_image();
  Range positions = k_is_position_ ? k_in_whole(k) : outer_in_whole(outer);
  const Range other = k_is_position_ ? outer_in_whole(outer) : k_in_whole(k);
  positions = {positions.first + first_position, positions.last + first_position};
  if (!is_windows_) return expand_planes(data, held, {other.first + first_channel, other.last + first_channel}, positions, out, other_stride, position_stride);
  if (position_stride == 1)
    expand_window_rows(data, held, first_channel, other, positions, out, other_stride);
  else
    expand_windows(data, held, first_channel, other, positions, out, position_stride);
}

void Operand::expand_planes(const float* data, const Region& held, Range channels, Range positions, float* out, std::size_t channel_stride,
                            std::size_t position_stride) const {
  std::size_t position = 0;
  for (const Slice& slice : held.slices) {
    const std::size_t plane = slice.units.size();
    const std::uint64_t start = slice.image * tensor_.units;  // units of this slice that are wanted: [from, until)
    if (start + slice.units.first >= positions.last) break;
    const std::uint64_t from = std::max(positions.first, start + slice.units.first) - start, until = std::min(positions.last - start, slice.units.last);
    if (positions.first >= start + slice.units.last || from >= until) {
      data += plane * held.channels.size();
      continue;
    }
    const std::size_t run = until - from;
    const float* first = data + (channels.first - held.channels.first) * plane + (from - slice.units.first);
    if (position_stride == 1) {
      for (std::size_t channel = 0; channel < channels.size(); ++channel)
        std::memcpy(out + channel * channel_stride + position, first + channel * plane, run * sizeof(float));
    } else {
      // A transposition, in blocks that stay in the nearest cache.
      constexpr std::size_t block = 16;
      for (std::size_t p = 0; p < run; p += block)
        for (std::size_t channel = 0; channel < channels.size(); ++channel) {
          const float* row = first + channel * plane;
          for (std::size_t i = p; i < std::min(run, p + block); ++i) out[channel * channel_stride + (position + i) * position_stride] = row[i];
        }
    }
    data += plane * held.channels.size();
    position += run;
  }
}

// out[tap][position]: one tap's row at a time, mostly plain copies of image rows.
void Operand::expand_window_rows(const float* data, const Region& held, std::uint64_t first_channel, Range taps, Range positions, float* out,
                                 std::size_t tap_stride) const {
  const WindowShape& s = shape_;
  const Axis vertical_axis = vertical(s), horizontal_axis = horizontal(s);
  std::size_t at = 0;
  PackedImages images(data, held, s.image_w);
  for_each_run(s, positions, [&](const WindowRun& run) {
    const Range rows = images.go_to(run.image);
    const std::size_t count = run.gx.size();
    Tap tap(taps.first, s);
    std::int64_t y = vertical_axis.source(run.gy, tap.ky);
    float* to = out + at;
    for (std::uint64_t left_over = taps.size(); left_over > 0; --left_over, to += tap_stride) {
      const std::uint64_t kx = tap.kx;
      const std::int64_t row_y = y;
      const float* row = images.data() + (tap.channel + first_channel - held.channels.first) * rows.size() * s.image_w;
      if (tap.next(s)) y = vertical_axis.source(run.gy, tap.ky);
      if (row_y < 0) {
        std::fill_n(to, count, 0.0f);
        continue;
      }
      row += (static_cast<std::uint64_t>(row_y) - rows.first) * s.image_w;
      if (s.stride_w == 1) {
        // x = gx + shift: zeros where that leaves the image on the left or on the right.
        const std::int64_t offset = static_cast<std::int64_t>(kx * s.dilation_w), pad = static_cast<std::int64_t>(s.pad_left);
        const std::int64_t shift = s.transposed ? pad - offset : offset - pad;
        const std::int64_t first = static_cast<std::int64_t>(run.gx.first) + shift, last = static_cast<std::int64_t>(run.gx.last) + shift;
        const std::int64_t from = std::clamp<std::int64_t>(first, 0, static_cast<std::int64_t>(s.image_w)),
                           until = std::clamp<std::int64_t>(last, from, static_cast<std::int64_t>(s.image_w));
        const auto left = static_cast<std::size_t>(std::clamp<std::int64_t>(from - first, 0, static_cast<std::int64_t>(count)));
        const auto middle = static_cast<std::size_t>(until > first ? until - from : 0);
        for (std::size_t i = 0; i < left; ++i) to[i] = 0.0f;
        for (std::size_t i = 0; i < middle; ++i) to[left + i] = row[static_cast<std::size_t>(from) + i];
        for (std::size_t i = left + middle; i < count; ++i) to[i] = 0.0f;
      } else {
        for (std::size_t i = 0; i < count; ++i) {
          const std::int64_t x = horizontal_axis.source(run.gx.first + i, kx);
          to[i] = x < 0 ? 0.0f : row[x];
        }
      }
    }
    at += count;
  });
}

// out[position][tap]: one window at a time.
void Operand::expand_windows(const float* data, const Region& held, std::uint64_t first_channel, Range taps, Range positions, float* out,
                             std::size_t position_stride) const {
  const WindowShape& s = shape_;
  const Axis vertical_axis = vertical(s), horizontal_axis = horizontal(s);
  PackedImages images(data, held, s.image_w);
  for_each_run(s, positions, [&](const WindowRun& run) {
    const Range rows = images.go_to(run.image);
    for (std::uint64_t gx = run.gx.first; gx < run.gx.last; ++gx, out += position_stride) {
      float* to = out;
      // Runs along kx: whole rows of the kernel but at the ends of the range of taps.
      for (std::uint64_t tap = taps.first; tap < taps.last;) {
        const std::uint64_t channel = tap / s.taps() + first_channel, ky = tap % s.taps() / s.kernel_w, kx = tap % s.kernel_w;
        const std::uint64_t count = std::min(s.kernel_w - kx, taps.last - tap);
        tap += count;
        const std::int64_t y = vertical_axis.source(run.gy, ky);
        if (y < 0) {
          for (std::uint64_t i = 0; i < count; ++i) *to++ = 0.0f;
          continue;
        }
        const float* row = images.data() + ((channel - held.channels.first) * rows.size() + (static_cast<std::uint64_t>(y) - rows.first)) * s.image_w;
        const std::uint64_t left = gx * s.stride_w + kx;  // of the first tap, before the padding is taken off
        if (!s.transposed && s.dilation_w == 1 && left >= s.pad_left && left + count - s.pad_left <= s.image_w) {
          for (std::uint64_t i = 0; i < count; ++i) *to++ = row[left - s.pad_left + i];
        } else {
          for (std::uint64_t i = 0; i < count; ++i) {
            const std::int64_t x = horizontal_axis.source(gx, kx + i);
            *to++ = x < 0 ? 0.0f : row[x];
          }
        }
      }
    }
  });
}

}  // namespace spinvp::npu
