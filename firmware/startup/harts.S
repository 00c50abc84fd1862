/* Where crt0's sleeping harts go once harts.c has given them work: a0 = hart id, gp is set, traps go to trap_entry, mscratch is 0. */
#include "firmware/startup/hart_area.h"

    .text
    .globl harts_enter
harts_enter:
    li t0, 1 << 13 /* mstatus.FS = initial */
    csrs mstatus, t0
    csrw fcsr, zero
    la tp, harts_areas
    li t0, HART_AREA_BYTES
    mul t1, t0, a0
    add tp, tp, t1
    add sp, tp, t0
    li t0, HART_AREA_TRAP_STACK
    add t0, tp, t0
    csrw mscratch, t0
    mv a1, tp
    j harts_main /* never returns */
