/* Two handlers: the serial port asks for the next characters, a timer ticks. The hart sleeps in between. */
#include <stdbool.h>
#include <stdio.h>

#include "firmware/drivers/clint.h"
#include "firmware/drivers/uart.h"
#include "firmware/hal/console.h"
#include "firmware/hal/csr.h"
#include "firmware/hal/interrupts.h"
#include "firmware/hal/mmio.h"
#include "firmware/startup/trap.h"
#include "spinvp_registers.h"

#define TICK (CLINT_TICKS_PER_SECOND / 1000)

struct sender {
  const char* next;
  unsigned interrupts;
  volatile bool done;
};

/* The transmit FIFO is empty: room for 16. Writing takes the cause away; with nothing left to write, the interrupt is switched off at the device. */
static void on_fifo_empty(void* context) {
  struct sender* sender = context;
  ++sender->interrupts;
  for (unsigned room = 16; room > 0 && *sender->next != '\0'; --room) mmio_write8(UART0_BASE + NS16550A_DATA, (uint8_t)*sender->next++);
  if (*sender->next != '\0') return;
  uart_set_transmit_interrupt(false);
  sender->done = true;
}

static uint64_t next_tick;
static volatile unsigned ticks;

/* The timer interrupt is pending as long as the alarm has passed: a later alarm takes the cause away. */
static void on_tick(void) {
  next_tick += TICK;
  clint_set_alarm(0, next_tick);
  ++ticks;
}

static bool ticks_missing(void* wanted) { return ticks < *(const unsigned*)wanted; }

int main(void) {
  struct sender sender = {.next = "Sixteen characters an interrupt; the hart sleeps in between.\n"};
  interrupts_attach(UART0_IRQ, on_fifo_empty, &sender);
  uart_set_transmit_interrupt(true);
  interrupts_sleep_until(&sender.done);
  interrupts_detach(UART0_IRQ);
  console_flush();

  unsigned wanted = 5;
  const uint64_t instructions = instruction_count(), cycles = cycle_count();
  next_tick = clint_time() + TICK;
  clint_set_alarm(0, next_tick);
  trap_set_interrupt_handler(TRAP_TIMER, on_tick);
  CSR_SET(mie, 1u << TRAP_TIMER);
  interrupts_sleep_while(ticks_missing, &wanted);
  CSR_CLEAR(mie, 1u << TRAP_TIMER);

  const uint64_t passed = cycle_count() - cycles, worked = instruction_count() - instructions;
  printf("%u interrupts of the serial port\n", sender.interrupts);
  printf("%u ticks in %u ms, with %u instructions\n", ticks, (unsigned)(passed / 1000000), (unsigned)worked);
  return 0;
}
