// Sends back each line that comes through the UART, asleep in between, until a line is `quit`. What to try the run's --uart with.
#include <stdio.h>
#include <string.h>

#include "firmware/drivers/uart.h"
#include "firmware/hal/about.h"
#include "firmware/hal/interrupts.h"
#include "firmware/hal/mmio.h"
#include "spinvp_registers.h"

SPINVP_ABOUT("sends back each line from the UART, until one is `quit`");

static volatile bool arrived;

static void listen(bool on) { mmio_write8(UART0_BASE + NS16550A_IER, on ? 1u << NS16550A_IER_RECEIVE_SHIFT : 0); }

// Quiet until main() has read what is there.
static void receive(void* context) {
  (void)context;
  listen(false);
  arrived = true;
}

static int next_byte(void) {
  int byte;
  while ((byte = uart_get()) < 0) {
    arrived = false;
    listen(true);
    interrupts_sleep_until(&arrived);
  }
  return byte;
}

int main(void) {
  char line[80];
  unsigned length = 0;
  interrupts_attach(UART0_IRQ, receive, NULL);
  printf("ready\n");
  for (;;) {
    const int byte = next_byte();
    if (byte != '\r' && byte != '\n') {
      if (length + 1 < sizeof line) line[length++] = (char)byte;
      continue;
    }
    line[length] = '\0';
    if (strcmp(line, "quit") == 0) return 0;
    printf("echo: %s\n", line);
    length = 0;
  }
}
