// Control and status registers of the hart, and the three counters every program wants.
#ifndef SPINVP_FIRMWARE_CSR_H
#define SPINVP_FIRMWARE_CSR_H

#include <stdint.h>

#define CSR_READ(name)                                      \
  ({                                                        \
    uint64_t csr_value_;                                    \
    __asm__ volatile("csrr %0, " #name : "=r"(csr_value_)); \
    csr_value_;                                             \
  })
#define CSR_WRITE(name, value) __asm__ volatile("csrw " #name ", %0" ::"rK"((uint64_t)(value)) : "memory")
#define CSR_SET(name, bits)    __asm__ volatile("csrs " #name ", %0" ::"rK"((uint64_t)(bits)) : "memory")
#define CSR_CLEAR(name, bits)  __asm__ volatile("csrc " #name ", %0" ::"rK"((uint64_t)(bits)) : "memory")

#define MSTATUS_MIE 8u

static inline uint64_t cycle_count(void) { return CSR_READ(mcycle); }
static inline uint64_t instruction_count(void) { return CSR_READ(minstret); }
static inline uint64_t hart_id(void) { return CSR_READ(mhartid); }

#endif
