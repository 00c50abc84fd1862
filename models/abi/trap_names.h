/* What exceptions are called, by their cause (mcause without an interrupt; privileged manual, table 3.6), for whoever tells of one. Valid C11 and C++.
 * Page faults (causes 12, 13 and 15) are absent: no hart here translates addresses. */
#ifndef SPINVP_ABI_TRAP_NAMES_H
#define SPINVP_ABI_TRAP_NAMES_H

static const char* const spinvp_exception_names[] = {"instruction address misaligned",
                                                     "instruction access fault",
                                                     "illegal instruction",
                                                     "breakpoint",
                                                     "load address misaligned",
                                                     "load access fault",
                                                     "store address misaligned",
                                                     "store access fault",
                                                     "environment call from U-mode",
                                                     "environment call from S-mode",
                                                     "reserved",
                                                     "environment call from M-mode"};
/* Causes from here on have no name. */
enum { SPINVP_EXCEPTION_NAMES = sizeof spinvp_exception_names / sizeof spinvp_exception_names[0] };

#endif
