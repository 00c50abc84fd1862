// The functions that the reference takes from elsewhere, in one place: single precision as the NPU computes it (models/abi/elementary.h), double precision as the C library does, for
// checks of gradients alone.
#pragma once

#include <cmath>

#include "models/abi/elementary.h"

namespace spinvp::workloads::reference {

inline float exponential(float x) { return spinvp_exp_f32(x); }
inline float logarithm(float x) { return spinvp_log_f32(x); }
inline float error_function(float x) { return spinvp_erf_f32(x); }
inline float hyperbolic_tangent(float x) { return spinvp_tanh_f32(x); }
inline float square_root(float x) { return __builtin_sqrtf(x); }
inline float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

inline double exponential(double x) { return std::exp(x); }
inline double logarithm(double x) { return std::log(x); }
inline double error_function(double x) { return std::erf(x); }
inline double hyperbolic_tangent(double x) { return std::tanh(x); }
inline double square_root(double x) { return std::sqrt(x); }
inline double fused(double a, double b, double c) { return a * b + c; }

}  // namespace spinvp::workloads::reference
