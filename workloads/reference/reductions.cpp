// Reductions: each result combines its elements in ascending row-major order, a sum from +0, an extreme from the first.
#include "workloads/reference/kernels.h"

namespace spinvp::workloads::reference {
namespace {

// For each element of the input its place in the result.
template <typename T>
std::vector<std::size_t> reduced_places(Work<T>& work) {
  const Shape& from = work.view.shape(0);
  const auto axes = work.view.setting("axes", 1).value_or(std::vector<std::int64_t>{});
  std::vector<bool> reduced(from.size(), axes.empty() && work.view.whole("noop_with_empty_axes", 0) == 0);
  for (const std::int64_t axis : axes) reduced[work.view.axis(axis, work.view.rank(0))] = true;
  Shape kept = from;
  for (std::size_t d = 0; d < from.size(); ++d)
    if (reduced[d]) kept[d] = 1;
  return broadcast_places(kept, from);
}

template <typename T>
void sum(Work<T>& work) {
  const auto places = reduced_places(work);
  const T* x = work.in(0).data();
  T* y = work.out(0).data();
  for (std::size_t i = 0; i < places.size(); ++i) y[places[i]] = y[places[i]] + x[i];
}

template <typename T>
void mean(Work<T>& work) {
  sum(work);
  const T factor = inverse<T>(work.in(0).size() / work.out(0).size());
  for (T& value : work.out(0)) value = value * factor;
}

template <typename T, T (*choose)(T, T)>
void extreme(Work<T>& work) {
  const auto places = reduced_places(work);
  std::vector<bool> started(work.out(0).size(), false);
  for (std::size_t i = 0; i < places.size(); ++i) {
    T& to = work.out(0)[places[i]];
    to = started[places[i]] ? choose(to, work.in(0)[i]) : work.in(0)[i];
    started[places[i]] = true;
  }
}

template <typename T>
void global_average(Work<T>& work) {
  const std::size_t space = work.in(0).size() / work.out(0).size();
  for (std::size_t plane = 0; plane < work.out(0).size(); ++plane) {
    T total = T(0);
    for (std::size_t i = 0; i < space; ++i) total = total + work.in(0)[plane * space + i];
    work.out(0)[plane] = total * inverse<T>(space);
  }
}

}  // namespace

template <typename T>
const std::vector<Kernel<T>>& reduction_kernels() {
  static const std::vector<Kernel<T>> kernels = {
      {"GlobalAveragePool", global_average<T>},
      {"ReduceMax", extreme<T, maximum<T>>},
      {"ReduceMean", mean<T>},
      {"ReduceMin", extreme<T, minimum<T>>},
      {"ReduceSum", sum<T>},
  };
  return kernels;
}

template const std::vector<Kernel<float>>& reduction_kernels<float>();
template const std::vector<Kernel<double>>& reduction_kernels<double>();

}  // namespace spinvp::workloads::reference
