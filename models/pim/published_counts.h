// An engine whose steps and cells are the closed forms of its family's paper in place of those executed; the values stay the engine's.
#pragma once

#include <memory>

#include "models/pim/arithmetic.h"
#include "models/pim/logic_family.h"

namespace spinvp::pim {

class PublishedCounts : public ArithmeticEngine {
 public:
  PublishedCounts(std::unique_ptr<ArithmeticEngine> engine, const LogicFamily& family, FloatFormat format = fp32)
      : engine_(std::move(engine)), family_(family), format_(format) {}
  // Operations without a closed form keep what was executed. Cells of half steps are rounded up once for all lanes; flips are not published: none are counted.
  Work execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
               std::optional<std::uint32_t> scalar) override;
  Work convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) override {
    return engine_->convert(from, to, store, range, words);
  }
  [[nodiscard]] StepCounts steps(ArithmeticOperation operation, std::optional<std::uint32_t> scalar) const override;
  void describe_state(core::StateArchive& archive) override { engine_->describe_state(archive); }

 private:
  std::unique_ptr<ArithmeticEngine> engine_;
  const LogicFamily& family_;
  FloatFormat format_;
};

// Cell events of a published count in so many lanes of one subarray.
CellEvents published_events(const PublishedCount& count, std::uint64_t lanes);

}  // namespace spinvp::pim
