// Device interrupts through the PLIC, and sleeping until one has come.
#ifndef SPINVP_FIRMWARE_INTERRUPTS_H
#define SPINVP_FIRMWARE_INTERRUPTS_H

#include <stdbool.h>

typedef void (*interrupt_handler)(void* context);

// PLIC threshold 0, external interrupts taken, interrupts on. Called before main().
void interrupts_start(void);
// From now on `handler(context)` runs when `source` interrupts; it must take the cause away at the device. Priority 1.
void interrupts_attach(unsigned source, interrupt_handler handler, void* context);
void interrupts_detach(unsigned source);

// Sleeps (WFI) until `*flag` is true. A handler sets it; nothing else may. The flag is looked at with interrupts off and WFI wakes
// on a pending interrupt all the same, so one that comes between the look and the sleep is not lost.
void interrupts_sleep_until(const volatile bool* flag);
// The same for a condition that a handler changes in some other way.
void interrupts_sleep_while(bool (*condition)(void* context), void* context);

#endif
