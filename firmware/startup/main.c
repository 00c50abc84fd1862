// From crt0 to the app: console, interrupts, main(), and the finisher with what main returned.
#include <stdint.h>
#include <stdio.h>

#include "firmware/hal/console.h"
#include "firmware/hal/finisher.h"
#include "firmware/hal/interrupts.h"

int main(void);
_Noreturn void firmware_main(void);

_Noreturn void firmware_main(void) {
  console_start();
  interrupts_start();
  const int status = main();
  fflush(stdout);
  console_flush();
  finisher_exit(status);
}

// picolibc calls these two where a program of a hosted system would die.
_Noreturn void _exit(int status);
_Noreturn void _exit(int status) { finisher_exit(status); }
