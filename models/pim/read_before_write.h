// An engine whose row writes look first: every write reads its destination row and drives only the cells that change.
//
// Costs a row read for each row write (the columns decide by themselves, in lockstep); the cells driven become those that flip. NOR steps and initialisations are
// left as they are: their outputs are set blindly.
#pragma once

#include <memory>

#include "models/pim/arithmetic.h"

namespace spinvp::pim {

class ReadBeforeWrite : public ArithmeticEngine {
 public:
  explicit ReadBeforeWrite(std::unique_ptr<ArithmeticEngine> engine) : engine_(std::move(engine)) {}
  Work execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
               std::optional<std::uint32_t> scalar) override {
    return looked(engine_->execute(operation, store, range, words, scalar), range.count);
  }
  Work convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) override {
    return looked(engine_->convert(from, to, store, range, words), range.count);
  }
  [[nodiscard]] StepCounts steps(ArithmeticOperation operation, std::optional<std::uint32_t> scalar) const override {
    return looked({engine_->steps(operation, scalar), {}}, 0).steps;
  }
  void describe_state(core::StateArchive& archive) override { engine_->describe_state(archive); }

 private:
  std::unique_ptr<ArithmeticEngine> engine_;
  static Work looked(Work work, std::uint64_t lanes) {
    const std::uint64_t rows = work.steps.writes / 2;
    work.steps.reads += work.steps.writes;
    work.events[CellEvent::read_cell] += rows * lanes;
    work.events[CellEvent::row_step] += rows;
    work.events[CellEvent::write_cell] = work.events[CellEvent::write_flip];
    return work;
  }
};

}  // namespace spinvp::pim
