// The step-by-step engine: every operation is its family's micro-program, run on the rows of the subarray. Flips and driven cells are exact.
#pragma once

#include <memory>
#include <vector>

#include "models/pim/arithmetic.h"
#include "models/pim/program_set.h"

namespace spinvp::pim {

class StepEngine : public ArithmeticEngine {
 public:
  StepEngine(std::shared_ptr<ProgramSet> programs, const Geometry& geometry, VectorWidth width = widest_vectors());
  Work execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
               std::optional<std::uint32_t> scalar) override;
  Work convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) override;
  [[nodiscard]] StepCounts steps(ArithmeticOperation operation, std::optional<std::uint32_t> scalar) const override {
    return programs_->steps(operation, scalar);
  }
  void describe_state(core::StateArchive& archive) override;

 private:
  std::shared_ptr<ProgramSet> programs_;
  Geometry geometry_;
  VectorWidth width_;
  // Operand windows and work rows of each subarray; the work rows keep what the last program left in them. Made when first used.
  std::vector<std::unique_ptr<Subarray>> arrays_;
  Subarray& array(std::uint32_t subarray);
  Work run(const RunnableProgram& program, SubarrayStore& store, const LaneRange& range, const WordOperands& words, std::uint64_t guards);
};

}  // namespace spinvp::pim
