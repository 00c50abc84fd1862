#include "platform/debug/monitor.h"

#include <vector>

#include <fmt/format.h>

#include "models/core/component.h"
#include "models/core/transport.h"
#include "platform/report/words.h"

namespace spinvp::platform {

namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string title(core::SimTime now) { return fmt::format("simulated time {}\n", time_words(now.seconds())); }

std::string statistics(core::SimTime now, const Soc& soc) {
  Rows rows = {{"hart", "instructions", "cycles", "traps", "waiting", "local time"}};
  for (const auto& hart : soc.harts()) {
    const riscv::Hart::Statistics s = hart->statistics();
    rows.push_back({hart->name(), fmt::format("{}", s.instructions), fmt::format("{}", s.cycles), fmt::format("{}", s.traps), time_words(s.wait.seconds()),
                    time_words(hart->local_time().seconds())});
  }
  return title(now) + columns_text(rows, 1);
}

// Energy as booked: what a hart did since it last synchronised is not in it.
std::string power(core::SimTime now, const core::Simulation& simulation) {
  Rows rows = {{"component", "state", "energy", "average power"}};
  const auto row = [&](const std::string& name, const std::string& state, double joules) {
    rows.push_back({name, state, energy_words(joules), now > core::SimTime() ? power_words(joules / now.seconds()) : "-"});
  };
  for (const core::Component* component : simulation.components)
    row(component->name(), core::power_state_names[static_cast<std::size_t>(component->power_state())], simulation.energy.energy_until(component->id(), now));
  row("all", "", simulation.energy.energy_until(now));
  return title(now) + columns_text(rows, 2);
}

// The innermost open region owns what is not booked yet.
std::string regions(core::SimTime now, const core::Simulation& simulation) {
  const core::Regions& all = simulation.regions;
  double time_left = now.seconds(), energy_left = simulation.energy.energy_until(now);
  for (core::RegionId id = 0; id < all.count(); ++id) {
    time_left -= all.time(id).seconds();
    energy_left -= simulation.energy.by_region(id);
  }
  Rows rows = {{"region", "time", "energy"}};
  for (core::RegionId id = 0; id < all.count(); ++id) {
    const bool open = id == all.current();
    rows.push_back({all.path(id) + (open ? " *" : ""), time_words(all.time(id).seconds() + (open ? std::max(0.0, time_left) : 0)),
                    energy_words(simulation.energy.by_region(id) + (open ? std::max(0.0, energy_left) : 0))});
  }
  return title(now) + columns_text(rows, 1) + "*: the innermost open one\n";
}

}  // namespace

std::string monitor_text(std::string_view command, const core::Simulation& simulation, const Soc& soc) {
  const core::SimTime now = core::now();
  if (command == "statistics") return statistics(now, soc);
  if (command == "power") return power(now, simulation);
  if (command == "regions") return regions(now, simulation);
  const std::string help =
      "monitor reset        resets harts and devices; memories stay\n"
      "monitor statistics   instructions, cycles, traps and waiting of each hart\n"
      "monitor power        state, energy and average power of each component\n"
      "monitor regions      time and energy of the regions that firmware has opened\n";
  return command == "help" || command.empty() ? help : fmt::format("'{}' is not known; allowed is:\n{}", command, help);
}

}  // namespace spinvp::platform
