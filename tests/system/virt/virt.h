// What the guests of this folder know of the virt machine (docs/getting-started.md has the memory map), and how they print. Nothing that they print depends on
// how fast the machine is.
#pragma once

#include <stdint.h>

#define UART      0x10000000ul
#define CLINT     0x02000000ul
#define MTIMECMP0 (CLINT + 0x4000)
#define MTIME     (CLINT + 0xbff8)
#define PLIC      0x0c000000ul
#define UART_IRQ  10u
#define NOWHERE   0x00050000ul  // no memory and no device on either machine

#define REG8(a)  (*(volatile uint8_t*)(a))
#define REG32(a) (*(volatile uint32_t*)(a))
#define REG64(a) (*(volatile uint64_t*)(a))

#define csr_read(name)                          \
  ({                                            \
    uint64_t v_;                                \
    asm volatile("csrr %0, " #name : "=r"(v_)); \
    v_;                                         \
  })
#define csr_write(name, value) asm volatile("csrw " #name ", %0" ::"r"((uint64_t)(value)) : "memory")
#define csr_set(name, value)   asm volatile("csrs " #name ", %0" ::"r"((uint64_t)(value)) : "memory")
#define csr_clear(name, value) asm volatile("csrc " #name ", %0" ::"r"((uint64_t)(value)) : "memory")

#define MSTATUS_MIE 0x8ul
#define M_SOFTWARE  3
#define M_TIMER     7
#define M_EXTERNAL  11
#define INTERRUPT   (1ul << 63)

void trap_entry(void);
void vector_table(void);
// Each guest has its own: returns where to go on.
uint64_t trap(uint64_t cause, uint64_t pc, uint64_t value);

static inline void put_char(char c) {
  while ((REG8(UART + 5) & 0x20) == 0) {}
  REG8(UART) = (uint8_t)c;
}

static inline void put(const char* text) {
  while (*text) put_char(*text++);
}

static inline void put_hex(uint64_t v) {
  put("0x");
  int digits = 1;
  while (digits < 16 && v >> (4 * digits)) ++digits;
  while (digits--) put_char("0123456789abcdef"[v >> (4 * digits) & 15]);
}

static inline void show(const char* name, uint64_t value) {
  put(name);
  put(" = ");
  put_hex(value);
  put_char('\n');
}
