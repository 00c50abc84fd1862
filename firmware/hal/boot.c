#include "firmware/hal/boot.h"

// Not in .bss: start-up clears that after the loader has written here.
struct spinvp_boot spinvp_boot __attribute__((section(".spinvp_boot"), used, aligned(64)));
