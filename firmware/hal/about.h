// One line about an app, which `spinvp list apps` reads from its ELF: SPINVP_ABOUT("..."); once, in the file that has main().
#ifndef SPINVP_FIRMWARE_ABOUT_H
#define SPINVP_FIRMWARE_ABOUT_H

#define SPINVP_ABOUT(text) const char spinvp_about[] __attribute__((section(".spinvp_about"), used)) = text

#endif
