// A first-level cache as a timing model: tags without data.
//
// Memory always holds the data, so what the cache says costs time and traffic and never changes a value. Set-associative, least recently used line replaced,
// write-back, a missed write fetches its line.
#pragma once

#include <cstdint>
#include <vector>

#include "models/core/state.h"

namespace spinvp::riscv {

// size = sets x ways x line; sets and line are powers of two. size 0: there is no such cache, accesses hit.
struct CacheShape {
  std::uint64_t size = 0, ways = 1, line = 64;
  [[nodiscard]] bool on() const { return size != 0; }
  [[nodiscard]] std::uint64_t sets() const { return size / (ways * line); }
  [[nodiscard]] bool valid() const;
};

struct CacheShapes {
  CacheShape instruction, data;
};

class Cache {
 public:
  explicit Cache(const CacheShape& shape);

  struct Outcome {
    bool hit = true;
    bool writes_back = false;  // the line that had to go was written to
    std::uint64_t victim = 0;  // its address
  };
  // One access to the line that holds `address`, if that is there; else nothing happens.
  bool hit(std::uint64_t address, bool write);
  // The same, and where it is not there it comes.
  Outcome access(std::uint64_t address, bool write);
  [[nodiscard]] std::uint64_t line_of(std::uint64_t address) const { return address & ~(line_ - 1); }
  [[nodiscard]] std::uint64_t line_bytes() const { return line_; }
  // Forgets all lines; nothing is written back.
  void clear();
  void describe_state(core::StateArchive& archive);

  struct Counts {
    std::uint64_t hits = 0, misses = 0, write_backs = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  static constexpr std::uint64_t no_line = 1;  // odd: no line's address
  struct Way {
    std::uint64_t line = no_line;
    bool dirty = false;
  };
  std::uint64_t line_, ways_, set_mask_;
  unsigned line_shift_;
  std::vector<Way> tags_;  // set by set, the most recently used way first
  Counts counts_;

  [[nodiscard]] std::vector<Way>::iterator set_of(std::uint64_t address) {
    return tags_.begin() + static_cast<std::ptrdiff_t>((address >> line_shift_ & set_mask_) * ways_);
  }
};

}  // namespace spinvp::riscv
