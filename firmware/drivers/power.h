// Power manager: power state, clock divider and energy counter of each domain (a component of the platform).
#ifndef SPINVP_FIRMWARE_POWER_H
#define SPINVP_FIRMWARE_POWER_H

#include <stdbool.h>
#include <stdint.h>

enum power_state { POWER_ON = 0, POWER_CLOCK_GATED = 1, POWER_RETENTION = 2, POWER_OFF = 3 };

#define POWER_ALL_DOMAINS 0xffffffffu
#define POWER_NO_DOMAIN   0xfffffffeu
#define POWER_NAME_BYTES  33  // longest name and its end

unsigned power_domain_count(void);
void power_domain_name(unsigned domain, char name[POWER_NAME_BYTES]);
// The domain called `name`; POWER_NO_DOMAIN if there is none.
unsigned power_find_domain(const char* name);

// False if the component refuses the state, or the domain does not exist.
bool power_set_state(unsigned domain, enum power_state state);
enum power_state power_state_of(unsigned domain);
// 1..256; false if refused.
bool power_set_divider(unsigned domain, unsigned divider);
unsigned power_divider_of(unsigned domain);

// Takes a snapshot of all energy counters and of the time; the two functions below read from it.
void power_latch(void);
uint64_t power_energy_nj(unsigned domain);  // or POWER_ALL_DOMAINS; since the start of the simulation
uint64_t power_latch_time_ns(void);

#endif
