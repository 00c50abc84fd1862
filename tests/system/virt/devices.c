// UART registers, CLINT interrupts, and the UART's transmit interrupt through the PLIC.
#include "virt.h"

static volatile unsigned timer_interrupts, software_interrupts, external_interrupts, claimed, identified;

uint64_t trap(uint64_t cause, uint64_t pc, uint64_t value) {
  (void)value;
  if (cause == (INTERRUPT | M_TIMER)) {
    ++timer_interrupts;
    REG64(MTIMECMP0) = timer_interrupts < 5 ? REG64(MTIMECMP0) + 1000 : ~0ul;
  } else if (cause == (INTERRUPT | M_SOFTWARE)) {
    ++software_interrupts;
    REG32(CLINT) = 0;
  } else if (cause == (INTERRUPT | M_EXTERNAL)) {
    claimed = REG32(PLIC + 0x200004);
    identified = REG8(UART + 2) & 0xf;  // a read takes the transmit interrupt back
    if (++external_interrupts == 3)
      REG8(UART + 1) = 0;
    else
      REG8(UART) = '.';  // empties at once: the next one
    REG32(PLIC + 0x200004) = claimed;
  } else {
    show("unexpected trap", cause);
  }
  return pc;
}

// Sleeps with interrupts off, else one that comes between the look and the wfi would leave it asleep.
static void wait_for(volatile unsigned* counter, unsigned count) {
  csr_clear(mstatus, MSTATUS_MIE);
  while (*counter < count) {
    asm volatile("wfi");
    csr_set(mstatus, MSTATUS_MIE);
    csr_clear(mstatus, MSTATUS_MIE);
  }
  csr_set(mstatus, MSTATUS_MIE);
}

static void uart_registers(void) {
  REG8(UART + 3) = 0x83;  // divisor latch
  REG8(UART) = 2;
  REG8(UART + 1) = 0;
  show("divisor low", REG8(UART));
  REG8(UART + 3) = 3;
  show("line control", REG8(UART + 3));
  for (unsigned v = 1; v < 256; v <<= 1) {
    REG8(UART + 7) = (uint8_t)v;
    show("scratch", REG8(UART + 7));
  }
  show("interrupts enabled", REG8(UART + 1));
  show("line status", REG8(UART + 5));
  REG8(UART + 2) = 7;  // FIFOs on and clear
  show("identification, FIFO on", REG8(UART + 2));
}

static void clint(void) {
  REG64(MTIMECMP0) = 0x0123456789abcdef;
  show("mtimecmp", REG64(MTIMECMP0));
  show("mtimecmp, upper half", REG32(MTIMECMP0 + 4));
  const uint64_t before = REG64(MTIME);
  while (REG64(MTIME) == before) {}
  show("time goes on", REG64(MTIME) > before);
  csr_write(mie, 1ul << M_TIMER | 1ul << M_SOFTWARE);
  csr_set(mstatus, MSTATUS_MIE);
  REG64(MTIMECMP0) = REG64(MTIME) + 1000;
  wait_for(&timer_interrupts, 5);
  show("timer interrupts", timer_interrupts);
  REG32(CLINT) = 1;
  wait_for(&software_interrupts, 1);
  show("software interrupts", software_interrupts);
  csr_clear(mstatus, MSTATUS_MIE);
  // Pending without being taken: wfi goes on all the same.
  REG64(MTIMECMP0) = 0;
  asm volatile("wfi");
  show("pending", csr_read(mip) & (1ul << M_TIMER | 1ul << M_SOFTWARE));
  REG64(MTIMECMP0) = ~0ul;
  csr_write(mie, 0);
}

static void plic(void) {
  REG32(PLIC + 4 * UART_IRQ) = 3;
  show("priority", REG32(PLIC + 4 * UART_IRQ));
  REG32(PLIC + 0x2000) = 1u << UART_IRQ;
  show("enabled", REG32(PLIC + 0x2000));
  REG32(PLIC + 0x200000) = 3;
  show("threshold", REG32(PLIC + 0x200000));
  show("claim, nothing pending", REG32(PLIC + 0x200004));
  csr_write(mie, 1ul << M_EXTERNAL);
  csr_set(mstatus, MSTATUS_MIE);
  REG8(UART + 1) = 2;  // transmitter empty: pending, but not above the threshold
  show("external interrupts below the threshold", external_interrupts);
  REG32(PLIC + 0x200000) = 2;
  wait_for(&external_interrupts, 3);
  csr_clear(mstatus, MSTATUS_MIE);
  put_char('\n');
  show("external interrupts", external_interrupts);
  show("claimed", claimed);
  show("UART's identification", identified);
  show("pending at the end", REG32(PLIC + 0x1000));
}

int main(void) {
  csr_write(mtvec, (uint64_t)trap_entry);
  uart_registers();
  clint();
  plic();
  csr_write(mtvec, (uint64_t)vector_table | 1);
  csr_write(mie, 1ul << M_SOFTWARE);
  csr_set(mstatus, MSTATUS_MIE);
  REG32(CLINT) = 1;
  wait_for(&software_interrupts, 2);
  show("software interrupts, vectored", software_interrupts);
  put("done\n");
  return 0;
}
