// What the loader told this program (models/abi/boot.h). Off the platform (QEMU, a debugger) nobody fills it in: magic is then 0.
#ifndef SPINVP_FIRMWARE_BOOT_H
#define SPINVP_FIRMWARE_BOOT_H

#include <stdbool.h>

#include "models/abi/boot.h"

extern struct spinvp_boot spinvp_boot;

static inline bool boot_is_filled(void) { return spinvp_boot.magic == SPINVP_BOOT_MAGIC; }

#endif
