#include "models/pim/operand_box.h"

#include <algorithm>

namespace spinvp::pim {

std::optional<Span> span_of_box(std::uint64_t address, std::span<const Dimension> dimensions) {
  std::uint64_t below = 0, above = 0;  // bytes from the base address to the lowest and the highest word
  for (const Dimension& d : dimensions)
    if (d.extent > 1) (d.stride < 0 ? below : above) += static_cast<std::uint64_t>(d.stride < 0 ? -d.stride : d.stride) * (d.extent - 1);
  if (address < below || above > ~std::uint64_t{0} - 3 - address) return std::nullopt;
  return Span{address - below, address + above + 3};
}

std::optional<BoxPlan> plan_box(std::uint64_t address, std::span<const Dimension> dimensions) {
  const std::optional<Span> span = span_of_box(address, dimensions);
  if (!span) return std::nullopt;
  struct Step {
    std::uint64_t stride, extent;
    std::size_t index;
  };
  std::vector<Step> steps;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const Dimension& d = dimensions[i];
    if (d.extent <= 1 || d.stride == 0) continue;
    const auto stride = static_cast<std::uint64_t>(d.stride < 0 ? -d.stride : d.stride);
    steps.push_back({stride, d.extent, i});
  }

  BoxPlan plan;
  plan.low = span->first;
  plan.word_strides.assign(dimensions.size(), 0);
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.stride < b.stride; });
  std::size_t merged = 0;
  for (; merged < steps.size() && steps[merged].stride <= plan.run_bytes; ++merged) {
    const Step& s = steps[merged];
    plan.run_bytes += (s.extent - 1) * s.stride;
    plan.word_strides[s.index] = static_cast<std::int64_t>(s.stride / 4);
  }
  // The longest dimension becomes the rows of one strided transfer: fewest transfers.
  const auto outer = steps.begin() + static_cast<std::ptrdiff_t>(merged);
  const auto longest = std::max_element(outer, steps.end(), [](const Step& a, const Step& b) { return a.extent < b.extent; });
  if (longest != steps.end()) std::rotate(outer, longest, longest + 1);
  std::uint64_t words = plan.run_bytes / 4;
  for (auto s = outer; s != steps.end(); ++s) {
    plan.rows.push_back({static_cast<std::uint32_t>(s->extent), static_cast<std::int64_t>(s->stride)});
    plan.word_strides[s->index] = static_cast<std::int64_t>(words);
    words *= s->extent;
  }
  plan.bytes = words * 4;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    if (dimensions[i].stride >= 0 || plan.word_strides[i] == 0) continue;
    plan.origin += plan.word_strides[i] * (dimensions[i].extent - 1);
    plan.word_strides[i] = -plan.word_strides[i];
  }
  return plan;
}

}  // namespace spinvp::pim
