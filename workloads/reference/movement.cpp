// Operators that move elements, and views.
#include "workloads/graph/operators/movement.h"

#include <algorithm>

#include "workloads/graph/float_values.h"
#include "workloads/reference/kernels.h"

namespace spinvp::workloads::reference {
namespace {

// The result takes the elements at these places.
template <typename T>
void pick(const TensorValues<T>& from, const std::vector<std::size_t>& places, TensorValues<T>& to) {
  for (std::size_t i = 0; i < to.real.size(); ++i) to.real[i] = from.real[places[i]];
  for (std::size_t i = 0; i < to.whole.size(); ++i) to.whole[i] = from.whole[places[i]];
}

// The elements go to these places.
template <typename T>
void put(const TensorValues<T>& from, const std::vector<std::size_t>& places, TensorValues<T>& to) {
  for (std::size_t i = 0; i < from.real.size(); ++i) to.real[places[i]] = from.real[i];
  for (std::size_t i = 0; i < from.whole.size(); ++i) to.whole[places[i]] = from.whole[i];
}

std::vector<std::int64_t> steps_of(const Shape& shape) {
  const auto strides = strides_of(shape);
  return {strides.begin(), strides.end()};
}

template <typename T>
void view(Work<T>& work) {
  work.results(0) = work.values(0);
}

template <typename T>
void cast(Work<T>& work) {
  const ElementType to = work.output_type(0).element;
  const auto& from = work.values(0);
  auto& result = work.results(0);
  for (std::size_t i = 0; i < result.real.size(); ++i) result.real[i] = work.is_real(0) ? from.real[i] : static_cast<T>(from.whole[i]);
  for (std::size_t i = 0; i < result.whole.size(); ++i) {
    const bool boolean = to == ElementType::boolean;
    if (work.is_real(0))
      result.whole[i] = boolean ? static_cast<std::int64_t>(from.real[i] != 0) : static_cast<std::int64_t>(from.real[i]);
    else
      result.whole[i] = boolean ? static_cast<std::int64_t>(from.whole[i] != 0) : from.whole[i];
  }
}

template <typename T>
void filled(Work<T>& work) {
  std::fill(work.out(0).begin(), work.out(0).end(), work.real("real_value", 0));
  std::fill(work.results(0).whole.begin(), work.results(0).whole.end(), work.view.whole("whole_value", 0));
}

template <typename T>
void concat(Work<T>& work) {
  const Shape& shape = work.output_shape(0);
  const std::size_t axis = work.view.axis(work.view.whole("axis", 0), static_cast<std::int64_t>(shape.size()));
  const auto steps = steps_of(shape);
  std::int64_t start = 0;
  for (std::size_t i = 0; i < work.view.inputs(); ++i) {
    put(work.values(i), block_places(work.view.shape(i), start * steps[axis], steps), work.results(0));
    start += work.view.shape(i)[axis];
  }
}

template <typename T>
void split(Work<T>& work) {
  const Shape& shape = work.view.shape(0);
  const std::size_t axis = work.view.axis(work.view.whole("axis", 0), work.view.rank(0));
  const auto steps = steps_of(shape);
  std::int64_t start = 0;
  for (std::size_t i = 0; i < work.view.outputs(); ++i) {
    if (!work.has_output(i)) work.view.refuse("an output is left out");
    pick(work.values(0), block_places(work.output_shape(i), start * steps[axis], steps), work.results(i));
    start += work.output_shape(i)[axis];
  }
}

template <typename T>
void slice(Work<T>& work) {
  auto steps = steps_of(work.view.shape(0));
  std::int64_t first = 0;
  for (const SliceAxis& cut : slice_axes(work.view)) {
    first += cut.start * steps[cut.axis];
    steps[cut.axis] *= cut.step;
  }
  pick(work.values(0), block_places(work.output_shape(0), first, steps), work.results(0));
}

template <typename T>
void transpose(Work<T>& work) {
  const auto strides = steps_of(work.view.shape(0));
  auto order = work.view.wholes("perm");
  if (order.empty())
    for (std::int64_t d = work.view.rank(0); d-- > 0;) order.push_back(d);
  std::vector<std::int64_t> steps;
  for (const std::int64_t d : order) steps.push_back(strides[static_cast<std::size_t>(d)]);
  pick(work.values(0), block_places(work.output_shape(0), 0, steps), work.results(0));
}

template <typename T>
void expand(Work<T>& work) {
  pick(work.values(0), broadcast_places(work.view.shape(0), work.output_shape(0)), work.results(0));
}

// Constant fill; pads below zero cut.
template <typename T>
void pad(Work<T>& work) {
  work.view.require(work.view.text("mode", "constant") == "constant", "the reference computes the mode constant alone");
  const Shape &from = work.view.shape(0), &to = work.output_shape(0);
  const auto pads = *work.view.setting("pads", 1);
  auto axes = work.view.has(3) ? work.view.whole_values(3) : std::vector<std::int64_t>{};
  if (axes.empty())
    for (std::int64_t d = 0; d < work.view.rank(0); ++d) axes.push_back(d);
  const T value = work.view.has(2) && work.is_real(2) ? work.in(2).at(0) : work.real("value", 0);
  std::fill(work.out(0).begin(), work.out(0).end(), value);
  const auto from_steps = steps_of(from), to_steps = steps_of(to);
  Shape kept = from;
  std::int64_t first_from = 0, first_to = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t d = work.view.axis(axes[i], work.view.rank(0));
    const std::int64_t before = pads[i], after = pads[i + axes.size()];
    first_from += std::max<std::int64_t>(-before, 0) * from_steps[d];
    first_to += std::max<std::int64_t>(before, 0) * to_steps[d];
    kept[d] += std::min<std::int64_t>(before, 0) + std::min<std::int64_t>(after, 0);
  }
  const auto source = block_places(kept, first_from, from_steps), target = block_places(kept, first_to, to_steps);
  for (std::size_t i = 0; i < source.size(); ++i) work.out(0)[target[i]] = work.in(0)[source[i]];
}

// For each row of the result, the row of the data; a negative index counts from the end.
template <typename T>
std::size_t row_of(Work<T>& work, std::int64_t index, std::int64_t extent) {
  work.view.require(index >= -extent && index < extent, "index " + std::to_string(index) + " into an extent of " + std::to_string(extent));
  return static_cast<std::size_t>(index < 0 ? index + extent : index);
}

template <typename T>
void gather(Work<T>& work) {
  const Shape& data = work.view.shape(0);
  const std::size_t axis = work.view.axis(work.view.whole("axis", 0), work.view.rank(0));
  const std::size_t before = elements({data.begin(), data.begin() + static_cast<std::ptrdiff_t>(axis)});
  const std::size_t after = elements({data.begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.end()});
  std::vector<std::size_t> places;
  for (std::size_t row = 0; row < before; ++row)
    for (const std::int64_t i : work.whole(1))
      for (std::size_t j = 0; j < after; ++j) places.push_back((row * static_cast<std::size_t>(data[axis]) + row_of(work, i, data[axis])) * after + j);
  pick(work.values(0), places, work.results(0));
}

// Rows are added in ascending order, each sum rounded to the result's type (SCATTER_ADD).
template <typename T>
void gather_gradient(Work<T>& work) {
  auto& to = work.out(0);
  const std::int64_t rows = work.output_shape(0)[0];
  const std::size_t width = to.size() / static_cast<std::size_t>(rows);
  const bool narrow = work.output_type(0).element == ElementType::bfloat16;
  for (std::size_t i = 0; i < work.whole(1).size(); ++i) {
    T* row = to.data() + row_of(work, work.whole(1)[i], rows) * width;
    for (std::size_t j = 0; j < width; ++j) {
      row[j] = row[j] + work.in(0)[i * width + j];
      if constexpr (std::is_same_v<T, float>)
        if (narrow) row[j] = rounded_to_bfloat16(row[j]);
    }
  }
}

}  // namespace

template <typename T>
const std::vector<Kernel<T>>& movement_kernels() {
  static const std::vector<Kernel<T>> kernels = {
      {"Cast", cast<T>},     {"Concat", concat<T>}, {"ConstantOfShape", filled<T>}, {"Dropout", view<T>},
      {"Expand", expand<T>}, {"Flatten", view<T>},  {"Gather", gather<T>},          {"GatherGradient", gather_gradient<T>},
      {"Identity", view<T>}, {"Pad", pad<T>},       {"Reshape", view<T>},           {"Slice", slice<T>},
      {"Split", split<T>},   {"Squeeze", view<T>},  {"Transpose", transpose<T>},    {"Unsqueeze", view<T>},
  };
  return kernels;
}

template const std::vector<Kernel<float>>& movement_kernels<float>();
template const std::vector<Kernel<double>>& movement_kernels<double>();

}  // namespace spinvp::workloads::reference
