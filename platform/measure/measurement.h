// What a finished run comes to: plain numbers, taken once from the simulation, from which the report, power.csv and the table at the end are written.
//
// Cuts of energy. By component, by activity and by region each sum to totals.energy_j. Phases are regions grouped by the word forward, backward or update in
// their path; what carries none of them is `other`.
//
// peak_w is the highest of the whole bins of the power trace, and never below the average (a run shorter than a bin has no whole one).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/core/simulation.h"

namespace spinvp::platform {

inline constexpr std::array<const char*, 4> phase_names = {"forward", "backward", "update", "other"};

struct ComponentMeasure {
  std::string name, type;
  std::optional<double> area_mm2;
  double dynamic_j = 0, static_j = 0, busy_s = 0;
  std::vector<std::pair<std::string, std::uint64_t>> counters;
  std::array<double, phase_names.size()> phase_j{};
  [[nodiscard]] double energy_j() const { return dynamic_j + static_j; }
  [[nodiscard]] std::optional<std::uint64_t> counter(const std::string& counter_name) const;
};

struct HartMeasure {
  std::string name;
  std::uint64_t instructions = 0, cycles = 0, traps = 0;
  double wait_s = 0;
};

struct RegionMeasure {
  std::string path;
  double time_s = 0, energy_j = 0;
};

struct KernelMeasure {
  std::string name, unit;
  std::string layer, phase;  // empty: none
  double start_s = 0, end_s = 0;
  std::uint64_t macs = 0, compute_cycles = 0, stall_cycles = 0;
  core::KernelTally tally;
};

struct Measurement {
  core::Simulation::Exit exit;
  double simulated_s = 0;
  std::vector<ComponentMeasure> components;
  std::vector<HartMeasure> harts;
  std::vector<RegionMeasure> regions;
  std::vector<KernelMeasure> kernels;
  std::vector<std::pair<std::string, double>> activities;
  std::vector<core::Constant> constants;
  std::vector<std::string> warnings;
  std::vector<float> loss;
  std::optional<double> accuracy;

  struct Totals {
    double energy_j = 0, average_w = 0, peak_w = 0, energy_delay_js = 0;
    std::optional<double> area_mm2;
  } totals;
  struct Phase {
    double time_s = 0, energy_j = 0;
  };
  std::array<Phase, phase_names.size()> phases;
};

// Closes the books at `end`: open regions are closed, static power is booked, then everything is read.
Measurement measure(core::Simulation& simulation, std::vector<HartMeasure> harts, core::SimTime end);

}  // namespace spinvp::platform
