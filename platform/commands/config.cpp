#include <cstdio>

#include <fmt/format.h>

#include "platform/commands/verbs.h"
#include "platform/config/json_schema.h"
#include "platform/config/platform_config.h"
#include "platform/config/print.h"

namespace spinvp::platform {

void add_config(CLI::App& program, const Globals& globals, Action& action) {
  auto* verb = program.add_subcommand("config", "describes the configuration: its JSON schema, or the default platform with every field");
  // One object, so that both flags live as long as the parser that writes into them.
  struct Wanted {
    bool schema = false, defaults = false;
  };
  auto wanted = std::make_shared<Wanted>();
  auto* group = verb->add_option_group("what");
  group->add_flag("--schema", wanted->schema, "the JSON schema, for an editor");
  group->add_flag("--defaults", wanted->defaults, "every field with its default, what it means and what it allows, as YAML (with --json as JSON)");
  group->require_option(1);
  verb->callback([&globals, &action, wanted] {
    action = [&globals, wanted] {
      const std::string text = wanted->schema ? config_json_schema().dump(2) + "\n"
                               : globals.json ? to_json(load_config({})).dump(2) + "\n"
                                              : to_yaml(load_config({}), true);
      std::fputs(text.c_str(), stdout);
      return 0;
    };
  });
}

}  // namespace spinvp::platform
