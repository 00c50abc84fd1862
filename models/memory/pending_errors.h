// Which bits of which code words differ from what was last written: a sparse map. A word that is not in it has syndrome zero, so nobody needs to decode it.
//
// Also says by 4 KiB page whether there is any: those pages can give no direct access.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "models/core/state.h"

namespace spinvp::memory {

class PendingErrors {
 public:
  static constexpr std::uint64_t page_bytes = 4096;
  explicit PendingErrors(unsigned word_bytes) : words_a_page_(page_bytes / word_bytes) {}

  using Positions = std::vector<std::uint16_t>;  // ascending; ecc.h says what they number
  using Words = std::map<std::uint64_t, Positions>;
  [[nodiscard]] bool empty() const { return words_.empty(); }
  [[nodiscard]] const Words& words() const { return words_; }
  // Whether any word of [first, end) has one.
  [[nodiscard]] bool any(std::uint64_t first, std::uint64_t end) const {
    if (words_.empty()) return false;
    const auto found = words_.lower_bound(first);
    return found != words_.end() && found->first < end;
  }
  // Of a word; empty if it has none.
  [[nodiscard]] const Positions& of(std::uint64_t word) const;
  // Replaces them. True if the page turned clean or unclean by it.
  bool set(std::uint64_t word, Positions positions);
  bool toggle(std::uint64_t word, unsigned position);
  void clear();
  [[nodiscard]] bool page_pending(std::uint64_t page) const { return pages_.contains(page); }
  // Pages with errors, ascending, and how many words of each have one.
  [[nodiscard]] const std::map<std::uint64_t, std::uint64_t>& pages() const { return pages_; }
  void describe_state(core::StateArchive& archive);

 private:
  std::uint64_t words_a_page_;
  Words words_;
  std::map<std::uint64_t, std::uint64_t> pages_;
  bool count(std::uint64_t word, bool more);
};

}  // namespace spinvp::memory
