#include <algorithm>
#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "models/core/error.h"
#include "platform/commands/verbs.h"

namespace spinvp::platform {

namespace {

int complain(const std::string& line, core::ExitStatus status) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s\n", line.c_str());
  return static_cast<int>(status);
}

}  // namespace

namespace {

// The first word that is no option. CLI11 would answer `--help` before it finds the verb unknown.
const char* first_word(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (argv[i][0] != '-') return argv[i];
  return nullptr;
}

}  // namespace

std::string version() { return SPINVP_VERSION; }

int run_program(int argc, char** argv) {
  CLI::App program(
      "A virtual platform: RISC-V firmware drives an NPU, SOT-MRAM memory and processing in memory; how long it takes and how many joules it costs.", "spinvp");
  Globals globals;
  Action action;
  program.set_version_flag("--version", "spinvp " + version());
  program.add_flag("-q,--quiet", globals.quiet, "errors only");
  program.add_flag("-v,--verbose", globals.verbose, "what the models have to say; twice: all of it");
  program.add_flag("--json", globals.json, "stdout holds one JSON document");
  program.require_subcommand(0, 1);
  program.fallthrough();  // the global options stand before the verb or behind it
  add_run(program, globals, action);
  add_check(program, globals, action);
  add_list(program, globals, action);
  add_config(program, globals, action);
  add_layers(program, globals, action);
  add_memory(program, globals, action);
  add_pim(program, globals, action);
  add_registers(program, globals, action);
  add_reproduce(program, globals, action);
  program.footer("`spinvp VERB --help` says more about a verb.");

  try {
    const auto verbs = program.get_subcommands([](const CLI::App*) { return true; });
    const char* word = first_word(argc, argv);
    if (word != nullptr && std::none_of(verbs.begin(), verbs.end(), [&](const CLI::App* verb) { return verb->get_name() == word; }))
      throw CLI::ExtrasError({word});
    program.parse(argc, argv);
    if (!action) {
      std::fputs(program.help().c_str(), stdout);
      return 0;
    }
    return action();
  } catch (const CLI::ParseError& error) {
    // Help and version come as exceptions as well; every true error is a wrong usage.
    if (error.get_exit_code() == 0) return program.exit(error);
    return complain(fmt::format("spinvp: {}; `spinvp --help` lists what is allowed", error.what()), core::ExitStatus::usage);
  } catch (const core::InputError& error) {
    return complain(error.what(), error.status());
  } catch (const std::exception& error) {
    return complain(fmt::format("spinvp: internal error: {}", error.what()), core::ExitStatus::internal);
  }
}

}  // namespace spinvp::platform
