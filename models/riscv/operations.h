// The operations of RV64GC (IMAFDC, Zicsr, Zifencei) with Zba, Zbb and Zbs as the decoder names them, each with the class that gives its cycles and its energy.
//
// One list, used by the decoder, the cycle table, the block builder and the handlers. Compressed instructions expand to these.
// Source of the instruction set: The RISC-V Instruction Set Manual, Volume I (unprivileged) 20191213 and Volume II (privileged) 20211203; RISC-V Bit-Manipulation
// ISA-extensions 1.0.0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace spinvp::riscv {

// What an instruction costs in time. Every class costs at least one cycle.
enum class TimingClass : std::uint8_t {
  alu,
  branch,
  jump,
  load,
  store,
  multiply,
  divide,
  float_add,
  float_multiply,
  float_fused,
  float_divide,
  float_sqrt,
  float_convert,
  float_move,  // sign injection, minimum, comparison, classification, moves
  csr,
  atomic,
  fence,
  system,
};
inline constexpr std::size_t timing_classes = 18;

// What an instruction costs in energy.
enum class EnergyClass : std::uint8_t { simple, memory, multiply_divide, floating };
inline constexpr std::size_t energy_classes = 4;

constexpr EnergyClass energy_class_of(TimingClass c) {
  switch (c) {
    case TimingClass::load:
    case TimingClass::store:
    case TimingClass::atomic: return EnergyClass::memory;
    case TimingClass::multiply:
    case TimingClass::divide: return EnergyClass::multiply_divide;
    case TimingClass::float_add:
    case TimingClass::float_multiply:
    case TimingClass::float_fused:
    case TimingClass::float_divide:
    case TimingClass::float_sqrt:
    case TimingClass::float_convert:
    case TimingClass::float_move: return EnergyClass::floating;
    default: return EnergyClass::simple;
  }
}

// Lists, not code:
// clang-format off
// X(name, timing class)
#define SPINVP_RISCV_INTEGER(X) \
  X(lui, alu) X(auipc, alu) X(addi, alu) X(slti, alu) X(sltiu, alu) X(xori, alu) X(ori, alu) X(andi, alu) X(slli, alu) X(srli, alu) \
  X(srai, alu) X(add, alu) X(sub, alu) X(sll, alu) X(slt, alu) X(sltu, alu) X(xor_, alu) X(srl, alu) X(sra, alu) X(or_, alu) X(and_, alu) \
  X(addiw, alu) X(slliw, alu) X(srliw, alu) X(sraiw, alu) X(addw, alu) X(subw, alu) X(sllw, alu) X(srlw, alu) X(sraw, alu) X(mul, multiply) \
  X(mulh, multiply) X(mulhsu, multiply) X(mulhu, multiply) X(mulw, multiply) X(div, divide) X(divu, divide) X(rem, divide) X(remu, divide) \
  X(divw, divide) X(divuw, divide) X(remw, divide) X(remuw, divide)

// Zba, Zbb, Zbs.
#define SPINVP_RISCV_BITS(X) \
  X(add_uw, alu) X(sh1add, alu) X(sh2add, alu) X(sh3add, alu) X(sh1add_uw, alu) X(sh2add_uw, alu) X(sh3add_uw, alu) X(slli_uw, alu) \
  X(andn, alu) X(orn, alu) X(xnor, alu) X(clz, alu) X(ctz, alu) X(cpop, alu) X(clzw, alu) X(ctzw, alu) X(cpopw, alu) X(min, alu) \
  X(minu, alu) X(max, alu) X(maxu, alu) X(sext_b, alu) X(sext_h, alu) X(zext_h, alu) X(rol, alu) X(ror, alu) X(rori, alu) X(rolw, alu) \
  X(rorw, alu) X(roriw, alu) X(orc_b, alu) X(rev8, alu) X(bclr, alu) X(bext, alu) X(binv, alu) X(bset, alu) X(bclri, alu) X(bexti, alu) \
  X(binvi, alu) X(bseti, alu)

#define SPINVP_RISCV_CONTROL(X) \
  X(jal, jump) X(jalr, jump) X(beq, branch) X(bne, branch) X(blt, branch) X(bge, branch) X(bltu, branch) X(bgeu, branch)

#define SPINVP_RISCV_ACCESSES(X) \
  X(lb, load) X(lh, load) X(lw, load) X(ld, load) X(lbu, load) X(lhu, load) X(lwu, load) X(flw, load) X(fld, load) X(sb, store) \
  X(sh, store) X(sw, store) X(sd, store) X(fsw, store) X(fsd, store)

#define SPINVP_RISCV_MEMORY(X) SPINVP_RISCV_ACCESSES(X) X(fence, fence)

#define SPINVP_RISCV_ATOMIC(X) \
  X(lr_w, atomic) X(sc_w, atomic) X(amoswap_w, atomic) X(amoadd_w, atomic) X(amoxor_w, atomic) X(amoand_w, atomic) X(amoor_w, atomic) \
  X(amomin_w, atomic) X(amomax_w, atomic) X(amominu_w, atomic) X(amomaxu_w, atomic) X(lr_d, atomic) X(sc_d, atomic) X(amoswap_d, atomic) \
  X(amoadd_d, atomic) X(amoxor_d, atomic) X(amoand_d, atomic) X(amoor_d, atomic) X(amomin_d, atomic) X(amomax_d, atomic) X(amominu_d, atomic) \
  X(amomaxu_d, atomic)

// Operations that round: they depend on the rounding mode (the decoder keeps it in Instruction::rounding).
#define SPINVP_RISCV_FLOAT_ROUNDING(X) \
  X(fadd_s, float_add) X(fsub_s, float_add) X(fmul_s, float_multiply) X(fdiv_s, float_divide) X(fsqrt_s, float_sqrt) X(fmadd_s, float_fused) \
  X(fmsub_s, float_fused) X(fnmsub_s, float_fused) X(fnmadd_s, float_fused) X(fadd_d, float_add) X(fsub_d, float_add) X(fmul_d, float_multiply) \
  X(fdiv_d, float_divide) X(fsqrt_d, float_sqrt) X(fmadd_d, float_fused) X(fmsub_d, float_fused) X(fnmsub_d, float_fused) \
  X(fnmadd_d, float_fused) X(fcvt_w_s, float_convert) X(fcvt_wu_s, float_convert) X(fcvt_l_s, float_convert) X(fcvt_lu_s, float_convert) \
  X(fcvt_s_w, float_convert) X(fcvt_s_wu, float_convert) X(fcvt_s_l, float_convert) X(fcvt_s_lu, float_convert) X(fcvt_w_d, float_convert) \
  X(fcvt_wu_d, float_convert) X(fcvt_l_d, float_convert) X(fcvt_lu_d, float_convert) X(fcvt_d_w, float_convert) X(fcvt_d_wu, float_convert) \
  X(fcvt_d_l, float_convert) X(fcvt_d_lu, float_convert) X(fcvt_s_d, float_convert) X(fcvt_d_s, float_convert)

#define SPINVP_RISCV_FLOAT_OTHER(X) \
  X(fsgnj_s, float_move) X(fsgnjn_s, float_move) X(fsgnjx_s, float_move) X(fmin_s, float_move) X(fmax_s, float_move) X(feq_s, float_move) \
  X(flt_s, float_move) X(fle_s, float_move) X(fclass_s, float_move) X(fmv_x_w, float_move) X(fmv_w_x, float_move) X(fsgnj_d, float_move) \
  X(fsgnjn_d, float_move) X(fsgnjx_d, float_move) X(fmin_d, float_move) X(fmax_d, float_move) X(feq_d, float_move) X(flt_d, float_move) \
  X(fle_d, float_move) X(fclass_d, float_move) X(fmv_x_d, float_move) X(fmv_d_x, float_move)

#define SPINVP_RISCV_SYSTEM(X) \
  X(csrrw, csr) X(csrrs, csr) X(csrrc, csr) X(csrrwi, csr) X(csrrsi, csr) X(csrrci, csr) X(fence_i, fence) X(ecall, system) \
  X(ebreak, system) X(mret, system) X(wfi, system) X(illegal, system)

#define SPINVP_RISCV_OPERATIONS(X) \
  SPINVP_RISCV_INTEGER(X) SPINVP_RISCV_BITS(X) SPINVP_RISCV_CONTROL(X) SPINVP_RISCV_MEMORY(X) SPINVP_RISCV_ATOMIC(X) SPINVP_RISCV_FLOAT_ROUNDING(X) \
  SPINVP_RISCV_FLOAT_OTHER(X) SPINVP_RISCV_SYSTEM(X)
// clang-format on

enum class Operation : std::uint8_t {
#define SPINVP_X(name, timing) name,
  SPINVP_RISCV_OPERATIONS(SPINVP_X)
#undef SPINVP_X
};

inline constexpr auto timing_class_table = std::to_array<TimingClass>({
#define SPINVP_X(name, timing) TimingClass::timing,
    SPINVP_RISCV_OPERATIONS(SPINVP_X)
#undef SPINVP_X
});
inline constexpr std::size_t operation_count = timing_class_table.size();

constexpr TimingClass timing_class_of(Operation o) { return timing_class_table[static_cast<std::size_t>(o)]; }

constexpr bool is_between(Operation o, Operation first, Operation last) { return o >= first && o <= last; }
constexpr bool rounds(Operation o) { return is_between(o, Operation::fadd_s, Operation::fcvt_d_s); }
constexpr bool is_float(Operation o) {
  return is_between(o, Operation::fadd_s, Operation::fmv_d_x) || o == Operation::flw || o == Operation::fld || o == Operation::fsw || o == Operation::fsd;
}
constexpr bool is_load(Operation o) { return is_between(o, Operation::lb, Operation::fld); }
constexpr bool is_store(Operation o) { return is_between(o, Operation::sb, Operation::fsd); }
// Bytes that a load, store or atomic touches.
constexpr unsigned access_bytes(Operation o) {
  using enum Operation;
  switch (o) {
    case lb:
    case lbu:
    case sb: return 1;
    case lh:
    case lhu:
    case sh: return 2;
    case lw:
    case lwu:
    case flw:
    case sw:
    case fsw: return 4;
    case ld:
    case fld:
    case sd:
    case fsd: return 8;
    default: return o >= lr_d ? 8 : 4;  // atomics
  }
}
constexpr bool is_atomic(Operation o) { return is_between(o, Operation::lr_w, Operation::amomaxu_d); }
constexpr bool is_branch(Operation o) { return is_between(o, Operation::beq, Operation::bgeu); }
// Ends a block: what follows is decided at run time or must be looked up anew.
constexpr bool ends_block(Operation o) { return is_between(o, Operation::jal, Operation::bgeu) || o >= Operation::csrrw; }

// Which registers `rd` names.
enum class Destination : std::uint8_t { none, integer, floating };

constexpr Destination destination_of(Operation o) {
  using enum Operation;
  if (is_store(o) || is_branch(o) || o == fence || o >= fence_i) return Destination::none;
  if (o == flw || o == fld) return Destination::floating;
  if (!is_between(o, fadd_s, fmv_d_x)) return Destination::integer;
  const bool to_integer =
      is_between(o, fcvt_w_s, fcvt_lu_s) || is_between(o, fcvt_w_d, fcvt_lu_d) || is_between(o, feq_s, fmv_x_w) || is_between(o, feq_d, fmv_x_d);
  return to_integer ? Destination::integer : Destination::floating;
}

// A decoded instruction: what a back end (threaded handlers now, perhaps a just-in-time compiler later) works from.
struct Instruction {
  Operation operation = Operation::illegal;
  std::uint8_t rd = 0, rs1 = 0, rs2 = 0, rs3 = 0;
  std::uint8_t rounding = 0;   // field rm: 0..4 static, 7 dynamic, 5 and 6 reserved
  std::uint8_t length = 4;     // bytes
  std::int32_t immediate = 0;  // sign-extended; shift amount; CSR number (its rs1 field is in rs1)
  std::uint32_t raw = 0;       // as fetched: 16 or 32 bits
};

}  // namespace spinvp::riscv
