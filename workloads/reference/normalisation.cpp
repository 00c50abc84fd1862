// Normalisations and softmax. Orders of operations: see each kernel; sums ascend from +0.
#include "workloads/reference/kernels.h"

namespace spinvp::workloads::reference {
namespace {

// [images][channels][space].
struct Planes {
  std::size_t images, channels, space;
  [[nodiscard]] std::size_t per_channel() const { return images * space; }
  // The i-th element of a channel, images first.
  [[nodiscard]] std::size_t at(std::size_t channel, std::size_t i) const { return (i / space * channels + channel) * space + i % space; }
};
Planes planes_of(const Shape& shape) {
  return {static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1]), static_cast<std::size_t>(elements({shape.begin() + 2, shape.end()}))};
}

template <typename T>
void batch_inference(Work<T>& work) {
  const Planes p = planes_of(work.view.shape(0));
  const T epsilon = work.real("epsilon", 1e-5);
  for (std::size_t c = 0; c < p.channels; ++c) {
    const T s = work.in(1)[c] / square_root(work.in(4)[c] + epsilon), mean = work.in(3)[c], bias = work.in(2)[c];
    for (std::size_t i = 0; i < p.per_channel(); ++i) work.out(0)[p.at(c, i)] = ((work.in(0)[p.at(c, i)] - mean) * s) + bias;
  }
}

template <typename T>
struct Moments {
  T mean, variance, rstd;
};
// x(i), i below count.
template <typename T, typename Element>
Moments<T> moments(std::size_t count, T epsilon, Element x) {
  const T r = inverse<T>(count);
  T sum = T(0), squares = T(0);
  for (std::size_t i = 0; i < count; ++i) sum = sum + x(i);
  const T mean = sum * r;
  for (std::size_t i = 0; i < count; ++i) {
    const T d = x(i) - mean;
    squares = squares + d * d;
  }
  const T variance = squares * r;
  return {mean, variance, T(1) / square_root(variance + epsilon)};
}

template <typename T>
void batch_training(Work<T>& work) {
  const Planes p = planes_of(work.view.shape(0));
  const T momentum = work.real("momentum", 0.9), rest = static_cast<T>(1 - work.view.real("momentum", 0.9));
  for (std::size_t c = 0; c < p.channels; ++c) {
    const auto m = moments<T>(p.per_channel(), work.real("epsilon", 1e-5), [&](std::size_t i) { return work.in(0)[p.at(c, i)]; });
    for (std::size_t i = 0; i < p.per_channel(); ++i) work.out(0)[p.at(c, i)] = (((work.in(0)[p.at(c, i)] - m.mean) * m.rstd) * work.in(1)[c]) + work.in(2)[c];
    if (work.has_output(1)) work.out(1)[c] = m.mean;
    if (work.has_output(2)) work.out(2)[c] = m.rstd;
    if (work.has_output(3)) work.out(3)[c] = work.in(3)[c] * momentum + m.mean * rest;
    if (work.has_output(4)) work.out(4)[c] = work.in(4)[c] * momentum + m.variance * rest;
  }
}

template <typename T>
void batch_gradient(Work<T>& work) {
  const Planes p = planes_of(work.view.shape(0));
  const auto &dy = work.in(0), &x = work.in(1);
  const T r = inverse<T>(p.per_channel());
  for (std::size_t c = 0; c < p.channels; ++c) {
    const T scale = work.in(2)[c], mean = work.in(3)[c], rstd = work.in(4)[c];
    T dbias = T(0), dscale = T(0);
    for (std::size_t i = 0; i < p.per_channel(); ++i) {
      const std::size_t at = p.at(c, i);
      dbias = dbias + dy[at];
      dscale = dscale + dy[at] * ((x[at] - mean) * rstd);
    }
    for (std::size_t i = 0; work.has_output(0) && i < p.per_channel(); ++i) {
      const std::size_t at = p.at(c, i);
      work.out(0)[at] = (scale * rstd) * ((dy[at] - dbias * r) - (((x[at] - mean) * rstd) * (dscale * r)));
    }
    if (work.has_output(1)) work.out(1)[c] = dscale;
    if (work.has_output(2)) work.out(2)[c] = dbias;
  }
}

// Rows: all axes from `axis` on are one.
template <typename T>
std::size_t columns_of(Work<T>& work, std::int64_t axis) {
  const Shape& shape = work.view.shape(0);
  return elements({shape.begin() + static_cast<std::ptrdiff_t>(work.view.axis(axis, work.view.rank(0))), shape.end()});
}

template <typename T>
void layer(Work<T>& work) {
  const std::int64_t axis = work.view.whole("axis", -1);
  const std::size_t n = columns_of(work, axis), rows = work.in(0).size() / n;
  const Shape& shape = work.view.shape(0);
  const Shape tail(shape.begin() + static_cast<std::ptrdiff_t>(work.view.axis(axis, work.view.rank(0))), shape.end());
  const auto scale_at = broadcast_places(work.view.shape(1), tail);
  const auto bias_at = work.view.has(2) ? broadcast_places(work.view.shape(2), tail) : std::vector<std::size_t>{};
  for (std::size_t row = 0; row < rows; ++row) {
    const T* x = work.in(0).data() + row * n;
    const auto m = moments<T>(n, work.real("epsilon", 1e-5), [&](std::size_t i) { return x[i]; });
    for (std::size_t i = 0; i < n; ++i) {
      const T y = ((x[i] - m.mean) * m.rstd) * work.in(1)[scale_at[i]];
      work.out(0)[row * n + i] = bias_at.empty() ? y : y + work.in(2)[bias_at[i]];
    }
    if (work.has_output(1)) work.out(1)[row] = m.mean;
    if (work.has_output(2)) work.out(2)[row] = m.rstd;
  }
}

template <typename T>
void layer_gradient(Work<T>& work) {
  const std::size_t n = columns_of(work, work.view.whole("axis", -1)), rows = work.in(0).size() / n;
  const auto& scale = work.in(2);
  const T r = inverse<T>(n);
  std::vector<T> dscale(n, T(0)), dbias(n, T(0));
  for (std::size_t row = 0; row < rows; ++row) {
    const T *dy = work.in(0).data() + row * n, *x = work.in(1).data() + row * n;
    const T mean = work.in(3)[row], rstd = work.in(4)[row];
    T s1 = T(0), s2 = T(0);
    for (std::size_t i = 0; i < n; ++i) {
      const T xhat = (x[i] - mean) * rstd, g = dy[i] * scale[i];
      s1 = s1 + g;
      s2 = s2 + g * xhat;
      dscale[i] = dscale[i] + dy[i] * xhat;
      dbias[i] = dbias[i] + dy[i];
    }
    for (std::size_t i = 0; work.has_output(0) && i < n; ++i)
      work.out(0)[row * n + i] = rstd * ((dy[i] * scale[i] - s1 * r) - (((x[i] - mean) * rstd) * (s2 * r)));
  }
  if (work.has_output(1)) work.out(1) = dscale;
  if (work.has_output(2)) work.out(2) = dbias;
}

// ---- Softmax: lines along an axis, or (before opset 13) rows of all axes from it on.
struct Lines {
  std::size_t before, length, after;
  [[nodiscard]] std::size_t count() const { return before * after; }
  [[nodiscard]] std::size_t at(std::size_t line, std::size_t i) const { return (line / after * length + i) * after + line % after; }
};

template <typename T>
Lines lines_of(Work<T>& work) {
  const Shape& shape = work.view.shape(0);
  const bool flattened = work.view.opset() != 0 && work.view.opset() < 13;
  const auto axis = static_cast<std::ptrdiff_t>(work.view.axis(work.view.whole("axis", flattened ? 1 : -1), work.view.rank(0)));
  Lines lines{elements({shape.begin(), shape.begin() + axis}), static_cast<std::size_t>(shape[static_cast<std::size_t>(axis)]),
              elements({shape.begin() + axis + 1, shape.end()})};
  if (flattened) lines = {lines.before, lines.length * lines.after, 1};
  return lines;
}

template <typename T>
T largest_of(const std::vector<T>& x, const Lines& lines, std::size_t line) {
  T largest = x[lines.at(line, 0)];
  for (std::size_t i = 1; i < lines.length; ++i) largest = maximum(largest, x[lines.at(line, i)]);
  return largest;
}

// e_j = exp(x_j - largest); e_j / sum of e. LogSoftmax: (x_j - largest) - log(sum of e).
template <typename T, bool logarithmic>
void softmax(Work<T>& work) {
  const Lines lines = lines_of(work);
  const auto& x = work.in(0);
  auto& y = work.out(0);
  for (std::size_t line = 0; line < lines.count(); ++line) {
    const T largest = largest_of(x, lines, line);
    T sum = T(0);
    for (std::size_t i = 0; i < lines.length; ++i) {
      const T d = x[lines.at(line, i)] - largest, e = exponential(d);
      y[lines.at(line, i)] = logarithmic ? d : e;
      sum = sum + e;
    }
    const T log = logarithmic ? logarithm(sum) : T(0);
    for (std::size_t i = 0; i < lines.length; ++i) {
      T& value = y[lines.at(line, i)];
      value = logarithmic ? value - log : value / sum;
    }
  }
}

// g = sum of dp_j * p_j; p_j * (dp_j - g).
template <typename T>
void softmax_gradient(Work<T>& work) {
  const Lines lines = lines_of(work);
  const auto &dp = work.in(0), &p = work.in(1);
  for (std::size_t line = 0; line < lines.count(); ++line) {
    T g = T(0);
    for (std::size_t i = 0; i < lines.length; ++i) g = g + dp[lines.at(line, i)] * p[lines.at(line, i)];
    for (std::size_t i = 0; i < lines.length; ++i) {
      const std::size_t at = lines.at(line, i);
      work.out(0)[at] = p[at] * (dp[at] - g);
    }
  }
}

}  // namespace

template <typename T>
const std::vector<Kernel<T>>& normalisation_kernels() {
  static const std::vector<Kernel<T>> kernels = {
      {"BatchNormalization", batch_inference<T>},
      {"BatchNormalizationGradient", batch_gradient<T>},
      {"BatchNormalizationTraining", batch_training<T>},
      {"LayerNormalization", layer<T>},
      {"LayerNormalizationGradient", layer_gradient<T>},
      {"LogSoftmax", softmax<T, true>},
      {"Softmax", softmax<T, false>},
      {"SoftmaxGradient", softmax_gradient<T>},
  };
  return kernels;
}

template const std::vector<Kernel<float>>& normalisation_kernels<float>();
template const std::vector<Kernel<double>>& normalisation_kernels<double>();

}  // namespace spinvp::workloads::reference
