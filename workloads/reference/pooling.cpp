// Pooling over windows (models/abi/npu.h): padding never wins, the first maximum in scan order does; an average is a plain sum of the taps inside the image, divided.
#include "workloads/reference/kernels.h"
#include "workloads/reference/taps.h"

namespace spinvp::workloads::reference {
namespace {

template <typename T>
Taps pooling_taps(Work<T>& work, const Shape& input, const Shape& output) {
  return taps_of(work.view, input, output, work.view.wholes("kernel_shape"));
}

template <typename T>
void largest(Work<T>& work) {
  const Taps taps = pooling_taps(work, work.view.shape(0), work.output_shape(0));
  const std::size_t planes = work.out(0).size() / taps.positions;
  const bool winners = work.has_output(1) && work.view.whole("winners", 0) != 0;
  for (std::size_t plane = 0; plane < planes; ++plane)
    for (std::size_t position = 0; position < taps.positions; ++position) {
      std::size_t winner = outside;
      T best = T(0);
      for (std::size_t tap = 0; tap < taps.window; ++tap) {
        const std::size_t at = taps.inputs_at[position * taps.window + tap];
        if (at == outside) continue;
        const T x = work.in(0)[plane * taps.inputs + at];
        if (winner != outside && !(x > best)) continue;
        winner = tap;
        best = x;
      }
      work.out(0)[plane * taps.positions + position] = best;
      if (winners) work.results(1).whole[plane * taps.positions + position] = static_cast<std::int64_t>(winner == outside ? 0 : winner);
    }
}

template <typename T>
void global_largest(Work<T>& work) {
  const std::size_t space = work.in(0).size() / work.out(0).size();
  for (std::size_t plane = 0; plane < work.out(0).size(); ++plane) {
    T best = work.in(0)[plane * space];
    for (std::size_t i = 1; i < space; ++i) best = work.in(0)[plane * space + i] > best ? work.in(0)[plane * space + i] : best;
    work.out(0)[plane] = best;
  }
}

// An input takes its first gradient as it is and adds further ones, in ascending output order.
template <typename T>
void largest_gradient(Work<T>& work) {
  const Taps taps = pooling_taps(work, work.output_shape(0), work.view.shape(0));
  auto& dx = work.out(0);
  std::vector<bool> touched(dx.size(), false);
  for (std::size_t i = 0; i < work.in(0).size(); ++i) {
    const auto winner = static_cast<std::size_t>(work.whole(1)[i]);
    const std::size_t at = winner < taps.window ? taps.inputs_at[i % taps.positions * taps.window + winner] : outside;
    if (at == outside) work.view.refuse("winner " + std::to_string(winner) + " lies outside its window");
    const std::size_t to = i / taps.positions * taps.inputs + at;
    dx[to] = touched[to] ? dx[to] + work.in(0)[i] : work.in(0)[i];
    touched[to] = true;
  }
}

// What each window is divided by.
template <typename T>
std::vector<T> divisors(Work<T>& work, const Taps& taps) {
  const bool padding = work.view.whole("count_include_pad", 0) != 0;
  std::vector<T> counts;
  for (std::size_t position = 0; position < taps.positions; ++position) {
    std::size_t count = 0;
    for (std::size_t tap = 0; tap < taps.window; ++tap)
      if (padding || taps.inputs_at[position * taps.window + tap] != outside) ++count;
    counts.push_back(static_cast<T>(count));
  }
  return counts;
}

template <typename T>
void average(Work<T>& work) {
  const Taps taps = pooling_taps(work, work.view.shape(0), work.output_shape(0));
  const auto counts = divisors(work, taps);
  for (std::size_t i = 0; i < work.out(0).size(); ++i) {
    const std::size_t plane = i / taps.positions, position = i % taps.positions;
    T sum = T(0);
    for (std::size_t tap = 0; tap < taps.window; ++tap) {
      const std::size_t at = taps.inputs_at[position * taps.window + tap];
      if (at != outside) sum = sum + work.in(0)[plane * taps.inputs + at];
    }
    work.out(0)[i] = sum / counts[position];
  }
}

template <typename T>
void average_gradient(Work<T>& work) {
  const Taps taps = pooling_taps(work, work.output_shape(0), work.view.shape(0));
  const auto counts = divisors(work, taps);
  for (std::size_t i = 0; i < work.in(0).size(); ++i) {
    const std::size_t plane = i / taps.positions, position = i % taps.positions;
    const T share = work.in(0)[i] / counts[position];
    for (std::size_t tap = 0; tap < taps.window; ++tap) {
      const std::size_t at = taps.inputs_at[position * taps.window + tap];
      if (at != outside) work.out(0)[plane * taps.inputs + at] = work.out(0)[plane * taps.inputs + at] + share;
    }
  }
}

}  // namespace

template <typename T>
const std::vector<Kernel<T>>& pooling_kernels() {
  static const std::vector<Kernel<T>> kernels = {
      {"AveragePool", average<T>}, {"AveragePoolGradient", average_gradient<T>}, {"GlobalMaxPool", global_largest<T>},
      {"MaxPool", largest<T>},     {"MaxPoolGradient", largest_gradient<T>},
  };
  return kernels;
}

template const std::vector<Kernel<float>>& pooling_kernels<float>();
template const std::vector<Kernel<double>>& pooling_kernels<double>();

}  // namespace spinvp::workloads::reference
