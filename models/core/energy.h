// The energy account: every joule is booked where it happens, as an integer count of a declared event or as time in a declared power state.
//
// Joules are computed from the integers when they are asked for, so every cut (by component, activity, region) sums to the same total. Each booking
// belongs to a component, an activity and one region. A declared event carries the energy of one occurrence and where that number comes from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/core/regions.h"
#include "models/core/state.h"
#include "models/core/units.h"

namespace spinvp::core {

// What a figure is and where it comes from; printed beside every result (`constants` in report.json).
struct Constant {
  std::string name;
  double value = 0;
  std::string unit;
  std::string source;  // begins with "published:", "derived:" or "assumed:"
};

struct ComponentId {
  std::uint32_t index = 0;
};
struct EventId {
  std::uint32_t index = 0;
};

// The job (kernel) on whose behalf an initiator acts; targets add their traffic and energy to it.
struct KernelTally {
  std::uint64_t dram_read_bytes = 0, dram_write_bytes = 0, onchip_read_bytes = 0, onchip_write_bytes = 0;
  double energy_j = 0;
};

class EnergyAccount {
 public:
  explicit EnergyAccount(Regions& regions);

  ComponentId add_component(std::string name, std::string type);
  // An event of a component; `activity` groups events of many components ("dram access", "multiply-accumulate").
  EventId declare(ComponentId component, std::string event, std::string activity, Energy each, std::string source);
  // An event that happens by itself, `count` times at every multiple of `period`, while the component is in one of `states` (bit i: state i). Booked together with static power.
  EventId declare_periodic(ComponentId component, std::string event, std::string activity, Energy each, std::uint64_t count, SimTime period, unsigned states,
                           std::string source);
  // Static power of one state of a component; returns the state's index in this component. The first declared state is the initial one.
  unsigned declare_state(ComponentId component, std::string state, Power power, std::string source);

  // Books `count` events at time `at` to `region`, and to the job if there is one.
  void spend(EventId event, std::uint64_t count, RegionId region, SimTime at, KernelTally* job = nullptr) { spend_over(event, count, region, at, at, job); }
  // The same, spread evenly over [from, to] in the power trace (the sums are the same).
  void spend_over(EventId event, std::uint64_t count, RegionId region, SimTime from, SimTime to, KernelTally* job = nullptr);
  void set_state(ComponentId component, unsigned state, SimTime now);
  // Books static power of all components up to `now`. Called by itself before a region changes and at the end.
  void settle(SimTime now);

  // Firmware's energy counter: joules of one component until `now`.
  [[nodiscard]] double energy_until(ComponentId component, SimTime now) const;
  [[nodiscard]] double energy_until(SimTime now) const;

  struct Cut {
    double dynamic_j = 0, static_j = 0;
    [[nodiscard]] double total_j() const { return dynamic_j + static_j; }
  };
  [[nodiscard]] std::size_t components() const { return components_.size(); }
  [[nodiscard]] const std::string& component_name(ComponentId id) const { return components_[id.index].name; }
  [[nodiscard]] const std::string& component_type(ComponentId id) const { return components_[id.index].type; }
  [[nodiscard]] Cut by_component(ComponentId id) const;
  [[nodiscard]] Cut by_component_and_region(ComponentId id, RegionId region) const;
  [[nodiscard]] double by_region(RegionId region) const;
  [[nodiscard]] std::vector<std::pair<std::string, double>> by_activity() const;  // in order of first declaration; static is "static <state>"
  [[nodiscard]] double total() const;
  [[nodiscard]] std::uint64_t count(EventId event) const { return events_[event.index].total; }
  struct EventView {
    std::string component, event, activity;
    std::uint64_t count;
    Energy each;
  };
  [[nodiscard]] std::vector<EventView> events() const;
  [[nodiscard]] const std::vector<Constant>& constants() const { return constants_; }
  void add_constant(Constant constant) { constants_.push_back(std::move(constant)); }

  // Power trace: dynamic and static joules per bin of `bin` length, one row a component. Call before anything is spent.
  void set_power_bin(SimTime bin) { bin_ = bin; }
  [[nodiscard]] SimTime power_bin() const { return bin_; }
  // Joules of a component in a bin; bins beyond the last booking are zero. Static power is booked up to the last settle().
  [[nodiscard]] double bin_energy(ComponentId id, std::size_t bin) const;
  [[nodiscard]] std::size_t bins() const;

  // What was booked; what is declared has to be the same but for its price.
  void describe_state(StateArchive& archive);

 private:
  // Events at an energy, or picoseconds at a power, by region. A run that goes on from a snapshot under other constants keeps the old price for what came before.
  template <typename Price>
  struct Booked {
    struct Earlier {
      Price price;
      std::vector<std::uint64_t> by_region;
    };
    Price price;
    std::vector<std::uint64_t> by_region;  // at this price
    std::vector<Earlier> earlier;
    [[nodiscard]] double joules() const;
    [[nodiscard]] double joules(RegionId region) const;
    void describe_state(StateArchive& archive);
  };
  struct Event {
    ComponentId component;
    std::string name, activity;
    std::uint64_t total = 0;
    Booked<Energy> booked;
  };
  struct Periodic {
    std::uint32_t event;
    std::uint64_t count;
    SimTime period;
    unsigned states;
  };
  struct State {
    std::string name;
    Booked<Power> booked;
  };
  struct ComponentEntry {
    std::string name, type;
    std::vector<std::uint32_t> events;
    std::vector<State> states;
    std::vector<Periodic> periodic;
    unsigned state = 0;
    SimTime state_since;
    std::vector<double> bins;
  };
  Regions& regions_;
  std::vector<ComponentEntry> components_;
  std::vector<Event> events_;
  std::vector<Constant> constants_;
  SimTime bin_ = SimTime::us(10);

  void settle(ComponentEntry& component, SimTime now);
  // How often `p` happened in the component's present state, after state_since up to `now`.
  static std::uint64_t happened(const ComponentEntry& component, const Periodic& p, SimTime now);
  void add_to_bins(ComponentEntry& component, double joules, SimTime from, SimTime to);
};

}  // namespace spinvp::core
