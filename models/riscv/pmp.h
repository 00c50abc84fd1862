// Physical memory protection: 16 entries (privileged manual 20211203, section 3.7; grain 4 bytes, so NA4 exists).
//
// An access is granted by the lowest-numbered entry that holds any byte of it. That entry must hold all of it, else it fails; then the entry's R, W and X decide,
// for machine mode only if the entry is locked. Where no entry matches, machine mode may do everything and user mode nothing.
// What is one access: an aligned load, store or atomic; each byte of a misaligned one; each 16-bit parcel of an instruction.
//
// WARL. A locked entry keeps configuration and address until reset; a locked TOR entry also keeps the address of the entry below it. W without R, which is
// reserved, is written as neither. Address registers hold bits 55:2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "models/core/state.h"

namespace spinvp::riscv {

enum class Privilege : std::uint8_t { user = 0, machine = 3 };

class Pmp {
 public:
  static constexpr unsigned entries = 16;
  // Bits of a set of rights, as in pmpcfg.
  static constexpr unsigned read = 1, write = 2, execute = 4;

  // pmpcfg as RV64 has it: eight entries from `first` on, one byte each.
  [[nodiscard]] std::uint64_t configurations(unsigned first) const;
  void set_configurations(unsigned first, std::uint64_t value);
  [[nodiscard]] std::uint64_t address(unsigned entry) const { return entries_[entry].address; }
  void set_address(unsigned entry, std::uint64_t value);
  // A lock keeps the address of this entry: its own, or that of the TOR entry above it.
  [[nodiscard]] bool keeps_address(unsigned entry) const;

  // One access of `length` bytes that needs all of `rights`.
  [[nodiscard]] bool allows(std::uint64_t address, std::uint64_t length, unsigned rights, Privilege privilege) const;
  // What every access that is aligned to its size, of at most 8 bytes, may do in [first, last]; nothing if they differ. `first` is a multiple of 8.
  [[nodiscard]] std::optional<unsigned> common_rights(std::uint64_t first, std::uint64_t last, Privilege privilege) const;
  // The bytes around [first, last] without an entry's end among them: of all of them what common_rights() has of these holds. If an end lies within, fewer than these.
  struct Span {
    std::uint64_t first = 0, last = ~std::uint64_t{0};
  };
  [[nodiscard]] Span undivided_around(std::uint64_t first, std::uint64_t last) const;

  // Counts writes that may have changed what user mode may do, and those that may have changed what machine mode may execute: what was derived from the entries
  // is good while these stay the same.
  [[nodiscard]] std::uint32_t changes() const { return changes_; }
  [[nodiscard]] std::uint32_t machine_changes() const { return machine_changes_; }
  void describe_state(core::StateArchive& archive);

 private:
  static constexpr unsigned locked = 0x80, matching = 0x18, tor = 0x08, na4 = 0x10;
  struct Entry {
    std::uint64_t address = 0;                          // bits 55:2
    std::uint64_t first = ~std::uint64_t{0}, last = 0;  // the bytes it matches; first > last: none
    std::uint8_t configuration = 0;
    [[nodiscard]] bool is_locked() const { return (configuration & locked) != 0; }
    [[nodiscard]] bool holds(std::uint64_t byte) const { return byte >= first && byte <= last; }
  };
  std::array<Entry, entries> entries_{};
  std::uint32_t changes_ = 0, machine_changes_ = 0;
  unsigned used_ = 0;  // entries from here on match nothing

  void update();
  [[nodiscard]] unsigned rights_at(std::uint64_t byte, Privilege privilege) const;
  static unsigned rights_of(const Entry& entry, Privilege privilege);
};

}  // namespace spinvp::riscv
