#include "models/pim/published_counts.h"

#include "models/core/units.h"

namespace spinvp::pim {

CellEvents published_events(const PublishedCount& count, std::uint64_t lanes) {
  const auto cells = [&](std::uint64_t halves) { return core::divide_up(halves * lanes, 2); };
  const StepCounts& steps = count.steps;
  CellEvents events;
  events[CellEvent::read_cell] = cells(count.cells.reads);
  events[CellEvent::write_cell] = cells(count.cells.writes);
  events[CellEvent::search_cell] = cells(count.cells.searches);
  events[CellEvent::nor_cell] = cells(count.cells.nors);
  events[CellEvent::init_cell] = cells(count.cells.inits);
  events[CellEvent::row_step] = core::divide_up(steps.reads + steps.writes + steps.searches + steps.nors + steps.inits, 2);
  return events;
}

Work PublishedCounts::execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                              std::optional<std::uint32_t> scalar) {
  const Work executed = engine_->execute(operation, store, range, words, scalar);
  const auto count = family_.published(operation, format_, false);
  if (!count) return executed;
  return {count->steps, published_events(*count, range.count)};
}

StepCounts PublishedCounts::steps(ArithmeticOperation operation, std::optional<std::uint32_t> scalar) const {
  const auto count = family_.published(operation, format_, false);
  return count ? count->steps : engine_->steps(operation, scalar);
}

}  // namespace spinvp::pim
