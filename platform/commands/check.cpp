#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/core/error.h"
#include "platform/commands/verbs.h"
#include "platform/config/platform_config.h"

namespace spinvp::platform {

namespace {

// Unlike `run`, which stops at the first, this names every problem.
int check(const std::string& file, const Globals& globals) {
  ConfigRequest request;
  request.config = file;
  const auto config = resolve(read_layers(request));
  const std::vector<std::string> problems = config ? std::vector<std::string>() : config.error();
  if (globals.json) std::printf("%s\n", nlohmann::ordered_json({{"file", file}, {"ok", problems.empty()}, {"problems", problems}}).dump(2).c_str());
  for (const std::string& problem : problems) std::fprintf(stderr, "%s\n", problem.c_str());
  if (!problems.empty()) return static_cast<int>(core::ExitStatus::bad_input);
  if (!globals.json && !globals.quiet) std::printf("%s: ok, %zu devices\n", file.c_str(), config->devices.size());
  return 0;
}

}  // namespace

void add_check(CLI::App& program, const Globals& globals, Action& action) {
  auto* verb = program.add_subcommand("check", "says whether a configuration is right, and if not, all that is wrong with it");
  auto file = std::make_shared<std::string>();
  verb->add_option("FILE", *file, "a configuration, or the name of a shipped one")->required();
  verb->callback([&globals, &action, file] { action = [&globals, file] { return check(*file, globals); }; });
}

}  // namespace spinvp::platform
