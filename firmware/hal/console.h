// stdout and stderr of picolibc through the UART.
#ifndef SPINVP_FIRMWARE_CONSOLE_H
#define SPINVP_FIRMWARE_CONSOLE_H

void console_start(void);
// Returns when the last character has left the UART.
void console_flush(void);

#endif
