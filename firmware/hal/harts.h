// The other harts: hart 0 runs main(), the others sleep from reset on until hart 0 gives them a function.
//
// A hart that runs a function has a stack of 16 KiB, a trap stack and an errno of its own; interrupts stay off on it, and an exception ends the run with the
// message of trap.c. The console, the drivers and the heap are hart 0's alone. What was stored before harts_start() is there for the function, and what that
// stored is there after harts_wait(); <stdatomic.h> works between harts.
#ifndef SPINVP_FIRMWARE_HARTS_H
#define SPINVP_FIRMWARE_HARTS_H

#include <stdbool.h>

#include "firmware/startup/hart_area.h"

// How many there are, hart 0 included, HARTS_MOST at most; asks the CLINT.
unsigned harts_count(void);
// Lets `hart` (1 to harts_count() - 1) run function(context). False: no such hart, or it is busy. For hart 0 to call.
bool harts_start(unsigned hart, void (*function)(void* context), void* context);
// Sleeps until what `hart` was given is done; at once if it is idle. For hart 0 to call; uses the software interrupt's handler.
void harts_wait(unsigned hart);

#endif
