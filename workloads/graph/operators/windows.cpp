#include "workloads/graph/operators/windows.h"

#include <algorithm>

#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

// Keeps dilation * kernel and all sums below in 64 bits.
constexpr std::int64_t most = 1 << 30;

std::vector<std::int64_t> setting(const NodeView& view, const char* name, std::size_t count, std::int64_t otherwise, std::int64_t least) {
  std::vector<std::int64_t> values = view.wholes(name);
  if (values.empty()) return std::vector<std::int64_t>(count, otherwise);
  view.require(values.size() == count, std::string(name) + " has " + std::to_string(values.size()) + " entries, " + std::to_string(count) + " are needed");
  for (const std::int64_t v : values)
    view.require(v >= least && v <= most,
                 std::string(name) + " holds " + std::to_string(v) + ", allowed are " + std::to_string(least) + " to " + std::to_string(most));
  return values;
}

}  // namespace

Shape window_outputs(const NodeView& view, const std::vector<std::int64_t>& kernel, Rounding rounding) {
  return window_outputs(view, view.shape(0), kernel, rounding);
}

Shape window_outputs(const NodeView& view, const Shape& input, const std::vector<std::int64_t>& kernel, Rounding rounding) {
  const std::size_t dimensions = kernel.size();
  for (const std::int64_t k : kernel) view.require(k >= 1 && k <= most, "a window of " + std::to_string(k) + ", allowed are 1 to " + std::to_string(most));
  const auto strides = setting(view, "strides", dimensions, 1, 1);
  const auto dilations = setting(view, "dilations", dimensions, 1, 1);
  const auto pads = setting(view, "pads", 2 * dimensions, 0, 0);
  const std::string automatic = view.text("auto_pad", "NOTSET");
  const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  view.require(same || automatic == "NOTSET" || automatic == "VALID",
               "auto_pad '" + printable(automatic) + "', allowed are NOTSET, VALID, SAME_UPPER, SAME_LOWER");

  Shape outputs;
  for (std::size_t d = 0; d < dimensions; ++d) {
    const std::int64_t extent = input[d + 2], stride = strides[d];
    if (same) {
      outputs.push_back((extent + stride - 1) / stride);
      continue;
    }
    const std::int64_t begin = automatic == "VALID" ? 0 : pads[d], end = automatic == "VALID" ? 0 : pads[d + dimensions];
    const std::int64_t window = dilations[d] * (kernel[d] - 1) + 1, room = extent + begin + end - window;
    view.require(room >= 0, "a window of " + std::to_string(window) + " does not fit into " + std::to_string(extent) + " with pads of " +
                                std::to_string(begin) + " and " + std::to_string(end));
    std::int64_t windows = (rounding == Rounding::floor ? room : room + stride - 1) / stride + 1;
    if (rounding == Rounding::ceil && (windows - 1) * stride >= extent + begin) --windows;
    outputs.push_back(windows);
  }
  return outputs;
}

std::vector<Window> windows_of(const NodeView& view, const Shape& input, const std::vector<std::int64_t>& kernel) {
  const std::size_t dimensions = kernel.size();
  const auto strides = setting(view, "strides", dimensions, 1, 1);
  const auto dilations = setting(view, "dilations", dimensions, 1, 1);
  const auto pads = setting(view, "pads", 2 * dimensions, 0, 0);
  const std::string automatic = view.text("auto_pad", "NOTSET");
  std::vector<Window> windows;
  for (std::size_t d = 0; d < dimensions; ++d) {
    Window w{kernel[d], strides[d], dilations[d], automatic == "NOTSET" ? pads[d] : 0};
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      const std::int64_t extent = input[d + 2], outputs = (extent + w.stride - 1) / w.stride;
      const std::int64_t needed = std::max<std::int64_t>(0, (outputs - 1) * w.stride + w.dilation * (w.kernel - 1) + 1 - extent);
      w.pad = automatic == "SAME_UPPER" ? needed / 2 : needed - needed / 2;
    }
    windows.push_back(w);
  }
  return windows;
}

Rounding convolution_rounding(const NodeView& view) {
  const std::string sizes = view.text("output_size", "floor");
  view.require(sizes == "floor" || sizes == "scale_sim", "output_size '" + printable(sizes) + "', allowed are floor, scale_sim");
  return sizes == "floor" ? Rounding::floor : Rounding::scale_sim;
}

Rounding pooling_rounding(const NodeView& view) { return view.whole("ceil_mode", 0) != 0 ? Rounding::ceil : Rounding::floor; }

}  // namespace spinvp::workloads
