// The base of every model: clock, reset, power state, energy, counters, log, saved state.
//
// A model derives from Component (or Device, if it sits on the bus), declares its energy events and the static power of its states in the constructor, and overrides on_reset().
#pragma once

#include <array>
#include <deque>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <systemc>

#include "models/core/simulation.h"
#include "models/core/state.h"
#include "models/core/units.h"

namespace spinvp::core {

// on: works. clock_gated: keeps its state, does not work. retention: keeps what it can at low voltage, does not work. off: loses its volatile state.
enum class PowerState : unsigned { on = 0, clock_gated = 1, retention = 2, off = 3 };
inline constexpr std::array<const char*, 4> power_state_names = {"on", "clock_gated", "retention", "off"};

// A clock with an integer divider (power manager). Periods are whole picoseconds.
class Clock {
 public:
  explicit Clock(Frequency frequency = Frequency::from_si(1e9)) : base_(frequency) {}
  [[nodiscard]] SimTime period() const { return SimTime::from(1.0 / base_) * divider_; }
  [[nodiscard]] SimTime cycles(std::uint64_t n) const { return period() * n; }
  [[nodiscard]] unsigned divider() const { return divider_; }
  void set_divider(unsigned divider) { divider_ = divider == 0 ? 1 : divider; }

 private:
  Frequency base_;
  unsigned divider_ = 1;
};

// A named count for the report.
struct Counter {
  std::string name;
  std::uint64_t value = 0;
  void operator+=(std::uint64_t n) { value += n; }
};

// A file that a model adds to a run's results.
struct OutputFile {
  std::string name, text;
};

class Component : public sc_core::sc_module {
 public:
  // `type` is the type name of the report and of the config.
  Component(const sc_core::sc_module_name& name, Simulation& simulation, std::string_view type, Frequency clock = Frequency::from_si(1e9));
  ~Component() override;

  [[nodiscard]] Simulation& simulation() { return simulation_; }
  [[nodiscard]] ComponentId id() const { return id_; }
  [[nodiscard]] const std::string& type() const { return type_; }
  [[nodiscard]] Clock& clock() { return clock_; }

  // Complete: after it the model behaves as after construction, memory contents aside.
  void reset();
  [[nodiscard]] PowerState power_state() const { return power_state_; }
  // Books static power up to now under the old state. Leaving `off` resets the model.
  void set_power_state(PowerState state);
  // Works now: powered on and clocked.
  [[nodiscard]] bool running() const { return power_state_ == PowerState::on; }
  // Whether firmware may switch it (the hart that asks and the power manager itself say no).
  [[nodiscard]] virtual bool can_power_down() const { return true; }

  // State that a snapshot holds. Overriders call the base first.
  virtual void describe_state(StateArchive& archive);

  // What it is in the middle of, so that its state cannot be saved now, in words that go on from its name ("a job is at work"); empty: nothing.
  [[nodiscard]] virtual std::string unsettled() const { return {}; }

  // Called once when the simulation has ended, before it is measured: last counts, and files for the results.
  virtual std::vector<OutputFile> at_end(SimTime end) {
    (void)end;
    return {};
  }

  [[nodiscard]] Area area() const { return area_; }
  [[nodiscard]] bool has_area() const { return area_.si() > 0; }
  [[nodiscard]] SimTime busy() const { return busy_; }
  [[nodiscard]] const std::deque<Counter>& counters() const { return counters_; }

 protected:
  virtual void on_reset() {}
  virtual void on_power_state(PowerState from, PowerState to) {
    (void)from;
    (void)to;
  }
  // Static power in the four states. Undeclared: none.
  void declare_static(Power on, Power clock_gated, Power retention, Power off, const std::string& source);
  EventId declare_event(std::string event, std::string activity, Energy each, std::string source) {
    return simulation_.energy.declare(id_, std::move(event), std::move(activity), each, std::move(source));
  }
  // The reference stays valid.
  Counter& declare_counter(std::string name);
  void set_area(Area area, const std::string& source);
  void add_busy(SimTime span) { busy_ += span; }

  template <typename... Args>
  void log_info(fmt::format_string<Args...> format, Args&&... args) {
    log(spdlog::level::info, fmt::format(format, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void log_debug(fmt::format_string<Args...> format, Args&&... args) {
    if (simulation_.log().should_log(spdlog::level::debug)) log(spdlog::level::debug, fmt::format(format, std::forward<Args>(args)...));
  }
  // What a firmware author wants to see: a bad descriptor, an access that no register takes.
  template <typename... Args>
  void log_guest_error(fmt::format_string<Args...> format, Args&&... args) {
    log(spdlog::level::warn, fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  Simulation& simulation_;
  std::string type_;
  ComponentId id_;
  Clock clock_;
  PowerState power_state_ = PowerState::on;
  bool has_static_ = false;
  Area area_;
  SimTime busy_;
  std::deque<Counter> counters_;
  void log(spdlog::level::level_enum level, const std::string& message);
};

}  // namespace spinvp::core
