// Platform-level interrupt controller, context of hart 0 in M-mode. hal/interrupts.h is what programs use.
#ifndef SPINVP_FIRMWARE_PLIC_H
#define SPINVP_FIRMWARE_PLIC_H

#include <stdbool.h>

#define PLIC_SOURCES 97u  // sources are 1..96; 0 means none

void plic_start(void);  // every source off, threshold 0
void plic_enable(unsigned source, unsigned priority);
void plic_disable(unsigned source);
// Sources of this priority or below are held back; 7 holds all of them.
void plic_set_threshold(unsigned priority);
bool plic_is_pending(unsigned source);
unsigned plic_claim(void);  // the pending source to be served, 0 if none
void plic_complete(unsigned source);

#endif
