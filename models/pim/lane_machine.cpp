#include "models/pim/lane_machine.h"

namespace spinvp::pim {

void LaneMachine::put(unsigned first_row, unsigned bits, std::uint64_t value) {
  for (unsigned i = 0; i < bits; ++i) cells_[first_row + i] = (value >> i) & 1u;
}

std::uint64_t LaneMachine::get(unsigned first_row, unsigned bits) const {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < bits; ++i) value |= std::uint64_t{cells_[first_row + i]} << i;
  return value;
}

void LaneMachine::write(Row row, bool bit, bool masked, bool fails) {
  if ((masked && !match_) || fails) return;
  cells_[row] = bit ? 1 : 0;
  if (!stuck_.empty() && stuck_[row] >= 0) cells_[row] = static_cast<std::uint8_t>(stuck_[row]);
}

void LaneMachine::step(const Step& s, bool write_fails, bool disturbs) {
  const auto cell = [&](Row row) { return row != no_row && cells_[row] != 0; };
  Row sensed = no_row;
  switch (s.kind) {
    case StepKind::read:
      latch_ = cell(s.a);
      sensed = s.a;
      break;
    case StepKind::write_copy: write(s.d, latch_, s.masked, write_fails); break;
    case StepKind::write_and: write(s.d, cell(s.d) && latch_, s.masked, write_fails); break;
    case StepKind::write_or: write(s.d, cell(s.d) || latch_, s.masked, write_fails); break;
    case StepKind::write_xor: write(s.d, cell(s.d) != latch_, s.masked, write_fails); break;
    case StepKind::set:
    case StepKind::reset: {
      // One cell of the rows set at once fails: the first.
      bool fails = write_fails;
      for (const KeyedRow& entry : program_.list_of(s)) {
        write(entry.row, s.kind == StepKind::set, s.masked, fails);
        fails = false;
      }
      break;
    }
    case StepKind::nor: write(s.d, cell(s.d) && !(cell(s.a) || cell(s.b) || cell(s.c)), s.masked, write_fails); break;
    case StepKind::search: {
      match_ = true;
      for (const KeyedRow& entry : program_.list_of(s)) match_ = match_ && cell(entry.row) == entry.bit;
      sensed = program_.list_of(s).front().row;
      break;
    }
    case StepKind::combine: {
      const unsigned index = (cell(s.a) ? 1u : 0u) | (cell(s.b) ? 2u : 0u) | (latch_ ? 4u : 0u);
      if (s.d != no_row) write(s.d, ((s.f >> index) & 1u) != 0, s.masked, write_fails);
      latch_ = ((s.g >> index) & 1u) != 0;
      sensed = s.a;
      break;
    }
  }
  if (disturbs && sensed != no_row) write(sensed, cells_[sensed] == 0, false, false);
}

void LaneMachine::run(std::uint64_t guards, std::span<const StepFault> faults, std::span<const StuckCell> stuck) {
  stuck_.clear();
  if (!stuck.empty()) {
    stuck_.assign(cells_.size(), -1);
    for (const StuckCell& cell : stuck) {
      stuck_[cell.row] = cell.bit ? 1 : 0;
      cells_[cell.row] = cell.bit ? 1 : 0;
    }
  }
  latch_ = match_ = false;
  std::size_t next = 0;
  for (std::uint32_t i = 0; i < program_.steps.size(); ++i) {
    const Step& s = program_.steps[i];
    bool fails = false, disturbs = false;
    for (; next < faults.size() && faults[next].step == i; ++next) (faults[next].kind == StepFault::Kind::write_failure ? fails : disturbs) = true;
    if (s.guard != Step::no_guard && ((guards >> s.guard) & 1u) == 0) continue;
    step(s, fails, disturbs);
  }
}

}  // namespace spinvp::pim
