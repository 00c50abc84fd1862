// Gradients of element-wise operators, in the order of operations that graph/operators/activation_gradients.cpp writes down.
#include <limits>

#include "workloads/reference/kernels.h"

namespace spinvp::workloads::reference {
namespace {

// function(dy, x), or (dy, y).
template <typename T, typename Function>
void each(Work<T>& work, Function function) {
  const auto &dy = work.in(0), &x = work.in(1);
  auto& dx = work.out(0);
  for (std::size_t i = 0; i < dx.size(); ++i) dx[i] = function(dy[i], x[i]);
}

template <typename T>
bool inside(T t) {
  return T(0) < t && t < T(1);
}

template <typename T>
void gelu(Work<T>& work) {
  if (work.view.text("approximate", "none") == "tanh") {
    each(work, [](T dy, T x) {
      const T t = hyperbolic_tangent(T(0.79788456080286536) * (x + T(0.044715) * ((x * x) * x)));
      const T slope = T(0.79788456080286536) * (T(1) + T(0.134145) * (x * x));
      return dy * ((t + T(1)) * T(0.5) + ((x * T(0.5)) * (T(1) - t * t)) * slope);
    });
    return;
  }
  each(work, [](T dy, T x) {
    const T t = x * T(0.70710678118654752), cdf = (error_function(t) + T(1)) * T(0.5), pdf = exponential(T(0) - t * t) * T(0.39894228040143268);
    return dy * (cdf + x * pdf);
  });
}

// What reaches a: where it wins over b.
template <typename T, bool largest>
void extreme(Work<T>& work) {
  const Shape& shape = work.output_shape(0);
  const bool ties = work.view.whole("ties", 0) != 0;
  const auto a = broadcast_places(work.view.shape(1), shape), b = broadcast_places(work.view.shape(2), shape);
  auto& da = work.out(0);
  for (std::size_t i = 0; i < da.size(); ++i) {
    const T x = work.in(1)[a[i]], other = work.in(2)[b[i]];
    const bool wins = (largest ? x > other : x < other) || (ties && x == other);
    da[i] = wins ? work.in(0)[i] : T(0);
  }
}

}  // namespace

template <typename T>
const std::vector<Kernel<T>>& activation_gradient_kernels() {
  using W = Work<T>;
  static const std::vector<Kernel<T>> kernels = {
      {"AbsGradient", [](W& w) { each(w, [](T dy, T x) { return dy * (T(x > 0 ? 1 : 0) - T(0 > x ? 1 : 0)); }); }},
      {"ClipGradient",
       [](W& w) {
         constexpr double infinite = std::numeric_limits<double>::infinity();
         const T low = w.real("low", -infinite), high = w.real("high", infinite);
         each(w, [=](T dy, T x) { return low <= x && x <= high ? dy : T(0); });
       }},
      {"EluGradient",
       [](W& w) {
         const T alpha = w.real("alpha", 1);
         each(w, [alpha](T dy, T x) { return x > 0 ? dy : dy * (alpha * exponential(x)); });
       }},
      {"ErfGradient", [](W& w) { each(w, [](T dy, T x) { return dy * (T(1.1283791670955126) * exponential(T(0) - x * x)); }); }},
      {"GeluGradient", gelu<T>},
      {"HardSigmoidGradient",
       [](W& w) {
         const T alpha = w.real("alpha", 0.2), beta = w.real("beta", 0.5);
         each(w, [=](T dy, T x) { return inside(x * alpha + beta) ? dy * alpha : T(0); });
       }},
      {"HardSwishGradient",
       [](W& w) {
         each(w, [](T dy, T x) {
           const T s = x * inverse<T>(6), t = s + T(0.5);
           return dy * (maximum(T(0), minimum(T(1), t)) + (inside(t) ? s : T(0)));
         });
       }},
      {"LeakyReluGradient",
       [](W& w) {
         const T alpha = w.real("alpha", 0.01);
         each(w, [alpha](T dy, T x) { return x > 0 ? dy : dy * alpha; });
       }},
      {"MaxGradient", extreme<T, true>},
      {"MinGradient", extreme<T, false>},
      {"PowGradient",
       [](W& w) {
         const T exponent = w.real("exponent", 1), less = static_cast<T>(w.view.real("exponent", 1) - 1);
         each(w, [=](T dy, T x) { return (dy * exponent) * power(x, less); });
       }},
      {"ReluGradient", [](W& w) { each(w, [](T dy, T y) { return y > 0 ? dy : T(0); }); }},
      {"SigmoidGradient", [](W& w) { each(w, [](T dy, T y) { return (dy * y) * (T(1) - y); }); }},
      {"SoftplusGradient", [](W& w) { each(w, [](T dy, T x) { return dy * (T(1) / (T(1) + exponential(T(0) - x))); }); }},
      {"SqrtGradient", [](W& w) { each(w, [](T dy, T y) { return (dy * T(0.5)) / y; }); }},
      {"TanhGradient", [](W& w) { each(w, [](T dy, T y) { return dy * (T(1) - y * y); }); }},
  };
  return kernels;
}

template const std::vector<Kernel<float>>& activation_gradient_kernels<float>();
template const std::vector<Kernel<double>>& activation_gradient_kernels<double>();

}  // namespace spinvp::workloads::reference
