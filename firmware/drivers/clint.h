// Core-local interruptor: the machine timer (10 MHz) and software interrupts.
#ifndef SPINVP_FIRMWARE_CLINT_H
#define SPINVP_FIRMWARE_CLINT_H

#include <stdint.h>

#define CLINT_TICKS_PER_SECOND 10000000u

uint64_t clint_time(void);                           // ticks since reset
void clint_set_alarm(unsigned hart, uint64_t when);  // the hart's timer interrupt is pending while clint_time() >= when
void clint_clear_alarm(unsigned hart);
void clint_set_software_interrupt(unsigned hart, unsigned level);  // 0 or 1
// Sleeps (WFI, timer interrupt) for at least so many ticks. Uses the timer interrupt's handler.
void clint_sleep(uint64_t ticks);

#endif
