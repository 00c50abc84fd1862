// Firmware with a fault of each kind; --steps says which. Lines that tests name carry a mark: `HERE: name`.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "firmware/drivers/clint.h"
#include "firmware/hal/boot.h"
#include "firmware/hal/csr.h"
#include "firmware/startup/trap.h"

#define NOINLINE __attribute__((noinline, noclone))

int main(void);

static volatile uint64_t sink;

NOINLINE static void store_at(volatile uint32_t* place, uint32_t value) {
  *place = value;  // HERE: store_at
}

NOINLINE static int middle(volatile uint32_t* place) {
  store_at(place, 7);  // HERE: middle
  return (int)sink + 1;
}

NOINLINE static int outer(volatile uint32_t* place) {
  const int result = middle(place);  // HERE: outer
  return result + (int)sink;
}

NOINLINE static uint64_t read_of(const volatile uint64_t* place) {
  return *place;  // HERE: read_of
}

NOINLINE static uint64_t read_local(void) {
  uint64_t deep[64];
  __asm__("" : "=m"(deep));  // the compiler shall think it is set
  return read_of(&deep[5]);
}

NOINLINE static uint64_t recurse(uint64_t depth) {
  volatile uint64_t room[128];
  room[depth % 128] = depth;  // HERE: recurse
  return (depth == 0 ? 0 : recurse(depth - 1)) + room[depth % 128];
}

NOINLINE static void jump_to(void (*function)(void)) {
  function();  // HERE: jump_to
  ++sink;
}

static const uint32_t table[4] = {1, 2, 3, 4};

static bool trap_again(struct trap_frame* frame, uint64_t cause, uint64_t value) {
  (void)cause, (void)value;
  store_at((volatile uint32_t*)16, 1);  // HERE: trap_again
  frame->pc += trap_instruction_bytes(frame->pc);
  return true;
}

static bool skip(struct trap_frame* frame, uint64_t cause, uint64_t value) {
  (void)cause, (void)value;
  frame->pc += trap_instruction_bytes(frame->pc);
  return true;
}

static bool stop(struct trap_frame* frame, uint64_t cause, uint64_t value) {
  (void)frame, (void)cause, (void)value;
  _Exit(5);
}

int main(void) {
  switch (boot_is_filled() ? spinvp_boot.steps : 0) {
    case 1: return outer(NULL);
    case 2:  // the handler traps itself
      trap_set_exception_handler(trap_again);
      return outer(NULL);
    case 3:  // firmware's own end
      trap_set_exception_handler(stop);
      return outer(NULL);
    case 4: jump_to((void (*)(void))0x40000000); break;
    case 5:  // nobody takes the interrupt
      CSR_SET(mie, 1u << TRAP_SOFTWARE);
      clint_set_software_interrupt(0, 1);
      while (sink == 0) continue;
      break;
    case 11: sink = read_local(); break;
    case 12: {
      uint64_t* block = (uint64_t*)(uintptr_t)spinvp_boot.dram_free;
      block[1] = 3;
      sink = read_of(&block[5]) + read_of(&block[1]);
      break;
    }
    case 13: sink = recurse(140); break;
    case 14: store_at((volatile uint32_t*)(uintptr_t)&table[2], 9); break;
    case 15:  // a probe that firmware deals with
      trap_set_exception_handler(skip);
      return outer((volatile uint32_t*)0x40000000) == 1 ? 0 : 2;
    default: break;
  }
  printf("%u\n", (unsigned)table[sink & 3]);
  return 0;
}
