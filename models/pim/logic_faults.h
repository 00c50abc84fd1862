// Faults of the in-array logic: an engine whose lanes now and then compute with a failed write, a disturbed cell or a stuck cell.
//
// Each driven cell of a write fails to flip with probability `write_failure`, each sensed cell flips with `read_disturb`, each cell of the arrays is stuck with
// `stuck_cells`. Faults are drawn from a counter-based generator as the distance to the next one over the sequence of all driven (sensed) cells, so what does not
// fail costs nothing. A lane that is hit is computed again, bit by bit, with the fault at its step; its work rows then start from drawn bits, as they hold whatever
// earlier operations left there. Both engines meet the same faults and give the same bits.
//
// With `check_and_repeat` every write is read back and repeated in the columns where it failed: a write fails when both tries do; each write costs a read and a
// second write of time (the columns run in lockstep), the read can disturb as any other.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "models/pim/arithmetic.h"
#include "models/pim/lane_machine.h"
#include "models/pim/program_set.h"

namespace spinvp::pim {

struct FaultRates {
  double write_failure = 0, read_disturb = 0, stuck_cells = 0;
  bool check_and_repeat = false;
  std::uint64_t seed = 1;
  [[nodiscard]] bool any() const { return write_failure > 0 || read_disturb > 0 || stuck_cells > 0; }
};

// The distance to the next event of probability `rate`, geometric. Deterministic in (seed, draw number).
class FaultClock {
 public:
  FaultClock(double rate, std::uint64_t seed);
  // Counts `cells` trials; calls use(index) for each that fails, ascending.
  template <typename Use>
  void pass(std::uint64_t cells, Use&& use) {
    if (rate_ <= 0) return;
    std::uint64_t at = wait_;
    while (at < cells) {
      use(at);
      at += 1 + draw();
    }
    wait_ = at - cells;
  }
  void describe_state(core::StateArchive& archive);

 private:
  double rate_;
  std::uint64_t seed_, drawn_ = 0, wait_;
  std::uint64_t draw();
};

class FaultyEngine : public ArithmeticEngine {
 public:
  // `programs` are those of `engine`.
  FaultyEngine(std::unique_ptr<ArithmeticEngine> engine, std::shared_ptr<ProgramSet> programs, const FaultRates& rates, const Geometry& geometry);
  Work execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
               std::optional<std::uint32_t> scalar) override;
  Work convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) override;
  [[nodiscard]] StepCounts steps(ArithmeticOperation operation, std::optional<std::uint32_t> scalar) const override {
    return with_checks(engine_->steps(operation, scalar));
  }
  void describe_state(core::StateArchive& archive) override;
  struct Counters {
    std::uint64_t write_failures = 0, read_disturbs = 0, stuck_cells = 0;
    std::uint64_t lanes_computed_again = 0, wrong_results = 0;  // results with another bit than without the fault
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  // The steps at which cells are driven or sensed, for drawing one.
  struct Sites {
    std::vector<std::uint32_t> writes, reads;
  };
  std::unique_ptr<ArithmeticEngine> engine_;
  std::shared_ptr<ProgramSet> programs_;
  FaultRates rates_;
  FaultClock writes_, reads_;
  std::uint64_t residues_ = 0;  // work rows drawn so far
  Counters counters_;
  std::map<const RunnableProgram*, Sites> sites_;  // of programs without a shared scalar
  // By subarray and lane; rows are those of the engine's windows: operands, destination and work rows.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<StuckCell>> stuck_;

  // Every driven row is read back and driven again.
  [[nodiscard]] StepCounts with_checks(StepCounts steps) const;
  static Sites sites_of(const RunnableProgram& program, std::uint64_t guards);
  template <typename Execute>
  Work with_faults(const RunnableProgram& program, std::uint64_t guards, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                   Execute&& execute);
};

}  // namespace spinvp::pim
