#include "firmware/hal/harts.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "firmware/drivers/clint.h"
#include "firmware/hal/csr.h"
#include "firmware/hal/interrupts.h"
#include "firmware/hal/mmio.h"
#include "firmware/startup/trap.h"
#include "spinvp_registers.h"

static struct {
  void (*function)(void* context);
  void* context;
  atomic_bool busy;
} work[HARTS_MOST];

_Alignas(64) uint8_t harts_areas[HARTS_MOST][HART_AREA_BYTES];

extern void (*_Atomic parked_harts_entry)(uint64_t hart);   // of crt0.S
extern uint8_t __tls_base[], __clear_start[], __tls_end[];  // thread-local variables: what is initialised ends where clearing starts

void harts_enter(uint64_t hart);  // harts.S
_Noreturn void harts_main(uint64_t hart, uint8_t* tls);

unsigned harts_count(void) {
  // The compare register of a hart that is not there reads 0, that of one without an alarm all ones.
  unsigned count = 1;
  while (count < HARTS_MOST && mmio_read64(CLINT_BASE + CLINT_MTIMECMP + 8u * count) != 0) ++count;
  return count;
}

bool harts_start(unsigned hart, void (*function)(void* context), void* context) {
  if (hart == 0 || hart >= harts_count() || atomic_load(&work[hart].busy)) return false;
  work[hart].function = function;
  work[hart].context = context;
  atomic_store(&work[hart].busy, true);
  atomic_store(&parked_harts_entry, harts_enter);
  memory_fence();
  clint_set_software_interrupt(hart, 1);
  return true;
}

// Every hart that is done interrupts hart 0, which then looks at the one it waits for.
static void somebody_is_done(void) { clint_set_software_interrupt(0, 0); }
static bool is_busy(void* hart) { return atomic_load(&work[(uintptr_t)hart].busy); }

void harts_wait(unsigned hart) {
  if (hart == 0 || hart >= HARTS_MOST) return;
  trap_set_interrupt_handler(TRAP_SOFTWARE, somebody_is_done);
  CSR_SET(mie, 1u << TRAP_SOFTWARE);
  interrupts_sleep_while(is_busy, (void*)(uintptr_t)hart);
  CSR_CLEAR(mie, 1u << TRAP_SOFTWARE);
}

// The life of a hart other than 0. It is woken by its software interrupt, which is enabled but never taken: mstatus.MIE is off.
_Noreturn void harts_main(uint64_t hart, uint8_t* tls) {
  const size_t initialised = (size_t)(__clear_start - __tls_base), all = (size_t)(__tls_end - __tls_base);
  if (all > HART_AREA_TLS) __builtin_trap();
  memcpy(tls, __tls_base, initialised);
  memset(tls + initialised, 0, all - initialised);
  for (;;) {
    while (!atomic_load(&work[hart].busy)) __asm__ volatile("wfi" ::: "memory");
    clint_set_software_interrupt((unsigned)hart, 0);
    work[hart].function(work[hart].context);
    atomic_store(&work[hart].busy, false);
    memory_fence();
    clint_set_software_interrupt(0, 1);
  }
}
