#include "models/pim/lane_machine.h"

#include <algorithm>

namespace spinvp::pim {

std::vector<Row> driven_rows(const MicroProgram& program, const Step& s) {
  std::vector<Row> rows;
  if (s.kind == StepKind::set || s.kind == StepKind::reset)
    for (const KeyedRow& entry : program.list_of(s)) rows.push_back(entry.row);
  else if (s.kind != StepKind::read && s.kind != StepKind::search && s.d != no_row)
    rows.push_back(s.d);
  return rows;
}

std::vector<Row> sensed_rows(const MicroProgram& program, const Step& s) {
  std::vector<Row> rows;
  if (s.kind == StepKind::search)
    for (const KeyedRow& entry : program.list_of(s)) rows.push_back(entry.row);
  if (s.kind == StepKind::read || s.kind == StepKind::combine)
    for (const Row row : {s.a, s.b})
      if (row != no_row && std::ranges::find(rows, row) == rows.end()) rows.push_back(row);
  return rows;
}

void LaneMachine::put(unsigned first_row, unsigned bits, std::uint64_t value) {
  for (unsigned i = 0; i < bits; ++i) cells_[first_row + i] = (value >> i) & 1u;
}

std::uint64_t LaneMachine::get(unsigned first_row, unsigned bits) const {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < bits; ++i) value |= std::uint64_t{cells_[first_row + i]} << i;
  return value;
}

void LaneMachine::put_cell(Row row, bool bit) {
  cells_[row] = bit ? 1 : 0;
  if (!stuck_.empty() && stuck_[row] >= 0) cells_[row] = static_cast<std::uint8_t>(stuck_[row]);
}

void LaneMachine::write(const Step& s, unsigned cell, Row row, bool bit, std::span<const StepFault> faults) {
  if (s.masked && !match_) return;
  for (const StepFault& fault : faults)
    if (fault.kind == StepFault::Kind::write_failure && fault.cell == cell) {
      ++struck_.writes;
      return;
    }
  put_cell(row, bit);
}

void LaneMachine::disturb(StepFault::Kind kind, std::span<const Row> rows, std::span<const StepFault> faults) {
  for (const StepFault& fault : faults) {
    if (fault.kind != kind || fault.cell >= rows.size()) continue;
    ++struck_.reads;
    put_cell(rows[fault.cell], cells_[rows[fault.cell]] == 0);
  }
}

void LaneMachine::step(const Step& s, std::span<const StepFault> faults) {
  const auto cell = [&](Row row) { return row != no_row && cells_[row] != 0; };
  const auto disturb_sensed = [&] {
    if (!faults.empty()) disturb(StepFault::Kind::read_disturb, sensed_rows(program_, s), faults);
  };
  switch (s.kind) {
    case StepKind::read:
      latch_ = cell(s.a);
      disturb_sensed();
      break;
    case StepKind::write_copy: write(s, 0, s.d, latch_, faults); break;
    case StepKind::write_and: write(s, 0, s.d, cell(s.d) && latch_, faults); break;
    case StepKind::write_or: write(s, 0, s.d, cell(s.d) || latch_, faults); break;
    case StepKind::write_xor: write(s, 0, s.d, cell(s.d) != latch_, faults); break;
    case StepKind::set:
    case StepKind::reset: {
      unsigned index = 0;
      for (const KeyedRow& entry : program_.list_of(s)) write(s, index++, entry.row, s.kind == StepKind::set, faults);
      break;
    }
    case StepKind::nor: write(s, 0, s.d, cell(s.d) && !(cell(s.a) || cell(s.b) || cell(s.c)), faults); break;
    case StepKind::search:
      match_ = true;
      for (const KeyedRow& entry : program_.list_of(s)) match_ = match_ && cell(entry.row) == entry.bit;
      disturb_sensed();
      break;
    case StepKind::combine: {
      const unsigned index = (cell(s.a) ? 1u : 0u) | (cell(s.b) ? 2u : 0u) | (latch_ ? 4u : 0u);
      disturb_sensed();
      if (s.d != no_row) write(s, 0, s.d, ((s.f >> index) & 1u) != 0, faults);
      latch_ = ((s.g >> index) & 1u) != 0;
      break;
    }
  }
  if (!faults.empty()) disturb(StepFault::Kind::check_disturb, driven_rows(program_, s), faults);
}

LaneMachine::Struck LaneMachine::run(std::uint64_t guards, std::span<const StepFault> faults, std::span<const StuckCell> stuck) {
  stuck_.clear();
  if (!stuck.empty()) {
    stuck_.assign(cells_.size(), -1);
    for (const StuckCell& cell : stuck) {
      stuck_[cell.row] = cell.bit ? 1 : 0;
      cells_[cell.row] = cell.bit ? 1 : 0;
    }
  }
  latch_ = match_ = false;
  struck_ = {};
  std::size_t next = 0;
  for (std::uint32_t i = 0; i < program_.steps.size(); ++i) {
    const Step& s = program_.steps[i];
    const std::size_t first = next;
    while (next < faults.size() && faults[next].step == i) ++next;
    if (s.guard != Step::no_guard && ((guards >> s.guard) & 1u) == 0) continue;
    step(s, faults.subspan(first, next - first));
  }
  return struck_;
}

}  // namespace spinvp::pim
