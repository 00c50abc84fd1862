// Which bytes of some memories were ever written: a bit a byte, in pages that are made as they are touched.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <vector>

namespace spinvp::platform {

class WrittenBytes {
 public:
  // Addresses outside all memories count as written.
  void add_memory(std::uint64_t base, std::uint64_t size) {
    memories_.push_back({base, size, std::vector<std::unique_ptr<Page>>((size + page_bytes - 1) / page_bytes)});
  }
  void set(std::uint64_t address, std::uint64_t length) {
    for (Memory& memory : memories_)
      if (memory.holds(address)) set_in(memory, address - memory.base, length);
  }
  // Whether none of the bytes was.
  [[nodiscard]] bool none(std::uint64_t address, unsigned length) const {
    for (const Memory& memory : memories_) {
      if (!memory.holds(address)) continue;
      for (unsigned i = 0; i < length && address + i - memory.base < memory.size; ++i) {
        const std::uint64_t offset = address + i - memory.base;
        const Page* page = memory.pages[offset / page_bytes].get();
        if (page != nullptr && page->test(offset % page_bytes)) return false;
      }
      return true;
    }
    return false;
  }

 private:
  static constexpr std::uint64_t page_bytes = 4096;
  using Page = std::bitset<page_bytes>;
  struct Memory {
    std::uint64_t base, size;
    std::vector<std::unique_ptr<Page>> pages;
    [[nodiscard]] bool holds(std::uint64_t address) const { return address >= base && address - base < size; }
  };
  std::vector<Memory> memories_;

  static void set_in(Memory& memory, std::uint64_t offset, std::uint64_t length) {
    length = length < memory.size - offset ? length : memory.size - offset;
    while (length != 0) {
      const std::uint64_t in_page = offset % page_bytes, run = length < page_bytes - in_page ? length : page_bytes - in_page;
      std::unique_ptr<Page>& page = memory.pages[offset / page_bytes];
      if (!page) page = std::make_unique<Page>();
      if (run == page_bytes)
        page->set();
      else
        for (std::uint64_t i = 0; i < run; ++i) page->set(in_page + i);
      offset += run;
      length -= run;
    }
  }
};

}  // namespace spinvp::platform
