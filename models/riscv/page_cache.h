// Direct-mapped cache of pages that can be reached through a host pointer: what makes loads and stores fast.
//
// A tag holds the page's address while the access is granted. The look-up compares it with the address whose offset bits above the access size are
// cleared, so a misaligned access never matches and takes the slow path by itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "models/riscv/memory_port.h"

namespace spinvp::riscv {

class PageCache {
 public:
  static constexpr std::size_t entries = 512;

  struct Entry {
    std::uint64_t read_tag = no_page, write_tag = no_page;
    std::uint64_t to_host = 0;  // host address = guest address + to_host, modulo 2^64
    DirectTally* tally = nullptr;
  };

  // What a tag must equal for an aligned access of `size` bytes at `address`.
  static constexpr std::uint64_t tag_of(std::uint64_t address, std::size_t size) { return address & ~(page_bytes - size); }
  [[nodiscard]] Entry& slot(std::uint64_t address) { return entries_[(address / page_bytes) % entries]; }
  [[nodiscard]] static std::uint8_t* host(const Entry& entry, std::uint64_t address) { return reinterpret_cast<std::uint8_t*>(address + entry.to_host); }

  void fill(std::uint64_t page_address, const DirectPage& page) {
    Entry& entry = slot(page_address);
    entry.read_tag = page.readable ? page_address : no_page;
    entry.write_tag = page.writable ? page_address : no_page;
    entry.to_host = reinterpret_cast<std::uint64_t>(page.host) - page_address;
    entry.tally = page.tally;
    if (filled_count_ < filled_.size()) filled_[filled_count_] = static_cast<std::uint16_t>(&entry - entries_.data());
    ++filled_count_;
  }
  // Drops pages that overlap [first, last].
  void drop(std::uint64_t first, std::uint64_t last) {
    for (Entry& entry : entries_) {
      const auto overlaps = [&](std::uint64_t tag) { return tag != no_page && tag <= last && tag + (page_bytes - 1) >= first; };
      if (overlaps(entry.read_tag) || overlaps(entry.write_tag)) entry = Entry{};
    }
  }
  // Cheap after few fills: it stands in every change between user and machine mode.
  void clear() {
    if (filled_count_ <= filled_.size())
      for (std::size_t i = 0; i < filled_count_; ++i) entries_[filled_[i]] = Entry{};
    else
      entries_.fill(Entry{});
    filled_count_ = 0;
  }

 private:
  static constexpr std::uint64_t no_page = 0xfff;  // never equals a page's address
  std::array<Entry, entries> entries_{};
  // Entries filled since the last clear(), as long as they find room.
  std::array<std::uint16_t, 64> filled_{};
  std::size_t filled_count_ = 0;
};

}  // namespace spinvp::riscv
