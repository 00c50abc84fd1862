// Exceptions with their cause, place and value; interrupts off and on around them; some arithmetic; ends with code 42.
#include "virt.h"

static volatile uint64_t expected_pc;

uint64_t trap(uint64_t cause, uint64_t pc, uint64_t value) {
  show("  cause", cause);
  show("  place", pc - expected_pc);
  show("  value", value);
  show("  mstatus.MPP", csr_read(mstatus) >> 11 & 3);
  show("  mstatus.MPIE", csr_read(mstatus) >> 7 & 1);
  if (cause == 8) csr_set(mstatus, 3ul << 11);          // a call from user mode goes on in machine mode
  if (cause == 1) return *(uint64_t*)&expected_pc + 4;  // a wild jump: behind the instruction that jumped
  return pc + ((*(uint16_t*)pc & 3) == 3 ? 4 : 2);
}

// `instruction` is one of 4 bytes.
#define TRAPS(name, instruction, ...)                                                                   \
  do {                                                                                                  \
    put(name "\n");                                                                                     \
    asm volatile(".option push\n.option norvc\n la t0, 1f\n sd t0, %0\n1: " instruction "\n.option pop" \
                 : "=m"(expected_pc)                                                                    \
                 : __VA_ARGS__                                                                          \
                 : "t0", "t1", "ra", "memory");                                                         \
  } while (0)

// Runs `instruction` in user mode, then a call that comes back to machine mode.
#define IN_USER_MODE(name, instruction, ...)                                                                                           \
  do {                                                                                                                                 \
    put("user mode: " name "\n");                                                                                                      \
    csr_clear(mstatus, 3ul << 11);                                                                                                     \
    asm volatile(".option push\n.option norvc\n la t0, 1f\n csrw mepc, t0\n sd t0, %0\n mret\n1: " instruction "\n ecall\n.option pop" \
                 : "=m"(expected_pc)                                                                                                   \
                 : __VA_ARGS__                                                                                                         \
                 : "t0", "t1", "memory");                                                                                              \
  } while (0)

static double square_root(double v) {
  asm("fsqrt.d %0, %0" : "+f"(v));
  return v;
}

int main(void) {
  static uint64_t words[4] __attribute__((aligned(32))) = {1, 2, 3, 4};
  csr_write(mtvec, (uint64_t)trap_entry);
  TRAPS("ecall", "ecall", "r"(0));
  TRAPS("illegal instruction", ".word 0xffffffff", "r"(0));
  TRAPS("a register that is not there", "csrr t1, 0x8ff", "r"(0));
  TRAPS("a write to one that is read-only", "csrw mhartid, zero", "r"(0));
  TRAPS("load from nowhere", "ld t1, 0(%1)", "r"(NOWHERE));
  TRAPS("store to nowhere", "sd t1, 8(%1)", "r"(NOWHERE));
  // No atomic operation: QEMU 7.2 calls a misaligned one a load (4) where the privileged manual, table 3.6, has a store or AMO (6).
  TRAPS("reservation at an odd address", "lr.w t1, (%1)", "r"((uintptr_t)words + 2));
  TRAPS("jump to nowhere", "jalr ra, 0(%1)", "r"(NOWHERE));
  csr_set(mstatus, MSTATUS_MIE);
  TRAPS("with interrupts on", "ecall", "r"(0));
  show("mstatus.MIE", csr_read(mstatus) >> 3 & 1);
  csr_clear(mstatus, MSTATUS_MIE);
  // The words are forbidden to user mode (32 bytes, entry 0), all the rest is allowed (entry 1).
  csr_write(pmpaddr0, (uintptr_t)words >> 2 | 3);
  csr_write(pmpaddr1, ~0ul);
  csr_write(pmpcfg0, 0x1f18);
  show("pmpcfg0", csr_read(pmpcfg0));
  IN_USER_MODE("call", "nop", "r"(0));
  IN_USER_MODE("a register of machine mode", "csrr t1, mstatus", "r"(0));
  IN_USER_MODE("mret", "mret", "r"(0));
  IN_USER_MODE("a forbidden load", "ld t1, 8(%1)", "r"(words));
  IN_USER_MODE("a forbidden store", "sw zero, 28(%1)", "r"(words));
  show("words", words[3]);
  csr_write(mscratch, 0x123456789abcdef0);
  show("mscratch", csr_read(mscratch));
  csr_write(mepc, 0x80001234);  // even: QEMU 7.2 keeps bit 0, which "is always zero" (privileged manual, section 3.1.14)
  show("mepc", csr_read(mepc));
  show("mhartid", csr_read(mhartid));
  csr_write(fcsr, 0xff);
  show("fcsr", csr_read(fcsr));
  csr_write(fcsr, 0);
  double sum = 0;
  for (int i = 1; i <= 100; ++i) sum += square_root(i) / 3;
  union {
    double d;
    uint64_t u;
  } bits = {sum};
  show("sum of roots", bits.u);
  show("fcsr", csr_read(fcsr));
  put("done\n");
  return 42;
}
