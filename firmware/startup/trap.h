// Traps of all harts, interrupts of hart 0. Interrupts do not nest: a handler runs with interrupts off, on the trap stack, and must be short.
#ifndef SPINVP_FIRMWARE_TRAP_H
#define SPINVP_FIRMWARE_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/startup/trap_frame.h"

enum trap_interrupt { TRAP_SOFTWARE = 3, TRAP_TIMER = 7, TRAP_EXTERNAL = 11 };

// Called on interrupt `cause` (its bit in mip). It must take the source away, or it is called again at once.
typedef void (*trap_interrupt_handler)(void);
void trap_set_interrupt_handler(enum trap_interrupt cause, trap_interrupt_handler handler);

// Asked first about each exception: true means dealt with, and the program goes on at frame->pc (which it may have moved on).
// Null (as at start) or false: cause, pc and value are printed and the trap is given back to the machine without a handler, so that the platform ends the run as a crash,
// with registers and backtrace (elsewhere the program ends with TRAP_EXIT_CODE_UNHANDLED).
typedef bool (*trap_exception_handler)(struct trap_frame* frame, uint64_t cause, uint64_t value);
void trap_set_exception_handler(trap_exception_handler handler);

// Length in bytes of the instruction at `pc`: what a handler adds to skip it.
unsigned trap_instruction_bytes(uint64_t pc);

#endif
