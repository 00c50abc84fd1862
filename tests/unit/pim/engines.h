// The engines that tests run, on program sets that are made once for all tests of a process.
#pragma once

#include <memory>
#include <string>
#include <tuple>

#include "models/pim/fast_engine.h"
#include "models/pim/logic_family.h"
#include "models/pim/published_counts.h"
#include "models/pim/step_engine.h"

namespace spinvp::pim::test {

// Enough for the fp32 multiply-accumulate of every family.
inline constexpr unsigned most_work_rows = 256;

inline std::shared_ptr<ProgramSet> programs(const std::string& family, const FloatArithmetic& arithmetic = {}) {
  static std::map<std::tuple<std::string, unsigned, Semantics, Rounding>, std::shared_ptr<ProgramSet>> made;
  auto& slot = made[{family, arithmetic.format.bits(), arithmetic.semantics, arithmetic.rounding}];
  if (!slot) slot = std::make_shared<ProgramSet>(logic_family(family), arithmetic, most_work_rows);
  return slot;
}

// The fast engine with the steps and cells of the SOT paper, so that tests can derive them.
inline std::unique_ptr<ArithmeticEngine> published_sot(const FloatArithmetic& arithmetic = {}, VectorWidth width = widest_vectors()) {
  return std::make_unique<PublishedCounts>(std::make_unique<FastEngine>(programs("sot", arithmetic), width), logic_family("sot"));
}

}  // namespace spinvp::pim::test
