// The end of the run: the test finisher (SiFive test device).
#ifndef SPINVP_FIRMWARE_FINISHER_H
#define SPINVP_FIRMWARE_FINISHER_H

// Success. Does not return.
_Noreturn void finisher_pass(void);
// Failure with `code`, 1..65535; 0 is reported as 1, since a failure must not look like success.
_Noreturn void finisher_fail(unsigned code);
// What main() returned: 0 passes, anything else fails with its low 16 bits.
_Noreturn void finisher_exit(int status);

#endif
