#include "models/npu/matrix_execution.h"

#include <algorithm>
#include <cstring>

#include "models/abi/npu.h"

namespace spinvp::npu {

MatrixExecution::MatrixExecution(JobContext& context, const MatrixJob& job, const Plan& plan, const MatrixSetup& setup, ArrayStorage& storage)
    : context_(context),
      job_(job),
      plan_(plan),
      setup_(setup),
      a_slots_(plan.a.count),
      b_slots_(plan.b.count),
      buffers_(storage.buffers),
      blocks_(storage.blocks) {}

void MatrixExecution::run(Stage stage) {
  switch (stage) {
    case Stage::load: load(); break;
    case Stage::compute: compute(); break;
    case Stage::drain: drain(); break;
    case Stage::store: store(); break;
  }
}

bool MatrixExecution::BlockSlots::find(std::uint64_t block, std::uint64_t step, std::uint64_t& slot) {
  const auto it = where_.find(block);
  if (it == where_.end()) return false;
  slot = it->second;
  slots_[slot].last_step = step;
  return true;
}

bool MatrixExecution::BlockSlots::take(std::uint64_t block, std::uint64_t step, std::uint64_t computed, std::uint64_t& slot) {
  if (unused_ < slots_.size()) {
    slot = unused_++;
  } else {
    const auto oldest = std::min_element(slots_.begin(), slots_.end(), [](const Slot& x, const Slot& y) { return x.last_step < y.last_step; });
    if (oldest->last_step >= computed) return false;
    slot = static_cast<std::uint64_t>(oldest - slots_.begin());
    where_.erase(oldest->block);
  }
  slots_[slot] = {true, block, step};
  where_[block] = slot;
  return true;
}

Placement MatrixExecution::where(const Operand& operand, const Slots& slots, std::uint64_t slot, Range outer, Range k) const {
  if (slots.count == 0) return Placement::whole(operand.tensor());
  return Placement::packed(operand.tensor(), operand.region(outer, k), setup_.scratch_base + slots.at(slot));
}

Placement MatrixExecution::where_output(std::uint64_t tile, Range m, Range n) const {
  if (output_in_place()) return Placement::whole(job_.c);
  return Placement::packed(job_.c, job_.c_region(m, n), output_slot(tile));
}

// --- load ---

void MatrixExecution::load() {
  if (!load_bias()) return;
  for (std::uint64_t index = 0; index < plan_.steps(); ++index) {
    const Step step = plan_.step(index);
    Loaded loaded;
    if (!load_block(job_.b, plan_.b, b_slots_, plan_.b_block(step), index, step.n, step.k, loaded.b_slot)) return;
    if (!load_block(job_.a, plan_.a, a_slots_, plan_.a_block(step), index, step.m, step.k, loaded.a_slot)) return;
    if (job_.accumulate && step.first_chunk && !load_output(step)) return;
    loaded_.push_back(loaded);
    ++steps_loaded_;
    context_.progress();
  }
}

bool MatrixExecution::load_bias() {
  if (job_.bias != 0) {
    const std::uint64_t element = bytes_of(job_.format);
    Bytes bytes(job_.shape.n * element);
    if (!context_.read_all(Stage::load, {{job_.bias, bytes.size(), 1, 0}}, bytes)) return false;
    bias_.resize(job_.shape.n);
    for (std::uint64_t i = 0; i < job_.shape.n; ++i) bias_[i] = load_element(job_.format, bytes, i);
  }
  return true;
}

bool MatrixExecution::load_block(const Operand& operand, const Slots& slots, BlockSlots& held, std::uint64_t block, std::uint64_t step, Range outer, Range k,
                                 std::uint64_t& slot) {
  if (slots.count == 0 || held.find(block, step, slot)) return true;
  if (!context_.wait_until([&] { return held.take(block, step, steps_computed_, slot); })) return false;
  const Region region = operand.region(outer, k);
  const std::uint64_t bytes = region.bytes(operand.tensor());
  if (bytes > slots.bytes) {
    context_.fail(SPINVP_NPU_NO_SPACE, "a block is larger than its slot in scratch");
    return false;
  }
  if (bytes == 0) return true;
  return context_.copy(Stage::load, Placement::whole(operand.tensor()).pieces(region), {{setup_.scratch_base + slots.at(slot), bytes, 1, 0}});
}

bool MatrixExecution::load_output(const Step& step) {
  if (output_in_place()) return true;
  if (!context_.wait_until([&] { return output_slot_free(step.tile); })) return false;
  const Region region = job_.c_region(step.m, step.n);
  return context_.copy(Stage::load, Placement::whole(job_.c).pieces(region), {{output_slot(step.tile), region.bytes(job_.c), 1, 0}});
}

// --- compute ---

void MatrixExecution::compute() {
  for (std::uint64_t index = 0; index < plan_.steps(); ++index) {
    if (!context_.wait_until([&] { return steps_loaded_ > index; })) return;
    const Step step = plan_.step(index);
    const Loaded loaded = loaded_.front();
    loaded_.pop_front();
    const Placement a_place = where(job_.a, plan_.a, loaded.a_slot, step.m, step.k), b_place = where(job_.b, plan_.b, loaded.b_slot, step.n, step.k);
    bool good = true;
    for_each_fold(plan_, setup_.limits, step, [&](const Fold& fold) { return good = run_fold(step, a_place, b_place, fold); });
    if (!good) return;
    ++context_.totals.steps;
    ++steps_computed_;
    context_.progress();
  }
}

bool MatrixExecution::run_fold(const Step& step, const Placement& a_place, const Placement& b_place, const Fold& fold) {
  if (!context_.proceed()) return false;
  const core::SimTime start = core::now();
  if (blocks_.size() <= fold.block) blocks_.resize(fold.block + 1);
  if (fold.first && !start_block(step, fold)) return false;

  const Region a = job_.a.region(fold.m, fold.k), b = job_.b.region(fold.n, fold.k);
  const auto a_bytes = bytes_in(buffers_.a_data, a.bytes(job_.a.tensor())), b_bytes = bytes_in(buffers_.b_data, b.bytes(job_.b.tensor()));
  if (!context_.read_all(Stage::compute, b_place.pieces(b), b_bytes)) return false;
  if (!context_.read_all(Stage::compute, a_place.pieces(a), a_bytes)) return false;
  OutputBlock& block = blocks_[fold.block];
  block.add(job_, fold, a, b, buffers_, setup_.unit);
  if (!context_.wait_cycles(fold.cycles, start)) return false;

  const ProductShape done{fold.m.size(), fold.n.size(), fold.k.size()};
  const bool wide = job_.format == Format::fp32;
  const std::uint64_t elements = (done.m + done.n) * done.k;
  JobTotals& totals = context_.totals;
  totals.macs += done.macs();
  totals.compute_cycles += fold.cycles;
  totals.operand_elements += elements;
  ++totals.folds;
  context_.spend(wide ? setup_.events.mac_fp32 : setup_.events.mac_bf16, done.macs(), start);
  context_.spend(wide ? setup_.events.operand_fp32 : setup_.events.operand_bf16, elements, start);
  if (!fold.last) return true;

  const std::uint64_t epilogue = (bias_.empty() ? 0 : done.m * done.n) + (job_.relu ? done.m * done.n : 0);
  totals.vector_operations += epilogue;
  context_.spend(setup_.events.vector_fp32, epilogue, start);
  if (!context_.wait_until([&] { return finished_.size() < 2; })) return false;
  const bool last_of_tile = block.m().last == step.m.last && block.n().last == step.n.last;
  finished_.push_back({step.tile, step.m, step.n, block.m(), block.n(), block.finish(job_, bias_), last_of_tile});
  context_.progress();
  return true;
}

bool MatrixExecution::start_block(const Step& step, const Fold& fold) {
  OutputBlock& block = blocks_[fold.block];
  if (!job_.accumulate) {
    block.start(job_, fold.m, fold.n);
    return true;
  }
  const Region region = job_.c_region(fold.m, fold.n);
  Bytes packed(region.bytes(job_.c));
  if (!context_.read_all(Stage::compute, where_output(step.tile, step.m, step.n).pieces(region), packed)) return false;
  block.start_at(job_, fold.m, fold.n, packed);
  return true;
}

// --- drain and store ---

void MatrixExecution::drain() {
  while (tiles_drained_ < plan_.tiles()) {
    if (!context_.wait_until([&] { return !finished_.empty(); })) return;
    const Finished& out = finished_.front();
    if (!output_in_place() && !context_.wait_until([&] { return output_slot_free(out.tile); })) return;
    const Placement place = where_output(out.tile, out.tile_m, out.tile_n);
    if (!context_.write_all(Stage::drain, place.pieces(job_.c_region(out.m, out.n)), out.packed)) return;
    if (out.last_of_tile) ++tiles_drained_;
    finished_.pop_front();
    context_.progress();
  }
}

void MatrixExecution::store() {
  if (output_in_place()) return;
  // Tiles finish in the order of their first steps.
  for (std::uint64_t tile = 0; tile < plan_.tiles(); ++tile) {
    if (!context_.wait_until([&] { return tiles_drained_ > tile; })) return;
    const Step step = plan_.step(tile * plan_.chunks());
    const Region region = job_.c_region(step.m, step.n);
    if (!context_.copy(Stage::store, {{output_slot(tile), region.bytes(job_.c), 1, 0}}, Placement::whole(job_.c).pieces(region))) return;
    ++tiles_stored_;
    context_.progress();
  }
}

}  // namespace spinvp::npu
