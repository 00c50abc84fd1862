// Transistors and wires by process node, 65 to 2 nm: what the circuits of a memory array are computed from.
//
// Everything is per metre of gate width or of wire. Down to 22 nm the feature size F is the node's name and the figures are the roadmap's (ITRS 2007 to 2009 projections, MASTAR,
// as published tables of array tools hold them). Below 22 nm the name is no length: F is the length for which the published high-density 6T cell takes 146 F^2, and the
// transistors are FinFETs whose figures are per metre of LAYOUT width (fins counted in); those rows are recalled orders of magnitude, not a foundry's data.
#pragma once

#include <string>
#include <vector>

#include "models/core/energy.h"
#include "models/core/units.h"

namespace spinvp::technology {

enum class Transistors { hp, lop, lstp };  // high performance, low operating power, low standby power

// At one temperature. Lengths in metres, per-width figures in SI per metre.
struct Transistor {
  double supply = 0, threshold = 0;                      // V
  double gate_capacitance = 0;                           // F/m, overlap and fringe included
  double junction_bottom = 0;                            // F/m^2
  double junction_sidewall = 0, junction_gate_edge = 0;  // F/m
  double transconductance = 0;                           // S/m: half of Cox x saturation velocity, both kinds of carrier are velocity-saturated
  double p_over_n = 0;                                   // width of a PMOS beside the NMOS of an inverter
  double on_resistance_n = 0, on_resistance_p = 0;       // ohm m: effective, over a full swing: k Vdd / Ion
  double on_current_n = 0;                               // A/m
  double off_current_n = 0, off_current_p = 0;           // A/m
};

struct Wire {
  double resistance = 0, capacitance = 0;  // per metre
  double pitch = 0;                        // m
};

// What array tools hold fixed for a current sense amplifier at a node (simulated circuits); an option of the array model.
struct FixedCurrentSense {
  double delay_s = 0, energy_j = 0, leakage_w = 0;
};

struct ProcessNode {
  double name_nm = 0;      // 65, 45, 32, 22, 16 (14 too), 10, 7, 5
  double feature = 0;      // F in metres
  bool projected = false;  // below 22 nm: recalled figures
  FixedCurrentSense fixed_sense;
  std::string feature_source, transistor_source, wire_source, sense_source;

  [[nodiscard]] Transistor transistor(Transistors kind, double kelvin) const;
  // Along bit and word lines; from predecoders to rows; between mats.
  [[nodiscard]] Wire local_wire(double kelvin) const;
  [[nodiscard]] Wire intermediate_wire(double kelvin) const;
  [[nodiscard]] Wire global_wire(double kelvin) const;
  [[nodiscard]] std::vector<core::Constant> constants(Transistors kind, double kelvin) const;
};

const std::vector<ProcessNode>& process_nodes();
// The row of a node; 14 nm is served by the row of 16 nm, 28 nm by that of 32 nm with F of 28 nm, 3 and 2 nm by that of 5 nm with F of their
// bit cells. Another length throws core::InputError that lists the nodes.
ProcessNode process_node(core::Length node);

}  // namespace spinvp::technology
