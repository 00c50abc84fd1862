#include "firmware/drivers/uart.h"

#include "firmware/hal/mmio.h"
#include "spinvp_registers.h"

#define EIGHT_BITS     3u  // LCR
#define FIFO_ENABLE    1u  // FCR, which shares its offset with IIR
#define FIFO_CLEAR     6u
#define FIFO_DEPTH     16u
#define DIVISOR_115200 2u  // 3.6864 MHz / (16 * 115200)

// Room known to be left in the transmit FIFO: the status is read once per FIFO and not once per byte.
static unsigned room;

static uint8_t line_status(void) { return mmio_read8(UART0_BASE + NS16550A_LSR); }

void uart_start(void) {
  mmio_write8(UART0_BASE + NS16550A_IER, 0);
  mmio_write8(UART0_BASE + NS16550A_LCR, EIGHT_BITS | 1u << NS16550A_LCR_DLAB_SHIFT);
  mmio_write8(UART0_BASE + NS16550A_DATA, DIVISOR_115200);  // with DLAB: the divisor's low byte,
  mmio_write8(UART0_BASE + NS16550A_IER, 0);                // and its high byte
  mmio_write8(UART0_BASE + NS16550A_LCR, EIGHT_BITS);
  mmio_write8(UART0_BASE + NS16550A_IIR, FIFO_ENABLE | FIFO_CLEAR);
  room = 0;
}

void uart_put(uint8_t byte) {
  if (room == 0) {
    while ((line_status() & 1u << NS16550A_LSR_TRANSMIT_EMPTY_SHIFT) == 0) {}
    room = FIFO_DEPTH;
  }
  mmio_write8(UART0_BASE + NS16550A_DATA, byte);
  --room;
}

int uart_get(void) {
  if ((line_status() & 1u << NS16550A_LSR_DATA_READY_SHIFT) == 0) return -1;
  return mmio_read8(UART0_BASE + NS16550A_DATA);
}

void uart_flush(void) {
  while ((line_status() & 1u << NS16550A_LSR_IDLE_SHIFT) == 0) {}
  room = FIFO_DEPTH;
}

void uart_set_loopback(bool on) {
  uart_flush();
  mmio_write8(UART0_BASE + NS16550A_MCR, on ? 1u << NS16550A_MCR_LOOPBACK_SHIFT : 0);
}

void uart_set_transmit_interrupt(bool on) { mmio_write8(UART0_BASE + NS16550A_IER, on ? 1u << NS16550A_IER_TRANSMIT_SHIFT : 0); }
