// An engine that tells the wear count what it runs.
#pragma once

#include <memory>

#include "models/pim/arithmetic.h"
#include "models/pim/program_set.h"
#include "models/pim/wear.h"

namespace spinvp::pim {

class WearingEngine : public ArithmeticEngine {
 public:
  // `programs` are those of `engine`; `wear` outlives the engine.
  WearingEngine(std::unique_ptr<ArithmeticEngine> engine, std::shared_ptr<ProgramSet> programs, Wear& wear)
      : engine_(std::move(engine)), programs_(std::move(programs)), wear_(wear) {}
  Work execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
               std::optional<std::uint32_t> scalar) override {
    wear_.ran(range.subarray, programs_->program(operation, scalar.has_value()).program(), words.destination);
    return engine_->execute(operation, store, range, words, scalar);
  }
  Work convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) override {
    wear_.ran(range.subarray, programs_->conversion(from, to).program(), words.destination);
    return engine_->convert(from, to, store, range, words);
  }
  [[nodiscard]] StepCounts steps(ArithmeticOperation operation, std::optional<std::uint32_t> scalar) const override {
    return engine_->steps(operation, scalar);
  }
  void describe_state(core::StateArchive& archive) override { engine_->describe_state(archive); }

 private:
  std::unique_ptr<ArithmeticEngine> engine_;
  std::shared_ptr<ProgramSet> programs_;
  Wear& wear_;
};

}  // namespace spinvp::pim
