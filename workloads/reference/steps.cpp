// Losses and optimisers.
#include <limits>

#include "workloads/reference/kernels.h"

namespace spinvp::workloads::reference {
namespace {

// Each row: e_j = exp(x_j - largest); p_j = e_j / sum; gradient (p_j - onehot_j) * (1/rows), times the scale; loss = log(sum) - (x_label - largest), mean over the rows.
template <typename T>
void cross_entropy(Work<T>& work) {
  const auto rows = static_cast<std::size_t>(work.view.shape(0)[0]), n = static_cast<std::size_t>(work.view.shape(0)[1]);
  const T factor = inverse<T>(rows), scale = work.real("scale", 1);
  T total = T(0);
  for (std::size_t row = 0; row < rows; ++row) {
    const T* x = work.in(0).data() + row * n;
    T* dx = work.out(1).data() + row * n;
    const std::int64_t label = work.whole(1)[row];
    work.view.require(label >= 0 && static_cast<std::size_t>(label) < n, "label " + std::to_string(label) + " of " + std::to_string(n) + " classes");
    T largest = x[0], sum = T(0);
    for (std::size_t j = 1; j < n; ++j) largest = maximum(largest, x[j]);
    for (std::size_t j = 0; j < n; ++j) {
      dx[j] = exponential(x[j] - largest);
      sum = sum + dx[j];
    }
    for (std::size_t j = 0; j < n; ++j) dx[j] = ((dx[j] / sum - T(static_cast<std::size_t>(label) == j ? 1 : 0)) * factor) * scale;
    total = total + (logarithm(sum) - (x[label] - largest));
  }
  work.out(0)[0] = total * factor;
}

template <typename T>
void mean_squared(Work<T>& work) {
  const std::size_t n = work.in(0).size();
  const T twice = static_cast<T>(2.0 / static_cast<double>(n)), scale = work.real("scale", 1);
  T total = T(0);
  for (std::size_t i = 0; i < n; ++i) {
    const T d = work.in(0)[i] - work.in(1)[i];
    total = total + d * d;
    work.out(1)[i] = (d * twice) * scale;
  }
  work.out(0)[0] = total * inverse<T>(n);
}

// ---- Optimisers: w = fma(-rate, step, w), or Adam's; the copy is rounded when the node is done.
template <typename T>
void stochastic(Work<T>& work) {
  const T scale = work.real("scale", 1), rate = work.in(2)[0];
  for (std::size_t i = 0; i < work.in(0).size(); ++i) work.out(0)[i] = fused(-rate, work.in(1)[i] * scale, work.in(0)[i]);
  if (work.has_output(1)) work.out(1) = work.out(0);
}

template <typename T>
void momentum(Work<T>& work) {
  const T scale = work.real("scale", 1), mu = work.real("momentum", 0.9), rate = work.in(3)[0];
  for (std::size_t i = 0; i < work.in(0).size(); ++i) {
    work.out(1)[i] = fused(mu, work.in(2)[i], work.in(1)[i] * scale);
    work.out(0)[i] = fused(-rate, work.out(1)[i], work.in(0)[i]);
  }
  if (work.has_output(2)) work.out(2) = work.out(0);
}

template <typename T>
void adam(Work<T>& work) {
  const T scale = work.real("scale", 1), b1 = work.real("beta1", 0.9), b2 = work.real("beta2", 0.999);
  const T rest1 = static_cast<T>(1 - work.view.real("beta1", 0.9)), rest2 = static_cast<T>(1 - work.view.real("beta2", 0.999));
  const T rate = work.in(4)[0], epsilon = work.in(5)[0];
  for (std::size_t i = 0; i < work.in(0).size(); ++i) {
    const T g = work.in(1)[i] * scale;
    const T m = fused(b1, work.in(2)[i], rest1 * g), v = fused(b2, work.in(3)[i], rest2 * (g * g));
    work.out(1)[i] = m;
    work.out(2)[i] = v;
    work.out(0)[i] = work.in(0)[i] - (rate * m) / (square_root(v) + epsilon);
  }
  if (work.has_output(3)) work.out(3) = work.out(0);
}

}  // namespace

template <typename T>
const std::vector<Kernel<T>>& step_kernels() {
  static const std::vector<Kernel<T>> kernels = {
      {"AdamUpdate", adam<T>},      {"MeanSquared", mean_squared<T>},          {"MomentumUpdate", momentum<T>},
      {"SgdUpdate", stochastic<T>}, {"SoftmaxCrossEntropy", cross_entropy<T>},
  };
  return kernels;
}

template const std::vector<Kernel<float>>& step_kernels<float>();
template const std::vector<Kernel<double>>& step_kernels<double>();

}  // namespace spinvp::workloads::reference
