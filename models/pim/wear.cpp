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
      work_(std::size_t{geometry.subarrays} * pool, 0),
      pending_(geometry.subarrays) {}

const std::vector<std::uint32_t>& Wear::writes_of(const MicroProgram& program) {
  auto& writes = writes_[&program];
  if (writes.empty()) writes = program.writes_by_row();
  return writes;
}

void Wear::settle(std::uint32_t subarray) {
  Pending& p = pending_[subarray];
  if (p.runs == 0) return;
  const auto& writes = writes_of(*p.program);
  constexpr std::size_t work_first = ProgramSet::placement.work;
  std::uint64_t* row = work_.data() + std::size_t{subarray} * pool_;
  for (std::size_t i = work_first; i < writes.size(); ++i) row[(i - work_first + p.turn) % pool_] += writes[i] * p.runs;
  // The rows of the result: as often as the busiest of them.
  const std::uint32_t most = *std::max_element(writes.begin() + ProgramSet::placement.d, writes.begin() + work_first);
  words_[std::size_t{subarray} * geometry_.all_words() + p.destination] += most * p.runs;
  p.runs = 0;
}

void Wear::settle() {
  for (std::uint32_t s = 0; s < geometry_.subarrays; ++s) settle(s);
}

void Wear::ran(std::uint32_t subarray, const MicroProgram& program, std::uint32_t destination) {
  const std::uint64_t turn = interval_ == 0 ? 0 : operations_[subarray] / interval_ % pool_;
  ++operations_[subarray];
  Pending& p = pending_[subarray];
  if (p.program != &program || p.turn != turn || p.destination != destination) {
    settle(subarray);
    p = {&program, 0, turn, destination};
  }
  ++p.runs;
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

Wear::Row Wear::most_written() {
  settle();
  Row most;
  for_each_row([&](const Row& row) {
    if (row.writes > most.writes) most = row;
  });
  return most;
}

std::uint64_t Wear::total() {
  settle();
  std::uint64_t total = 0;
  for_each_row([&](const Row& row) { total += row.writes; });
  return total;
}

std::string Wear::csv() {
  settle();
  std::string text = "subarray,kind,row,writes\n";
  for_each_row([&](const Row& row) {
    if (row.writes != 0) text += fmt::format("{},{},{},{}\n", row.subarray, row.work ? "work" : "word", row.row, row.writes);
  });
  return text;
}

void Wear::describe_state(core::StateArchive& archive) {
  settle();
  // Of fixed length: the models index them by what the configuration says.
  archive.raw("wear_words", words_.data(), words_.size() * sizeof words_[0]);
  archive.raw("wear_operations", operations_.data(), operations_.size() * sizeof operations_[0]);
  archive.raw("wear_work", work_.data(), work_.size() * sizeof work_[0]);
}

}  // namespace spinvp::pim
