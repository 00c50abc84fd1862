#include "firmware/startup/trap.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "firmware/hal/boot.h"
#include "firmware/hal/console.h"
#include "firmware/hal/finisher.h"
#include "models/abi/trap_names.h"

#define INTERRUPT_BIT (1ull << 63)

static trap_interrupt_handler interrupt_handlers[16];
static trap_exception_handler exception_handler;

void trap_set_interrupt_handler(enum trap_interrupt cause, trap_interrupt_handler handler) { interrupt_handlers[cause] = handler; }
void trap_set_exception_handler(trap_exception_handler handler) { exception_handler = handler; }

unsigned trap_instruction_bytes(uint64_t pc) {
  // The two lowest bits tell a 4-byte instruction from a compressed one (privileged manual, "instruction length encoding").
  return (*(const uint16_t*)pc & 3u) == 3u ? 4 : 2;
}

static const char* exception_name(uint64_t cause) { return cause < SPINVP_EXCEPTION_NAMES ? spinvp_exception_names[cause] : "unknown"; }

_Noreturn void trap_give_back(const struct trap_frame* frame, uint64_t enabled_interrupts);  // crt0.S

static _Noreturn void give_up(const struct trap_frame* frame, uint64_t cause, uint64_t value) {
  const char* name = cause & INTERRUPT_BIT ? "interrupt without a handler" : exception_name(cause);
  printf("unhandled trap: %s, cause 0x%" PRIx64 ", pc 0x%" PRIx64 ", value 0x%" PRIx64 ", ra 0x%" PRIx64 ", sp 0x%" PRIx64 "\n", name, cause, frame->pc, value,
         frame->x[1], frame->x[2]);
  fflush(stdout);
  console_flush();
  // An exception comes again by itself as long as no interrupt is let through first; an interrupt must be enabled for that.
  if (boot_is_filled()) trap_give_back(frame, cause & INTERRUPT_BIT ? 1ull << (cause & 0x3f) : 0);
  finisher_fail(TRAP_EXIT_CODE_UNHANDLED);
}

void trap_dispatch(struct trap_frame* frame, uint64_t cause, uint64_t value);

void trap_dispatch(struct trap_frame* frame, uint64_t cause, uint64_t value) {
  if (cause & INTERRUPT_BIT) {
    const uint64_t number = cause & 0xff;
    if (number < sizeof interrupt_handlers / sizeof interrupt_handlers[0] && interrupt_handlers[number] != NULL) {
      interrupt_handlers[number]();
      return;
    }
  } else if (exception_handler != NULL && exception_handler(frame, cause, value)) {
    return;
  }
  give_up(frame, cause, value);
}
