// A test of bringup: one a device. Null: all is well; BRINGUP_ABSENT: this platform has no such device; else what does not hold.
#ifndef SPINVP_FIRMWARE_BRINGUP_H
#define SPINVP_FIRMWARE_BRINGUP_H

#include <stddef.h>
#include <stdint.h>

extern const char BRINGUP_ABSENT[];

#define REQUIRE(condition)               \
  do {                                   \
    if (!(condition)) return #condition; \
  } while (0)

// bringup_core.c
const char* test_dram(void);
const char* test_onchip_memory(void);
const char* test_bus_errors(void);
const char* test_uart(void);
const char* test_timer(void);
const char* test_software_interrupt(void);
const char* test_plic(void);
// bringup_devices.c
const char* test_dma(void);
const char* test_power_manager(void);
const char* test_markers(void);
// bringup_units.c
const char* test_npu(void);
const char* test_pim(void);

#endif
