// Circuits of a memory array at one node, transistor flavour and temperature: gates, chains of drivers, decoders, repeated wires, latches; each with delay, energy, leakage and area.
//
// Delay of a gate: Horowitz (PhD thesis, Stanford 1983): t = T sqrt(ln^2 v + 2 (ramp / T) b (1 - v)), with the Elmore time T = R C of the loaded output, the transition time
// `ramp` of the input, b = 1 / (R gm) and the switching point v (1/2). A wire behind a gate is linear: it adds 0.38 R C of its own (50 % point of a distributed line).
// Drivers are sized by logical effort (Sutherland, Sproull, Harris 1999): n stages of effort f = F^(1/n), n as few as (n)(f + 1) is least.
// Layout rules in F (of CACTI 6.5's and NVSim's, MOSIS-like): contact 1, contact to gate 0.75, gates without contact 1.5 apart, N to P 2, supply rails 2 x 2, cells of
// logic up to 40 high.
#pragma once

#include <array>

#include "models/technology/process_node.h"

namespace spinvp::technology {

struct Footprint {
  double width = 0, height = 0;  // m
  [[nodiscard]] double area() const { return width * height; }
};

// What a circuit answers to an input edge: delay to half of the swing, and how long its own full transition takes.
struct Edge {
  double delay = 0, transition = 0;  // s
};

class ArrayCircuits {
 public:
  // `worst_state`: every gate leaks what its worse state leaks, instead of its resting state.
  ArrayCircuits(const ProcessNode& node, Transistors kind, double kelvin, bool worst_state = false);

  static constexpr double least_width_f = 1.5, most_width_f = 100;  // of an NMOS

  const Transistor t;
  const double f;  // F in metres
  const Wire local, intermediate, global;
  const bool worst_state;

  [[nodiscard]] double gate(double width) const { return t.gate_capacitance * width; }
  // Drain of a transistor folded into fingers no wider than `room` (metres).
  [[nodiscard]] double drain(double width, double room) const;
  [[nodiscard]] double resistance_n(double width) const { return t.on_resistance_n / width; }
  [[nodiscard]] double resistance_p(double width) const { return t.on_resistance_p / width; }
  [[nodiscard]] double leakage_n(double width) const { return t.off_current_n * width * t.supply; }
  [[nodiscard]] double leakage_p(double width) const { return t.off_current_p * width * t.supply; }
  [[nodiscard]] double swing_energy(double capacitance) const { return capacitance * t.supply * t.supply; }

  // A transistor pair pulling `capacitance` through `resistance`, driven by a gate of conducting width `width`. `level`: share of the swing left at the switching point.
  [[nodiscard]] Edge edge(double resistance, double capacitance, double width, double input_transition, double level = 0.5) const;

  // Transistors of one kind side by side in a row `room` high: W folded into fingers, each with contacts on both sides.
  [[nodiscard]] Footprint transistor_footprint(double width, double room) const;
  [[nodiscard]] Footprint inverter_footprint(double width_n) const;
  [[nodiscard]] Footprint nand_footprint(unsigned inputs, double width_n, double width_p) const;

 private:
  [[nodiscard]] double log_of(double level) const;
};

// An odd number of inverters behind a gate (or behind a first inverter of least width), the last drives the load.
class DriverChain {
 public:
  // effort: of the gate in front (1: inverter); input: its input capacitance; wire_resistance: of a distributed load; `small`: one inverter of least width.
  DriverChain(const ArrayCircuits& circuits, double effort, double input, double load, double wire_resistance, bool small);

  [[nodiscard]] unsigned stages() const { return stages_; }
  [[nodiscard]] double input_capacitance() const;
  [[nodiscard]] Edge edge(double input_transition) const;
  [[nodiscard]] double energy() const { return energy_; }    // of one pulse
  [[nodiscard]] double leakage() const { return leakage_; }  // output low
  [[nodiscard]] const Footprint& footprint() const { return footprint_; }

 private:
  const ArrayCircuits* circuits_;
  std::array<double, 8> width_{};  // of the NMOS
  unsigned stages_ = 0;
  double load_, wire_resistance_, energy_ = 0, leakage_ = 0;
  Footprint footprint_;
  [[nodiscard]] double self_capacitance(unsigned stage) const;
};

// One AND of `inputs` (1: just the drivers) per output with its drivers; one output fires in an access.
struct DecoderLines {
  Edge edge;
  double energy = 0, leakage = 0;  // of one line firing; of all lines
  double input_capacitance = 0;    // of one gate input
  Footprint line;                  // of one output
};
DecoderLines decoder_lines(const ArrayCircuits& circuits, unsigned inputs, unsigned outputs, double load, double wire_resistance, double input_transition,
                           bool small);

// From `bits` of address to 2^bits lines: gates of up to three inputs, and a second level beyond three bits.
struct Predecoder {
  Edge edge;
  double energy = 0, leakage = 0, area = 0;
};
Predecoder predecoder(const ArrayCircuits& circuits, unsigned bits, double load, double wire_resistance, bool small);

// A global wire with repeaters, sized and spaced for least delay: k R0 (C0 + Cp + c l / h) for the gate with k of a chain that drives itself (Horowitz with its own ramp), the
// wire adds 0.38 r c l^2 + 0.69 r l h C0. h^2 = k R0 c / (0.69 r C0), l^2 = k R0 (C0 + Cp) / (0.38 r c).
struct RepeatedWire {
  double spacing = 0, size = 0;                       // m; times the least inverter
  double resistance = 0, capacitance = 0;             // of the wire, per metre
  double drive = 0, input = 0, self = 0;              // of the least inverter: k R0, C0, Cp
  double cell_width = 0, cell_height = 0, rails = 0;  // m: ground of the least inverter, unfolded; grows in height with its size
  double leakage = 0, supply = 0;                     // W of the least inverter; V

  // One wire from a branch of a tree to the next. A segment longer than the spacing has length / spacing repeaters of full size; a shorter one has a single repeater, of
  // size h length / spacing: every repeater sees the same load for its size. Where a wire branches, an input or an output of the other half hangs on it too: on the way in (`fork`) the gate of the half that is not
  // meant, on the way out (`merge`) the drain of the half that is silent.
  enum class Branch { none, fork, merge };
  struct Segment {
    double delay = 0, energy = 0, leakage = 0, area = 0;
  };
  [[nodiscard]] Segment segment(double length, Branch branch = Branch::none) const;
};
RepeatedWire repeated_wire(const ArrayCircuits& circuits);

}  // namespace spinvp::technology
