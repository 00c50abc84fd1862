// Memory of a hart other than 0, from its start: thread-local variables, trap stack, stack. In constants for harts.S and C.
#ifndef SPINVP_FIRMWARE_HART_AREA_H
#define SPINVP_FIRMWARE_HART_AREA_H

#define HARTS_MOST           8
#define HART_AREA_TLS        512
#define HART_AREA_TRAP_STACK 4096  // its end, from the area's start
#define HART_AREA_BYTES      20480

#endif
