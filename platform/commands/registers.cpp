#include <cstdio>

#include "platform/commands/verbs.h"
#include "platform/config/platform_config.h"
#include "platform/describe/register_map.h"

namespace spinvp::platform {

namespace {

struct Options {
  ConfigRequest config;
  std::string format;
};

// Builds the platform and asks its registers who they are; nothing runs.
int describe(const Options& options) {
  const PlatformConfig config = load_config(options.config);
  core::Simulation simulation(config.platform.seed);
  const Soc soc(simulation, config);
  const auto map = register_map(soc);
  const std::string text = options.format == "c" ? to_c_header(map) : options.format == "svd" ? to_svd(map, version()) : to_markdown(map);
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace

void add_registers(CLI::App& program, const Globals&, Action& action) {
  auto* verb = program.add_subcommand("registers", "registers and addresses of the platform: a C header, an SVD file or a reference page");
  auto options = std::make_shared<Options>();
  verb->add_option("--format", options->format, "c, svd or markdown")->required()->check(CLI::IsMember({"c", "svd", "markdown"}));
  verb->add_option("--config", options->config.config, "a configuration, or the name of a shipped one; the default SoC if not given");
  verb->add_option("--set", options->config.assignments, "path=value, over the configuration; may be given again")->allow_extra_args(false);
  verb->callback([&action, options] { action = [options] { return describe(*options); }; });
}

}  // namespace spinvp::platform
