#include "workloads/reference/taps.h"

#include "workloads/graph/operators/windows.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads::reference {
namespace {

std::vector<std::int64_t> place_in(std::size_t at, const Shape& extents) {
  std::vector<std::int64_t> place(extents.size());
  for (std::size_t d = extents.size(); d-- > 0;) {
    place[d] = static_cast<std::int64_t>(at) % extents[d];
    at /= static_cast<std::size_t>(extents[d]);
  }
  return place;
}

}  // namespace

Taps taps_of(const NodeView& view, const Shape& input, const Shape& output, const std::vector<std::int64_t>& kernel) {
  const auto windows = windows_of(view, input, kernel);
  const Shape in(input.begin() + 2, input.end()), out(output.begin() + 2, output.end());
  Taps taps{elements(out), elements(kernel), elements(in), {}, {}};
  taps.inputs_at.assign(taps.positions * taps.window, outside);
  taps.outputs_at.assign(taps.inputs * taps.window, outside);
  for (std::size_t position = 0; position < taps.positions; ++position) {
    const auto start = place_in(position, out);
    for (std::size_t tap = 0; tap < taps.window; ++tap) {
      const auto within = place_in(tap, kernel);
      std::size_t at = 0;
      for (std::size_t d = 0; d < in.size() && at != outside; ++d) {
        const std::int64_t along = start[d] * windows[d].stride - windows[d].pad + within[d] * windows[d].dilation;
        at = along < 0 || along >= in[d] ? outside : at * static_cast<std::size_t>(in[d]) + static_cast<std::size_t>(along);
      }
      taps.inputs_at[position * taps.window + tap] = at;
      if (at != outside) taps.outputs_at[at * taps.window + tap] = position;
    }
  }
  return taps;
}

}  // namespace spinvp::workloads::reference
