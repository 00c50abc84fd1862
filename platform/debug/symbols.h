// What an ELF file knows of addresses: functions, objects, sections, source lines and the rules by which frames are unwound (libelf, libdw).
//
// Everything is optional: a stripped file gives empty answers, a file without DWARF gives functions alone, and nothing in a file is trusted.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace spinvp::platform {

// A range [start, end) with a name.
struct NamedRange {
  std::uint64_t start = 0, end = 0;
  std::string name;
  [[nodiscard]] bool holds(std::uint64_t address) const { return address >= start && address < end; }
};

struct SectionRange : NamedRange {
  bool writable = false, executable = false;
};

// How the caller's registers follow from those of a frame (DWARF 5, chapter 6.4): the canonical frame address is a register plus an offset.
struct FrameRules {
  enum class Kind : std::uint8_t { same, undefined, in_memory };
  struct Rule {
    Kind kind = Kind::same;
    std::int64_t offset = 0;  // from the canonical frame address
  };
  unsigned cfa_register = 2;
  std::int64_t cfa_offset = 0;
  std::array<Rule, 32> registers;
};

class Symbols {
 public:
  // `elf`: the file's content.
  explicit Symbols(std::string elf);
  ~Symbols();
  Symbols(const Symbols&) = delete;
  Symbols& operator=(const Symbols&) = delete;

  // Disjoint and in order. Of several names of one address the first that is global counts.
  [[nodiscard]] const std::vector<NamedRange>& functions() const { return functions_; }
  [[nodiscard]] const std::vector<SectionRange>& sections() const { return sections_; }  // those in memory
  [[nodiscard]] const NamedRange* function_at(std::uint64_t address) const;
  [[nodiscard]] const NamedRange* object_at(std::uint64_t address) const;
  [[nodiscard]] const SectionRange* section_at(std::uint64_t address) const;

  struct Line {
    std::string file;  // as the compiler wrote it, without a leading "./"
    int line = 0;
  };
  [[nodiscard]] std::optional<Line> line_at(std::uint64_t address) const;
  // Where the function at this address is defined; without such an entry, the line of its first instruction.
  [[nodiscard]] std::optional<Line> definition_of(const NamedRange& function) const;
  // "conv (kernels.c:12)"; less where less is known: "conv+0x1c", "0x80001234".
  [[nodiscard]] std::string code_text(std::uint64_t address) const;
  // "weights+0x10 in .data", ".bss"; empty: nothing of the file lies there.
  [[nodiscard]] std::string data_text(std::uint64_t address) const;
  // From the compiler's call frame information; nothing where there is none for this instruction, or none of the simple kind.
  [[nodiscard]] std::optional<FrameRules> frame_rules(std::uint64_t pc) const;

 private:
  struct Files;
  std::string content_;
  std::unique_ptr<Files> files_;
  std::vector<NamedRange> functions_, objects_;
  std::vector<SectionRange> sections_;

  void read_sections();
  void read_symbols();
};

}  // namespace spinvp::platform
