#include "firmware/hal/console.h"

#include <stdio.h>

#include "firmware/drivers/uart.h"

void console_start(void) { uart_start(); }
void console_flush(void) { uart_flush(); }

static int put_character(char character, FILE* file) {
  (void)file;
  uart_put((uint8_t)character);
  return 0;
}

static FILE console_file = FDEV_SETUP_STREAM(put_character, NULL, NULL, _FDEV_SETUP_WRITE);
FILE* const stdout = &console_file;
FILE* const stderr = &console_file;
