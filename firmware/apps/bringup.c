// Tests every device of the platform and prints a line for each. Exit code: how many failed.
//
// A test that traps where it should not is abandoned and counts as failed, so that one dead device does not hide the others.
#include "firmware/apps/bringup.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>

#include "firmware/hal/about.h"
#include "firmware/hal/csr.h"
#include "firmware/startup/trap.h"

SPINVP_ABOUT("tests every device of the platform and prints a line for each");

const char BRINGUP_ABSENT[] = "not there";

static jmp_buf before_test;
static char trap_text[80];

static _Noreturn void abandon_test(void) { longjmp(before_test, 1); }

// Goes on in abandon_test, outside of the trap, on the stack of the test.
static bool note_trap(struct trap_frame* frame, uint64_t cause, uint64_t value) {
  snprintf(trap_text, sizeof trap_text, "trap %" PRIu64 " at pc 0x%" PRIx64 ", value 0x%" PRIx64, cause, frame->pc, value);
  frame->pc = (uint64_t)(uintptr_t)abandon_test;
  return true;
}

static bool run(const char* name, const char* (*test)(void)) {
  printf("%-20s ... ", name);
  trap_set_exception_handler(note_trap);
  const char* wrong = setjmp(before_test) == 0 ? test() : trap_text;
  if (wrong == NULL)
    printf("ok\n");
  else if (wrong == BRINGUP_ABSENT)
    printf("not there\n");
  else
    printf("FAILED: %s\n", wrong);
  return wrong == NULL || wrong == BRINGUP_ABSENT;
}

int main(void) {
  static const struct {
    const char* name;
    const char* (*test)(void);
  } tests[] = {{"DRAM", test_dram},
               {"on-chip memory", test_onchip_memory},
               {"bus errors", test_bus_errors},
               {"UART", test_uart},
               {"CLINT timer", test_timer},
               {"CLINT software", test_software_interrupt},
               {"PLIC", test_plic},
               {"DMA", test_dma},
               {"power manager", test_power_manager},
               {"markers", test_markers},
               {"NPU", test_npu},
               {"PIM", test_pim}};
  const unsigned count = sizeof tests / sizeof tests[0];
  unsigned failures = 0;
  for (unsigned i = 0; i < count; ++i) failures += !run(tests[i].name, tests[i].test);
  printf("%u of %u passed, %" PRIu64 " instructions, %" PRIu64 " cycles\n", count - failures, count, instruction_count(), cycle_count());
  return (int)failures;
}
