#include "models/pim/step_engine.h"

#include <fmt/format.h>

namespace spinvp::pim {

StepEngine::StepEngine(std::shared_ptr<ProgramSet> programs, const Geometry& geometry, VectorWidth width)
    : programs_(std::move(programs)), geometry_(geometry), width_(width), arrays_(geometry.subarrays) {}

Subarray& StepEngine::array(std::uint32_t subarray) {
  auto& slot = arrays_[subarray];
  if (!slot) slot = std::make_unique<Subarray>(programs_->rows(), geometry_.lanes);
  return *slot;
}

Work StepEngine::run(const RunnableProgram& program, SubarrayStore& store, const LaneRange& range, const WordOperands& words, std::uint64_t guards) {
  Subarray& rows = array(range.subarray);
  const MicroProgram& steps = program.program();
  constexpr Placement at = ProgramSet::placement;
  rows.load_words(at.a, steps.a_rows, range.first, store.lanes(range, words.source_a));
  if (steps.b_rows != 0) rows.load_words(at.b, steps.b_rows, range.first, store.lanes(range, words.source_b));
  // What the destination holds matters for its flips, whether or not the program reads it.
  rows.load_words(at.d, steps.d_rows, range.first, store.lanes(range, words.destination));
  const CellEvents events = rows.run(program, range.first, range.count, guards, width_);
  rows.store_words(at.d, steps.d_rows, range.first, store.lanes(range, words.destination));
  return {program.counts(guards), events};
}

Work StepEngine::execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                         std::optional<std::uint32_t> scalar) {
  const RunnableProgram& program = programs_->program(operation, scalar.has_value());
  return run(program, store, range, words, programs_->guards(scalar));
}

Work StepEngine::convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) {
  return run(programs_->conversion(from, to), store, range, words, ~std::uint64_t{0});
}

void StepEngine::describe_state(core::StateArchive& archive) {
  for (std::uint32_t s = 0; s < geometry_.subarrays; ++s) {
    bool used = arrays_[s] != nullptr;
    archive.item(fmt::format("logic{}.used", s), used);
    if (archive.reading() && !used) arrays_[s].reset();
    if (!used) continue;
    const auto cells = array(s).cells();
    archive.raw(fmt::format("logic{}.rows", s), cells.data(), cells.size_bytes());
  }
}

}  // namespace spinvp::pim
