// Control and status registers of a hart with machine and user mode (privileged manual 20211203, chapters 2 and 3).
//
// Present: mstatus (MIE, MPIE, MPP, FS, MPRV, TW, SD; UXL reads 2), misa (RV64 ABCDFIMU, fixed), mie, mip (external, timer, software; driven by their lines),
// mtvec (direct and vectored), mscratch, mepc, mcause, mtval, mcounteren (what user mode may read of cycle, time, instret and hpmcounter3-31), mcountinhibit (CY,
// IR), menvcfg (FIOM, without effect: fences are always whole), mcycle, minstret, cycle, time, instret, mhpmcounter3-31 and their events and shadows (read 0,
// writes ignored), pmpcfg0, pmpcfg2 and pmpaddr0-15 (pmp.h; the other even pmpcfg and pmpaddr read 0, writes ignored, so that a probe finds the truth),
// tselect and tdata1-3 (no trigger: read 0), fcsr, frm, fflags, mvendorid, marchid, mimpid, mhartid, mconfigptr. All others are illegal, and from user mode all
// that are not numbered for it.
//
// WARL: mstatus.MPP takes 0 and 3, other values become 0; mstatus.FS reads Off or Dirty: any other written value counts as Dirty, as the manual allows.
// Supervisor mode and its bits (SUM, MXR, TVM, TSR, medeleg, ...) are absent: every trap goes to machine mode.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "models/riscv/block.h"
#include "models/riscv/pmp.h"

namespace spinvp::riscv {

namespace csr_number {
inline constexpr unsigned fflags = 0x001, frm = 0x002, fcsr = 0x003, mstatus = 0x300, misa = 0x301, mie = 0x304, mtvec = 0x305, mcounteren = 0x306,
                          menvcfg = 0x30a, mcountinhibit = 0x320, mscratch = 0x340, mepc = 0x341, mcause = 0x342, mtval = 0x343, mip = 0x344, pmpcfg0 = 0x3a0,
                          pmpaddr0 = 0x3b0, mcycle = 0xb00, minstret = 0xb02, cycle = 0xc00, time = 0xc01, instret = 0xc02, mvendorid = 0xf11, marchid = 0xf12,
                          mimpid = 0xf13, mhartid = 0xf14, mconfigptr = 0xf15;
}  // namespace csr_number

namespace mstatus_bit {
inline constexpr std::uint64_t mie = 1u << 3, mpie = 1u << 7, mpp = 3u << 11, fs = 3u << 13, mprv = 1u << 17, tw = 1u << 21, uxl_64 = std::uint64_t{2} << 32,
                               sd = std::uint64_t{1} << 63;
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
  ecall_user = 8,
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

  // Whether a write that is not illegal counts as one where the registers that an instruction has written are listed, as for Spike: not if an address of
  // memory protection is locked, nor for counters, triggers and pmpcfg that are not there. (It counts for mhpmevent, tselect and pmpaddr that are not.)
  [[nodiscard]] bool lists_write(unsigned number) const;

  // What an instruction meets in the current mode, read or write, before anything else: the register's own privilege, and mcounteren.
  [[nodiscard]] bool accessible(unsigned number) const;

  // The mode instructions run in, and the one that loads and stores are checked for (mstatus.MPRV).
  [[nodiscard]] Privilege privilege() const { return privilege_; }
  [[nodiscard]] Privilege data_privilege() const { return (mstatus_ & mstatus_bit::mprv) != 0 ? previous_privilege() : privilege_; }
  [[nodiscard]] const Pmp& pmp() const { return pmp_; }
  // wfi in user mode is illegal (mstatus.TW).
  [[nodiscard]] bool refuses_wait() const { return privilege_ == Privilege::user && (mstatus_ & mstatus_bit::tw) != 0; }

  // Enters a trap: returns the handler's address.
  std::uint64_t enter_trap(std::uint64_t cause, std::uint64_t value, std::uint64_t pc);
  // mret: returns the address to go on at.
  std::uint64_t leave_trap();
  // The highest-priority interrupt that is pending, enabled and, in machine mode, not masked by mstatus.MIE: external, software, timer.
  [[nodiscard]] std::optional<unsigned> takeable_interrupt() const;
  // What ends a wait for interrupt: pending and enabled, whatever mstatus.MIE says.
  [[nodiscard]] bool wakes() const { return (mip_ & mie_) != 0; }
  void set_pending(unsigned interrupt, bool level);

  [[nodiscard]] DecodeContext context() const { return {frm_, float_off(), privilege_ == Privilege::user}; }
  void raise_flags(unsigned fflags) { fflags_ = static_cast<std::uint8_t>(fflags_ | fflags); }
  [[nodiscard]] unsigned flags() const { return fflags_; }
  // Returns them and clears them.
  unsigned take_flags() { return std::exchange(fflags_, std::uint8_t{0}); }
  [[nodiscard]] std::uint64_t hart_id() const { return hart_id_; }
  void describe_state(core::StateArchive& archive);
  [[nodiscard]] bool has_trap_vector() const { return mtvec_written_; }
  [[nodiscard]] std::uint64_t trap_vector() const { return mtvec_ & ~std::uint64_t{3}; }

 private:
  std::uint64_t hart_id_;
  Pmp pmp_;
  std::uint64_t mstatus_ = mstatus_bit::mpp | mstatus_bit::uxl_64;
  std::uint64_t mie_ = 0, mip_ = 0, mtvec_ = 0, mscratch_ = 0, mepc_ = 0, mcause_ = 0, mtval_ = 0;
  std::uint64_t mcounteren_ = 0, mcountinhibit_ = 0, menvcfg_ = 0;
  // Counter = count of the hart + offset, or the frozen value while inhibited. Modulo 2^64.
  std::uint64_t cycle_base_ = 0, instruction_base_ = 0;
  Privilege privilege_ = Privilege::machine;
  std::uint8_t frm_ = 0, fflags_ = 0;
  bool mtvec_written_ = false;

  [[nodiscard]] Privilege previous_privilege() const { return (mstatus_ & mstatus_bit::mpp) != 0 ? Privilege::machine : Privilege::user; }
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
