#include "platform/soc/snapshot.h"

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/core/transport.h"

namespace spinvp::platform {

namespace {

void describe(core::Simulation& simulation, std::string& console, core::StateArchive& archive) {
  archive.item("console", console);
  archive.shape("components", simulation.components.size());
  for (core::Component* component : simulation.components) {
    std::string name = component->name();
    archive.item("component", name);
    if (name != component->name()) throw core::InputError(fmt::format("snapshot: component '{}' is in the place of '{}'", name, component->name()));
    try {
      component->describe_state(archive);
    } catch (const core::InputError& error) {
      throw core::InputError(fmt::format("{}: {}", name, error.what()));
    }
  }
  // Last: components that change their power state book on their way.
  simulation.describe_state(archive);
}

}  // namespace

std::string unsettled(const core::Simulation& simulation) {
  for (const core::Component* component : simulation.components)
    if (const std::string what = component->unsettled(); !what.empty()) return fmt::format("{}: {}", component->name(), what);
  return sc_core::sc_pending_activity_at_current_time() ? "something else happens at the same time" : "";
}

std::vector<std::uint8_t> save_state(core::Simulation& simulation, std::string console) {
  core::StateArchive archive;
  describe(simulation, console, archive);
  return archive.bytes();
}

std::string restore_state(core::Simulation& simulation, Soc& soc, std::vector<std::uint8_t> state) {
  core::StateArchive archive(std::move(state));
  std::string console;
  describe(simulation, console, archive);
  if (!archive.exhausted()) throw core::InputError("snapshot: there is more in it than this platform has");
  for (const auto& hart : soc.harts()) hart->resume_restored();
  return console;
}

}  // namespace spinvp::platform
