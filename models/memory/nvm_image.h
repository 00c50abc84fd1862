// The contents of non-volatile memories in a file, so that they outlive the program.
//
//   bytes  what (numbers little-endian)
//   8      magic, "SPINVPNV"
//   4      version, 1
//   4      number of memories
//   8      length of the whole file
//          for each memory, in the order of the platform:
//   4 + n    name: length, characters
//   4 + n    technology ("sot", "stt"): length, characters
//   8        capacity in bytes
//   8        bytes of a word
//   8        bytes of a page, 4096
//   8        number of pages that follow: those that hold anything but zeros, in order
//              8      page number
//              4096   its bytes (fewer in the last page of a memory whose capacity is no multiple)
//   8      checksum: XXH3, 64 bits, of all before
//
// Equal contents give equal bytes. Reading checks length and checksum before anything else is believed, and everything before anything is used.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/memory/durable_file.h"
#include "models/memory/storage.h"

namespace spinvp::memory {

// What a memory must be to take the contents of another.
struct NvmMemory {
  std::string name, technology;
  std::uint64_t capacity = 0, word_bytes = 0;
  bool operator==(const NvmMemory&) const = default;
};

struct NvmSource {
  NvmMemory memory;
  const Storage* contents;
};
// Writes the image of these memories; the caller completes the file.
void write_nvm_image(DurableFile& file, std::span<const NvmSource> sources);

// What an image holds; the pages point into the bytes it was read from.
struct NvmSection {
  NvmMemory memory;
  struct Page {
    std::uint64_t number;
    std::span<const std::uint8_t> bytes;
  };
  std::vector<Page> pages;
};
// Throws core::InputError, `file: what is wrong, what is allowed`.
std::vector<NvmSection> read_nvm_image(std::span<const std::uint8_t> bytes, const std::string& file);
// Throws core::InputError where the image is not one of exactly these memories.
void check_nvm_image(const std::vector<NvmSection>& image, std::span<const NvmMemory> memories, const std::string& file);

}  // namespace spinvp::memory
