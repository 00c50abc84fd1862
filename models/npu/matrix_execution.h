// A matrix job on the array: blocks of the operands come into scratch, folds read them and compute, outputs drain to scratch and go to their destination.
//
//   load     for each step, the blocks of A and B that scratch does not hold: read from their memory, written to a free slot. Runs ahead of the array as far as slots are free
//   compute  for each fold: reads its operands from scratch (or in place) and computes; a fold lasts as long as the longer of the two, since operands stream in
//   drain    writes finished output blocks to scratch, or to the destination itself where that is on chip; two blocks wait at most
//   store    copies finished tiles from scratch to their destination
// So time is that of the slowest stage, plus the first load before and the last drain and store after it.
#pragma once

#include <deque>
#include <unordered_map>

#include "models/npu/execution.h"
#include "models/npu/fold_arithmetic.h"
#include "models/npu/plan.h"

namespace spinvp::npu {

struct MatrixSetup {
  PlanLimits limits;
  std::uint64_t scratch_base = 0;
  EnergyEvents events;
  ChainUnit unit = ChainUnit::fmaf;
};

// The array's working memory on the host; outlives the jobs, so that no job allocates it anew.
struct ArrayStorage {
  FoldBuffers buffers;
  std::vector<OutputBlock> blocks;
};

class MatrixExecution : public Execution {
 public:
  MatrixExecution(JobContext& context, const MatrixJob& job, const Plan& plan, const MatrixSetup& setup, ArrayStorage& storage);
  void run(Stage stage) override;

 private:
  // Blocks of one operand in scratch: which slot holds which block. The least recently used one gives way, once no step needs it.
  class BlockSlots {
   public:
    explicit BlockSlots(std::uint64_t count) : slots_(count) {}
    // The slot that holds `block`, or nothing; marks it used by `step`.
    bool find(std::uint64_t block, std::uint64_t step, std::uint64_t& slot);
    // A slot free for `block`, given that all steps before `computed` are done; false if there is none yet.
    bool take(std::uint64_t block, std::uint64_t step, std::uint64_t computed, std::uint64_t& slot);

   private:
    struct Slot {
      bool filled = false;
      std::uint64_t block = 0, last_step = 0;
    };
    std::vector<Slot> slots_;
    std::unordered_map<std::uint64_t, std::uint64_t> where_;
    std::uint64_t unused_ = 0;  // slots from here on were never filled
  };
  struct Loaded {  // slots of a step that is ready to compute
    std::uint64_t a_slot = 0, b_slot = 0;
  };
  struct Finished {  // an output block on its way out
    std::uint64_t tile = 0;
    Range tile_m, tile_n, m, n;
    std::vector<std::uint8_t> packed;
    bool last_of_tile = false;
  };

  JobContext& context_;
  const MatrixJob job_;
  const Plan plan_;
  const MatrixSetup setup_;
  std::vector<float> bias_;

  BlockSlots a_slots_, b_slots_;
  std::deque<Loaded> loaded_;
  std::deque<Finished> finished_;
  std::uint64_t steps_loaded_ = 0, steps_computed_ = 0, tiles_drained_ = 0, tiles_stored_ = 0;

  FoldBuffers& buffers_;
  std::vector<OutputBlock>& blocks_;

  void load();
  void compute();
  void drain();
  void store();
  bool load_bias();
  bool load_block(const Operand& operand, const Slots& slots, BlockSlots& held, std::uint64_t block, std::uint64_t step, Range outer, Range k,
                  std::uint64_t& slot);
  bool load_output(const Step& step);
  bool run_fold(const Step& step, const Placement& a_place, const Placement& b_place, const Fold& fold);
  bool start_block(const Step& step, const Fold& fold);
  [[nodiscard]] Placement where(const Operand& operand, const Slots& slots, std::uint64_t slot, Range outer, Range k) const;
  [[nodiscard]] Placement where_output(std::uint64_t tile, Range m, Range n) const;
  [[nodiscard]] std::uint64_t output_slot(std::uint64_t tile) const {
    return setup_.scratch_base + plan_.c.at(tile % (plan_.c.count == 0 ? 1 : plan_.c.count));
  }
  [[nodiscard]] bool output_in_place() const { return plan_.c.count == 0; }
  [[nodiscard]] bool output_slot_free(std::uint64_t tile) const { return tiles_stored_ + plan_.c.count > tile; }
};

}  // namespace spinvp::npu
