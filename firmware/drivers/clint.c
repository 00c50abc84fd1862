#include "firmware/drivers/clint.h"

#include <stdbool.h>

#include "firmware/hal/csr.h"
#include "firmware/hal/interrupts.h"
#include "firmware/hal/mmio.h"
#include "firmware/startup/trap.h"
#include "spinvp_registers.h"

uint64_t clint_time(void) { return mmio_read64(CLINT_BASE + CLINT_MTIME); }
void clint_set_alarm(unsigned hart, uint64_t when) { mmio_write64(CLINT_BASE + CLINT_MTIMECMP + 8u * hart, when); }
void clint_clear_alarm(unsigned hart) { clint_set_alarm(hart, UINT64_MAX); }
void clint_set_software_interrupt(unsigned hart, unsigned level) { mmio_write32(CLINT_BASE + CLINT_MSIP + 4u * hart, level); }

static volatile bool awake;

static void alarm(void) {
  clint_clear_alarm(0);
  awake = true;
}

void clint_sleep(uint64_t ticks) {
  awake = false;
  trap_set_interrupt_handler(TRAP_TIMER, alarm);
  clint_set_alarm(0, clint_time() + ticks);
  CSR_SET(mie, 1u << TRAP_TIMER);
  interrupts_sleep_until(&awake);
  CSR_CLEAR(mie, 1u << TRAP_TIMER);
}
