// `--check-memory`: what firmware does to memory that it should not.
//
//   read of memory never written   a byte of RAM that neither the loader, an engine nor a hart has written (what a segment has beyond its bytes in the file is not written:
//                                  start-up code clears it)
//   stack overflow                 the stack pointer, or an access, below the bound that the linker script gives (__stack_top and __stack_size, __trap_stack_top and __trap_stack_size, picolibc's
//                                  __stack): told once until the stack pointer is back
//   write to read-only data        .text, .rodata
//   stray access                   RAM that holds the program, but none of its sections, stack, heap or what the boot block gives it
//   access to nothing              an address at which nothing answers, where the run ends in that trap: a probe whose fault firmware deals with is none
//
// Each finding once for an instruction and a kind. A finding is a warning of the report: status, time, counts and energy of the run stay what they are.
// A load wider than what was written (a string function that reads whole words, a copy of a struct with padding) is none as long as one of its bytes was written.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/riscv/access_watch.h"
#include "platform/debug/crash_report.h"
#include "platform/debug/written_bytes.h"
#include "platform/soc/elf_image.h"

namespace spinvp::platform {

enum class MemoryFault : std::uint8_t { unwritten, stack_overflow, read_only, stray, unanswered };

class MemoryCheck {
 public:
  struct Area {
    std::uint64_t start = 0, end = 0;
    [[nodiscard]] bool holds(std::uint64_t address) const { return address >= start && address < end; }
  };
  struct Services {
    PlaceText place;
    std::function<std::optional<std::uint64_t>(std::uint64_t address, unsigned size)> read;
    std::function<void(const std::string& hart, const std::string& message)> tell;
  };
  // `memories`: RAM, by base and size.
  MemoryCheck(const Symbols& symbols, const ElfImage& image, std::vector<Area> memories, Services services);
  ~MemoryCheck();

  // The watch of one hart; owned by this.
  riscv::AccessWatch* watch(const std::string& hart);
  void written(std::uint64_t address, std::uint64_t length) { written_.set(address, length); }
  // What ends the run belongs to the findings: once it has ended.
  void finish();

  static constexpr std::size_t most_findings = 200;
  [[nodiscard]] std::size_t findings() const { return findings_; }
  // "check-memory: 2 findings: 1 read of memory never written, 1 stack overflow".
  [[nodiscard]] std::string summary() const;

 private:
  struct Stack : Area {
    bool of_traps = false;
  };
  class Watch;
  const Symbols& symbols_;
  std::uint64_t entry_;
  Services services_;
  WrittenBytes written_;
  std::vector<Area> program_memories_;  // those that hold a part of the ELF
  std::vector<Area> allowed_;           // beyond its sections
  std::vector<Stack> stacks_;
  bool knows_stack_ = false;
  std::deque<std::unique_ptr<Watch>> watches_;
  std::set<std::pair<std::uint64_t, MemoryFault>> seen_;
  std::array<std::size_t, 5> by_kind_{};
  std::size_t findings_ = 0;

  void find_stacks(const ElfImage& image);
  void find_allowed(const ElfImage& image, const std::vector<Area>& memories);
  [[nodiscard]] const Stack* stack_at(std::uint64_t address, bool in_trap) const;
};

}  // namespace spinvp::platform
