// Counts how often the micro-programs, run step by step in a subarray, leave other bits than independent implementations: the host's float for fp32 to nearest
// even, the integer values of float_value.h for the rest. One line for each family, operation, format and arithmetic; exit status 1 on any mismatch.
#include <bit>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "models/pim/float_programs.h"
#include "models/pim/float_value.h"
#include "tests/support/float_operands.h"
#include "tests/support/micro_program_lanes.h"

namespace {

using namespace spinvp::pim;

constexpr FloatOperation operations[] = {FloatOperation::add, FloatOperation::subtract, FloatOperation::multiply};

std::uint64_t by_host(FloatOperation operation, std::uint64_t a, std::uint64_t b) {
  const auto x = std::bit_cast<float>(static_cast<std::uint32_t>(a)), y = std::bit_cast<float>(static_cast<std::uint32_t>(b));
  const float result = operation == FloatOperation::add ? x + y : operation == FloatOperation::subtract ? x - y : x * y;
  return std::isnan(result) ? fp32.canonical_nan() : std::bit_cast<std::uint32_t>(result);
}

const char* name_of_values(const FloatArithmetic& arithmetic) {
  if (arithmetic.semantics == Semantics::published) return "published";
  return arithmetic.rounding == Rounding::truncate ? "truncate" : "nearest-even";
}

class Conformance {
 public:
  explicit Conformance(std::uint64_t seed) : seed_(seed) {}

  void run(const LogicFamily& family, FloatOperation operation, const FloatArithmetic& arithmetic, std::uint64_t cases) {
    const bool against_host = arithmetic == FloatArithmetic{};
    const MicroProgram program = float_program(family, {.operation = operation, .arithmetic = arithmetic});
    test::MicroProgramLanes lanes(program);
    test::FloatDraw draw(arithmetic.format, seed_);
    constexpr std::uint64_t batch = 1 << 16;
    std::uint64_t mismatches = 0;
    for (std::uint64_t done = 0; done < cases; done += batch) {
      std::vector<std::uint64_t> a(std::min(batch, cases - done)), b(a.size());
      for (std::size_t i = 0; i < a.size(); ++i) {
        const auto pair = draw.pair();
        a[i] = pair.a, b[i] = pair.b;
      }
      const std::vector<std::uint64_t> d = lanes.run(a, b);
      for (std::size_t i = 0; i < a.size(); ++i)
        if (d[i] != (against_host ? by_host(operation, a[i], b[i]) : compute(arithmetic, operation, a[i], b[i]))) ++mismatches;
    }
    std::printf("%-8s %-4s %-5s %-12s %10llu cases %6llu mismatches with %s\n", family.name.c_str(), name_of(operation), name_of(arithmetic.format).c_str(),
                name_of_values(arithmetic), static_cast<unsigned long long>(cases), static_cast<unsigned long long>(mismatches),
                against_host ? "the host's float" : "the integer values");
    std::fflush(stdout);
    cases_ += cases, mismatches_ += mismatches;
  }

  // The verdict and the exit status.
  [[nodiscard]] int finish() const {
    std::printf("%llu mismatches in %llu cases\n", static_cast<unsigned long long>(mismatches_), static_cast<unsigned long long>(cases_));
    return mismatches_ == 0 ? 0 : 1;
  }

 private:
  std::uint64_t seed_, cases_ = 0, mismatches_ = 0;
};

}  // namespace

// The rooms link SystemC, whose library wants this; the check runs no simulation.
extern "C" int sc_main(int, char**);
int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  CLI::App app("Counts mismatches between the micro-programs of the PIM, run step by step, and independent implementations", "pim_step_conformance");
  std::uint64_t cases = 100'000, seed = 1;
  app.add_option("--cases", cases, "operand pairs for each operation, format and arithmetic in the families sot and nor; a tenth of it in the others")
      ->capture_default_str();
  app.add_option("--seed", seed, "of the drawn operands")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  Conformance conformance(seed);
  for (const LogicFamily& family : logic_families()) {
    const bool thorough = family.name == "sot" || family.name == "nor";
    for (const FloatFormat& format : {fp32, fp16, bf16})
      for (const FloatArithmetic& arithmetic :
           {FloatArithmetic{format, Semantics::ieee, Rounding::nearest_even}, FloatArithmetic{format, Semantics::ieee, Rounding::truncate},
            FloatArithmetic{format, Semantics::published, Rounding::truncate}})
        for (const FloatOperation operation : operations) conformance.run(family, operation, arithmetic, thorough ? cases : (cases + 9) / 10);
  }
  return conformance.finish();
}
