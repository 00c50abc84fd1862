// The program's two entrances: the operating system's and SystemC's.
#include <systemc>

#include "platform/commands/verbs.h"
#include "platform/soc/execution.h"

// Stack use-after-return detection moves frames off the stacks of SystemC's threads and crashes; the other checks stay.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "detect_stack_use_after_return=0:detect_leaks=0"; }

int sc_main(int argc, char** argv) { return spinvp::platform::run_program(argc, argv); }

// SystemC's library brings a main of its own; this one keeps its banner away first.
int main(int argc, char** argv) {
  spinvp::platform::prepare_systemc();
  return sc_core::sc_elab_and_sim(argc, argv);
}
