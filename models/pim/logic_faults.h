// Faults of the in-array logic: an engine whose lanes now and then compute with a failed write, a disturbed cell or a stuck cell.
//
// Each driven cell of a write fails to flip with probability `write_failure`, each sensed cell flips with `read_disturb`, each cell of the arrays is stuck with
// `stuck_cells`. Every row of a set, reset or search is a cell of its own; a masked write drives a lane only where it matches. Faults are drawn from a counter-based
// generator as the distance to the next one over the sequence of all cells, so what does not fail costs nothing. A lane that is hit is computed again, bit by bit,
// with the fault at its step; its work rows then start from drawn bits, as they hold whatever earlier operations left there. Both engines meet the same faults and
// give the same bits. Flips are counted as without faults.
//
// A disturbed cell of an operand stays flipped: beside the destination a disturb changes an operand's word. Stuck cells lie in the rows of the engine's windows
// (operands, destination, work rows), whatever word an operation loads there. Copies, moves, loads and stores meet no faults: they are no logic.
//
// With `check_and_repeat` every row written is read back and written again in the columns where it failed: a write fails when both tries do. Each row costs a read in
// all lanes, each write step a second one of time (the columns run in lockstep; the few cells driven again cost no energy). The check can disturb as any other
// read: the cell then flips unnoticed. Published counts have steps but no rows: each of their write steps costs one read, of the cells that it drives.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "models/core/fault_clock.h"
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

// The cells of one lane that a program drives and senses, in the order of its steps.
class FaultSites {
 public:
  explicit FaultSites(const MicroProgram& program);
  struct Site {
    std::uint32_t step, cell;
    std::uint8_t guard;
  };
  struct Cells {
    std::uint64_t driven = 0, sensed = 0;
  };
  [[nodiscard]] Cells count(std::uint64_t guards) const;
  // Cell `index` of those whose guards are open.
  [[nodiscard]] const Site& driven(std::uint64_t index, std::uint64_t guards) const { return pick(driven_, index, guards); }
  [[nodiscard]] const Site& sensed(std::uint64_t index, std::uint64_t guards) const { return pick(sensed_, index, guards); }

 private:
  std::vector<Site> driven_, sensed_;
  std::vector<Cells> shares_;  // index 0 without a guard, 1 + g those under guard g
  static const Site& pick(const std::vector<Site>& sites, std::uint64_t index, std::uint64_t guards);
};

class FaultyEngine : public ArithmeticEngine {
 public:
  // `programs` are those of `engine`.
  FaultyEngine(std::unique_ptr<ArithmeticEngine> engine, std::shared_ptr<ProgramSet> programs, const FaultRates& rates, const Geometry& geometry);
  Work execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
               std::optional<std::uint32_t> scalar) override;
  Work convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) override;
  [[nodiscard]] StepCounts steps(ArithmeticOperation operation, std::optional<std::uint32_t> scalar) const override;
  void describe_state(core::StateArchive& archive) override;
  struct Counters {
    std::uint64_t write_failures = 0, read_disturbs = 0;  // of cells that were driven (whether or not they had to flip) or sensed
    std::uint64_t stuck_cells = 0;
    std::uint64_t lanes_computed_again = 0, wrong_results = 0;  // results with another bit than without the fault
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  std::unique_ptr<ArithmeticEngine> engine_;
  std::shared_ptr<ProgramSet> programs_;
  FaultRates rates_;
  core::FaultClock writes_, reads_;
  std::uint64_t residues_ = 0;  // work rows drawn so far
  Counters counters_;
  mutable std::map<const RunnableProgram*, FaultSites> sites_;  // made when first asked for
  // By subarray and lane; rows are those of the engine's windows: operands, destination and work rows.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<StuckCell>> stuck_;

  const FaultSites& sites_of(const RunnableProgram& program) const;
  using Faults = std::map<std::uint32_t, std::vector<StepFault>>;  // by lane of the range
  Faults draw(const FaultSites& sites, std::uint64_t guards, const LaneRange& range);
  // What a lane leaves with these faults: the destination's word, and the cells of its operands that were disturbed.
  struct Lane {
    std::uint32_t result, a_flips, b_flips;
  };
  Lane compute(const MicroProgram& steps, std::uint64_t guards, SubarrayStore& store, const LaneRange& range, std::uint32_t lane, const WordOperands& words,
               std::span<const StepFault> faults);
  template <typename Execute>
  Work with_faults(const RunnableProgram& program, std::uint64_t guards, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                   Execute&& execute);
  // What check_and_repeat adds to `steps` of the program.
  [[nodiscard]] StepCounts checks(const StepCounts& steps, const RunnableProgram& program, std::uint64_t guards) const;
  void charge_checks(Work& work, const RunnableProgram& program, std::uint64_t guards, std::uint64_t lanes) const;
};

}  // namespace spinvp::pim
