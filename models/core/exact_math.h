// Elementary functions that give the same bits on every host: correctly rounded by MPFR, where the C library's differ with the processor's instructions.
//
// For set-up (physics, data sheets): a call takes about a microsecond. Inside loops over events use counts and tables made from these.
#pragma once

namespace spinvp::core::exact {

double exp(double x);
double expm1(double x);
double exp2(double x);
double log(double x);    // x < 0: NaN
double log1p(double x);  // x < -1: NaN
double log2(double x);
double pow(double x, double y);
double cosh(double x);
double tanh(double x);
double erfc(double x);

}  // namespace spinvp::core::exact
