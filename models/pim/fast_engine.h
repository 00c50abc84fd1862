// The fast engine: values by the host's arithmetic (host_values.h), steps from the micro-programs, value-dependent cell events from samples of the operands.
//
// Flips and the cells of masked writes depend on the numbers. Rather than a table calibrated on some network, the engine measures the operands at hand: of the lanes
// that an operation works on, 512 in a few thousand also run the micro-program step by step on a subarray aside, and what happened there a lane is charged to
// the lanes until the next sample (the ratio of the last samples' sums). So the estimate follows the operands by itself. The samples are chosen by counting
// lanes, not by chance: same inputs, same estimate.
#pragma once

#include <array>
#include <memory>

#include "models/pim/arithmetic.h"
#include "models/pim/host_values.h"
#include "models/pim/program_set.h"

namespace spinvp::pim {

class FastEngine : public ArithmeticEngine {
 public:
  explicit FastEngine(std::shared_ptr<ProgramSet> programs, VectorWidth width = widest_vectors());
  Work execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
               std::optional<std::uint32_t> scalar) override;
  Work convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) override;
  [[nodiscard]] StepCounts steps(ArithmeticOperation operation, std::optional<std::uint32_t> scalar) const override {
    return programs_->steps(operation, scalar);
  }
  void describe_state(core::StateArchive& archive) override;

 private:
  static constexpr unsigned sample_lanes = 512, kept_samples = 16;
  struct Sample {
    std::uint64_t lanes = 0;
    CellEvents events;  // beyond the program's fixed ones
  };
  // One for each program.
  struct Statistics {
    std::array<Sample, kept_samples> ring{};
    std::uint64_t samples = 0, lanes_since = 0, turn = 0;
  };
  std::shared_ptr<ProgramSet> programs_;
  HostValues values_;
  VectorWidth width_;
  Subarray aside_;                           // where samples run
  std::array<Statistics, 24> statistics_{};  // operations, the same with a scalar, conversions between the three named formats

  void take_sample(const RunnableProgram& program, Statistics& statistics, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                   std::uint64_t guards);
  Work charge(Statistics& statistics, const RunnableProgram& program, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
              std::uint64_t guards);
};

}  // namespace spinvp::pim
