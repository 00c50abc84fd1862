// Memories, the bus, UART, CLINT and PLIC.
#include <stdbool.h>
#include <string.h>

#include "firmware/apps/bringup.h"
#include "firmware/drivers/clint.h"
#include "firmware/drivers/plic.h"
#include "firmware/drivers/uart.h"
#include "firmware/hal/boot.h"
#include "firmware/hal/csr.h"
#include "firmware/hal/interrupts.h"
#include "firmware/hal/mmio.h"
#include "firmware/startup/trap.h"
#include "spinvp_registers.h"

// A pattern that names its own address, all widths and a misaligned access, and both ends of `bytes` bytes from `base`.
static const char* test_memory(uintptr_t base, uint64_t bytes) {
  volatile uint64_t* words = (volatile uint64_t*)base;
  const size_t count = 4096;
  for (size_t i = 0; i < count; ++i) words[i] = (uintptr_t)&words[i] * 0x9e3779b97f4a7c15ull;
  for (size_t i = 0; i < count; ++i) REQUIRE(words[i] == (uintptr_t)&words[i] * 0x9e3779b97f4a7c15ull);

  words[0] = 0x8877665544332211ull;
  REQUIRE(mmio_read8(base + 1) == 0x22);
  REQUIRE(*(volatile uint16_t*)(base + 2) == 0x4433);
  REQUIRE(mmio_read32(base + 4) == 0x88776655u);
  mmio_write8(base + 7, 0xaa);
  *(volatile uint16_t*)(base + 4) = 0xbbcc;
  REQUIRE(words[0] == 0xaa77bbcc44332211ull);
  words[1] = 0;
  REQUIRE(mmio_read64(base + 4) == 0xaa77bbccull);  // across a doubleword

  volatile uint64_t* last = (volatile uint64_t*)(base + bytes - 8);
  *last = 0x0123456789abcdefull;
  REQUIRE(*last == 0x0123456789abcdefull);
  REQUIRE(words[0] == 0xaa77bbcc44332211ull);  // the two ends are not the same cell
  return NULL;
}

const char* test_dram(void) {
  static uint64_t own[4096];
  if (!boot_is_filled()) return test_memory((uintptr_t)own, sizeof own);
  const uintptr_t base = (spinvp_boot.dram_free + 63) & ~63ull;
  return test_memory(base, (spinvp_boot.dram_end - base) & ~63ull);
}

const char* test_onchip_memory(void) {
  if (!boot_is_filled() || spinvp_boot.onchip_size == 0) return BRINGUP_ABSENT;
  return test_memory(spinvp_boot.onchip_base, spinvp_boot.onchip_size);
}

static volatile uint64_t fault_cause, fault_value;

static bool note_fault(struct trap_frame* frame, uint64_t cause, uint64_t value) {
  fault_cause = cause;
  fault_value = value;
  frame->pc += trap_instruction_bytes(frame->pc);
  return true;
}

// Nothing answers at this address, on this platform or on QEMU's.
#define HOLE               0x08000000u
#define LOAD_ACCESS_FAULT  5u
#define STORE_ACCESS_FAULT 7u

const char* test_bus_errors(void) {
  trap_set_exception_handler(note_fault);
  fault_cause = fault_value = 0;
  (void)mmio_read32(HOLE + 0x10);
  REQUIRE(fault_cause == LOAD_ACCESS_FAULT);
  REQUIRE(fault_value == HOLE + 0x10);
  mmio_write32(HOLE + 0x20, 1);
  REQUIRE(fault_cause == STORE_ACCESS_FAULT);
  REQUIRE(fault_value == HOLE + 0x20);
  return NULL;
}

const char* test_uart(void) {
  static const char sent[] = "SpinVP loopback";
  char received[sizeof sent] = {0};
  uart_set_loopback(true);
  while (uart_get() >= 0) {}
  for (size_t i = 0; i + 1 < sizeof sent; ++i) uart_put((uint8_t)sent[i]);
  uart_flush();
  size_t count = 0;
  for (int byte = uart_get(); byte >= 0; byte = uart_get())
    if (count < sizeof received) received[count++] = (char)byte;
  uart_set_loopback(false);
  REQUIRE(count == sizeof sent - 1);
  REQUIRE(memcmp(sent, received, sizeof sent) == 0);
  return NULL;
}

const char* test_timer(void) {
  enum { ticks = 500 };  // 50 us
  const uint64_t start = clint_time();
  const uint64_t csr_start = CSR_READ(time);
  REQUIRE(csr_start - start < 10000);  // one and the same clock
  const uint64_t instructions = instruction_count();
  clint_sleep(ticks);
  const uint64_t passed = clint_time() - start;
  REQUIRE(passed >= ticks);
  if (!boot_is_filled()) return NULL;  // on QEMU time passes on the host's clock
  REQUIRE(passed < ticks + 50);
  REQUIRE(instruction_count() - instructions < 1000);  // it slept, it did not spin
  return NULL;
}

static volatile bool poked;

static void take_poke(void) {
  clint_set_software_interrupt(0, 0);
  poked = true;
}

const char* test_software_interrupt(void) {
  poked = false;
  trap_set_interrupt_handler(TRAP_SOFTWARE, take_poke);
  CSR_SET(mie, 1u << TRAP_SOFTWARE);
  clint_set_software_interrupt(0, 1);
  interrupts_sleep_until(&poked);
  CSR_CLEAR(mie, 1u << TRAP_SOFTWARE);
  REQUIRE((CSR_READ(mip) & 1u << TRAP_SOFTWARE) == 0);
  return NULL;
}

static volatile bool served;

static void serve_uart(void* context) {
  (void)context;
  uart_set_transmit_interrupt(false);
  served = true;
}

const char* test_plic(void) {
  uart_flush();
  served = false;
  plic_set_threshold(7);
  interrupts_attach(UART0_IRQ, serve_uart, NULL);
  uart_set_transmit_interrupt(true);
  const bool pending = plic_is_pending(UART0_IRQ);
  const bool early = served;
  plic_set_threshold(0);
  interrupts_sleep_until(&served);
  interrupts_detach(UART0_IRQ);
  REQUIRE(pending);
  REQUIRE(!early);
  REQUIRE(!plic_is_pending(UART0_IRQ));
  REQUIRE(plic_claim() == 0);
  return NULL;
}
