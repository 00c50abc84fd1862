#include "models/technology/process_node.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/core/exact_math.h"

namespace spinvp::technology {

namespace {

// Currents at 300, 350 and 400 K, in A/m.
struct TransistorRow {
  double nm;
  Transistors kind;
  double supply, threshold;
  double gate_ideal, gate_fringe;  // F/m; overlap is 0.2 of the ideal capacitance, fringe counts three times
  double oxide;                    // F/m^2, electrical
  double p_over_n, resistance_factor;
  std::array<double, 3> on_n, on_p, off_n, off_p;
};

constexpr TransistorRow transistor_rows[] = {
    {65,
     Transistors::hp,
     1.1,
     0.164,
     4.70e-10,
     2.4e-10,
     1.88e-2,
     2.41,
     1.50,
     {1211.4, 1146.7, 1059.0},
     {888.7, 822.6, 759.4},
     {0.343, 0.499, 0.651},
     {0.568, 0.766, 0.965}},
    {65,
     Transistors::lop,
     0.8,
     0.324,
     6.01e-10,
     2.4e-10,
     1.88e-2,
     2.28,
     1.82,
     {562.9, 524.5, 451.6},
     {329.5, 299.8, 271.8},
     {9.08e-3, 2.25e-2, 3.98e-2},
     {1.30e-2, 3.08e-2, 5.91e-2}},
    {65,
     Transistors::lstp,
     1.1,
     0.564,
     6.17e-10,
     2.4e-10,
     1.37e-2,
     2.23,
     1.96,
     {465.4, 431.6, 367.2},
     {234.2, 212.7, 192.6},
     {3.03e-5, 1.70e-4, 5.20e-4},
     {3.85e-5, 2.12e-4, 7.66e-4}},
    {45,
     Transistors::hp,
     1.0,
     0.127,
     6.78e-10,
     1.7e-10,
     3.77e-2,
     2.41,
     1.51,
     {1823.8, 1745.8, 1666.6},
     {1632.2, 1535.5, 1441.8},
     {0.280, 0.569, 0.984},
     {0.280, 0.569, 0.984}},
    {45,
     Transistors::lop,
     0.7,
     0.289,
     6.13e-10,
     2.0e-10,
     2.79e-2,
     2.28,
     1.76,
     {682.1, 632.8, 542.7},
     {772.4, 710.0, 650.2},
     {4.03e-3, 1.08e-2, 2.03e-2},
     {4.03e-3, 1.08e-2, 2.03e-2}},
    {45,
     Transistors::lstp,
     1.0,
     0.565,
     5.58e-10,
     2.1e-10,
     1.99e-2,
     2.23,
     1.99,
     {527.5, 491.4, 421.3},
     {497.9, 457.6, 419.7},
     {1.01e-5, 9.02e-5, 4.10e-4},
     {1.01e-5, 9.02e-5, 4.10e-4}},
    {32,
     Transistors::hp,
     0.9,
     0.132,
     6.42e-10,
     1.6e-10,
     4.59e-2,
     2.41,
     1.49,
     {1785.8, 1715.7, 1645.0},
     {1713.5, 1565.1, 1476.1},
     {0.834, 1.18, 1.54},
     {0.834, 1.18, 1.54}},
    {32,
     Transistors::lop,
     0.7,
     0.279,
     5.54e-10,
     2.0e-10,
     3.08e-2,
     2.28,
     1.73,
     {760.3, 710.9, 623.6},
     {878.6, 813.0, 750.3},
     {3.57e-2, 7.42e-2, 0.148},
     {3.57e-2, 7.42e-2, 0.148}},
    {32,
     Transistors::lstp,
     1.0,
     0.582,
     5.02e-10,
     1.9e-10,
     2.19e-2,
     2.23,
     1.99,
     {560.0, 525.8, 469.7},
     {549.6, 508.7, 470.7},
     {3.02e-5, 1.79e-4, 6.58e-4},
     {3.02e-5, 1.79e-4, 6.58e-4}},
    // The source's 24 A/m at 400 K jumps 23-fold within 50 K and is replaced by the geometric continuation of 300 and 350 K.
    {22,
     Transistors::hp,
     0.9,
     0.129,
     3.83e-10,
     1.6e-10,
     3.83e-2,
     2.00,
     1.45,
     {2029.9, 1930.7, 1834.4},
     {1015.0, 965.4, 917.2},
     {0.597, 1.057, 1.87},
     {0.597, 1.057, 1.87}},
    {22,
     Transistors::lop,
     0.5,
     0.217,
     3.45e-10,
     1.7e-10,
     3.14e-2,
     2.28,
     1.73,
     {716.1, 658.8, 605.7},
     {358.1, 329.4, 302.9},
     {2.10e-2, 4.365e-2, 8.71e-2},
     {2.10e-2, 4.365e-2, 8.71e-2}},
    {22,
     Transistors::lstp,
     0.8,
     0.446,
     4.25e-10,
     2.0e-10,
     2.65e-2,
     2.23,
     1.99,
     {745.5, 695.7, 649.8},
     {372.8, 347.9, 324.9},
     {1.62e-5, 9.62e-5, 3.54e-4},
     {1.62e-5, 9.62e-5, 3.54e-4}},
    // FinFETs, per metre of layout width: about two to three times the currents and capacitances of a planar gate on the same ground.
    {16,
     Transistors::hp,
     0.80,
     0.25,
     9.0e-10,
     2.4e-10,
     6.0e-2,
     1.3,
     1.45,
     {1850, 1800, 1750},
     {1750, 1700, 1650},
     {2.5e-2, 0.125, 0.45},
     {2.5e-2, 0.125, 0.45}},
    {16,
     Transistors::lop,
     0.65,
     0.30,
     9.0e-10,
     2.4e-10,
     6.0e-2,
     1.3,
     1.70,
     {850, 820, 790},
     {800, 770, 740},
     {2.5e-3, 1.75e-2, 8.0e-2},
     {2.5e-3, 1.75e-2, 8.0e-2}},
    {16,
     Transistors::lstp,
     0.80,
     0.42,
     9.0e-10,
     2.4e-10,
     6.0e-2,
     1.3,
     1.90,
     {800, 770, 740},
     {750, 720, 690},
     {2.5e-4, 2.5e-3, 1.5e-2},
     {2.5e-4, 2.5e-3, 1.5e-2}},
    {10,
     Transistors::hp,
     0.75,
     0.25,
     9.5e-10,
     2.6e-10,
     6.5e-2,
     1.2,
     1.45,
     {2150, 2100, 2050},
     {2050, 2000, 1950},
     {2.5e-2, 0.125, 0.45},
     {2.5e-2, 0.125, 0.45}},
    {10,
     Transistors::lop,
     0.60,
     0.30,
     9.5e-10,
     2.6e-10,
     6.5e-2,
     1.2,
     1.70,
     {920, 890, 860},
     {880, 850, 820},
     {2.5e-3, 1.75e-2, 8.0e-2},
     {2.5e-3, 1.75e-2, 8.0e-2}},
    {10,
     Transistors::lstp,
     0.75,
     0.42,
     9.5e-10,
     2.6e-10,
     6.5e-2,
     1.2,
     1.90,
     {880, 850, 820},
     {840, 810, 780},
     {2.5e-4, 2.5e-3, 1.5e-2},
     {2.5e-4, 2.5e-3, 1.5e-2}},
    {7, Transistors::hp, 0.70, 0.24, 1.0e-9, 2.8e-10, 7.0e-2, 1.1, 1.45, {2450, 2400, 2350}, {2350, 2300, 2250}, {2.5e-2, 0.125, 0.45}, {2.5e-2, 0.125, 0.45}},
    {7,
     Transistors::lop,
     0.55,
     0.28,
     1.0e-9,
     2.8e-10,
     7.0e-2,
     1.1,
     1.70,
     {980, 950, 920},
     {940, 910, 880},
     {2.5e-3, 1.75e-2, 8.0e-2},
     {2.5e-3, 1.75e-2, 8.0e-2}},
    {7,
     Transistors::lstp,
     0.70,
     0.40,
     1.0e-9,
     2.8e-10,
     7.0e-2,
     1.1,
     1.90,
     {950, 920, 890},
     {910, 880, 850},
     {2.5e-4, 2.5e-3, 1.5e-2},
     {2.5e-4, 2.5e-3, 1.5e-2}},
    {5, Transistors::hp, 0.65, 0.22, 1.0e-9, 3.0e-10, 7.5e-2, 1.1, 1.45, {2750, 2700, 2650}, {2650, 2600, 2550}, {2.5e-2, 0.125, 0.45}, {2.5e-2, 0.125, 0.45}},
    {5,
     Transistors::lop,
     0.50,
     0.25,
     1.0e-9,
     3.0e-10,
     7.5e-2,
     1.1,
     1.70,
     {1050, 1020, 990},
     {1000, 970, 940},
     {2.5e-3, 1.75e-2, 8.0e-2},
     {2.5e-3, 1.75e-2, 8.0e-2}},
    {5,
     Transistors::lstp,
     0.65,
     0.38,
     1.0e-9,
     3.0e-10,
     7.5e-2,
     1.1,
     1.90,
     {1000, 970, 940},
     {950, 920, 890},
     {2.5e-4, 2.5e-3, 1.5e-2},
     {2.5e-4, 2.5e-3, 1.5e-2}},
};

// Copper at 293 K. Barrier on both sides and below; the dielectric under and over the wire is oxide (3.9), beside it `beside`.
enum class WireKind { local, intermediate, global };
struct WireRow {
  double nm;
  WireKind kind;
  double pitch_nm, aspect, interlayer_nm, beside, barrier_nm, resistivity;  // ohm m
};

// Below 22 nm the resistivity of a wire of width w is 2.0e-8 (1 + 44 nm / w): the line through the local and the global row of 22 nm (6e-8 at 22 nm, 3e-8 at 88 nm), the form
// of surface scattering (Fuchs, Sondheimer).
constexpr WireRow wire_rows[] = {
    {65, WireKind::local, 162.5, 2.7, 405, 2.303, 0, 2.2e-8},
    {65, WireKind::intermediate, 260, 2.7, 405, 2.303, 0, 2.2e-8},
    {65, WireKind::global, 520, 2.8, 810, 2.303, 0, 2.2e-8},
    {45, WireKind::local, 102, 1.8, 91.8, 2.6, 0, 4.08e-8},
    {45, WireKind::intermediate, 180, 1.8, 162, 2.6, 0, 4.08e-8},
    {45, WireKind::global, 360, 2.34, 630, 2.6, 0, 2.06e-8},
    {32, WireKind::local, 64, 1.8, 57.6, 2.82, 0, 5.0e-8},
    {32, WireKind::intermediate, 128, 1.9, 121.6, 2.82, 0, 5.0e-8},
    {32, WireKind::global, 256, 2.34, 420, 2.82, 0, 2.5e-8},
    {22, WireKind::local, 44, 1.9, 41.8, 2.55, 0, 6.0e-8},
    {22, WireKind::intermediate, 88, 1.9, 83.6, 2.55, 0, 6.0e-8},
    {22, WireKind::global, 176, 2.34, 288.75, 2.55, 0, 3.0e-8},
    {16, WireKind::local, 64, 1.9, 60, 2.7, 2, 4.75e-8},
    {16, WireKind::intermediate, 90, 1.9, 90, 2.7, 2, 3.96e-8},
    {16, WireKind::global, 180, 2.3, 260, 2.7, 3, 2.98e-8},
    {10, WireKind::local, 44, 1.9, 42, 2.7, 2, 6.0e-8},
    {10, WireKind::intermediate, 80, 1.9, 80, 2.7, 2, 4.2e-8},
    {10, WireKind::global, 144, 2.3, 210, 2.7, 3, 3.22e-8},
    {7, WireKind::local, 40, 1.9, 38, 2.7, 2, 6.4e-8},
    {7, WireKind::intermediate, 76, 1.9, 76, 2.7, 2, 4.32e-8},
    {7, WireKind::global, 126, 2.3, 180, 2.7, 3, 3.40e-8},
    {5, WireKind::local, 30, 1.9, 30, 2.7, 2, 7.87e-8},
    {5, WireKind::intermediate, 60, 1.9, 60, 2.7, 2, 4.93e-8},
    {5, WireKind::global, 120, 2.3, 170, 2.7, 3, 3.47e-8},
};

const char* const roadmap_source =
    "derived: ITRS 2007-2009 projections (MASTAR models) as tabulated in NVSim rev 131, three temperatures of eleven; 22 nm PMOS drives half of the NMOS";
const char* const finfet_source =
    "assumed: recalled orders of magnitude of 16 to 5 nm FinFETs per layout width (IRDS 2017-2018: 10 nA/um high-performance, 0.1 nA/um low-power off current)";
const char* const roadmap_wires = "derived: ITRS aggressive local, semi-global and global wires as tabulated in NVSim rev 131";
const char* const finfet_wires = "assumed: recalled metal pitches of foundry nodes; resistivity derived from the two rows of 22 nm by width";

ProcessNode roadmap_node(double nm, FixedCurrentSense sense) {
  return {
      nm, nm * 1e-9, false, sense, "published: the node's name", roadmap_source, roadmap_wires, "derived: circuit simulations as tabulated in NVSim rev 131"};
}
ProcessNode finfet_node(double nm, double cell_um2, const char* cell_source) {
  ProcessNode n = roadmap_node(nm, {1.45e-9, 150e-15, 150e-9});
  n.feature = std::sqrt(cell_um2 * 1e-12 / 146);
  n.projected = true;
  n.feature_source = cell_source;
  n.transistor_source = finfet_source;
  n.wire_source = finfet_wires;
  return n;
}

// Nodes of which only the bit cell is known.
struct LaterCell {
  double nm, cell_um2;
  const char* source;
};
constexpr LaterCell later_cells[] = {
    {3, 0.0199, "derived: TSMC N3B high-density bit cell of 0.0199 um2 (published) is 146 F2; transistors and wires are those of 5 nm"},
    {2, 0.0175, "derived: TSMC N2 high-density bit cell of 0.0175 um2 (published) is 146 F2; transistors and wires are those of 5 nm"},
};

// Through three equidistant points, linear in each half.
double between(const std::array<double, 3>& at, double kelvin) {
  const double x = (kelvin - 300) / 50;
  return x <= 1 ? at[0] + (at[1] - at[0]) * x : at[1] + (at[2] - at[1]) * (x - 1);
}
// As above in the logarithm: an off current is exponential in temperature.
double between_logs(const std::array<double, 3>& at, double kelvin) {
  const double x = (kelvin - 300) / 50;
  if (x == 0 || x == 1 || x == 2) return at[static_cast<std::size_t>(x)];
  return x < 1 ? at[0] * core::exact::pow(at[1] / at[0], x) : at[1] * core::exact::pow(at[2] / at[1], x - 1);
}

const TransistorRow& row_of(double nm, Transistors kind) {
  for (const TransistorRow& row : transistor_rows)
    if (row.nm == nm && row.kind == kind) return row;
  throw core::InputError(fmt::format("process node: no transistors for {} nm", nm));
}

Wire wire_of(double nm, WireKind kind, double kelvin) {
  constexpr double permittivity = 8.854e-12, fringe = 1.15e-10;  // F/m; fringe of both edges, the constant that CACTI uses for every wire
  constexpr double coefficient = 0.0039;                         // 1/K, copper
  constexpr double miller = 1.5;                                 // neighbours switch against the wire half of the time
  for (const WireRow& row : wire_rows) {
    if (row.nm != nm || row.kind != kind) continue;
    const double width = row.pitch_nm / 2 * 1e-9, thickness = width * row.aspect, barrier = row.barrier_nm * 1e-9;
    Wire w;
    w.pitch = row.pitch_nm * 1e-9;
    w.resistance = row.resistivity * (1 + coefficient * (kelvin - 293)) / ((thickness - barrier) * (width - 2 * barrier));
    w.capacitance = 2 * permittivity * (3.9 * width / (row.interlayer_nm * 1e-9) + miller * row.beside * thickness / width) + fringe;
    return w;
  }
  throw core::InputError(fmt::format("process node: no wires for {} nm", nm));
}

}  // namespace

Transistor ProcessNode::transistor(Transistors kind, double kelvin) const {
  const TransistorRow& row = row_of(name_nm, kind);
  Transistor t;
  t.supply = row.supply;
  t.threshold = row.threshold;
  t.gate_capacitance = 1.2 * row.gate_ideal + 3 * row.gate_fringe;
  // Reverse-biased junctions at the supply: C0 / (1 + V / 0.9 V)^m, m = 1/2 below and 1/3 at the edges.
  const double bias = 1 + row.supply / 0.9;
  t.junction_bottom = 1e-3 / std::sqrt(bias);
  t.junction_sidewall = 2.5e-10 / core::exact::pow(bias, 1.0 / 3);
  t.junction_gate_edge = 0.5e-10 / core::exact::pow(bias, 1.0 / 3);
  t.transconductance = row.oxide * 1e5 / 2;
  t.p_over_n = row.p_over_n;
  t.on_current_n = between(row.on_n, kelvin);
  t.on_resistance_n = row.resistance_factor * row.supply / t.on_current_n;
  t.on_resistance_p = row.resistance_factor * row.supply / between(row.on_p, kelvin);
  t.off_current_n = between_logs(row.off_n, kelvin);
  t.off_current_p = between_logs(row.off_p, kelvin);
  return t;
}

Wire ProcessNode::local_wire(double kelvin) const { return wire_of(name_nm, WireKind::local, kelvin); }
Wire ProcessNode::intermediate_wire(double kelvin) const { return wire_of(name_nm, WireKind::intermediate, kelvin); }
Wire ProcessNode::global_wire(double kelvin) const { return wire_of(name_nm, WireKind::global, kelvin); }

std::vector<core::Constant> ProcessNode::constants(Transistors kind, double kelvin) const {
  const Transistor t = transistor(kind, kelvin);
  const Wire local = local_wire(kelvin), global = global_wire(kelvin);
  return {
      {"feature", feature * 1e9, "nm", feature_source},
      {"supply", t.supply, "V", transistor_source},
      {"on_current", t.on_current_n, "uA/um", transistor_source},
      {"off_current", t.off_current_n * 1e3, "nA/um", transistor_source},
      {"gate_capacitance", t.gate_capacitance * 1e9, "fF/um", transistor_source},
      {"on_resistance", t.on_resistance_n * 1e6, "ohm um", transistor_source},
      {"local_wire_resistance", local.resistance * 1e-6, "ohm/um", wire_source},
      {"local_wire_capacitance", local.capacitance * 1e9, "fF/um", wire_source},
      {"global_wire_resistance", global.resistance * 1e-6, "ohm/um", wire_source},
      {"global_wire_capacitance", global.capacitance * 1e9, "fF/um", wire_source},
  };
}

const std::vector<ProcessNode>& process_nodes() {
  static const std::vector<ProcessNode> nodes = {
      roadmap_node(65, {0.62e-9, 90.0e-15, 25.7e-9}),
      roadmap_node(45, {0.80e-9, 102.6e-15, 4.41e-9}),
      roadmap_node(32, {1.07e-9, 125.6e-15, 125.4e-9}),
      roadmap_node(22, {1.45e-9, 150.0e-15, 150.0e-9}),
      finfet_node(16, 0.070, "assumed: recalled, TSMC 16FF high-density bit cell of 0.070 um2 is 146 F2"),
      finfet_node(10, 0.042, "assumed: recalled, TSMC N10 high-density bit cell of 0.042 um2 is 146 F2"),
      finfet_node(7, 0.027, "assumed: recalled, TSMC N7 high-density bit cell of 0.027 um2 is 146 F2"),
      finfet_node(5, 0.021, "derived: TSMC N5 high-density bit cell of 0.021 um2 (published) is 146 F2"),
  };
  return nodes;
}

ProcessNode process_node(core::Length node) {
  const double nm = std::round(node.si() * 1e12) / 1e3;
  for (const ProcessNode& n : process_nodes())
    if (n.name_nm == nm || (nm == 14 && n.name_nm == 16)) return n;
  for (const auto& [name, cell_um2, source] : later_cells) {
    if (nm != name) continue;
    ProcessNode n = process_node(core::Length::from_si(5e-9));
    n.feature = std::sqrt(cell_um2 * 1e-12 / 146);
    n.feature_source = source;
    return n;
  }
  if (nm == 28) {
    ProcessNode n = process_node(core::Length::from_si(32e-9));
    n.feature = 28e-9;
    n.feature_source = "published: the node's name; transistors and wires are those of 32 nm";
    return n;
  }
  throw core::InputError(fmt::format("process node: {} nm is not modelled, known are 65, 45, 32, 28, 22, 16, 14, 10, 7, 5, 3 and 2 nm", nm));
}

}  // namespace spinvp::technology
