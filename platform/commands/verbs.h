// The verbs of the program, one file each. A verb declares its options and, if the user chose it, what to do.
#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

namespace spinvp::platform {

// Options that work with every verb.
struct Globals {
  bool quiet = false;  // errors only
  int verbose = 0;     // 1: what the models have to say, 2: all of it
  bool json = false;   // stdout holds one JSON document
};

// What the chosen verb does; returns the exit status. Throws core::InputError.
using Action = std::function<int()>;

void add_run(CLI::App& program, const Globals& globals, Action& action);
void add_check(CLI::App& program, const Globals& globals, Action& action);
void add_list(CLI::App& program, const Globals& globals, Action& action);
void add_config(CLI::App& program, const Globals& globals, Action& action);
void add_layers(CLI::App& program, const Globals& globals, Action& action);
void add_memory(CLI::App& program, const Globals& globals, Action& action);
void add_pim(CLI::App& program, const Globals& globals, Action& action);
void add_registers(CLI::App& program, const Globals& globals, Action& action);
void add_reproduce(CLI::App& program, const Globals& globals, Action& action);

// Parses the command line, does what it says, reports what goes wrong in one line; returns the exit status.
int run_program(int argc, char** argv);

// The version as in report.json.
std::string version();

}  // namespace spinvp::platform
