#include "models/npu/matrix_execution.h"

#include <algorithm>
#include <cstring>

#include "models/abi/npu.h"

namespace spinvp::npu {

MatrixExecution::MatrixExecution(JobContext& context, const MatrixJob& job, const Plan& plan, const MatrixSetup& setup, ArrayStorage& storage)
    : context_(context), job_(job), plan_(plan), setup_(setup), a_slots_(plan.a.count), b_slots_(plan.b.count), storage_(storage) {
  storage_.buffer.begin(setup.limits.buffer_bytes);
  if (job.epilogue != nullptr) epilogue_.emplace(*job.epilogue, setup.vector_unit);
}

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
  slot = it->second->index;
  it->second->last_step = step;
  in_use_.splice(in_use_.end(), in_use_, it->second);
  return true;
}

bool MatrixExecution::BlockSlots::take(std::uint64_t block, std::uint64_t step, std::uint64_t done, std::uint64_t& slot) {
  if (in_use_.size() < count_) {
    in_use_.push_back({in_use_.size(), block, step});
  } else {
    Slot& oldest = in_use_.front();
    if (oldest.last_step >= done) return false;
    where_.erase(oldest.block);
    oldest.block = block;
    oldest.last_step = step;
    in_use_.splice(in_use_.end(), in_use_, in_use_.begin());
  }
  slot = in_use_.back().index;
  where_[block] = std::prev(in_use_.end());
  return true;
}

std::vector<Piece> MatrixExecution::output_pieces(const Step& step) const {
  const Region region = region_of_output(step);
  if (output_in_place()) return Placement::whole(job_.c.tensor()).pieces(region);
  return {{output_slot(step.tile), region.bytes(job_.c.tensor()), 1, 0}};
}

// --- load ---

void MatrixExecution::load() {
  if (!load_bias()) return;
  for (std::uint64_t index = 0; index < plan_.steps(); ++index) {
    const Step step = plan_.step(index);
    Loaded loaded;
    if (!load_block(job_.b, plan_.b, b_slots_, plan_.b_block(step), index, plan_.b_products(step), step.n, step.k, loaded.b_slot)) return;
    if (!load_block(job_.a, plan_.a, a_slots_, plan_.a_block(step), index, plan_.a_products(step), step.m, step.k, loaded.a_slot)) return;
    if (job_.accumulate && step.first_chunk && !load_output(step)) return;
    loaded_.push_back(loaded);
    ++steps_loaded_;
    context_.progress();
  }
}

bool MatrixExecution::load_bias() {
  const std::uint64_t elements = job_.bias_elements(), bytes = elements * bytes_of(job_.format);
  if (elements == 0) return true;
  Bytes data(context_.phantom() ? 0 : bytes);
  if (!context_.read_all(Stage::load, {{job_.bias, bytes, 1, 0}}, data)) return false;
  bias_.resize(context_.phantom() ? 0 : elements);
  for (std::uint64_t i = 0; i < bias_.size(); ++i) bias_[i] = load_element(job_.format, data, i);
  return true;
}

bool MatrixExecution::load_block(const Operand& operand, const Slots& slots, BlockSlots& held, std::uint64_t block, std::uint64_t step, Range products,
                                 Range outer, Range k, std::uint64_t& slot) {
  if (slots.count == 0 || held.find(block, step, slot)) return true;
  if (!context_.wait_until([&] { return held.take(block, step, steps_fetched_, slot); })) return false;
  const Region region = operand.region(products, outer, k);
  const std::uint64_t bytes = region.bytes(operand.tensor());
  if (bytes > slots.bytes) {
    context_.fail(SPINVP_NPU_NO_SPACE, "a block is larger than its slot in scratch");
    return false;
  }
  if (bytes == 0) return true;
  if (job_.weights && &operand == &job_.b) return rebuild_block(region, setup_.scratch_base + slots.at(slot));
  return context_.copy(Stage::load, Placement::whole(operand.tensor()).pieces(region), {{setup_.scratch_base + slots.at(slot), bytes, 1, 0}},
                       burst_of(operand.bytes()));
}

// Rows by rows: what a burst holds when rebuilt.
bool MatrixExecution::rebuild_block(const Region& region, std::uint64_t to) {
  const Range units = region.slices.front().units;
  const std::uint64_t row_bytes = units.size() * bytes_of(job_.format), burst = burst_of(job_.b.bytes());
  const std::uint64_t rows_at_once = std::max<std::uint64_t>(1, burst / row_bytes);
  core::PostedWrite written;
  for (std::uint64_t first = region.channels.first; first < region.channels.last; first += rows_at_once) {
    const Range rows{first, std::min(first + rows_at_once, region.channels.last)};
    const std::vector<Piece> pieces = job_.weights->pieces(rows, units);
    std::uint64_t compressed = 0;
    for (const Piece& piece : pieces) compressed += piece.bytes();
    Bytes data(context_.phantom() ? 0 : compressed);
    const core::SimTime start = core::now();
    if (!context_.read_all(Stage::load, pieces, data, burst)) return false;
    if (!context_.wait_cycles(core::divide_up(rows.size() * units.size(), setup_.rebuild_lanes), start)) return false;
    context_.spend(setup_.events.rebuild, job_.weights->shifts(rows, units), start);
    const Bytes rebuilt = context_.phantom() ? Bytes() : job_.weights->rebuilt(rows, units, data);
    std::uint64_t done = 0;
    for (const Piece& piece : cut({{to, rows.size() * row_bytes, 1, 0}}, burst)) {
      const auto part = context_.phantom() ? std::span<const std::uint8_t>() : std::span(rebuilt).subspan(done, piece.bytes());
      if (!context_.wait_posted(Stage::load, written) || !context_.write(Stage::load, piece, part, &written)) return false;
      done += piece.bytes();
    }
    to += rows.size() * row_bytes;
  }
  return context_.wait_posted(Stage::load, written);
}

bool MatrixExecution::load_output(const Step& step) {
  if (output_in_place()) return true;
  if (!context_.wait_until([&] { return output_slot_free(step.tile); })) return false;
  return context_.copy(Stage::load, Placement::whole(job_.c.tensor()).pieces(region_of_output(step)), output_pieces(step), output_burst());
}

// --- compute ---

void MatrixExecution::compute() {
  for (std::uint64_t index = 0; index < plan_.steps(); ++index) {
    if (!context_.wait_until([&] { return steps_loaded_ > index; })) return;
    // The operand buffer takes one step's blocks beside those of the step at work.
    if (!context_.wait_time(step_start_) || !context_.proceed()) return;
    if (!run_step(index)) return;
    ++context_.totals.steps;
    ++steps_fetched_;
    context_.progress();
  }
}

bool MatrixExecution::run_step(std::uint64_t index) {
  const Step step = plan_.step(index);
  const StepWork work = work_of(plan_, setup_.limits, step);
  const Loaded loaded = loaded_.front();
  loaded_.pop_front();
  Fetch a{Side::a, job_.a, plan_.a, plan_.a_products(step), step.m, step.k, loaded.a_slot, plan_.a_block(step), work.a_passes, plan_.hold_a};
  Fetch b{Side::b, job_.b, plan_.b, plan_.b_products(step), step.n, step.k, loaded.b_slot, plan_.b_block(step), work.b_passes, plan_.hold_b};
  if ((b.held && !hold(b, index)) || (a.held && !hold(a, index))) return false;
  if (step.first_chunk && !start_tile(step)) return false;
  if (step.last_chunk && !context_.wait_until([&] { return finished_.size() < 2; })) return false;
  if (!a.held || !b.held) {
    if (!context_.wait_time(array_free_)) return false;
  }
  const core::SimTime start = std::max(core::now(), array_free_);
  if ((!b.held && !stream(b)) || (!a.held && !stream(a))) return false;
  const core::SimTime end = std::max(core::now(), start + context_.cycles(work.cycles));
  step_start_ = start;
  array_free_ = end;

  if (!context_.phantom() && work.macs > 0) storage_.tile.add(job_, step, *a.values, *b.values, storage_.unfold, setup_.unit);
  account(work, a, b, start, end);
  if (!step.last_chunk) return true;
  const std::uint64_t outputs = step.products.size() * step.m.size() * step.n.size();
  const std::uint64_t epilogue = (job_.bias == 0 ? 0 : outputs) + (job_.relu ? outputs : 0);
  context_.totals.vector_operations += epilogue;
  context_.spend(setup_.events.vector_fp32, epilogue, start, end);
  finished_.push_back(
      {step, std::max<std::uint64_t>(1, work.blocks), start, end, context_.phantom() ? std::vector<float>() : storage_.tile.finish(job_, bias_)});
  context_.progress();
  return true;
}

void MatrixExecution::account(const StepWork& work, const Fetch& a, const Fetch& b, core::SimTime start, core::SimTime end) {
  const bool wide = job_.format == Format::fp32;
  const std::uint64_t elements = work.a_elements + work.b_elements;
  JobTotals& totals = context_.totals;
  totals.macs += work.macs;
  totals.compute_cycles += work.cycles;
  totals.operand_elements += elements;
  totals.folds += work.folds;
  if (job_.mac.bricks == 0) {
    context_.spend(wide ? setup_.events.mac_fp32 : setup_.events.mac_bf16, work.macs, start, end);
  } else {
    context_.spend(wide ? setup_.events.brick_fp32 : setup_.events.brick_bf16, work.macs * job_.mac.bricks, start, end);
    context_.spend(setup_.events.sum_fp32, work.macs, start, end);
  }
  context_.spend(wide ? setup_.events.operand_fp32 : setup_.events.operand_bf16, elements, start, end);
  if (const SparseEvents& sparse = setup_.events.sparse; !plan_.sparse.dense()) {
    context_.spend(wide ? sparse.comparison_fp32 : sparse.comparison_bf16, work.comparisons, start, end);
    context_.spend(wide ? sparse.selection_fp32 : sparse.selection_bf16, work.macs, start, end);
    context_.spend(sparse.index, work.b_elements, start, end);
  }
  std::uint64_t words = 0;
  for (const Fetch* fetch : {&a, &b})
    if (fetch->held) words += core::divide_up(fetch->values->bytes, buffer_word) * fetch->passes;
  context_.spend(setup_.events.buffer_read, words, start, end);
  context_.spend(setup_.events.accumulator, work.sums_exchanged, start, end);
}

// Into the operand buffer, unless it is there.
bool MatrixExecution::hold(Fetch& fetch, std::uint64_t step) {
  OperandBuffer& buffer = storage_.buffer;
  fetch.values = buffer.find(fetch.side, fetch.block, step);
  if (fetch.values != nullptr) return true;
  Region region = fetch.operand.region(fetch.products, fetch.outer, fetch.k);
  const std::uint64_t bytes = region.bytes(fetch.operand.tensor());
  fetch.values = buffer.take(fetch.side, fetch.block, bytes, step, step == 0 ? 0 : step - 1);
  if (fetch.values == nullptr) {
    // What the array still works on has to give way.
    if (!context_.wait_time(array_free_)) return false;
    fetch.values = buffer.take(fetch.side, fetch.block, bytes, step, step);
  }
  if (fetch.values == nullptr) {
    context_.fail(SPINVP_NPU_NO_SPACE, "a block does not fit the operand buffer");
    return false;
  }
  fetch.values->region = std::move(region);
  fetch.values->bytes = bytes;
  const core::SimTime start = core::now();
  if (!read(fetch)) return false;
  context_.spend(setup_.events.buffer_write, core::divide_up(bytes, buffer_word), start, core::now());
  return true;
}

// Past the operand buffer, once for each fold that needs it.
bool MatrixExecution::stream(Fetch& fetch) {
  fetch.values = fetch.side == Side::a ? &storage_.streamed_a : &storage_.streamed_b;
  fetch.values->region = fetch.operand.region(fetch.products, fetch.outer, fetch.k);
  fetch.values->bytes = fetch.values->region.bytes(fetch.operand.tensor());
  for (std::uint64_t pass = 0; pass < fetch.passes; ++pass)
    if (!read(fetch)) return false;
  return true;
}

bool MatrixExecution::read(const Fetch& fetch) {
  Block& into = *fetch.values;
  std::vector<Piece> pieces;
  if (fetch.slots.count == 0)
    pieces = Placement::whole(fetch.operand.tensor()).pieces(into.region);
  else if (into.bytes > 0)
    pieces = {{setup_.scratch_base + fetch.slots.at(fetch.slot), into.bytes, 1, 0}};
  const std::uint64_t burst = burst_of(plan_.steps() * into.bytes * (fetch.held ? 1 : fetch.passes));
  if (context_.phantom()) return context_.read_all(Stage::compute, pieces, {}, burst);
  if (!context_.read_all(Stage::compute, pieces, bytes_in(into.values, into.bytes), burst)) return false;
  const std::uint64_t elements = into.bytes / bytes_of(job_.format);
  widen_in_place(job_.format, into.values, elements);
  round_significands(std::span(into.values).first(elements), fetch.side == Side::a ? job_.mac.bits_a : job_.mac.bits_b);
  return true;
}

bool MatrixExecution::start_tile(const Step& step) {
  if (!job_.accumulate) {
    if (!context_.phantom()) storage_.tile.start(job_, step);
    return true;
  }
  const std::uint64_t bytes = region_of_output(step).bytes(job_.c.tensor());
  Bytes packed(context_.phantom() ? 0 : bytes);
  if (!context_.read_all(Stage::compute, output_pieces(step), packed, output_burst())) return false;
  if (!context_.phantom()) storage_.tile.start_at(job_, step, packed);
  return true;
}

// --- drain and store ---

void MatrixExecution::drain() {
  while (tiles_drained_ < plan_.tiles()) {
    if (!context_.wait_until([&] { return !finished_.empty(); })) return;
    Finished& out = finished_.front();
    if (epilogue_ && !run_epilogue(out)) return;
    const Bytes packed = rounded(job_.format, out.values);
    if (!output_in_place() && !context_.wait_until([&] { return output_slot_free(out.step.tile); })) return;
    const std::vector<Piece> bursts = cut(output_pieces(out.step), output_burst());
    std::uint64_t done = 0, burst = 0;
    for (const Piece& piece : bursts) {
      const std::uint64_t blocks = core::divide_up(++burst * out.blocks, bursts.size());
      const std::uint64_t part = (out.end - out.start).ps() / out.blocks * blocks;
      if (!context_.wait_time(blocks == out.blocks ? out.end : out.start + core::SimTime::ps(part))) return;
      if (epilogue_ && !pass_vector_unit(piece.bytes() / bytes_of(job_.format))) return;
      const auto data = context_.phantom() ? std::span<const std::uint8_t>() : std::span(packed).subspan(done, piece.bytes());
      if (!context_.write(Stage::drain, piece, data)) return;
      done += piece.bytes();
    }
    ++tiles_drained_;
    finished_.pop_front();
    context_.progress();
  }
}

// Reads what the epilogue needs for a tile, while the array may still be at work on it, and computes its values.
bool MatrixExecution::run_epilogue(Finished& tile) {
  const Region region = region_of_output(tile.step);
  std::vector<Bytes> inputs(epilogue_->inputs());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::vector<Piece> pieces = epilogue_->pieces(i, region);
    std::uint64_t bytes = 0;
    for (const Piece& piece : pieces) bytes += piece.bytes();
    if (!context_.phantom()) inputs[i].resize(bytes);
    if (!context_.read_all(Stage::drain, pieces, inputs[i], burst_of(epilogue_->most_bytes(i)))) return false;
  }
  if (!context_.phantom()) epilogue_->run(region, inputs, tile.values);
  return true;
}

bool MatrixExecution::pass_vector_unit(std::uint64_t elements) {
  const Chunk cost = epilogue_->cost(elements);
  const core::SimTime start = core::now();
  if (!context_.wait_cycles(cost.cycles, start)) return false;
  context_.totals.vector_operations += cost.operations;
  context_.spend(setup_.events.vector_fp32, cost.operations, start);
  context_.spend(setup_.events.exponential, cost.exponentials + cost.logarithms, start);
  context_.spend(setup_.events.divide, cost.divisions, start);
  return true;
}

void MatrixExecution::store() {
  if (output_in_place()) return;
  // Tiles finish in the order of their first steps.
  for (std::uint64_t tile = 0; tile < plan_.tiles(); ++tile) {
    if (!context_.wait_until([&] { return tiles_drained_ > tile; })) return;
    const Step step = plan_.step(tile * plan_.chunks());
    if (!context_.copy(Stage::store, output_pieces(step), Placement::whole(job_.c.tensor()).pieces(region_of_output(step)), output_burst())) return;
    ++tiles_stored_;
    context_.progress();
  }
}

}  // namespace spinvp::npu
