// The smallest program: one line through the UART, and a good end. Runs on QEMU's virt machine as well.
#include <stdio.h>

#include "firmware/hal/about.h"

SPINVP_ABOUT("one line through the UART: the smallest program");

int main(void) {
  printf("Hello from RISC-V firmware on SpinVP.\n");
  return 0;
}
