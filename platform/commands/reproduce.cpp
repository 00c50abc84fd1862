#include <chrono>
#include <cstdio>

#include "platform/commands/verbs.h"
#include "platform/explore/reproduce_memory_output.h"
#include "platform/explore/reproduce_pim_output.h"

namespace spinvp::platform {

namespace {

using nlohmann::ordered_json;

MemoryReproduction reproduce_memory(const Globals& globals) {
  // Slow hosts see that something happens; fast ones nothing.
  const auto start = std::chrono::steady_clock::now();
  std::size_t shown = 0;
  return MemoryReproduction([&, start](std::size_t done, std::size_t all) mutable {
    if (globals.quiet || std::chrono::steady_clock::now() - start < std::chrono::seconds(2) || (done * 10 / all == shown && done != all)) return;
    shown = done * 10 / all;
    std::fprintf(stderr, "reproduce memory: %zu of %zu schedules\n", done, all);
  });
}

// Both in one document: claims, verdicts and constants one behind the other, what is theirs alone under their names.
ordered_json both(const ordered_json& pim, const ordered_json& memory) {
  ordered_json all = {{"schema", pim["schema"]}};
  for (const char* key : {"claims", "verdict", "constants"}) {
    all[key] = pim[key];
    for (const ordered_json& row : memory[key]) all[key].push_back(row);
  }
  all["pim"] = {{"workload", pim["workload"]}, {"designs", pim["designs"]}};
  all["memory"] = {{"points", memory["points"]}};
  return all;
}

void show(const ordered_json& document) { std::fputs((document.dump(2) + "\n").c_str(), stdout); }

int reproduce(const std::string& what, const Globals& globals) {
  if (what == "pim") {
    const PimReproduction pim = reproduce_pim();
    globals.json ? show(to_json(pim)) : static_cast<void>(std::fputs(to_text(pim).c_str(), stdout));
    return 0;
  }
  MemoryReproduction memory = reproduce_memory(globals);
  if (what == "memory") {
    globals.json ? show(to_json(memory)) : static_cast<void>(std::fputs(to_text(memory).c_str(), stdout));
    return 0;
  }
  const PimReproduction pim = reproduce_pim();
  if (globals.json)
    show(both(to_json(pim), to_json(memory)));
  else
    std::fputs((to_text(pim) + "\n\n" + to_text(memory)).c_str(), stdout);
  return 0;
}

}  // namespace

void add_reproduce(CLI::App& program, const Globals& globals, Action& action) {
  auto* verb =
      program.add_subcommand("reproduce", "published headlines, each recomputed from constants up in every named regime, with what is uncertain about it");
  auto what = std::make_shared<std::string>("all");
  verb->add_option("WHAT", *what, "pim: training inside SOT-MRAM arrays; memory: SOT-MRAM as on-chip memory; all (default)")
      ->check(CLI::IsMember({"pim", "memory", "all"}));
  verb->callback([&globals, &action, what] { action = [&globals, what] { return reproduce(*what, globals); }; });
}

}  // namespace spinvp::platform
