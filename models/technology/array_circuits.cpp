#include "models/technology/array_circuits.h"

#include <algorithm>
#include <cmath>

#include "models/core/exact_math.h"

namespace spinvp::technology {

namespace {

constexpr double contact_f = 1 + 2 * 0.75;  // a contacted diffusion between two gates
constexpr double stacked_gap_f = 1.5;       // between gates of a series stack
constexpr double n_to_p_f = 2, rails_f = 2 * 2;
constexpr double logic_height_f = 40;
constexpr double ln_half = 0.69314718055994531;

// x^(1/n) for x >= 1 by Newton's iteration from above: plain arithmetic, the same bits everywhere.
double root(double x, unsigned n) {
  if (n == 1) return x;
  if (n % 2 == 0) return root(std::sqrt(x), n / 2);
  int exponent = 0;
  std::frexp(x, &exponent);
  double y = std::ldexp(1.0, exponent / static_cast<int>(n) + 1);
  for (int i = 0; i < 12; ++i) {
    double power = 1;
    for (unsigned j = 1; j < n; ++j) power *= y;
    y += (x / power - y) / n;
  }
  return y;
}

unsigned fingers_of(double width, double room) { return width <= room ? 1 : static_cast<unsigned>(std::ceil(width / room)); }

// Room of the NMOS in a logic cell whose PMOS is `ratio` times as wide.
double n_room(double f, double ratio) { return (logic_height_f - n_to_p_f - rails_f) * f / (1 + ratio); }

}  // namespace

ArrayCircuits::ArrayCircuits(const ProcessNode& node, Transistors kind, double kelvin, bool worst)
    : t(node.transistor(kind, kelvin)),
      f(node.feature),
      local(node.local_wire(kelvin)),
      intermediate(node.intermediate_wire(kelvin)),
      global(node.global_wire(kelvin)),
      worst_state(worst) {}

double ArrayCircuits::drain(double width, double room) const {
  const unsigned fingers = fingers_of(width, room);
  const double finger = width / fingers, strips = (fingers + 1) / 2;  // two fingers share a drain
  const double open_edge = fingers % 2 == 1 ? finger : 0;
  return t.junction_bottom * strips * contact_f * f * finger + t.junction_sidewall * (strips * 2 * contact_f * f + open_edge) + t.junction_gate_edge * width;
}

double ArrayCircuits::log_of(double level) const { return level == 0.5 ? ln_half : -core::exact::log(level); }

Edge ArrayCircuits::edge(double resistance, double capacitance, double width, double input_transition, double level) const {
  const double time = resistance * capacitance, log = log_of(level);
  const double beta = 1 / (resistance * t.transconductance * width);
  const double delay = std::sqrt(time * time * log * log + 2 * time * input_transition * beta * (1 - level));
  return {delay, delay / (1 - level)};
}

Footprint ArrayCircuits::transistor_footprint(double width, double room) const {
  const unsigned fingers = fingers_of(width, room);
  return {(fingers + (fingers + 1) * contact_f) * f, width / fingers};
}

Footprint ArrayCircuits::inverter_footprint(double width_n) const {
  const double room = n_room(f, t.p_over_n);
  const Footprint n = transistor_footprint(width_n, room);
  return {n.width, n.height * (1 + t.p_over_n) + (n_to_p_f + rails_f) * f};
}

Footprint ArrayCircuits::nand_footprint(unsigned inputs, double width_n, double width_p) const {
  const double parallel = (inputs + (inputs + 1) * contact_f) * f;  // the PMOS; the series stack of the NMOS is narrower
  return {parallel, width_n + width_p + (n_to_p_f + rails_f) * f};
}

// --- drivers ---

DriverChain::DriverChain(const ArrayCircuits& c, double effort, double input, double load, double wire_resistance, bool small)
    : circuits_(&c), load_(load), wire_resistance_(wire_resistance) {
  const double least = ArrayCircuits::least_width_f * c.f, most = ArrayCircuits::most_width_f * c.f;
  const double total = std::max(1.0, effort * load / input);
  // n + 1 stages with the gate in front; (n + 1) (F^(1/(n+1)) + 1) is equal for n = 1 and 3 at F = 34, for 3 and 5 at 494, for 5 and 7 at 6790.
  stages_ = small || total < 34 ? 1 : total < 494 ? 3 : total < 6790 ? 5 : 7;
  if (small) {
    width_[0] = least;
  } else {
    const double step = root(total, stages_ + 1);
    double width = load / step / (c.t.gate_capacitance * (1 + c.t.p_over_n));
    // A last stage at its greatest width takes part of the effort; those before share the rest.
    const double before = width <= most ? step : root(std::max(1.0, effort * c.gate(most) * (1 + c.t.p_over_n) / input), stages_);
    for (unsigned i = stages_; i-- > 0; width /= std::max(before, 1.0)) {
      width = std::clamp(width, least, most);
      width_[i] = width;
    }
  }
  for (unsigned i = 0; i < stages_; ++i) {
    const double next = i + 1 < stages_ ? c.gate(width_[i + 1]) * (1 + c.t.p_over_n) : load_;
    energy_ += c.swing_energy(self_capacitance(i) + next);
    // The last output rests low, so that its PMOS leaks, the NMOS of the one before, and so on.
    const double low = c.leakage_p(width_[i] * c.t.p_over_n), high = c.leakage_n(width_[i]);
    leakage_ += c.worst_state ? std::max(low, high) : (stages_ - i) % 2 == 1 ? low : high;
    const Footprint cell = c.inverter_footprint(width_[i]);
    footprint_.width += cell.width;
    footprint_.height = std::max(footprint_.height, cell.height);
  }
}

double DriverChain::self_capacitance(unsigned stage) const {
  const double room = n_room(circuits_->f, circuits_->t.p_over_n);
  return circuits_->drain(width_[stage], room) + circuits_->drain(width_[stage] * circuits_->t.p_over_n, room * circuits_->t.p_over_n);
}

double DriverChain::input_capacitance() const { return circuits_->gate(width_[0]) * (1 + circuits_->t.p_over_n); }

Edge DriverChain::edge(double input_transition) const {
  Edge all{0, input_transition};
  for (unsigned i = 0; i < stages_; ++i) {
    const double next = i + 1 < stages_ ? circuits_->gate(width_[i + 1]) * (1 + circuits_->t.p_over_n) : load_;
    const Edge e = circuits_->edge(circuits_->resistance_n(width_[i]), self_capacitance(i) + next, width_[i], all.transition);
    all = {all.delay + e.delay, e.transition};
  }
  const double wire = 0.38 * wire_resistance_ * load_;
  return {all.delay + wire, all.transition + 2 * wire};
}

// --- decoders ---

DecoderLines decoder_lines(const ArrayCircuits& c, unsigned inputs, unsigned outputs, double load, double wire_resistance, double input_transition,
                           bool small) {
  const double least = ArrayCircuits::least_width_f * c.f, width_p = least * c.t.p_over_n;
  // A NAND's series stack is widened to the drive of an inverter of least width.
  const double width_n = least * std::max(1u, inputs);
  const double input = c.gate(width_n + width_p);
  DecoderLines lines;
  if (inputs < 2) {
    const DriverChain chain(c, 1, c.gate(least + width_p), load, wire_resistance, small);
    lines.edge = chain.edge(input_transition);
    lines.energy = chain.energy();
    lines.leakage = chain.leakage() * outputs;
    lines.input_capacitance = chain.input_capacitance();
    lines.line = chain.footprint();
    return lines;
  }
  const double effort = (inputs + c.t.p_over_n) / (1 + c.t.p_over_n);
  const DriverChain chain(c, effort, input, load, wire_resistance, small);
  const double self = c.drain(width_n, logic_height_f * c.f) + inputs * c.drain(width_p, logic_height_f * c.f);
  const double gate_load = self + chain.input_capacitance();
  const Edge gate = c.edge(c.resistance_n(width_n) * inputs, gate_load, width_n, input_transition);
  const Edge drive = chain.edge(gate.transition);
  lines.edge = {gate.delay + drive.delay, drive.transition};
  lines.energy = c.swing_energy(gate_load) + chain.energy();
  // A resting NAND leaks through its stack; two transistors off in series leak about half of what one does.
  lines.leakage = (chain.leakage() + c.leakage_n(width_n) / 2) * outputs;
  lines.input_capacitance = input;
  const Footprint cell = c.nand_footprint(inputs, width_n, width_p);
  lines.line = {cell.width + chain.footprint().width, std::max(cell.height, chain.footprint().height)};
  return lines;
}

Predecoder predecoder(const ArrayCircuits& c, unsigned bits, double load, double wire_resistance, bool small) {
  Predecoder p;
  if (bits == 0) return p;
  if (bits <= 3) {
    const DecoderLines lines = decoder_lines(c, bits, 1u << bits, load, wire_resistance, 0, small);
    return {lines.edge, lines.energy, lines.leakage, lines.line.area() * (1u << bits)};
  }
  // Two or three first-level groups of up to three bits, an AND of one line of each per output.
  const unsigned groups = (bits + 2) / 3, outputs = 1u << bits;
  const unsigned group_lines = 1u << ((bits + groups - 1) / groups);
  const DecoderLines second = decoder_lines(c, groups, outputs, load, wire_resistance, 0, small);
  const double fan_out = second.input_capacitance * outputs / group_lines;
  const DecoderLines first = decoder_lines(c, (bits + groups - 1) / groups, group_lines, fan_out, 0, 0, small);
  const DecoderLines driven = decoder_lines(c, groups, outputs, load, wire_resistance, first.edge.transition, small);
  p.edge = {first.edge.delay + driven.edge.delay, driven.edge.transition};
  p.energy = first.energy * groups + driven.energy;
  p.leakage = first.leakage * groups + driven.leakage;
  p.area = first.line.area() * group_lines * groups + driven.line.area() * outputs;
  return p;
}

RepeatedWire repeated_wire(const ArrayCircuits& c) {
  const double least = ArrayCircuits::least_width_f * c.f, width_p = least * c.t.p_over_n;
  // Large repeaters are folded, which shares their drains: what a finger of full height has, by width.
  constexpr double fingers = 64;
  const double room = n_room(c.f, c.t.p_over_n), scale = least / (fingers * room);
  const double input = c.gate(least + width_p), self = scale * (c.drain(fingers * room, room) + c.drain(fingers * room * c.t.p_over_n, room * c.t.p_over_n));
  // Rising and falling edges take turns along the wire.
  const double drive = (c.resistance_n(least) + c.resistance_p(width_p)) / 2;
  // A stage that is driven by one like itself: t = T sqrt(ln^2 2 + b t_in / T) with the transition t_in = 2 t, hence t / T = b + sqrt(b^2 + ln^2 2).
  const double beta = 1 / (c.resistance_n(least) * c.t.transconductance * least);
  const double k = beta + std::sqrt(beta * beta + ln_half * ln_half);
  RepeatedWire w;
  w.resistance = c.global.resistance;
  w.capacitance = c.global.capacitance;
  w.drive = k * drive;
  w.input = input;
  w.self = self;
  w.size = std::sqrt(w.drive * w.capacitance / (ln_half * w.resistance * input));
  w.spacing = std::sqrt(w.drive * (input + self) / (0.38 * w.resistance * w.capacitance));
  w.supply = c.t.supply;
  // Half of the wires rest high and half low.
  w.leakage = c.worst_state ? std::max(c.leakage_n(least), c.leakage_p(width_p)) : (c.leakage_n(least) + c.leakage_p(width_p)) / 2;
  // Wires run over the cells in upper metal; their repeaters, unfolded across the channel and staggered along it, take the ground below.
  w.cell_width = (1 + 2 * contact_f) * c.f;
  w.cell_height = least + width_p;
  w.rails = (n_to_p_f + rails_f) * c.f;
  return w;
}

RepeatedWire::Segment RepeatedWire::segment(double length, Branch branch) const {
  const double count = std::max(1.0, length / spacing), each = length / count;
  const double h = std::max(1.0, each < spacing ? size * each / spacing : size);
  const double gates = h * (input + self), wire = capacitance * each;
  const double hung = branch == Branch::fork ? h * input : branch == Branch::merge ? h * self : 0;
  Segment s;
  s.delay = count * (drive / h * (gates + wire) + 0.38 * resistance * capacitance * each * each + ln_half * resistance * each * h * input) + drive / h * hung;
  s.energy = supply * supply * (count * (gates + wire) + hung);
  s.leakage = count * h * leakage;
  s.area = count * cell_width * (h * cell_height + rails);
  return s;
}

}  // namespace spinvp::technology
