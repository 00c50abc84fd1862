#include "models/memory/pending_errors.h"

#include <algorithm>

#include "models/core/error.h"

namespace spinvp::memory {

const PendingErrors::Positions& PendingErrors::of(std::uint64_t word) const {
  static const Positions none;
  const auto found = words_.find(word);
  return found == words_.end() ? none : found->second;
}

bool PendingErrors::count(std::uint64_t word, bool more) {
  const std::uint64_t page = word / words_a_page_;
  if (more) return ++pages_[page] == 1;
  const auto found = pages_.find(page);
  if (--found->second != 0) return false;
  pages_.erase(found);
  return true;
}

bool PendingErrors::set(std::uint64_t word, Positions positions) {
  if (positions.empty()) return words_.erase(word) != 0 && count(word, false);
  Positions& at = words_[word];
  const bool fresh = at.empty();
  at = std::move(positions);
  return fresh && count(word, true);
}

bool PendingErrors::toggle(std::uint64_t word, unsigned position) {
  Positions positions = of(word);
  const auto p = static_cast<std::uint16_t>(position);
  const auto at = std::lower_bound(positions.begin(), positions.end(), p);
  if (at != positions.end() && *at == p)
    positions.erase(at);
  else
    positions.insert(at, p);
  return set(word, std::move(positions));
}

void PendingErrors::clear() {
  words_.clear();
  pages_.clear();
}

void PendingErrors::describe_state(core::StateArchive& archive) {
  std::vector<std::uint64_t> words, counts;
  Positions positions;
  for (const auto& [word, wrong] : words_) {
    words.push_back(word);
    counts.push_back(wrong.size());
    positions.insert(positions.end(), wrong.begin(), wrong.end());
  }
  archive.item("error_words", words);
  archive.item("error_counts", counts);
  archive.item("error_positions", positions);
  if (!archive.reading()) return;
  clear();
  std::uint64_t from = 0;
  if (counts.size() != words.size()) throw core::InputError("saved state: error_counts does not fit error_words");
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (counts[i] > positions.size() - from) throw core::InputError("saved state: error_positions is too short");
    const auto first = positions.begin() + static_cast<std::ptrdiff_t>(from);
    set(words[i], Positions(first, first + static_cast<std::ptrdiff_t>(counts[i])));
    from += counts[i];
  }
}

}  // namespace spinvp::memory
