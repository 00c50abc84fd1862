// The bytes of a memory: host memory that is allocated as it is touched and reads as zero until then.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "models/core/state.h"

namespace spinvp::memory {

class Storage {
 public:
  // Throws core::InputError where the host has not so much address space; `owner` is for that message.
  Storage(std::uint64_t size, const std::string& owner);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::uint8_t* read(std::uint64_t offset) const { return bytes_ + offset; }
  // Remembers that [offset, offset + length) may change: through this pointer, for ever (direct accesses are not seen).
  std::uint8_t* write(std::uint64_t offset, std::uint64_t length);
  // What was touched, in whole chunks: the unit of sparse allocation, of grants of direct access and of saved state.
  [[nodiscard]] std::uint64_t touched_bytes() const;
  static constexpr std::uint64_t chunk_bytes = 2ull << 20;

  // Overwrites contents with a pattern that follows from `seed` alone. `everything`: also what was never touched.
  void scramble(std::uint64_t seed, bool everything);
  // Pages that hold anything but zeros, and what was touched.
  void describe_state(core::StateArchive& archive);
  // use(page number, bytes) for each page that holds anything but zeros, in order; the last page of a memory may be short.
  template <typename Use>
  void for_each_page(Use&& use) const;
  static constexpr std::uint64_t page_bytes = 4096;
  [[nodiscard]] std::uint64_t page_length(std::uint64_t page) const { return std::min(page_bytes, size_ - page * page_bytes); }

 private:
  std::uint64_t size_;
  std::uint8_t* bytes_;
  std::vector<bool> touched_;  // by chunk
  [[nodiscard]] std::uint64_t chunk_length(std::uint64_t chunk) const;
  void clear();
};

template <typename Use>
void Storage::for_each_page(Use&& use) const {
  static constexpr std::uint8_t zeros[page_bytes] = {};
  for (std::uint64_t chunk = 0; chunk < touched_.size(); ++chunk) {
    if (!touched_[chunk]) continue;
    const std::uint64_t end = chunk * chunk_bytes + chunk_length(chunk);
    for (std::uint64_t at = chunk * chunk_bytes; at < end; at += page_bytes) {
      const std::uint64_t page = at / page_bytes, length = page_length(page);
      if (std::memcmp(bytes_ + at, zeros, length) != 0) use(page, std::span<const std::uint8_t>(bytes_ + at, length));
    }
  }
}

}  // namespace spinvp::memory
