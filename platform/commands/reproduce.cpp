#include <cstdio>

#include "platform/commands/verbs.h"
#include "platform/explore/reproduce_pim_output.h"

namespace spinvp::platform {

void add_reproduce(CLI::App& program, const Globals& globals, Action& action) {
  auto* verb =
      program.add_subcommand("reproduce", "published headlines, each recomputed from constants up in every named regime, with what is uncertain about it");
  auto what = std::make_shared<std::string>("all");
  verb->add_option("WHAT", *what, "pim or all (default)")->check(CLI::IsMember({"pim", "all"}));
  verb->callback([&globals, &action, what] {
    action = [&globals] {
      const PimReproduction reproduction = reproduce_pim();
      std::fputs((globals.json ? to_json(reproduction).dump(2) + "\n" : to_text(reproduction)).c_str(), stdout);
      return 0;
    };
  });
}

}  // namespace spinvp::platform
