#include "models/pim/wear.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/pim/program_set.h"

namespace spinvp::pim {

namespace {
constexpr unsigned word_bits = 32;
}

Wear::Wear(const Geometry& geometry, unsigned pool, std::uint64_t rotation_interval)
    : geometry_(geometry),
      pool_(pool),
      interval_(rotation_interval),
      words_(geometry.subarrays * geometry.all_words(), 0),
      operations_(geometry.subarrays, 0),
      work_(std::size_t{geometry.subarrays} * pool, 0) {}

void Wear::ran(std::uint32_t subarray, const MicroProgram& program, std::uint32_t destination) {
  auto& writes = writes_[&program];
  if (writes.empty()) {
    // Of the placed program: its work rows are its last ones.
    for (const Step& step : program.steps) {
      const auto count = [&](spinvp::pim::Row row) {
        if (writes.size() <= row) writes.resize(row + std::size_t{1}, 0);
        ++writes[row];
      };
      if (step.kind == StepKind::set || step.kind == StepKind::reset)
        for (const KeyedRow& entry : program.list_of(step)) count(entry.row);
      else if (step.kind != StepKind::read && step.kind != StepKind::search && step.d != no_row)
        count(step.d);
    }
  }
  const std::uint64_t turn = interval_ == 0 ? 0 : operations_[subarray] / interval_ % pool_;
  ++operations_[subarray];
  constexpr std::size_t work_first = ProgramSet::placement.work;
  std::uint64_t* row = work_.data() + std::size_t{subarray} * pool_;
  for (std::size_t i = work_first; i < writes.size(); ++i) row[(i - work_first + turn) % pool_] += writes[i];
  // The rows of the result: as often as the busiest of them.
  std::uint32_t most = 0;
  for (std::size_t i = ProgramSet::placement.d; i < std::min(work_first, writes.size()); ++i) most = std::max(most, writes[i]);
  words_[std::size_t{subarray} * geometry_.all_words() + destination] += most;
}

template <typename Use>
void Wear::for_each_row(Use&& use) const {
  for (std::uint32_t s = 0; s < geometry_.subarrays; ++s) {
    for (std::uint32_t word = 0; word < geometry_.all_words(); ++word) {
      const std::uint64_t writes = words_[s * geometry_.all_words() + word];
      for (unsigned bit = 0; bit < word_bits; ++bit) use(Row{s, false, word * word_bits + bit, writes});
    }
    for (unsigned row = 0; row < pool_; ++row) use(Row{s, true, row, work_[std::size_t{s} * pool_ + row]});
  }
}

Wear::Row Wear::most_written() const {
  Row most;
  for_each_row([&](const Row& row) {
    if (row.writes > most.writes) most = row;
  });
  return most;
}

std::uint64_t Wear::total() const {
  std::uint64_t total = 0;
  for_each_row([&](const Row& row) { total += row.writes; });
  return total;
}

std::string Wear::csv() const {
  std::string text = "subarray,kind,row,writes\n";
  for_each_row([&](const Row& row) {
    if (row.writes != 0) text += fmt::format("{},{},{},{}\n", row.subarray, row.work ? "work" : "word", row.row, row.writes);
  });
  return text;
}

void Wear::describe_state(core::StateArchive& archive) {
  archive.item("wear_words", words_);
  archive.item("wear_operations", operations_);
  archive.item("wear_work", work_);
}

}  // namespace spinvp::pim
