#include "firmware/drivers/power.h"

#include <string.h>

#include "firmware/hal/mmio.h"
#include "spinvp_registers.h"

#define ERROR_BITS (1u << POWER_MANAGER_ERROR_REFUSED_SHIFT | 1u << POWER_MANAGER_ERROR_BAD_VALUE_SHIFT)

unsigned power_domain_count(void) { return mmio_read32(POWER_BASE + POWER_MANAGER_DOMAIN_COUNT); }

void power_domain_name(unsigned domain, char name[POWER_NAME_BYTES]) {
  mmio_write32(POWER_BASE + POWER_MANAGER_SELECT, domain);
  for (unsigned part = 0; part < 4; ++part) {
    const uint64_t characters = mmio_read64(POWER_BASE + POWER_MANAGER_NAME0 + 8u * part);
    memcpy(name + 8 * part, &characters, sizeof characters);
  }
  name[POWER_NAME_BYTES - 1] = '\0';
}

unsigned power_find_domain(const char* name) {
  char found[POWER_NAME_BYTES];
  for (unsigned domain = 0; domain < power_domain_count(); ++domain) {
    power_domain_name(domain, found);
    if (strcmp(found, name) == 0) return domain;
  }
  return POWER_NO_DOMAIN;
}

// Writes a per-domain register; true if the power manager took it.
static bool write_checked(uintptr_t offset, unsigned domain, uint32_t value) {
  if (domain >= power_domain_count()) return false;
  mmio_write32(POWER_BASE + POWER_MANAGER_ERROR, ERROR_BITS);
  mmio_write32(POWER_BASE + offset + 4u * domain, value);
  return (mmio_read32(POWER_BASE + POWER_MANAGER_ERROR) & ERROR_BITS) == 0;
}

bool power_set_state(unsigned domain, enum power_state state) { return write_checked(POWER_MANAGER_STATE, domain, state); }
bool power_set_divider(unsigned domain, unsigned divider) { return write_checked(POWER_MANAGER_DIVIDER, domain, divider); }

enum power_state power_state_of(unsigned domain) { return (enum power_state)mmio_read32(POWER_BASE + POWER_MANAGER_STATE + 4u * domain); }
unsigned power_divider_of(unsigned domain) { return mmio_read32(POWER_BASE + POWER_MANAGER_DIVIDER + 4u * domain); }

void power_latch(void) { mmio_write32(POWER_BASE + POWER_MANAGER_LATCH, 1); }

uint64_t power_energy_nj(unsigned domain) {
  mmio_write32(POWER_BASE + POWER_MANAGER_SELECT, domain);
  return mmio_read64(POWER_BASE + POWER_MANAGER_ENERGY_NJ);
}

uint64_t power_latch_time_ns(void) { return mmio_read64(POWER_BASE + POWER_MANAGER_LATCH_TIME_NS); }
