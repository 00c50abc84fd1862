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

// The image coordinate under (window, tap), or -1 where there is none.
std::int64_t source(std::uint64_t window, std::uint64_t tap, const WindowShape& s, std::uint64_t extent) {
  auto at = static_cast<std::int64_t>(s.transposed ? window + s.pad : window * s.stride + tap) - static_cast<std::int64_t>(s.transposed ? tap : s.pad);
  if (s.transposed && at >= 0) {
    if (at % static_cast<std::int64_t>(s.stride) != 0) return -1;
    at /= static_cast<std::int64_t>(s.stride);
  }
  return at >= 0 && at < static_cast<std::int64_t>(extent) ? at : -1;
}

}  // namespace

Operand Operand::planes(const Tensor& tensor, bool k_is_position) {
  Operand o;
  o.tensor_ = tensor;
  o.k_is_position_ = k_is_position;
  return o;
}

Operand Operand::windows(const Tensor& images, const WindowShape& shape, bool k_is_position) {
  Operand o = planes(images, k_is_position);
  o.is_windows_ = true;
  o.shape_ = shape;
  return o;
}

Range Operand::rows_needed(Range grid_rows) const {
  const WindowShape& s = shape_;
  const auto clip = [&s](std::int64_t y) { return static_cast<std::uint64_t>(std::clamp<std::int64_t>(y, 0, static_cast<std::int64_t>(s.image_h))); };
  const auto first = static_cast<std::int64_t>(grid_rows.first), last = static_cast<std::int64_t>(grid_rows.last) - 1;
  const auto stride = static_cast<std::int64_t>(s.stride), pad = static_cast<std::int64_t>(s.pad), kernel = static_cast<std::int64_t>(s.kernel_h);
  Range rows;
  if (s.transposed) {
    const std::int64_t lowest = first + pad - (kernel - 1), highest = last + pad;
    rows = {clip(lowest <= 0 ? 0 : (lowest + stride - 1) / stride), clip(highest < 0 ? 0 : highest / stride + 1)};
  } else {
    rows = {clip(first * stride - pad), clip(last * stride + kernel - pad)};
  }
  return rows.first < rows.last ? rows : Range{};
}

Region Operand::region(Range outer, Range k) const {
  const Range positions = k_is_position_ ? k : outer, inner = k_is_position_ ? outer : k;
  if (!is_windows_) return region_of(tensor_, inner, positions);
  Region region{{inner.first / shape_.taps(), divide_up(inner.last, shape_.taps())}, {}};
  const std::uint64_t first_image = positions.first / shape_.windows(), last_image = (positions.last - 1) / shape_.windows();
  region.slices.reserve(last_image - first_image + 1);
  for (std::uint64_t image = first_image; image <= last_image; ++image) {
    const std::uint64_t start = image * shape_.windows();
    const std::uint64_t first = std::max(positions.first, start) - start, last = std::min(positions.last - start, shape_.windows());
    region.slices.push_back({image, rows_needed({first / shape_.grid_w, divide_up(last, shape_.grid_w)})});
  }
  return region;
}

std::uint64_t Operand::most_bytes(std::uint64_t outer, std::uint64_t k) const {
  if (!is_windows_) return outer * k * tensor_.unit_bytes;
  const WindowShape& s = shape_;
  const std::uint64_t positions = k_is_position_ ? k : outer, taps = k_is_position_ ? outer : k;
  const std::uint64_t channels = std::min(tensor_.channels, taps == 1 ? 1 : divide_up(taps - 1, s.taps()) + 1);
  // Rows of the grid and images that so many neighbouring windows can touch, then rows of the images under them.
  const std::uint64_t grid_rows = positions == 1 ? 1 : divide_up(positions - 1, s.grid_w) + 1;
  const std::uint64_t images = std::min(tensor_.images, grid_rows == 1 ? 1 : divide_up(grid_rows - 1, s.grid_h) + 1);
  const std::uint64_t under = s.transposed ? grid_rows / s.stride + images * (s.kernel_h / s.stride + 2)
                                           : grid_rows * s.stride + images * (s.kernel_h > s.stride ? s.kernel_h - s.stride : 0);
  return channels * std::min(under, images * s.image_h) * tensor_.unit_bytes;
}

void Operand::expand(const float* data, const Region& region, Range outer, Range k, float* out, std::size_t outer_stride, std::size_t k_stride) const {
  const std::size_t position_stride = k_is_position_ ? k_stride : outer_stride, other_stride = k_is_position_ ? outer_stride : k_stride;
  if (!is_windows_) return expand_planes(data, region, out, other_stride, position_stride);
  const Range positions = k_is_position_ ? k : outer, taps = k_is_position_ ? outer : k;
  if (position_stride == 1)
    expand_window_rows(data, region, taps, positions, out, other_stride);
  else
    expand_windows(data, region, taps, positions, out, position_stride);
}

void Operand::expand_planes(const float* data, const Region& region, float* out, std::size_t channel_stride, std::size_t position_stride) const {
  std::size_t position = 0;
  for (const Slice& slice : region.slices) {
    const std::size_t run = slice.units.size(), channels = region.channels.size();
    if (position_stride == 1) {
      for (std::size_t channel = 0; channel < channels; ++channel)
        std::memcpy(out + channel * channel_stride + position, data + channel * run, run * sizeof(float));
    } else {
      // A transposition, in blocks that stay in the nearest cache.
      constexpr std::size_t block = 16;
      for (std::size_t p = 0; p < run; p += block)
        for (std::size_t channel = 0; channel < channels; ++channel) {
          const float* from = data + channel * run;
          for (std::size_t i = p; i < std::min(run, p + block); ++i) out[channel * channel_stride + (position + i) * position_stride] = from[i];
        }
    }
    data += run * channels;
    position += run;
  }
}

// out[tap][position]: one tap's row at a time, mostly plain copies of image rows.
void Operand::expand_window_rows(const float* data, const Region& region, Range taps, Range positions, float* out, std::size_t tap_stride) const {
  const WindowShape& s = shape_;
  std::size_t at = 0;
  std::uint64_t image = region.slices.front().image;
  for_each_run(s, positions, [&](const WindowRun& run) {
    while (image < run.image) {
      data += region.channels.size() * region.slices[image - region.slices.front().image].units.size() * s.image_w;
      ++image;
    }
    const Range rows = region.slices[image - region.slices.front().image].units;
    const std::size_t count = run.gx.size();
    Tap tap(taps.first, s);
    std::int64_t y = source(run.gy, tap.ky, s, s.image_h);
    float* to = out + at;
    for (std::uint64_t left_over = taps.size(); left_over > 0; --left_over, to += tap_stride) {
      const std::uint64_t kx = tap.kx;
      const std::int64_t row_y = y;
      const float* row = data + (tap.channel - region.channels.first) * rows.size() * s.image_w;
      if (tap.next(s)) y = source(run.gy, tap.ky, s, s.image_h);
      if (row_y < 0) {
        std::fill_n(to, count, 0.0f);
        continue;
      }
      row += (static_cast<std::uint64_t>(row_y) - rows.first) * s.image_w;
      if (s.stride == 1) {
        // x = gx + shift: zeros where that leaves the image on the left or on the right.
        const std::int64_t shift =
            s.transposed ? static_cast<std::int64_t>(s.pad) - static_cast<std::int64_t>(kx) : static_cast<std::int64_t>(kx) - static_cast<std::int64_t>(s.pad);
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
          const std::int64_t x = source(run.gx.first + i, kx, s, s.image_w);
          to[i] = x < 0 ? 0.0f : row[x];
        }
      }
    }
    at += count;
  });
}

// out[position][tap]: one window at a time.
void Operand::expand_windows(const float* data, const Region& region, Range taps, Range positions, float* out, std::size_t position_stride) const {
  const WindowShape& s = shape_;
  std::uint64_t image = region.slices.front().image;
  for_each_run(s, positions, [&](const WindowRun& run) {
    while (image < run.image) {
      data += region.channels.size() * region.slices[image - region.slices.front().image].units.size() * s.image_w;
      ++image;
    }
    const Range rows = region.slices[image - region.slices.front().image].units;
    for (std::uint64_t gx = run.gx.first; gx < run.gx.last; ++gx, out += position_stride) {
      float* to = out;
      // Runs along kx: whole rows of the kernel but at the ends of the range of taps.
      for (std::uint64_t tap = taps.first; tap < taps.last;) {
        const std::uint64_t channel = tap / s.taps(), ky = tap % s.taps() / s.kernel_w, kx = tap % s.kernel_w;
        const std::uint64_t count = std::min(s.kernel_w - kx, taps.last - tap);
        tap += count;
        const std::int64_t y = source(run.gy, ky, s, s.image_h);
        if (y < 0) {
          for (std::uint64_t i = 0; i < count; ++i) *to++ = 0.0f;
          continue;
        }
        const float* row = data + ((channel - region.channels.first) * rows.size() + (static_cast<std::uint64_t>(y) - rows.first)) * s.image_w;
        const std::uint64_t left = gx * s.stride + kx;  // of the first tap, before the padding is taken off
        if (!s.transposed && left >= s.pad && left + count - s.pad <= s.image_w) {
          for (std::uint64_t i = 0; i < count; ++i) *to++ = row[left - s.pad + i];
        } else {
          for (std::uint64_t i = 0; i < count; ++i) {
            const std::int64_t x = source(gx, kx + i, s, s.image_w);
            *to++ = x < 0 ? 0.0f : row[x];
          }
        }
      }
    }
  });
}

}  // namespace spinvp::npu
