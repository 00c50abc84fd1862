#include "models/pim/transposer.h"

#include <algorithm>
#include <cstring>

namespace spinvp::pim {

namespace {

struct Level {
  std::uint64_t extent;
  std::int64_t stride;
  std::uint64_t block;  // lanes of one step of it
};

// Dimensions that matter, slowest first; neighbours that continue each other are one.
std::vector<Level> levels_of(std::span<const std::uint32_t> extents, std::span<const std::int64_t> strides) {
  std::vector<Level> levels;
  for (std::size_t i = extents.size(); i-- > 0;) {
    if (extents[i] == 1) continue;
    if (!levels.empty() && strides[i] == levels.back().stride * static_cast<std::int64_t>(levels.back().extent))
      levels.back().extent *= extents[i];
    else
      levels.push_back({extents[i], strides[i], 1});
  }
  if (levels.empty()) levels.push_back({1, 0, 1});
  for (std::size_t i = 1; i < levels.size(); ++i) levels[i].block = levels[i - 1].block * levels[i - 1].extent;
  std::reverse(levels.begin(), levels.end());
  return levels;
}

}  // namespace

Transposer::Transposer(const Geometry& geometry, std::uint64_t first_lane, std::span<const std::uint32_t> extents, std::span<const std::int64_t> word_strides) {
  const std::vector<Level> levels = levels_of(extents, word_strides);
  const Level inner = levels.back();
  const std::uint64_t total = levels.front().block * levels.front().extent;
  for_each_subarray(geometry, first_lane, total, [&](const LaneRange& range, std::uint64_t start) {
    ranges_.push_back(range);
    first_run_.push_back(runs_.size());
    std::uint64_t sent = 0;
    const std::uint64_t end = start + range.count;
    for (std::uint64_t i = start; i < end;) {
      const auto lane = static_cast<std::uint32_t>(range.first + (i - start));
      // The longest stretch that repeats lanes of this subarray.
      std::uint64_t repeat = 0, period = 0;
      for (const Level& level : levels) {
        if (level.stride != 0 || level.block == 1 || i - start < level.block) continue;
        const std::uint64_t zone = level.block * level.extent, within = i % zone;
        if (within < level.block || zone - within <= repeat) continue;
        repeat = zone - within;
        period = level.block;
      }
      if (repeat != 0) {
        repeat = std::min(repeat, end - i);
        runs_.push_back({lane, static_cast<std::uint32_t>(repeat), Kind::repeated, static_cast<std::int32_t>(period), 0, 0});
        i += repeat;
        continue;
      }
      std::int64_t offset = 0;
      for (const Level& level : levels) offset += static_cast<std::int64_t>(i / level.block % level.extent) * level.stride;
      const std::uint64_t length = std::min(inner.extent - i % inner.extent, end - i);
      const Kind kind = inner.stride == 0 ? Kind::constant : inner.stride == 1 ? Kind::contiguous : Kind::strided;
      runs_.push_back({lane, static_cast<std::uint32_t>(length), kind, 0, offset, inner.stride});
      sent += kind == Kind::constant ? 1 : length;
      i += length;
    }
    words_.push_back(sent);
  });
  first_run_.push_back(runs_.size());
}

void Transposer::gather(std::size_t part, const std::uint32_t* image, std::span<std::uint32_t> plane) const {
  for (std::size_t r = first_run_[part]; r < first_run_[part + 1]; ++r) {
    const Run& run = runs_[r];
    std::uint32_t* to = plane.data() + run.lane;
    const std::uint32_t* from = image + run.offset;
    switch (run.kind) {
      case Kind::constant: std::fill_n(to, run.length, *from); break;
      case Kind::contiguous: std::memcpy(to, from, run.length * sizeof *to); break;
      case Kind::strided:
        for (std::uint32_t i = 0; i < run.length; ++i) to[i] = from[static_cast<std::int64_t>(i) * run.stride];
        break;
      case Kind::repeated: {
        // Doubles what is there: each copy takes what the one before completed.
        const auto period = static_cast<std::uint32_t>(run.period);
        for (std::uint32_t done = 0; done < run.length;) {
          const std::uint32_t take = std::min(period + done, run.length - done);
          std::memcpy(to + done, to - period, take * sizeof *to);
          done += take;
        }
        break;
      }
    }
  }
}

void Transposer::scatter(std::size_t part, std::span<const std::uint32_t> plane, std::uint32_t* image) const {
  for (std::size_t r = first_run_[part]; r < first_run_[part + 1]; ++r) {
    const Run& run = runs_[r];
    const std::uint32_t* from = plane.data() + run.lane;
    for (std::uint32_t i = 0; i < run.length; ++i) image[run.offset + static_cast<std::int64_t>(i) * run.stride] = from[i];
  }
}

}  // namespace spinvp::pim
