#include "models/core/energy.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "models/core/error.h"

namespace spinvp::core {

namespace {

// Neumaier's compensated sum: cuts of the same joules agree far below the contract's 1e-12.
class ExactSum {
 public:
  void add(double x) {
    const double t = sum_ + x;
    correction_ += (sum_ < 0 ? -sum_ : sum_) >= (x < 0 ? -x : x) ? (sum_ - t) + x : (x - t) + sum_;
    sum_ = t;
  }
  [[nodiscard]] double value() const { return sum_ + correction_; }

 private:
  double sum_ = 0, correction_ = 0;
};

void add_at(std::vector<std::uint64_t>& row, RegionId region, std::uint64_t amount) {
  if (row.size() <= region) row.resize(region + 1);
  row[region] += amount;
}

std::uint64_t at(const std::vector<std::uint64_t>& row, RegionId region) { return region < row.size() ? row[region] : 0; }

double joules(Power power, std::uint64_t ps) { return power.si() * (static_cast<double>(ps) * 1e-12); }
double joules(Energy each, std::uint64_t count) { return each.si() * static_cast<double>(count); }

std::uint64_t sum_of(const std::vector<std::uint64_t>& row) { return std::accumulate(row.begin(), row.end(), std::uint64_t{0}); }

}  // namespace

template <typename Price>
double EnergyAccount::Booked<Price>::joules() const {
  double all = core::joules(price, sum_of(by_region));
  for (const Earlier& e : earlier) all += core::joules(e.price, sum_of(e.by_region));
  return all;
}

template <typename Price>
double EnergyAccount::Booked<Price>::joules(RegionId region) const {
  double all = core::joules(price, at(by_region, region));
  for (const Earlier& e : earlier) all += core::joules(e.price, at(e.by_region, region));
  return all;
}

template <typename Price>
void EnergyAccount::Booked<Price>::describe_state(StateArchive& archive) {
  Price saved = price;
  archive.item("price", saved);
  archive.item("by_region", by_region);
  archive.list("earlier", earlier, [&](Earlier& e) {
    archive.item("price", e.price);
    archive.item("by_region", e.by_region);
  });
  if (saved == price) return;
  earlier.push_back({saved, std::exchange(by_region, {})});
}

EnergyAccount::EnergyAccount(Regions& regions) : regions_(regions) {
  regions.before_change([this](SimTime now) { settle(now); });
}

ComponentId EnergyAccount::add_component(std::string name, std::string type) {
  components_.push_back({std::move(name), std::move(type), {}, {}, {}, 0, SimTime(), {}});
  return {static_cast<std::uint32_t>(components_.size() - 1)};
}

EventId EnergyAccount::declare(ComponentId component, std::string event, std::string activity, Energy each, std::string source) {
  ComponentEntry& owner = components_[component.index];
  constants_.push_back({owner.name + "." + event, each.in(Energy::from_si(1e-12)), "pJ", std::move(source)});
  events_.push_back({component, std::move(event), std::move(activity), 0, {each, {}, {}}});
  owner.events.push_back(static_cast<std::uint32_t>(events_.size() - 1));
  return {static_cast<std::uint32_t>(events_.size() - 1)};
}

EventId EnergyAccount::declare_periodic(ComponentId component, std::string event, std::string activity, Energy each, std::uint64_t count, SimTime period,
                                        unsigned states, std::string source) {
  const EventId id = declare(component, std::move(event), std::move(activity), each, std::move(source));
  components_[component.index].periodic.push_back({id.index, count, period, states});
  return id;
}

std::uint64_t EnergyAccount::happened(const ComponentEntry& component, const Periodic& p, SimTime now) {
  if ((p.states >> component.state & 1u) == 0 || now <= component.state_since) return 0;
  return (now / p.period - component.state_since / p.period) * p.count;
}

unsigned EnergyAccount::declare_state(ComponentId component, std::string state, Power power, std::string source) {
  ComponentEntry& owner = components_[component.index];
  constants_.push_back({owner.name + ".static_" + state, power.in(Power::from_si(1e-3)), "mW", std::move(source)});
  owner.states.push_back({std::move(state), {power, {}, {}}});
  return static_cast<unsigned>(owner.states.size() - 1);
}

void EnergyAccount::add_to_bins(ComponentEntry& component, double energy, SimTime from, SimTime to) {
  const std::uint64_t width = bin_.ps();
  const std::uint64_t first = from.ps() / width;
  // An interval that ends on a bin's edge does not reach into the next bin.
  const std::uint64_t last = to > from ? (to.ps() - 1) / width : first;
  if (component.bins.size() <= last) component.bins.resize(last + 1);
  if (first == last) {
    component.bins[first] += energy;
    return;
  }
  const double per_ps = energy / static_cast<double>((to - from).ps());
  for (std::uint64_t b = first; b <= last; ++b) {
    const std::uint64_t begin = std::max(from.ps(), b * width), end = std::min(to.ps(), (b + 1) * width);
    component.bins[b] += per_ps * static_cast<double>(end - begin);
  }
}

void EnergyAccount::spend_over(EventId id, std::uint64_t count, RegionId region, SimTime from, SimTime to, KernelTally* job) {
  if (count == 0) return;
  Event& event = events_[id.index];
  event.total += count;
  add_at(event.booked.by_region, region, count);
  const double energy = joules(event.booked.price, count);
  add_to_bins(components_[event.component.index], energy, from, to);
  if (job != nullptr) job->energy_j += energy;
}

void EnergyAccount::settle(ComponentEntry& component, SimTime now) {
  if (now <= component.state_since) return;
  if (!component.states.empty()) {
    State& state = component.states[component.state];
    const std::uint64_t span = (now - component.state_since).ps();
    add_at(state.booked.by_region, regions_.current(), span);
    if (state.booked.price.si() != 0) add_to_bins(component, joules(state.booked.price, span), component.state_since, now);
  }
  for (const Periodic& p : component.periodic) spend_over({p.event}, happened(component, p, now), regions_.current(), component.state_since, now);
  component.state_since = now;
}

void EnergyAccount::settle(SimTime now) {
  for (ComponentEntry& component : components_) settle(component, now);
}

void EnergyAccount::set_state(ComponentId id, unsigned state, SimTime now) {
  ComponentEntry& component = components_[id.index];
  settle(component, now);
  component.state = state;
}

double EnergyAccount::energy_until(ComponentId id, SimTime now) const {
  const ComponentEntry& component = components_[id.index];
  double pending = 0;
  if (!component.states.empty() && now > component.state_since)
    pending = joules(component.states[component.state].booked.price, (now - component.state_since).ps());
  for (const Periodic& p : component.periodic) pending += joules(events_[p.event].booked.price, happened(component, p, now));
  return by_component(id).total_j() + pending;
}

double EnergyAccount::energy_until(SimTime now) const {
  ExactSum sum;
  for (std::uint32_t i = 0; i < components_.size(); ++i) sum.add(energy_until(ComponentId{i}, now));
  return sum.value();
}

EnergyAccount::Cut EnergyAccount::by_component(ComponentId id) const {
  ExactSum dynamic, fixed;
  const ComponentEntry& component = components_[id.index];
  for (const std::uint32_t e : component.events) dynamic.add(events_[e].booked.joules());
  for (const State& state : component.states) fixed.add(state.booked.joules());
  return {dynamic.value(), fixed.value()};
}

EnergyAccount::Cut EnergyAccount::by_component_and_region(ComponentId id, RegionId region) const {
  ExactSum dynamic, fixed;
  const ComponentEntry& component = components_[id.index];
  for (const std::uint32_t e : component.events) dynamic.add(events_[e].booked.joules(region));
  for (const State& state : component.states) fixed.add(state.booked.joules(region));
  return {dynamic.value(), fixed.value()};
}

double EnergyAccount::by_region(RegionId region) const {
  ExactSum sum;
  for (std::uint32_t i = 0; i < components_.size(); ++i) {
    const Cut cut = by_component_and_region(ComponentId{i}, region);
    sum.add(cut.dynamic_j);
    sum.add(cut.static_j);
  }
  return sum.value();
}

std::vector<std::pair<std::string, double>> EnergyAccount::by_activity() const {
  std::vector<std::pair<std::string, ExactSum>> sums;
  const auto slot = [&sums](const std::string& name) -> ExactSum& {
    for (auto& [key, sum] : sums)
      if (key == name) return sum;
    return sums.emplace_back(name, ExactSum()).second;
  };
  for (const Event& event : events_) slot(event.activity).add(event.booked.joules());
  for (const ComponentEntry& component : components_)
    for (const State& state : component.states) slot("static " + state.name).add(state.booked.joules());
  std::vector<std::pair<std::string, double>> result;
  result.reserve(sums.size());
  for (const auto& [name, sum] : sums) result.emplace_back(name, sum.value());
  return result;
}

double EnergyAccount::total() const {
  ExactSum sum;
  for (std::uint32_t i = 0; i < components_.size(); ++i) {
    const Cut cut = by_component(ComponentId{i});
    sum.add(cut.dynamic_j);
    sum.add(cut.static_j);
  }
  return sum.value();
}

std::vector<EnergyAccount::EventView> EnergyAccount::events() const {
  std::vector<EventView> views;
  views.reserve(events_.size());
  for (const Event& e : events_) views.push_back({components_[e.component.index].name, e.name, e.activity, e.total, e.booked.price});
  return views;
}

double EnergyAccount::bin_energy(ComponentId id, std::size_t bin) const {
  const auto& bins = components_[id.index].bins;
  return bin < bins.size() ? bins[bin] : 0;
}

void EnergyAccount::describe_state(StateArchive& archive) {
  archive.shape("events", events_.size());
  for (Event& event : events_) {
    archive.item(event.name, event.total);
    event.booked.describe_state(archive);
  }
  archive.shape("components", components_.size());
  for (ComponentEntry& component : components_) {
    archive.item(component.name, component.state);
    if (component.state != 0 && component.state >= component.states.size())
      throw InputError("snapshot: item '" + component.name + "': there is no such power state");
    archive.item("since", component.state_since);
    archive.shape("states", component.states.size());
    for (State& state : component.states) state.booked.describe_state(archive);
    archive.item("bins", component.bins);
  }
}

std::size_t EnergyAccount::bins() const {
  std::size_t most = 0;
  for (const ComponentEntry& c : components_) most = std::max(most, c.bins.size());
  return most;
}

}  // namespace spinvp::core
