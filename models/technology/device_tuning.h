// Design-technology co-optimisation of one magnetic cell: given how long it must hold its bit, how often it may err, how fast it must be written and how hot and
// cold it gets, find the free layer, the track and the pulse that take the least write energy or time.
//
// Searched: diameter and thickness of the free layer, thickness of the track (SOT), write pulse. Everything else is the device given (materials, barrier, shape).
// The free layer keeps the device's shape (the diameter is its width), the track is as much wider and longer than it as in the device given: a wider one would only
// carry more current. A design is accepted when, all at once,
//
//   retention     Delta(T_max) (1 - k sigma) >= ln(t / (tau0 p_retention))
//   write error   the worst cell (I_c at T_min, k sigma above the mean) fails a write at most p_write times; this sets the current for a pulse
//   read disturb  reads x P_read(T_max) of the cell k sigma below the mean <= p_read
//   access        the current is at most what the access transistor drives
//   supply        current x (track or junction + transistor) <= supply voltage
//   pulse         the pulse is at most what bandwidth leaves: word_bytes / bank bandwidth - write overhead
//
// with p = retention_share p_bit and so on, and p_bit the budget of a raw bit, or that which makes a word of n bits with t of them corrected fail as often as allowed.
// The search is plain and deterministic: grids refined by golden sections. A request that cannot be met gives no design but which constraint is missed and by how
// much. Values that no device can have throw core::InputError.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/technology/magnetic_junction.h"

namespace spinvp::technology {

enum class TuningGoal { write_energy, write_latency, energy_delay };
// "energy", "latency", "energy-delay"; nothing for another text.
std::optional<TuningGoal> tuning_goal(const std::string& text);
const char* name_of(TuningGoal goal);

// How the energy of a write is counted: V I t from the supply, or what path and transistor turn into heat.
enum class EnergyAccounting { supply, ohmic };

struct ErrorBudget {
  double failure = 1e-9;        // of a raw bit (word_bits = 0), or of a word after correction; from one write to the end of the retention time
  unsigned word_bits = 0;       // stored bits of a word, check bits included: 72 for (72, 64)
  unsigned corrected_bits = 0;  // of them
  double retention_share = 0.5, write_share = 0.4, read_share = 0.1;  // of the bit's budget; they sum to at most 1
};

struct LengthRange {
  core::Length low, high;
};

struct TuningRequest {
  MagneticJunction device;  // its geometry gives shape and track overhang; see device_presets.h
  TuningGoal goal = TuningGoal::write_energy;
  EnergyAccounting accounting = EnergyAccounting::supply;

  core::Time retention = core::Time::from_si(10);
  ErrorBudget budget;
  core::Temperature coldest = core::Temperature::from_si(273.15), hottest = core::Temperature::from_si(358.15);
  double sigmas = 3;              // k
  double stability_sigma = 0.05;  // relative standard deviation of Delta from cell to cell; process_variation.h gives it for a device
  double current_sigma = 0.05;    // of I_c

  core::Time longest_pulse = core::Time::from_si(10e-9);
  // Beside it, when both are above zero: a bank takes one word every word_bytes / bandwidth, of which `write_overhead` is decoding and drivers.
  double bank_bytes_per_second = 0, word_bytes = 0;
  core::Time write_overhead;

  LengthRange diameter{core::Length::from_si(30e-9), core::Length::from_si(60e-9)};
  LengthRange free_layer_thickness{core::Length::from_si(0.8e-9), core::Length::from_si(2e-9)};
  LengthRange track_thickness{core::Length::from_si(2e-9), core::Length::from_si(6e-9)};

  core::Current current_limit = core::Current::from_si(300e-6);         // of the access transistor: some 0.3 um at 1 mA/um
  core::Resistance access_resistance = core::Resistance::from_si(2e3);  // of the access transistor
  core::Voltage supply = core::Voltage::from_si(1.1);

  ReadDrive read{core::Voltage::from_si(0.1), core::Time::from_si(2e-9)};
  double reads_per_residency = 1000;  // of a bit between two writes
};

struct TuningPoint {
  core::Length diameter, free_layer_thickness, track_width, track_thickness;  // the track's are zero for STT
  core::Time pulse;
  core::Current current;  // in the worst cell it reaches the write error allowed
  core::Energy energy;    // of one bit, as accounted
};

// How far a design is from each limit. A ratio is what is there over what is needed (or what is allowed over what is there): above 1 is margin.
struct TuningMargins {
  double stability_reference = 0, stability_hot = 0,
         stability_required = 0;                                            // mean Delta at 300 K (the layer's reference) and at T_max; needed, before k sigma
  double retention_sigmas = 0;                                              // (mean - required) / sigma of Delta at T_max; at least k
  double retention_failure = 0, retention_allowed = 0;                      // of the worst cell at T_max
  double write_error_cold = 0, write_error_typical = 0, write_allowed = 0;  // worst cell at T_min; mean cell at the reference temperature
  double read_disturb = 0, read_allowed = 0;                                // of all reads, worst cell at T_max
  double overdrive_cold = 0;                                                // current over the worst cell's I_c at T_min
  double current_ratio = 0, supply_ratio = 0, pulse_ratio = 0;              // limit over value
};

struct TuningShortfall {
  std::string constraint;  // retention, read disturb, access, supply, pulse
  double needed = 0, best = 0;
  std::string unit;
  std::string text;  // one line for people
};

struct TuningResult {
  bool feasible = false;
  TuningGoal goal = TuningGoal::write_energy;
  double bit_budget = 0;              // p_bit
  double stability_required = 0;      // at T_max, of the worst cell
  core::Time pulse_limit;             // what longest_pulse and bandwidth leave
  std::vector<TuningPoint> frontier;  // energy against pulse: pulses rise, energies fall; nobody on it is beaten in both
  std::optional<TuningPoint> chosen;
  TuningMargins margins;                    // of the chosen one
  std::vector<TuningShortfall> shortfalls;  // why there is none
  std::vector<core::Constant> constants;    // every assumption, with its source
};

TuningResult tune(const TuningRequest& request);

// One design held against a request: the least current for the pulse, its energy, its margins, and whether all limits are kept. What tune() searches with.
struct TuningEvaluation {
  bool feasible = false;
  TuningPoint point;
  TuningMargins margins;
};
TuningEvaluation evaluate(const TuningRequest& request, core::Length diameter, core::Length free_layer_thickness, core::Length track_thickness,
                          core::Time pulse);

// A table for people: the request, the frontier, the chosen design and its margins, or what is missed.
std::string tuning_table(const TuningRequest& request, const TuningResult& result);

}  // namespace spinvp::technology
