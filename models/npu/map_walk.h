// Walks the points of a box in a given order of axes, in runs along the innermost one; for each run, where every stream of some stands.
//
// Neighbouring axes along which all streams run on are walked as one, so that a box that is contiguous everywhere is one run.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "models/npu/stream_box.h"

namespace spinvp::npu {

struct WalkStream {
  std::int64_t first = 0;  // index of the box's first point
  Strides stride{};
};

class MapWalk {
 public:
  static constexpr std::size_t most_streams = SPINVP_NPU_MAP_INPUTS + SPINVP_NPU_MAP_OUTPUTS;
  using Offsets = std::array<std::int64_t, most_streams>;

  // `order` names axes of the box, the fastest last; `reduced` ones are never joined with others.
  MapWalk(const Box& box, std::span<const unsigned> order, const std::array<bool, map_axes>& reduced, std::span<const WalkStream> streams);

  [[nodiscard]] std::uint64_t run_length() const { return axes_.back().size; }
  [[nodiscard]] std::int64_t run_stride(std::size_t stream) const { return axes_.back().stride[stream]; }
  [[nodiscard]] bool run_is_reduced() const { return axes_.back().reduced; }

  // visit(offsets, fresh) for each run: `fresh` where all reduced axes but the run's own stand at the box's first point.
  template <typename Visit>
  void for_each_run(Visit&& visit) const {
    std::array<std::uint64_t, map_axes> at{};
    Offsets offsets = first_;
    const std::size_t outer = axes_.size() - 1;
    while (true) {
      bool fresh = true;
      for (std::size_t axis = 0; axis < outer; ++axis) fresh = fresh && (!axes_[axis].reduced || at[axis] == 0);
      visit(static_cast<const Offsets&>(offsets), fresh);
      std::size_t axis = outer;
      while (axis > 0) {
        --axis;
        const Axis& a = axes_[axis];
        if (++at[axis] < a.size) {
          for (std::size_t s = 0; s < streams_; ++s) offsets[s] += a.stride[s];
          break;
        }
        at[axis] = 0;
        for (std::size_t s = 0; s < streams_; ++s) offsets[s] -= a.stride[s] * static_cast<std::int64_t>(a.size - 1);
        if (axis == 0) return;
      }
      if (outer == 0) return;
    }
  }

 private:
  struct Axis {
    std::uint64_t size = 1;
    bool reduced = false;
    Offsets stride{};
  };
  std::size_t streams_;
  Offsets first_{};
  std::vector<Axis> axes_;
};

}  // namespace spinvp::npu
