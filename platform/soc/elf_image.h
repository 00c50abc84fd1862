// A firmware image: what of an ELF file goes into memory, and where its symbols are.
//
// Accepted are 64-bit little-endian RISC-V executables (ET_EXEC) whose segments lie inside the file, do not overlap in memory and hold the entry. Nothing in
// the file is trusted. Wrong: core::InputError (status 65) `path: what is wrong, what is allowed`; absent or unreadable: core::FileError (74).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spinvp::platform {

struct ElfImage {
  struct Segment {
    std::uint64_t address = 0;  // physical
    std::uint64_t size = 0;     // in memory; what exceeds `bytes` is zero
    std::string bytes;
    [[nodiscard]] std::uint64_t end() const { return address + size; }
  };
  std::string path;  // as the user named it
  std::uint64_t entry = 0;
  std::vector<Segment> segments;  // by address
  std::map<std::string, std::uint64_t> symbols;
  std::string hash;  // of the whole file

  [[nodiscard]] std::optional<std::uint64_t> symbol(const std::string& name) const;
};

// Reads `file`; messages call it `name`.
ElfImage read_elf(const std::string& file, const std::string& name);
ElfImage parse_elf(std::string_view content, const std::string& name);

}  // namespace spinvp::platform
