// A matrix job on the array: blocks of the operands come into scratch, from there into the operand buffer, the array computes, outputs drain to scratch and go to their
// destination.
//
//   load     for each step, the blocks of A and B that scratch does not hold: read from their memory, written to a free slot. Runs ahead of the array as far as slots are free.
//            Compressed weights are rebuilt on the way (weight_rebuild.h)
//   compute  for each step: reads the blocks that the operand buffer does not hold from scratch (or in place), while the array works on the step before; then the step's folds
//            run one behind the other. A block that the buffer cannot hold streams past instead, once for each fold that needs it; the step then lasts as long
//            as the longer of its folds and these reads
//   drain    writes finished tiles to scratch, or to the destination itself where that is on chip, as their folds end: of J bursts the j-th not before the folds with that part of
//            the tile. Two tiles wait at most, the one that the array is at work on among them. An epilogue's inputs for the tile are read before, and the vector unit takes
//            each burst first
//   store    copies finished tiles from scratch to their destination
// So time is that of the slowest stage, plus the first load and fetch before it and the last drain and store after it.
//
// Nothing here happens fold by fold: what a step costs the host does not depend on its folds. The array keeps its own clock (array_free_), ahead of the kernel's by the step at
// work. Without values (a phantom job) all is the same but for the arithmetic and the memory for it.
#pragma once

#include <deque>
#include <list>
#include <unordered_map>

#include "models/npu/epilogue.h"
#include "models/npu/execution.h"
#include "models/npu/operand_buffer.h"
#include "models/npu/plan.h"
#include "models/npu/tile_arithmetic.h"

namespace spinvp::npu {

struct MatrixSetup {
  PlanLimits limits;
  std::uint64_t scratch_base = 0;
  EnergyEvents events;
  ChainUnit unit = ChainUnit::fmaf;
  VectorUnit vector_unit;
  std::uint64_t rebuild_lanes = 0;
};

// The array's working memory on the host; outlives the jobs, so that no job allocates it anew.
struct ArrayStorage {
  OperandBuffer buffer;
  Block streamed_a, streamed_b;
  UnfoldBuffers unfold;
  OutputTile tile;
};

// The burst for one of the array's streams: four times what a stream of its length has elsewhere, since tiles, 64ths of a large job, are what its stages overlap by.
constexpr std::uint64_t burst_of(std::uint64_t stream_bytes) { return core::burst_bytes(4 * stream_bytes); }

class MatrixExecution : public Execution {
 public:
  MatrixExecution(JobContext& context, const MatrixJob& job, const Plan& plan, const MatrixSetup& setup, ArrayStorage& storage);
  void run(Stage stage) override;

 private:
  // Blocks of one operand in scratch: which slot holds which block. The least recently used one gives way, once no step needs it.
  class BlockSlots {
   public:
    explicit BlockSlots(std::uint64_t count) : count_(count) {}
    // The slot that holds `block`, or nothing; marks it used by `step`.
    bool find(std::uint64_t block, std::uint64_t step, std::uint64_t& slot);
    // A slot free for `block`, given that all steps before `done` need theirs no more; false if there is none yet.
    bool take(std::uint64_t block, std::uint64_t step, std::uint64_t done, std::uint64_t& slot);

   private:
    struct Slot {
      std::uint64_t index = 0, block = 0, last_step = 0;
    };
    using InUse = std::list<Slot>;  // the least recently used one first
    std::uint64_t count_;
    InUse in_use_;
    std::unordered_map<std::uint64_t, InUse::iterator> where_;
  };
  // One operand of a step on its way to the array.
  struct Fetch {
    Side side;
    const Operand& operand;
    const Slots& slots;
    Range products, outer, k;
    std::uint64_t slot, block;  // where it lies in scratch, and its number
    std::uint64_t passes;
    bool held;
    Block* values = nullptr;  // once it is here
  };
  struct Loaded {  // slots of a step that is ready to compute
    std::uint64_t a_slot = 0, b_slot = 0;
  };
  struct Finished {  // a tile on its way out: its last folds run from `start` to `end`
    Step step;
    std::uint64_t blocks = 1;
    core::SimTime start, end;
    std::vector<float> values;  // packed, not yet rounded
  };

  JobContext& context_;
  const MatrixJob job_;
  const Plan plan_;
  const MatrixSetup setup_;
  std::vector<float> bias_;
  std::optional<Epilogue> epilogue_;

  BlockSlots a_slots_, b_slots_;
  std::deque<Loaded> loaded_;
  std::deque<Finished> finished_;
  std::uint64_t steps_loaded_ = 0, steps_fetched_ = 0, tiles_drained_ = 0, tiles_stored_ = 0;
  core::SimTime step_start_, array_free_;  // of the last step that the array was given; when it is done with it

  ArrayStorage& storage_;

  void load();
  void compute();
  void drain();
  void store();
  bool load_bias();
  bool load_block(const Operand& operand, const Slots& slots, BlockSlots& held, std::uint64_t block, std::uint64_t step, Range products, Range outer, Range k,
                  std::uint64_t& slot);
  bool rebuild_block(const Region& region, std::uint64_t to);
  bool load_output(const Step& step);
  bool run_step(std::uint64_t index);
  bool hold(Fetch& fetch, std::uint64_t step);
  bool stream(Fetch& fetch);
  bool read(const Fetch& fetch);
  bool start_tile(const Step& step);
  bool run_epilogue(Finished& tile);
  bool pass_vector_unit(std::uint64_t elements);
  void account(const StepWork& work, const Fetch& a, const Fetch& b, core::SimTime start, core::SimTime end);
  [[nodiscard]] Region region_of_output(const Step& step) const { return job_.c_region(step.products, step.m, step.n); }
  [[nodiscard]] std::vector<Piece> output_pieces(const Step& step) const;
  [[nodiscard]] std::uint64_t output_slot(std::uint64_t tile) const {
    return setup_.scratch_base + plan_.c.at(tile % (plan_.c.count == 0 ? 1 : plan_.c.count));
  }
  [[nodiscard]] bool output_in_place() const { return plan_.c.count == 0; }
  [[nodiscard]] bool output_slot_free(std::uint64_t tile) const { return tiles_stored_ + plan_.c.count > tile; }
  [[nodiscard]] std::uint64_t output_burst() const { return burst_of(job_.c.bytes()); }
};

}  // namespace spinvp::npu
