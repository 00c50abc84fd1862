// Counts how often the fast engine of the PIM differs from independent implementations of IEEE 754: the host's float, Eigen's half and bfloat16, and GNU
// MPFR. One line for each operation, format and rounding; exit status 1 on any mismatch.
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <Eigen/Core>

#include "models/pim/float_value.h"
#include "models/pim/host_values.h"
#include "tests/reference/mpfr_float.h"
#include "tests/support/float_operands.h"

namespace {

using namespace spinvp::pim;

constexpr FloatOperation operations[] = {FloatOperation::add, FloatOperation::subtract, FloatOperation::multiply};

using Reference = std::function<std::uint64_t(FloatOperation operation, std::uint64_t a, std::uint64_t b)>;

template <typename Number>
Number apply(FloatOperation operation, Number a, Number b) {
  return operation == FloatOperation::add ? a + b : operation == FloatOperation::subtract ? a - b : a * b;
}

// Volatile, so that the compiler evaluates it when it runs, in the rounding mode of that moment.
std::uint64_t by_host(FloatOperation operation, std::uint64_t a, std::uint64_t b) {
  volatile float x = std::bit_cast<float>(static_cast<std::uint32_t>(a)), y = std::bit_cast<float>(static_cast<std::uint32_t>(b));
  volatile float result = apply<float>(operation, x, y);
  const float value = result;
  return std::isnan(value) ? fp32.canonical_nan() : std::bit_cast<std::uint32_t>(value);
}

template <typename Number, const FloatFormat& format>
std::uint64_t by_eigen(FloatOperation operation, std::uint64_t a, std::uint64_t b) {
  const auto x = Eigen::numext::bit_cast<Number>(static_cast<std::uint16_t>(a)), y = Eigen::numext::bit_cast<Number>(static_cast<std::uint16_t>(b));
  const Number result = apply<Number>(operation, x, y);
  return (Eigen::numext::isnan)(result) ? format.canonical_nan() : Eigen::numext::bit_cast<std::uint16_t>(result);
}

class Conformance {
 public:
  explicit Conformance(std::uint64_t seed) : seed_(seed) {}

  void run(const FloatArithmetic& arithmetic, const char* reference_name, std::uint64_t cases, const Reference& reference) {
    for (const FloatOperation operation : operations) {
      const std::uint64_t mismatches =
          arithmetic.format.bits() <= 32 ? in_planes(arithmetic, operation, cases, reference) : one_by_one(arithmetic, operation, cases, reference);
      std::printf("%-4s %-8s %-12s %12llu cases %8llu mismatches with %s\n", name_of(operation), name_of(arithmetic.format).c_str(),
                  arithmetic.rounding == Rounding::truncate ? "truncate" : "nearest-even", static_cast<unsigned long long>(cases),
                  static_cast<unsigned long long>(mismatches), reference_name);
      std::fflush(stdout);
      cases_ += cases, mismatches_ += mismatches;
    }
  }

  // The verdict and the exit status.
  [[nodiscard]] int finish() const {
    if (mismatches_ == 0) {
      std::printf("no mismatch in %llu cases\n", static_cast<unsigned long long>(cases_));
      return 0;
    }
    std::printf("%llu mismatches in %llu cases\n", static_cast<unsigned long long>(mismatches_), static_cast<unsigned long long>(cases_));
    return 1;
  }

 private:
  std::uint64_t in_planes(const FloatArithmetic& arithmetic, FloatOperation operation, std::uint64_t cases, const Reference& reference) const {
    constexpr std::size_t lanes = 4096;
    const HostValues values(arithmetic);
    test::FloatDraw draw(arithmetic.format, seed_);
    std::vector<std::uint32_t> a(lanes), b(lanes), d(lanes);
    std::uint64_t mismatches = 0;
    for (std::uint64_t done = 0; done < cases; done += lanes) {
      const std::size_t count = std::min<std::uint64_t>(lanes, cases - done);
      for (std::size_t i = 0; i < count; ++i) {
        const auto pair = draw.pair();
        a[i] = static_cast<std::uint32_t>(pair.a), b[i] = static_cast<std::uint32_t>(pair.b);
      }
      values.run(operation, d.data(), a.data(), b.data(), count);
      for (std::size_t i = 0; i < count; ++i) mismatches += d[i] != reference(operation, a[i], b[i]) ? 1 : 0;
    }
    return mismatches;
  }

  // Formats that no plane holds.
  std::uint64_t one_by_one(const FloatArithmetic& arithmetic, FloatOperation operation, std::uint64_t cases, const Reference& reference) const {
    test::FloatDraw draw(arithmetic.format, seed_);
    std::uint64_t mismatches = 0;
    for (std::uint64_t i = 0; i < cases; ++i) {
      const auto [a, b] = draw.pair();
      mismatches += compute(arithmetic, operation, a, b) != reference(operation, a, b) ? 1 : 0;
    }
    return mismatches;
  }

  std::uint64_t seed_, cases_ = 0, mismatches_ = 0;
};

void against_host(Conformance& conformance, std::uint64_t cases) {
  conformance.run({fp32, Semantics::ieee, Rounding::nearest_even}, "the host's float", cases, by_host);
  std::fesetround(FE_TOWARDZERO);
  conformance.run({fp32, Semantics::ieee, Rounding::truncate}, "the host's float", cases, by_host);
  std::fesetround(FE_TONEAREST);
}

void against_mpfr(Conformance& conformance, const FloatFormat& format, std::uint64_t cases) {
  for (const Rounding rounding : {Rounding::nearest_even, Rounding::truncate}) {
    reference::MpfrFloat mpfr(format, rounding);
    conformance.run({format, Semantics::ieee, rounding}, "MPFR", cases, [&](FloatOperation operation, std::uint64_t a, std::uint64_t b) {
      return operation == FloatOperation::add ? mpfr.add(a, b) : operation == FloatOperation::subtract ? mpfr.subtract(a, b) : mpfr.multiply(a, b);
    });
  }
}

}  // namespace

// The rooms link SystemC, whose library wants this; the check runs no simulation.
extern "C" int sc_main(int, char**);
int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  CLI::App app("Counts mismatches between the fast engine of the PIM and independent implementations of IEEE 754", "pim_value_conformance");
  std::uint64_t cases = 10'000'000, seed = 1;
  std::vector<std::string> formats = {"fp32", "fp16", "bf16", "e4m3", "e5m2", "e3m2", "e2m1", "e6m9", "e11m52", "e2m52", "e11m1"};
  app.add_option("--cases", cases, "operand pairs for each operation, format and rounding; a tenth of it against MPFR")->capture_default_str();
  app.add_option("--seed", seed, "of the drawn operands")->capture_default_str();
  app.add_option("--formats", formats, "held against MPFR: fp32, fp16, bf16 or eEmM")
      ->delimiter(',')
      ->capture_default_str()
      ->check([](const std::string& name) {
        return float_format(name) ? std::string() : "unknown format " + name + ", allowed are fp32, fp16, bf16 and e2m1 to e11m52";
      });
  CLI11_PARSE(app, argc, argv);

  Conformance conformance(seed);
  against_host(conformance, cases);
  conformance.run({fp16, Semantics::ieee, Rounding::nearest_even}, "Eigen's half", cases, by_eigen<Eigen::half, fp16>);
  conformance.run({bf16, Semantics::ieee, Rounding::nearest_even}, "Eigen's bfloat16", cases, by_eigen<Eigen::bfloat16, bf16>);
  for (const std::string& name : formats) against_mpfr(conformance, *float_format(name), (cases + 9) / 10);
  return conformance.finish();
}
