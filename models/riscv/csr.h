// Control and status registers of an M-mode hart (privileged manual 20211203, chapters 2 and 3).
//
// Present: mstatus, misa, mie, mip, mtvec (direct and vectored), mscratch, mepc, mcause, mtval, mcounteren (stored, without effect while there is no U-mode),
// mcountinhibit (CY, IR), mcycle, minstret, cycle, time, instret, mhpmcounter3-31 and their events and shadows (read 0, writes ignored), pmpcfg and pmpaddr
// (no entry is implemented: read 0, writes ignored, so that a probe finds the truth), tselect and tdata1-3 (no trigger: read 0), fcsr, frm, fflags,
// mvendorid, marchid, mimpid, mhartid, mconfigptr. All others are illegal.
// mstatus.FS reads Off or Dirty: any other written value counts as Dirty, as the manual allows.
#pragma once

#include <cstdint>
#include <optional>

#include "models/riscv/block.h"

namespace spinvp::riscv {

namespace csr_number {
inline constexpr unsigned fflags = 0x001, frm = 0x002, fcsr = 0x003, mstatus = 0x300, misa = 0x301, mie = 0x304, mtvec = 0x305, mcounteren = 0x306,
                          mcountinhibit = 0x320, mscratch = 0x340, mepc = 0x341, mcause = 0x342, mtval = 0x343, mip = 0x344, mcycle = 0xb00, minstret = 0xb02,
                          cycle = 0xc00, time = 0xc01, instret = 0xc02, mvendorid = 0xf11, marchid = 0xf12, mimpid = 0xf13, mhartid = 0xf14, mconfigptr = 0xf15;
}  // namespace csr_number

namespace mstatus_bit {
inline constexpr std::uint64_t mie = 1u << 3, mpie = 1u << 7, mpp = 3u << 11, fs = 3u << 13, sd = std::uint64_t{1} << 63;
}

// Causes of exceptions (mcause without the interrupt bit).
enum class Cause : std::uint64_t {
  fetch_misaligned = 0,
  fetch_access = 1,
  illegal_instruction = 2,
  breakpoint = 3,
  load_misaligned = 4,
  load_access = 5,
  store_misaligned = 6,
  store_access = 7,
  ecall_machine = 11,
};
inline constexpr std::uint64_t interrupt_cause = std::uint64_t{1} << 63;

// The hart's own counts at the start of the instruction that asks, from which mcycle and minstret are made.
struct CounterView {
  std::uint64_t cycles = 0, instructions = 0, time = 0;
};

class CsrFile {
 public:
  explicit CsrFile(std::uint64_t hart_id = 0) : hart_id_(hart_id) {}
  void reset() { *this = CsrFile(hart_id_); }

  // Nothing: no such register, or not now (floating point off).
  [[nodiscard]] std::optional<std::uint64_t> read(unsigned number, const CounterView& now) const;
  // `next` are the counts at the start of the following instruction: a value written to mcycle or minstret is what that one reads. False: illegal.
  bool write(unsigned number, std::uint64_t value, const CounterView& next);

  // Enters a trap: returns the handler's address.
  std::uint64_t enter_trap(std::uint64_t cause, std::uint64_t value, std::uint64_t pc);
  // mret: returns the address to go on at.
  std::uint64_t leave_trap();
  // The highest-priority interrupt that is pending, enabled and not masked by mstatus.MIE: external, software, timer.
  [[nodiscard]] std::optional<unsigned> takeable_interrupt() const;
  // What ends a wait for interrupt: pending and enabled, whatever mstatus.MIE says.
  [[nodiscard]] bool wakes() const { return (mip_ & mie_) != 0; }
  void set_pending(unsigned interrupt, bool level);

  [[nodiscard]] DecodeContext context() const { return {frm_, (mstatus_ & mstatus_bit::fs) == 0}; }
  void raise_flags(unsigned fflags) { fflags_ = static_cast<std::uint8_t>(fflags_ | fflags); }
  [[nodiscard]] bool has_trap_vector() const { return mtvec_written_; }
  [[nodiscard]] std::uint64_t trap_vector() const { return mtvec_ & ~std::uint64_t{3}; }

 private:
  std::uint64_t hart_id_;
  std::uint64_t mstatus_ = mstatus_bit::mpp;
  std::uint64_t mie_ = 0, mip_ = 0, mtvec_ = 0, mscratch_ = 0, mepc_ = 0, mcause_ = 0, mtval_ = 0;
  std::uint64_t mcounteren_ = 0, mcountinhibit_ = 0;
  // Counter = count of the hart + offset, or the frozen value while inhibited. Modulo 2^64.
  std::uint64_t cycle_base_ = 0, instruction_base_ = 0;
  std::uint8_t frm_ = 0, fflags_ = 0;
  bool mtvec_written_ = false;

  [[nodiscard]] bool float_off() const { return (mstatus_ & mstatus_bit::fs) == 0; }
  [[nodiscard]] std::uint64_t counter(unsigned inhibit_bit, std::uint64_t base, std::uint64_t count) const {
    return (mcountinhibit_ >> inhibit_bit & 1) != 0 ? base : base + count;
  }
  void set_counter(unsigned inhibit_bit, std::uint64_t& base, std::uint64_t value, std::uint64_t count) const {
    base = (mcountinhibit_ >> inhibit_bit & 1) != 0 ? value : value - count;
  }
  void write_inhibit(std::uint64_t value, const CounterView& next);
};

}  // namespace spinvp::riscv
