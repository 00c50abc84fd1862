// What trap_entry saves, in offsets (for crt0.S) and as a struct (for C). x0's slot is unused.
#ifndef SPINVP_FIRMWARE_TRAP_FRAME_H
#define SPINVP_FIRMWARE_TRAP_FRAME_H

#define TRAP_FRAME_X      0
#define TRAP_FRAME_F      256
#define TRAP_FRAME_PC     512
#define TRAP_FRAME_STATUS 520
#define TRAP_FRAME_FCSR   528
#define TRAP_FRAME_BYTES  544  // a multiple of 16, as the stack pointer must be

// Exit codes of firmware that the handler ends where there is no platform to take the trap back: an unhandled trap, and a trap inside the handler.
#define TRAP_EXIT_CODE_UNHANDLED 62
#define TRAP_EXIT_CODE_NESTED    61

#ifndef __ASSEMBLER__
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

struct trap_frame {
  uint64_t x[32];
  uint64_t f[32];  // f8, f9, f18..f27 are not saved
  uint64_t pc, status, fcsr, padding;
};
static_assert(sizeof(struct trap_frame) == TRAP_FRAME_BYTES, "layout of trap_frame");
static_assert(offsetof(struct trap_frame, pc) == TRAP_FRAME_PC, "layout of trap_frame");
#endif

#endif
