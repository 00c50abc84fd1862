#include "models/riscv/csr.h"

namespace spinvp::riscv {
namespace {

using u64 = std::uint64_t;

constexpr u64 letter(char c) { return u64{1} << (c - 'A'); }
constexpr u64 misa_value = u64{2} << 62 | letter('A') | letter('B') | letter('C') | letter('D') | letter('F') | letter('I') | letter('M') | letter('U');

constexpr unsigned software = 3, timer = 7, external = 11;
constexpr u64 interrupt_mask = 1u << software | 1u << timer | 1u << external;
constexpr u64 cycle_inhibit = 0, instret_inhibit = 2;

constexpr bool is_in(unsigned number, unsigned first, unsigned last) { return number >= first && number <= last; }

// Registers that exist and are hard-wired to zero.
constexpr bool reads_zero(unsigned n) {
  return is_in(n, 0xb03, 0xb1f) || is_in(n, 0xc03, 0xc1f) || is_in(n, 0x323, 0x33f)  // performance counters and their events
         || (is_in(n, 0x3a0, 0x3af) && n % 2 == 0) || is_in(n, 0x3b0, 0x3ef)         // pmpcfg (even ones on RV64), pmpaddr: beyond the 16 entries
         || is_in(n, 0x7a0, 0x7a3)                                                   // tselect, tdata1-3
         || n == csr_number::mvendorid || n == csr_number::marchid || n == csr_number::mimpid || n == csr_number::mconfigptr;
}
// The first of the eight entries of an implemented pmpcfg, the entry of an implemented pmpaddr.
constexpr bool is_pmp_configuration(unsigned n) { return n == csr_number::pmpcfg0 || n == csr_number::pmpcfg0 + 2; }
constexpr unsigned first_entry(unsigned n) { return 4 * (n - csr_number::pmpcfg0); }
constexpr bool is_pmp_address(unsigned n) { return is_in(n, csr_number::pmpaddr0, csr_number::pmpaddr0 + Pmp::entries - 1); }
constexpr bool is_read_only(unsigned n) { return (n >> 10) == 3; }

}  // namespace

bool CsrFile::accessible(unsigned number) const {
  if (privilege_ == Privilege::machine) return true;
  if ((number >> 8 & 3) != 0) return false;
  return !is_in(number, csr_number::cycle, 0xc1f) || (mcounteren_ >> (number & 31) & 1) != 0;
}

std::optional<u64> CsrFile::read(unsigned number, const CounterView& now) const {
  using namespace csr_number;
  switch (number) {
    case fflags:
      if (float_off()) return std::nullopt;
      return fflags_;
    case frm:
      if (float_off()) return std::nullopt;
      return frm_;
    case fcsr:
      if (float_off()) return std::nullopt;
      return static_cast<u64>(frm_ << 5 | fflags_);
    case mstatus: return mstatus_;
    case misa: return misa_value;
    case mie: return mie_;
    case mip: return mip_;
    case mtvec: return mtvec_;
    case csr_number::mcounteren: return mcounteren_;
    case csr_number::mcountinhibit: return mcountinhibit_;
    case csr_number::menvcfg: return menvcfg_;
    case mscratch: return mscratch_;
    case mepc: return mepc_;
    case mcause: return mcause_;
    case mtval: return mtval_;
    case mcycle:
    case cycle: return counter(cycle_inhibit, cycle_base_, now.cycles);
    case minstret:
    case instret: return counter(instret_inhibit, instruction_base_, now.instructions);
    case csr_number::time: return now.time;
    case mhartid: return hart_id_;
    default: break;
  }
  if (is_pmp_configuration(number)) return pmp_.configurations(first_entry(number));
  if (is_pmp_address(number)) return pmp_.address(number - csr_number::pmpaddr0);
  if (reads_zero(number)) return 0;
  return std::nullopt;
}

void CsrFile::write_inhibit(u64 value, const CounterView& next) {
  // Read both under the old setting, write them back under the new one.
  const u64 cycles = counter(cycle_inhibit, cycle_base_, next.cycles), instructions = counter(instret_inhibit, instruction_base_, next.instructions);
  mcountinhibit_ = value & (u64{1} << cycle_inhibit | u64{1} << instret_inhibit);
  set_counter(cycle_inhibit, cycle_base_, cycles, next.cycles);
  set_counter(instret_inhibit, instruction_base_, instructions, next.instructions);
}

bool CsrFile::write(unsigned number, u64 value, const CounterView& next) {
  using namespace csr_number;
  if (is_read_only(number)) return false;
  switch (number) {
    case fflags:
      if (float_off()) return false;
      fflags_ = value & 0x1f;
      return true;
    case frm:
      if (float_off()) return false;
      frm_ = value & 7;
      return true;
    case fcsr:
      if (float_off()) return false;
      fflags_ = value & 0x1f;
      frm_ = (value >> 5) & 7;
      return true;
    case mstatus:
      mstatus_ = (value & (mstatus_bit::mie | mstatus_bit::mpie | mstatus_bit::mprv | mstatus_bit::tw)) | mstatus_bit::uxl_64;
      if ((value & mstatus_bit::mpp) == mstatus_bit::mpp) mstatus_ |= mstatus_bit::mpp;
      if ((value & mstatus_bit::fs) != 0) mstatus_ |= mstatus_bit::fs | mstatus_bit::sd;
      return true;
    case misa: return true;
    case mie: mie_ = value & interrupt_mask; return true;
    case mip: return true;  // the three bits are driven by their lines
    case mtvec:
      mtvec_ = value & ~u64{2};
      mtvec_written_ = true;
      return true;
    case csr_number::mcounteren: mcounteren_ = value & 0xffffffff; return true;
    case csr_number::menvcfg: menvcfg_ = value & 1; return true;
    case csr_number::mcountinhibit: write_inhibit(value, next); return true;
    case mscratch: mscratch_ = value; return true;
    case mepc: mepc_ = value & ~u64{1}; return true;
    case mcause: mcause_ = value; return true;
    case mtval: mtval_ = value; return true;
    case mcycle: set_counter(cycle_inhibit, cycle_base_, value, next.cycles); return true;
    case minstret: set_counter(instret_inhibit, instruction_base_, value, next.instructions); return true;
    default: break;
  }
  if (is_pmp_configuration(number))
    pmp_.set_configurations(first_entry(number), value);
  else if (is_pmp_address(number))
    pmp_.set_address(number - csr_number::pmpaddr0, value);
  else
    return reads_zero(number);
  return true;
}

bool CsrFile::lists_write(unsigned n) const {
  if (is_pmp_address(n)) return !pmp_.keeps_address(n - csr_number::pmpaddr0);
  return !is_in(n, 0xb03, 0xb1f) && !is_in(n, 0x7a1, 0x7a3) && !(is_in(n, 0x3a0, 0x3af) && !is_pmp_configuration(n));
}

u64 CsrFile::enter_trap(u64 cause, u64 value, u64 pc) {
  mcause_ = cause;
  mtval_ = value;
  mepc_ = pc & ~u64{1};
  const bool enabled = (mstatus_ & mstatus_bit::mie) != 0;
  mstatus_ = (mstatus_ & ~(mstatus_bit::mie | mstatus_bit::mpie | mstatus_bit::mpp)) | (enabled ? mstatus_bit::mpie : 0);
  if (privilege_ == Privilege::machine) mstatus_ |= mstatus_bit::mpp;
  privilege_ = Privilege::machine;
  const u64 base = mtvec_ & ~u64{3};
  const bool vectored = (mtvec_ & 1) != 0 && (cause & interrupt_cause) != 0;
  return vectored ? base + 4 * (cause & ~interrupt_cause) : base;
}

u64 CsrFile::leave_trap() {
  const bool enabled = (mstatus_ & mstatus_bit::mpie) != 0;
  privilege_ = previous_privilege();
  mstatus_ = (mstatus_ & ~(mstatus_bit::mie | mstatus_bit::mpp)) | (enabled ? mstatus_bit::mie : 0) | mstatus_bit::mpie;
  if (privilege_ == Privilege::user) mstatus_ &= ~u64{mstatus_bit::mprv};
  return mepc_;
}

std::optional<unsigned> CsrFile::takeable_interrupt() const {
  const u64 ready = mip_ & mie_;
  if (ready == 0) return std::nullopt;
  if (privilege_ == Privilege::machine && (mstatus_ & mstatus_bit::mie) == 0) return std::nullopt;
  for (const unsigned i : {external, software, timer})
    if ((ready >> i & 1) != 0) return i;
  return std::nullopt;
}

void CsrFile::set_pending(unsigned interrupt, bool level) {
  const u64 bit = (u64{1} << (interrupt & 63)) & interrupt_mask;
  mip_ = level ? mip_ | bit : mip_ & ~bit;
}

void CsrFile::describe_state(core::StateArchive& archive) {
  pmp_.describe_state(archive);
  archive.item("mstatus", mstatus_);
  archive.item("mie", mie_);
  archive.item("mip", mip_);
  archive.item("mtvec", mtvec_);
  archive.item("mtvec_written", mtvec_written_);
  archive.item("mscratch", mscratch_);
  archive.item("mepc", mepc_);
  archive.item("mcause", mcause_);
  archive.item("mtval", mtval_);
  archive.item("mcounteren", mcounteren_);
  archive.item("mcountinhibit", mcountinhibit_);
  archive.item("menvcfg", menvcfg_);
  archive.item("mcycle", cycle_base_);
  archive.item("minstret", instruction_base_);
  bool machine = privilege_ == Privilege::machine;
  archive.item("machine_mode", machine);
  privilege_ = machine ? Privilege::machine : Privilege::user;
  archive.item("frm", frm_);
  archive.item("fflags", fflags_);
  frm_ &= 7;
  fflags_ &= 31;
}

}  // namespace spinvp::riscv
