// What can be reached through a host pointer: what makes loads and stores fast.
//
// The window: one range of many pages that may be read and written and has one tally, most often all of the memory that a program uses. A hit takes a mask and a
// compare and counts nothing: how many accesses a block makes is known when it is built, and those that hit no window are taken off (Interpreter::settle_accesses).
//
// Beside it a direct-mapped cache of single pages, where each hit counts in the page's tally. A tag holds the page's address while the access is granted. The look-up
// compares it with the address whose offset bits above the access size are cleared.
//
// A misaligned access never matches, neither here nor there, and takes the slow path by itself.
#pragma once

#include <array>
#include <bit>
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

  // [base, base + size), of a power of 2, at a multiple of it.
  struct Window {
    std::uint64_t mask = 0;     // all bits but those of the offset
    std::uint64_t base = 8;     // closed: no address with all but its three lowest bits masked equals it
    std::uint64_t to_host = 0;  // as in Entry

    // All of an aligned access; a misaligned one never.
    [[nodiscard]] bool holds(std::uint64_t address, std::size_t size) const { return (address & (mask | (size - 1))) == base; }
    [[nodiscard]] std::uint8_t* host(std::uint64_t address) const { return reinterpret_cast<std::uint8_t*>(address + to_host); }
  };
  [[nodiscard]] const Window& window() const { return window_; }
  // Of the open window; null: there is none.
  [[nodiscard]] DirectTally* window_tally() const { return tally_; }
  // Opens it around the page, as far as [first, last] allows. The last window's tally is preferred: pages of others open none.
  bool open(std::uint64_t page_address, const DirectPage& page, std::uint64_t first, std::uint64_t last) {
    if (tally_ != nullptr || (preferred_ != nullptr && preferred_ != page.tally)) return false;
    std::uint64_t size = page_bytes;
    while (size < largest_window && (page_address & ~(2 * size - 1)) >= first && (page_address | (2 * size - 1)) <= last) size *= 2;
    if (size == page_bytes) return false;
    anchor_ = page_address;
    tally_ = preferred_ = page.tally;
    window_.to_host = reinterpret_cast<std::uint64_t>(page.host) - page_address;
    set_window(page_address & ~(size - 1), size);
    return true;
  }
  // Accesses elsewhere are many more: the next page that can opens another one.
  void move_window() {
    preferred_ = nullptr;
    clear();
  }

  void fill(std::uint64_t page_address, const DirectPage& page) {
    Entry& entry = slot(page_address);
    entry.read_tag = page.readable ? page_address : no_page;
    entry.write_tag = page.writable ? page_address : no_page;
    entry.to_host = reinterpret_cast<std::uint64_t>(page.host) - page_address;
    entry.tally = page.tally;
    if (filled_count_ < filled_.size()) filled_[filled_count_] = static_cast<std::uint16_t>(&entry - entries_.data());
    ++filled_count_;
  }
  // Drops pages that overlap [first, last]. The window becomes smaller: it stays around the page that it was opened for unless that is dropped.
  void drop(std::uint64_t first, std::uint64_t last) {
    while (tally_ != nullptr && window_.base <= last && window_.base + (size_ - 1) >= first) {
      const bool keeps_anchor = anchor_ > last || anchor_ + (page_bytes - 1) < first;
      size_ /= 2;
      if (size_ == page_bytes) {
        close_window();
        preferred_ = nullptr;
      } else {
        const bool upper = ((anchor_ & size_) != 0) == keeps_anchor;
        set_window(upper ? window_.base | size_ : window_.base, size_);
      }
    }
    for (Entry& entry : entries_) {
      const auto overlaps = [&](std::uint64_t tag) { return tag != no_page && tag <= last && tag + (page_bytes - 1) >= first; };
      if (overlaps(entry.read_tag) || overlaps(entry.write_tag)) entry = Entry{};
    }
  }
  // Cheap after few fills: it stands in every change between user and machine mode.
  void clear() {
    close_window();
    if (filled_count_ <= filled_.size())
      for (std::size_t i = 0; i < filled_count_; ++i) entries_[filled_[i]] = Entry{};
    else
      entries_.fill(Entry{});
    filled_count_ = 0;
  }

 private:
  static constexpr std::uint64_t no_page = 0xfff;  // never equals a page's address
  static constexpr std::uint64_t largest_window = std::uint64_t{1} << 48;
  Window window_;
  std::uint64_t size_ = 0, anchor_ = 0;  // of the window; the page it was opened for
  DirectTally *tally_ = nullptr, *preferred_ = nullptr;
  std::array<Entry, entries> entries_{};
  // Entries filled since the last clear(), as long as they find room.
  std::array<std::uint16_t, 64> filled_{};
  std::size_t filled_count_ = 0;

  void set_window(std::uint64_t base, std::uint64_t size) {
    window_.base = base;
    size_ = size;
    window_.mask = ~(size - 1);
  }
  void close_window() {
    window_ = Window{};
    tally_ = nullptr;
  }
};

}  // namespace spinvp::riscv
