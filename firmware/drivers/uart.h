// The serial port (NS16550A), polled: 8 bits, no parity, FIFOs on.
#ifndef SPINVP_FIRMWARE_UART_H
#define SPINVP_FIRMWARE_UART_H

#include <stdbool.h>
#include <stdint.h>

void uart_start(void);
// Waits for room in the transmit FIFO if there is none.
void uart_put(uint8_t byte);
// The next received byte, or -1 if there is none.
int uart_get(void);
// Returns when everything has been shifted out.
void uart_flush(void);
// With loopback on, what is transmitted is received, and nothing leaves the chip.
void uart_set_loopback(bool on);
// Interrupts while the transmit FIFO is empty: it is at once, when nothing is being sent.
void uart_set_transmit_interrupt(bool on);

#endif
