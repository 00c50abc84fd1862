/* Reset and trap entry. On entry a0 = hart id (as on QEMU's virt machine); everything else is unknown.
 *
 * The ELF is loaded straight to where it runs: .data and .tdata are in place, only .bss and .tbss are cleared. A trap switches to a
 * stack of its own through mscratch, so that a stack overflow of the program can still be reported; mscratch is 0 while a trap is
 * being handled, which is how a trap inside the handler is told from a first one. */
#include "firmware/startup/trap_frame.h"

    .section .text.start, "ax"
    .globl _start
_start:
    .option push
    .option norelax
    la gp, __global_pointer$ /* relaxed, this would be "gp = gp + 0" */
    .option pop
    la t0, trap_entry
    csrw mtvec, t0
    csrw mie, zero
    csrw mscratch, zero
    bnez a0, park

    li t0, 1 << 13 /* mstatus.FS = initial: the floating-point unit is on */
    csrs mstatus, t0
    csrw fcsr, zero
    la sp, __stack_top
    la t0, __trap_stack_top
    csrw mscratch, t0
    la tp, __tls_base /* picolibc keeps errno there */

    la t0, __clear_start
    la t1, __clear_end
1:  bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:  call firmware_main /* never returns */

/* Harts other than 0 sleep until their software interrupt, which is enabled but never taken, is pending and hal/harts.c has said where they go: for good where
 * the program has no use for them. Nothing of the memory is read before the interrupt, since hart 0 is clearing it. */
park:
    li t0, 1 << 3 /* mie.MSIE */
    csrw mie, t0
1:  wfi
    csrr t0, mip
    andi t0, t0, 1 << 3
    beqz t0, 1b
    la t1, parked_harts_entry
    ld t0, 0(t1)
    beqz t0, 1b
    jr t0 /* a0 = hart id */

    .section .sbss, "aw", @nobits
    .globl parked_harts_entry
    .balign 8
parked_harts_entry:
    .zero 8

    .text
    .globl trap_entry
    .balign 4
trap_entry:
    csrrw sp, mscratch, sp
    beqz sp, trap_in_trap
    addi sp, sp, -TRAP_FRAME_BYTES
    .irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd x\n, TRAP_FRAME_X + 8 * \n(sp)
    .endr
    csrrw t0, mscratch, zero
    sd t0, TRAP_FRAME_X + 8 * 2(sp)
    csrr a1, mepc
    csrr a2, mstatus
    csrr a3, fcsr
    sd a1, TRAP_FRAME_PC(sp)
    sd a2, TRAP_FRAME_STATUS(sp)
    sd a3, TRAP_FRAME_FCSR(sp)
    /* Only what a C function may clobber: f8, f9 and f18..f27 are saved by the callee. */
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
    fsd f\n, TRAP_FRAME_F + 8 * \n(sp)
    .endr

    mv a0, sp
    csrr a1, mcause
    csrr a2, mtval
    call trap_dispatch

    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
    fld f\n, TRAP_FRAME_F + 8 * \n(sp)
    .endr
    ld a1, TRAP_FRAME_PC(sp)
    ld a2, TRAP_FRAME_STATUS(sp)
    ld a3, TRAP_FRAME_FCSR(sp)
    csrw mepc, a1
    csrw mstatus, a2
    csrw fcsr, a3
    addi t0, sp, TRAP_FRAME_BYTES
    csrw mscratch, t0
    .irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld x\n, TRAP_FRAME_X + 8 * \n(sp)
    .endr
    ld sp, TRAP_FRAME_X + 8 * 2(sp)
    mret

/* Gives a trap back to the machine: with the registers it came with and no handler behind mtvec the instruction traps again, and the platform
 * reports a crash with the whole state. a0: the frame; a1: mie from now on. */
    .globl trap_give_back
trap_give_back:
    csrw mtvec, zero
    csrw mie, a1
    mv sp, a0
    ld a1, TRAP_FRAME_PC(sp)
    ld a2, TRAP_FRAME_STATUS(sp)
    csrw mepc, a1
    csrw mstatus, a2
    .irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld x\n, TRAP_FRAME_X + 8 * \n(sp)
    .endr
    ld sp, TRAP_FRAME_X + 8 * 2(sp)
    mret

/* The handler itself trapped: on the platform that trap is given back in the same way (mtval, which the next trap writes anew, keeps t0).
 * Elsewhere what the handler had on its stack is lost, which starts anew for the last call of this run. */
trap_in_trap:
    csrw mtval, t0
    la t0, spinvp_boot
    lw t0, 0(t0)
    beqz t0, 1f
    csrw mtvec, zero
    csrw mie, zero
    csrrw sp, mscratch, sp
    csrr t0, mtval
    mret
1:  la sp, __trap_stack_top
    li a0, TRAP_EXIT_CODE_NESTED
    call finisher_fail
