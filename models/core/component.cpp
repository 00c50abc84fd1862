#include "models/core/component.h"

#include <algorithm>

#include "models/core/error.h"
#include "models/core/transport.h"

namespace spinvp::core {

Simulation::Simulation(std::uint64_t seed) : seed_(seed), log_(std::make_shared<spdlog::logger>("spinvp")) { log_->set_level(spdlog::level::warn); }

void Simulation::warn(const std::string& component, const std::string& message) {
  const std::string line = component + ": " + message;
  if (std::find(warnings_.begin(), warnings_.end(), line) == warnings_.end()) warnings_.push_back(line);
  log_->warn("{}", line);
}

void Simulation::finish(ExitReason reason, std::uint64_t code) {
  if (exit_.set) return;
  exit_ = {reason, code, true};
  sc_core::sc_stop();
}

void Simulation::request_reset() {
  for (Component* component : components) component->reset();
}

void Simulation::describe_state(StateArchive& archive) {
  regions.describe_state(archive);
  energy.describe_state(archive);
  archive.list("kernels", kernels, [&](KernelRecord& kernel) {
    archive.item("name", kernel.name);
    archive.item("unit", kernel.unit);
    archive.item("region", kernel.region);
    archive.item("start", kernel.start);
    archive.item("end", kernel.end);
    archive.item("macs", kernel.macs);
    archive.item("compute_cycles", kernel.compute_cycles);
    archive.item("stall_cycles", kernel.stall_cycles);
    archive.item("tally", kernel.tally);
    const auto printable = [](const std::string& text) { return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; }); };
    if (!printable(kernel.name) || !printable(kernel.unit)) throw InputError("snapshot: item 'kernels': a name that no report can hold");
    if (kernel.region >= regions.count()) throw InputError("snapshot: item 'region': a region that is not there");
  });
  archive.item("loss", training.loss);
  archive.item("accuracy", training.accuracy);
  archive.list("warnings", warnings_, [&](std::string& warning) { archive.item("warning", warning); });
}

Component::Component(const sc_core::sc_module_name& name, Simulation& simulation, std::string_view type, Frequency clock)
    : sc_module(name), simulation_(simulation), type_(type), id_(simulation.energy.add_component(this->name(), std::string(type))), clock_(clock) {
  simulation.components.push_back(this);
}

Component::~Component() { std::erase(simulation_.components, this); }

void Component::reset() {
  clock_.set_divider(1);
  if (power_state_ != PowerState::on) set_power_state(PowerState::on);
  on_reset();
}

void Component::set_power_state(PowerState state) {
  if (state == power_state_) return;
  const PowerState from = power_state_;
  if (has_static_) simulation_.energy.set_state(id_, static_cast<unsigned>(state), now());
  power_state_ = state;
  on_power_state(from, state);
  if (from == PowerState::off) on_reset();
}

void Component::declare_static(Power on, Power clock_gated, Power retention, Power off, const std::string& source) {
  const std::array<Power, 4> powers = {on, clock_gated, retention, off};
  for (unsigned i = 0; i < powers.size(); ++i) simulation_.energy.declare_state(id_, power_state_names[i], powers[i], source);
  has_static_ = true;
}

Counter& Component::declare_counter(std::string name) { return counters_.emplace_back(Counter{std::move(name), 0}); }

void Component::set_area(Area area, const std::string& source) {
  area_ = area;
  simulation_.energy.add_constant({std::string(name()) + ".area", area.si() * 1e6, "mm2", source});
}

void Component::describe_state(StateArchive& archive) {
  unsigned divider = clock_.divider();
  PowerState state = power_state_;
  archive.item("power_state", state);
  archive.item("divider", divider);
  archive.item("busy", busy_);
  if (static_cast<unsigned>(state) >= power_state_names.size()) throw InputError("snapshot: item 'power_state': there is no such power state");
  clock_.set_divider(divider);
  if (archive.reading() && state != power_state_) {
    if (has_static_) simulation_.energy.set_state(id_, static_cast<unsigned>(state), now());
    power_state_ = state;
  }
  for (Counter& counter : counters_) archive.item(counter.name, counter.value);
}

void Component::log(spdlog::level::level_enum level, const std::string& message) {
  simulation_.log().log(level, "{:.6f} us {}: {}", static_cast<double>(now().ps()) * 1e-6, name(), message);
}

}  // namespace spinvp::core
