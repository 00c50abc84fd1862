#include "firmware/hal/interrupts.h"

#include <stddef.h>

#include "firmware/drivers/plic.h"
#include "firmware/hal/csr.h"
#include "firmware/startup/trap.h"

static struct {
  interrupt_handler handler;
  void* context;
} handlers[PLIC_SOURCES];

static void external_interrupt(void) {
  for (unsigned source = plic_claim(); source != 0; source = plic_claim()) {
    if (source < PLIC_SOURCES && handlers[source].handler != NULL)
      handlers[source].handler(handlers[source].context);
    else
      plic_disable(source);  // nobody can take its cause away: it would come back for ever
    plic_complete(source);
  }
}

void interrupts_start(void) {
  plic_start();
  trap_set_interrupt_handler(TRAP_EXTERNAL, external_interrupt);
  CSR_SET(mie, 1u << TRAP_EXTERNAL);
  CSR_SET(mstatus, MSTATUS_MIE);
}

void interrupts_attach(unsigned source, interrupt_handler handler, void* context) {
  if (source == 0 || source >= PLIC_SOURCES) return;
  handlers[source].handler = handler;
  handlers[source].context = context;
  plic_enable(source, 1);
}

void interrupts_detach(unsigned source) {
  if (source == 0 || source >= PLIC_SOURCES) return;
  plic_disable(source);
  handlers[source].handler = NULL;
}

static bool flag_is_down(void* flag) { return !*(const volatile bool*)flag; }

void interrupts_sleep_until(const volatile bool* flag) { interrupts_sleep_while(flag_is_down, (void*)flag); }

void interrupts_sleep_while(bool (*condition)(void* context), void* context) {
  CSR_CLEAR(mstatus, MSTATUS_MIE);
  while (condition(context)) {
    __asm__ volatile("wfi" ::: "memory");
    CSR_SET(mstatus, MSTATUS_MIE);  // the pending interrupt is taken here
    CSR_CLEAR(mstatus, MSTATUS_MIE);
  }
  CSR_SET(mstatus, MSTATUS_MIE);
}
