// Operators that treat each element alone.
#include <cmath>

#include "workloads/reference/kernels.h"

namespace spinvp::workloads::reference {
namespace {

template <typename T, typename Function>
void each(Work<T>& work, Function function) {
  const auto& x = work.in(0);
  auto& y = work.out(0);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = function(x[i]);
}

// function(a, b) over what both inputs grow to.
template <typename T, typename A, typename R, typename Function>
void pairs(const std::vector<A>& a, const Shape& a_shape, const std::vector<A>& b, const Shape& b_shape, std::vector<R>& y, const Shape& shape,
           Function function) {
  if (a_shape == shape && b_shape == shape) {
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<R>(function(a[i], b[i]));
    return;
  }
  if (a_shape == shape && b.size() == 1) {
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<R>(function(a[i], b[0]));
    return;
  }
  const auto a_places = broadcast_places(a_shape, shape), b_places = broadcast_places(b_shape, shape);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<R>(function(a[a_places[i]], b[b_places[i]]));
}

template <typename T, typename Function>
void both(Work<T>& work, Function function) {
  const Shape& shape = work.output_shape(0);
  if (is_floating(work.output_type(0).element))
    pairs<T>(work.in(0), work.view.shape(0), work.in(1), work.view.shape(1), work.out(0), shape, function);
  else
    pairs<T>(work.whole(0), work.view.shape(0), work.whole(1), work.view.shape(1), work.results(0).whole, shape, function);
}

template <typename T, typename Function>
void compared(Work<T>& work, Function function) {
  const Shape& shape = work.output_shape(0);
  if (work.is_real(0))
    pairs<T>(work.in(0), work.view.shape(0), work.in(1), work.view.shape(1), work.results(0).whole, shape, function);
  else
    pairs<T>(work.whole(0), work.view.shape(0), work.whole(1), work.view.shape(1), work.results(0).whole, shape, function);
}

// Several inputs, folded from the first on.
template <typename T, typename Function>
void chained(Work<T>& work, Function function) {
  const Shape& shape = work.output_shape(0);
  auto& y = work.out(0);
  const auto first = broadcast_places(work.view.shape(0), shape);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = work.in(0)[first[i]];
  for (std::size_t input = 1; input < work.view.inputs(); ++input) {
    const auto places = broadcast_places(work.view.shape(input), shape);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = function(y[i], work.in(input)[places[i]]);
  }
}

template <typename T>
void gelu(Work<T>& work) {
  if (work.view.text("approximate", "none") == "tanh") {
    each(work, [](T x) {
      const T u = T(0.79788456080286536) * (x + T(0.044715) * ((x * x) * x));
      return (x * T(0.5)) * (hyperbolic_tangent(u) + T(1));
    });
    return;
  }
  each(work, [](T x) { return (x * T(0.5)) * (error_function(x * T(0.70710678118654752)) + T(1)); });
}

template <typename T>
void clip(Work<T>& work) {
  const auto bound = [&](std::size_t i, const char* name) -> std::optional<T> {
    if (work.view.has_attribute(name)) return work.real(name, 0);
    if (work.view.has(i)) return work.in(i).at(0);
    return std::nullopt;
  };
  const auto low = bound(1, "min"), high = bound(2, "max");
  each(work, [&](T x) {
    if (low) x = maximum(x, *low);
    return high ? minimum(x, *high) : x;
  });
}

template <typename T>
void where(Work<T>& work) {
  const Shape& shape = work.output_shape(0);
  const auto c = broadcast_places(work.view.shape(0), shape), a = broadcast_places(work.view.shape(1), shape), b = broadcast_places(work.view.shape(2), shape);
  const bool real = is_floating(work.output_type(0).element);
  for (std::size_t i = 0; i < c.size(); ++i) {
    const bool yes = work.whole(0)[c[i]] != 0;
    if (real)
      work.out(0)[i] = yes ? work.in(1)[a[i]] : work.in(2)[b[i]];
    else
      work.results(0).whole[i] = yes ? work.whole(1)[a[i]] : work.whole(2)[b[i]];
  }
}

}  // namespace

template <typename T>
const std::vector<Kernel<T>>& elementwise_kernels() {
  using W = Work<T>;
  static const std::vector<Kernel<T>> kernels = {
      {"Abs", [](W& w) { each(w, [](T x) { return std::fabs(x); }); }},
      {"Add", [](W& w) { both(w, [](auto a, auto b) { return a + b; }); }},
      {"And", [](W& w) { compared(w, [](auto a, auto b) { return a != 0 && b != 0; }); }},
      {"Ceil", [](W& w) { each(w, [](T x) { return std::ceil(x); }); }},
      {"Clip", clip<T>},
      {"Div", [](W& w) { both(w, [](auto a, auto b) { return a / b; }); }},
      {"Elu",
       [](W& w) {
         const T alpha = w.real("alpha", 1);
         each(w, [alpha](T x) { return x > 0 ? x : alpha * (exponential(x) - T(1)); });
       }},
      {"Equal", [](W& w) { compared(w, [](auto a, auto b) { return a == b; }); }},
      {"Erf", [](W& w) { each(w, [](T x) { return error_function(x); }); }},
      {"Exp", [](W& w) { each(w, [](T x) { return exponential(x); }); }},
      {"Floor", [](W& w) { each(w, [](T x) { return std::floor(x); }); }},
      {"Gelu", gelu<T>},
      {"Greater", [](W& w) { compared(w, [](auto a, auto b) { return a > b; }); }},
      {"HardSigmoid",
       [](W& w) {
         const T alpha = w.real("alpha", 0.2), beta = w.real("beta", 0.5);
         each(w, [=](T x) { return maximum(T(0), minimum(T(1), x * alpha + beta)); });
       }},
      {"HardSwish", [](W& w) { each(w, [](T x) { return x * maximum(T(0), minimum(T(1), x * inverse<T>(6) + T(0.5))); }); }},
      {"LeakyRelu",
       [](W& w) {
         const T alpha = w.real("alpha", 0.01);
         each(w, [alpha](T x) { return x > 0 ? x : x * alpha; });
       }},
      {"Less", [](W& w) { compared(w, [](auto a, auto b) { return a < b; }); }},
      {"Log", [](W& w) { each(w, [](T x) { return logarithm(x); }); }},
      {"Max", [](W& w) { chained(w, maximum<T>); }},
      {"Min", [](W& w) { chained(w, minimum<T>); }},
      {"Mul", [](W& w) { both(w, [](auto a, auto b) { return a * b; }); }},
      {"Neg", [](W& w) { each(w, [](T x) { return -x; }); }},
      {"Not",
       [](W& w) {
         for (std::size_t i = 0; i < w.whole(0).size(); ++i) w.results(0).whole[i] = w.whole(0)[i] == 0 ? 1 : 0;
       }},
      {"Or", [](W& w) { compared(w, [](auto a, auto b) { return a != 0 || b != 0; }); }},
      {"PRelu", [](W& w) { both(w, [](auto x, auto slope) { return x > 0 ? x : x * slope; }); }},
      {"Pow", [](W& w) { pairs<T>(w.in(0), w.view.shape(0), w.in(1), w.view.shape(1), w.out(0), w.output_shape(0), power<T>); }},
      {"Reciprocal", [](W& w) { each(w, [](T x) { return T(1) / x; }); }},
      {"Relu", [](W& w) { each(w, [](T x) { return x > 0 ? x : T(0); }); }},
      {"Sigmoid", [](W& w) { each(w, [](T x) { return T(1) / (T(1) + exponential(T(0) - x)); }); }},
      {"Softplus", [](W& w) { each(w, [](T x) { return logarithm(T(1) + exponential(x)); }); }},
      {"Sqrt", [](W& w) { each(w, [](T x) { return square_root(x); }); }},
      {"Sub", [](W& w) { both(w, [](auto a, auto b) { return a - b; }); }},
      {"Tanh", [](W& w) { each(w, [](T x) { return hyperbolic_tangent(x); }); }},
      {"Where", where<T>},
  };
  return kernels;
}

template const std::vector<Kernel<float>>& elementwise_kernels<float>();
template const std::vector<Kernel<double>>& elementwise_kernels<double>();

}  // namespace spinvp::workloads::reference
