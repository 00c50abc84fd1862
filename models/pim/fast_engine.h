// The fast engine: values by the host's arithmetic (host_values.h), steps from the micro-programs, value-dependent cell events from samples of the operands.
//
// Flips and the cells of masked writes depend on the numbers, and on what the operation before left in the work rows. Rather than a table calibrated on some
// network, the engine measures the operands at hand. Now and then it picks up to 1024 lanes of an operation and runs the micro-program on a subarray aside, step by
// step: once to get the work rows into the state that these lanes leave, then at the next operations on the same lanes to measure. What happened there is
// charged to the lanes until the next sample; that one then says what the lanes between the two took (the mean of both), and the difference is settled with the
// charges that follow. So totals follow the operands by themselves, without lag. Flips are taken in proportion to the cells driven, masked cells to the lanes.
// Samples are chosen by counting lanes, not by chance: same inputs, same estimate.
#pragma once

#include <array>
#include <memory>

#include "models/pim/arithmetic.h"
#include "models/pim/host_values.h"
#include "models/pim/program_set.h"

namespace spinvp::pim {

class FastEngine : public ArithmeticEngine {
 public:
  // `width`: at most; the host may have less.
  explicit FastEngine(std::shared_ptr<ProgramSet> programs, VectorWidth width = widest_vectors());
  Work execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
               std::optional<std::uint32_t> scalar) override;
  Work convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) override;
  [[nodiscard]] StepCounts steps(ArithmeticOperation operation, std::optional<std::uint32_t> scalar) const override {
    return programs_->steps(operation, scalar);
  }
  void describe_state(core::StateArchive& archive) override;

 private:
  static constexpr unsigned sample_lanes = 1024, first_samples = 4;
  // What value-dependent events are taken in proportion to.
  struct Base {
    std::uint64_t lanes = 0, driven = 0;
    [[nodiscard]] std::uint64_t of(CellEvent event) const;
  };
  // One for each program, and for a scalar of zero.
  struct Statistics {
    Base sample;                                       // the last one
    CellEvents events;                                 // beyond the program's fixed ones, in the last sample
    std::array<std::int64_t, cell_event_kinds> due{};  // charged too little (or, negative, too much) so far
    Base since;                                        // charged since the last sample
    std::uint64_t samples = 0;
  };
  std::shared_ptr<ProgramSet> programs_;
  HostValues values_;
  VectorWidth width_;
  Subarray aside_;                           // where samples run
  std::array<Statistics, 30> statistics_{};  // operations, with a scalar, with a scalar of zero; conversions between the three named formats

  // Lanes that are being watched: each operation on all of them runs aside, until one of `kind` was measured, or so many others, or others elsewhere.
  struct Watch {
    LaneRange lanes;
    std::uint32_t kind = 0, left = 0, patience = 0;
  } watch_;

  [[nodiscard]] static bool wants_sample(const Statistics& statistics, const RunnableProgram& program, const LaneRange& range);
  [[nodiscard]] bool watches(const LaneRange& range) const;
  CellEvents run_aside(const RunnableProgram& program, SubarrayStore& store, const LaneRange& lanes, const WordOperands& words, std::uint64_t guards);
  // Replaces the last sample.
  void measure(Statistics& statistics, const RunnableProgram& program, SubarrayStore& store, const LaneRange& lanes, const WordOperands& words,
               std::uint64_t guards);
  void watch(std::uint32_t kind, const RunnableProgram& program, SubarrayStore& store, const LaneRange& range, const WordOperands& words, std::uint64_t guards);
  // `kind`: index of statistics_.
  Work charge(std::uint32_t kind, const RunnableProgram& program, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
              std::uint64_t guards);
};

}  // namespace spinvp::pim
