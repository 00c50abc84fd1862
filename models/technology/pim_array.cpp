#include "models/technology/pim_array.h"

#include <cmath>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/technology/magnetic_units.h"

namespace spinvp::technology {

using core::Area;
using core::Capacitance;
using core::Current;
using core::Energy;
using core::Power;
using core::Resistance;
using core::Time;

namespace pim_equations {

Current sot_critical_current(const PimPhysics& p) {
  using namespace physics;
  const double density = 2 * elementary_charge / reduced_planck *
                         (vacuum_permeability * p.sot_magnetisation_a_m * p.sot_free_layer_nm * 1e-9 / p.sot_spin_hall_angle) * p.sot_anisotropy_field_a_m / 2;
  return Current::from_si(density * p.sot_track_width_nm * 1e-9 * p.sot_track_thickness_nm * 1e-9);
}

Current sot_write_current(const PimPhysics& p) { return sot_critical_current(p) * (1 + p.sot_incubation_ns / p.sot_pulse_ns); }

Resistance sot_track_resistance(const PimPhysics& p) {
  return Resistance::from_si(p.sot_resistivity_uohm_cm * 1e-8 * p.sot_track_length_nm / (p.sot_track_width_nm * p.sot_track_thickness_nm * 1e-9));
}

Time Line::delay() const { return Time::from_si(0.38 * resistance.si() * capacitance.si()); }

namespace {
// A line over `cells` square cells; `load` is the capacitance that each puts on it.
Line line(const PimPhysics& p, double cell_f2, unsigned cells, double load_f) {
  const double f = p.feature_nm * 1e-9, length = std::sqrt(cell_f2) * f * cells;
  // A crossbar's pitch leaves a line one feature; wider cells leave room for a wide one.
  const double width = cell_f2 < 16 ? f : p.wire_width_f * f;
  return {Resistance::from_si(p.wire_resistivity_uohm_cm * 1e-8 * length / (width * p.wire_thickness_f * f)),
          Capacitance::from_si(p.wire_capacitance_ff_um * 1e-9 * length + load_f * cells)};
}
double access_width_um(const PimPhysics& p) { return p.access_width_f * p.feature_nm * 1e-3; }
}  // namespace

// Two cells share a drain contact.
Line bit_line(const PimPhysics& p, double cell_f2, unsigned rows, bool transistor) {
  return line(p, cell_f2, rows, transistor ? 0.5 * p.drain_capacitance_ff_um * 1e-15 * access_width_um(p) : 0);
}
Line word_line(const PimPhysics& p, double cell_f2, unsigned columns, bool transistor) {
  return line(p, cell_f2, columns, transistor ? p.gate_capacitance_ff_um * 1e-15 * access_width_um(p) : 0);
}

}  // namespace pim_equations

namespace {

using namespace pim_equations;

struct Regime {
  PimRegime about;
  bool bare_times;  // switching and sensing alone: no line, decoder or driver
};
const std::vector<Regime>& regimes() {
  static const std::vector<Regime> all = {
      {{"bare", EnergyBoundary::device,
        "what a cell itself takes: NOR 1.1 ns and 0.29 fJ, initialisation a cycle without energy; SOT pulse and sense decision, I^2 R t of the track"},
       true},
      {{"batched-init", EnergyBoundary::device, "as bare, and a SET charged where an output was not already set"}, true},
      {{"init-every-nor", EnergyBoundary::device, "as bare, and every NOR brings its own initialisation: 2.2 ns, 24.1 fJ"}, true},
      {{"supply", EnergyBoundary::supply, "V x I x t of every driven cell; row times of the array model"}, false},
      {{"array", EnergyBoundary::array, "supply, and the subarray's lines, drivers and sense amplifiers: our array model"}, false},
      {{"chip-power", EnergyBoundary::chip, "NOR: 8.2 fJ a row and cycle from FloatPIM's 7.64 mW a block; SOT: array, control and leakage"}, false},
      {{"conservative", EnergyBoundary::device, "slow published sets: NOR 3.33 ns, 6.4 fJ a gate; SOT 1 ns read, 10 ns write, 18.3 and 102 fJ"}, false},
  };
  return all;
}

const Regime& find_regime(const std::string& name) {
  for (const Regime& regime : regimes())
    if (regime.about.name == name) return regime;
  throw core::InputError(fmt::format("pim: no regime is called '{}', allowed are {}", name, fmt::join(pim_regime_names(), ", ")), core::ExitStatus::usage);
}

// Builds up a technology.
struct Maker {
  const PimPhysics& p;
  const PimArrayShape& shape;
  const Regime& regime;
  PimTechnology t;

  [[nodiscard]] bool at_least(EnergyBoundary boundary) const { return regime.about.boundary >= boundary; }
  void put(PimEvent event, double joules, const std::string& source) {
    if (joules == 0) return;
    t.energy[static_cast<unsigned>(event)] += Energy::from_si(joules);
    std::string& text = t.energy_sources[static_cast<unsigned>(event)];
    text += (text.empty() ? "" : "; ") + source;
  }
  // A line and its sense amplifier: each read cell has one, the cells of a searched key share one.
  void sense(double line_joules, const std::string& source) {
    const double each = line_joules + p.sense_amplifier_fj * 1e-15;
    put(PimEvent::read_cell, each, source);
    put(PimEvent::search_cell, each / p.searched_rows, source + ", shared by searched_rows cells");
  }
  void time(double read, double write, double search, double nor, double init, const std::string& source) {
    t.times = {Time::from_si(read), Time::from_si(write), Time::from_si(search), Time::from_si(nor), Time::from_si(init)};
    t.time_source = source;
  }
  void area(double cell_f2) {
    const double f2 = p.feature_nm * p.feature_nm * 1e-18;
    t.cell_area = Area::from_si(cell_f2 * f2);
    t.array_area = Area::from_si((cell_f2 * shape.rows * shape.columns + p.column_circuit_f2 * shape.columns + p.row_circuit_f2 * shape.rows) * f2);
  }
  // What chips add to an array: control of each step, leakage of the circuits.
  void chip() {
    if (at_least(EnergyBoundary::array)) t.static_power = Power::from_si((p.column_leakage_nw * shape.columns + p.row_leakage_nw * shape.rows) * 1e-9);
    if (at_least(EnergyBoundary::chip)) put(PimEvent::row_step, p.step_control_pj * 1e-12, "derived: control bits distributed to the subarray, step_control");
  }
};

// The bit line is held at the read voltage by a clamp: it settles through the clamp (2.3 R C, to a tenth), then half of the difference between the two states' currents
// moves the sense node by the margin. Charged freely through its cell from so low a voltage, a line of 1024 cells would never show the margin.
struct SotRead {
  double seconds, amperes;
};
SotRead sot_read(const PimPhysics& p, const Line& bits) {
  const double area_um2 = p.sot_track_width_nm * p.sot_track_width_nm * 1e-6, parallel = p.sot_ra_ohm_um2 / area_um2;
  const double tmr = p.sot_tmr / (1 + (p.sot_read_v / p.sot_tmr_half_v) * (p.sot_read_v / p.sot_tmr_half_v));
  const double access = p.access_resistance_ohm_um / (p.access_width_f * p.feature_nm * 1e-3) + bits.resistance.si() + p.clamp_resistance_ohm;
  const double high = p.sot_read_v / (parallel + access), low = p.sot_read_v / (parallel * (1 + tmr) + access);
  const double settle = 2.3 * p.clamp_resistance_ohm * bits.capacitance.si() + bits.delay().si();
  return {settle + p.sense_node_ff * 1e-15 * p.sense_margin_mv * 1e-3 / ((high - low) / 2), (high + low) / 2};
}

void make_sot(Maker& m) {
  const PimPhysics& p = m.p;
  if (m.regime.about.name == "conservative") {
    const std::string set = "published: device library of the SCOPE simulator (third party): SOT 18.3/102 fJ a bit, 1/10 ns";
    m.time(1e-9, 10e-9, 1e-9, 0, 0, set + "; a search takes a read's time (assumed)");
    m.put(PimEvent::read_cell, 18.3e-15, set);
    m.put(PimEvent::search_cell, 18.3e-15, set);
    m.put(PimEvent::write_cell, 102e-15, set);
    m.t.write_current = sot_write_current(p);
    m.area(p.sot_cell_f2);
    return;
  }
  const Line bits = bit_line(p, p.sot_cell_f2, m.shape.rows, true), words = word_line(p, p.sot_cell_f2, m.shape.columns, true);
  const Current write = sot_write_current(p);
  const SotRead read = sot_read(p, bits);
  const double pulse = p.sot_pulse_ns * 1e-9, sense = p.sense_amplifier_ns * 1e-9, select = p.decoder_ns * 1e-9 + words.delay().si();
  if (m.regime.bare_times)
    m.time(sense, pulse, sense, 0, 0, "derived: sense decision and write pulse alone, sense_amplifier_delay and sot_pulse");
  else
    m.time(select + read.seconds + sense, select + bits.delay().si() + pulse, select + read.seconds + sense, 0, 0,
           "derived: decoder + word line 0.38 RC + (read: bit line through its clamp 2.3 RC + sense node x margin / half the current difference + sense "
           "amplifier; write: bit line 0.38 RC + pulse); a "
           "search: its "
           "worst case is one cell against the rest, a read's difference");
  m.t.write_current = write;
  const double device = write.si() * write.si() * sot_track_resistance(p).si() * pulse;
  if (!m.at_least(EnergyBoundary::supply)) {
    m.put(PimEvent::write_cell, device, "derived: I^2 R_track t of the pulse in a driven cell's own track: the current heats it whether it flips or not");
  } else {
    m.put(PimEvent::write_cell, p.supply_v * write.si() * pulse, "derived: V_dd I t of a driven cell: its current flows whether it flips or not");
    for (const PimEvent event : {PimEvent::read_cell, PimEvent::search_cell})
      m.put(event, p.sot_read_v * read.amperes * (read.seconds + sense), "derived: read voltage x mean read current x sensing time");
  }
  if (m.at_least(EnergyBoundary::array)) {
    const double bit = bits.capacitance.si();
    m.put(PimEvent::write_cell, bit * p.supply_v * p.supply_v, "derived: C V^2 of the bit line");
    m.sense(bit * p.sot_read_v * p.supply_v, "derived: C V_read V_dd of the bit line, and the sense amplifier");
    m.put(PimEvent::row_step, words.capacitance.si() * p.supply_v * p.supply_v, "derived: C V^2 of the word line");
  }
  m.area(p.sot_cell_f2);
  m.chip();
}

void make_memristor(Maker& m) {
  const PimPhysics& p = m.p;
  const std::string& name = m.regime.about.name;
  const double nor = p.nor_ns * 1e-9, set = p.set_ns * 1e-9, search = p.memristor_search_ns * 1e-9;
  // FloatPIM's figure is that of a search of a block of 1024 lanes.
  const double search_cell = p.memristor_search_pj * 1e-12 / (1024.0 * p.searched_rows);
  const std::string searched = "assumed: FloatPIM's recalled energy of a block's search over 1024 lanes and 8 rows, memristor_search_energy";
  const std::string periphery = "; reads and writes by the periphery take as long as a search (assumed)";
  // An initialisation is one cycle, as the 13-step adder counts it.
  m.t.write_current = Current::from_si(p.set_v / p.memristor_on_ohm);
  m.area(p.memristor_cell_f2);
  m.time(search, search, search, nor, nor, "published: cycle of 1.1 ns, an initialisation being one cycle; search time recalled (assumed)" + periphery);
  if (!m.regime.bare_times && name != "conservative" && name != "chip-power") {
    // On the same terms as the other cells: selection and lines before the cell acts.
    const Line lane = word_line(p, p.memristor_cell_f2, m.shape.columns, false), column = bit_line(p, p.memristor_cell_f2, m.shape.rows, false);
    const double select = p.decoder_ns * 1e-9 + column.delay().si(), sensed = search + lane.delay().si();
    m.time(select + sensed, select + set, select + sensed, select + nor, select + nor,
           "derived: decoder + line 0.38 RC + (NOR and initialisation: the published cycle of 1.1 ns; write: set time; read and search: the recalled search "
           "time)");
  }
  if (name == "init-every-nor") m.time(search, search, search, 2 * nor, 0, "derived: two cycles a NOR, the first initialises its output");
  if (name == "conservative") {
    const std::string set_of = "published: AritPIM and ConvPIM: 300 MHz, 6.4 fJ a gate";
    m.time(3.33e-9, 3.33e-9, 3.33e-9, 3.33e-9, 3.33e-9, set_of);
    for (const PimEvent event : {PimEvent::nor_cell, PimEvent::init_cell, PimEvent::write_cell, PimEvent::search_cell, PimEvent::read_cell})
      m.put(event, 6.4e-15, set_of);
    return;
  }
  if (name == "chip-power") {
    const std::string block = "derived: FloatPIM's 7.64 mW a block of 1024 rows at 1.1 ns (published in digests): 8.2 fJ a row and cycle";
    const double row_cycle = 7.64e-3 * nor / 1024;
    for (const PimEvent event : {PimEvent::nor_cell, PimEvent::init_cell, PimEvent::write_cell, PimEvent::search_cell, PimEvent::read_cell})
      m.put(event, row_cycle, block);
    return;
  }
  if (!m.at_least(EnergyBoundary::supply)) {
    m.put(PimEvent::nor_cell, p.nor_device_fj * 1e-15, "published: 0.29 fJ a NOR and lane, nor_device_energy");
    m.put(PimEvent::search_cell, search_cell, searched);
    const std::string recalled = "assumed: SET energy of the device, set_device_energy";
    if (name == "batched-init") m.put(PimEvent::init_flip, p.set_device_fj * 1e-15, recalled);
    if (name == "init-every-nor") m.put(PimEvent::nor_cell, p.set_device_fj * 1e-15, recalled);
    m.put(PimEvent::write_cell, p.set_device_fj * 1e-15, recalled);
    return;
  }
  m.put(PimEvent::nor_cell, p.nor_v * p.nor_v / (2 * p.memristor_on_ohm) * nor, "derived: V^2 t / 2 Ron: an input and the output in series conduct");
  m.put(PimEvent::init_cell, p.set_v * p.set_v / p.memristor_on_ohm * set, "derived: V^2 t / Ron of a set pulse over a cell that is on");
  m.put(PimEvent::write_cell, p.set_v * p.set_v / p.memristor_on_ohm * set, "derived: as a set");
  for (const PimEvent event : {PimEvent::read_cell, PimEvent::search_cell})
    m.put(event, p.memristor_read_v * p.memristor_read_v / p.memristor_on_ohm * search, "derived: V_read^2 t / Ron");
  if (m.at_least(EnergyBoundary::array)) {
    const Line lane = word_line(p, p.memristor_cell_f2, m.shape.columns, false), column = bit_line(p, p.memristor_cell_f2, m.shape.rows, false);
    m.put(PimEvent::nor_cell, lane.capacitance.si() * p.nor_v * p.nor_v / 4, "derived: C (V/2)^2 of the lane's line, which floats to half");
    m.put(PimEvent::write_cell, lane.capacitance.si() * p.set_v * p.set_v, "derived: C V^2 of the lane's line at the set voltage");
    m.sense(lane.capacitance.si() * p.memristor_read_v * p.supply_v, "derived: C V_read V_dd of the line, and the sense amplifier");
    m.put(PimEvent::row_step, 3 * column.capacitance.si() * p.nor_v * p.nor_v, "derived: C V^2 of two input lines and an output line");
    m.chip();
  }
}

void make_sram(Maker& m) {
  const PimPhysics& p = m.p;
  const Line bits = bit_line(p, p.sram_cell_f2, m.shape.rows, true), words = word_line(p, p.sram_cell_f2, m.shape.columns, true);
  const double sense = p.sense_amplifier_ns * 1e-9, select = p.decoder_ns * 1e-9 + words.delay().si(), write = p.sram_write_ns * 1e-9;
  // A cell pulls its bit line with about a tenth of a wide transistor's current: 0.1 mA/um x 2 F.
  const double cell_current = 1e-4 * 2 * p.feature_nm * 1e-3, swing = bits.capacitance.si() * p.sram_swing_v / cell_current;
  if (m.regime.bare_times)
    m.time(sense, write, sense, 0, 0, "assumed: sense decision and cell write alone");
  else
    m.time(select + swing + sense, select + bits.delay().si() + write, select + swing + sense, 0, 0,
           "derived: decoder + word line + bit-line swing by a cell of 0.1 mA/um + sense");
  m.t.write_current = Current::from_si(bits.capacitance.si() * p.supply_v / write);
  if (!m.at_least(EnergyBoundary::supply)) {
    m.put(PimEvent::write_flip, p.sram_flip_fj * 1e-15, "assumed: sram_flip_energy, of a cell that flips");
  } else {
    m.put(PimEvent::write_cell, p.sram_flip_fj * 1e-15, "assumed: sram_flip_energy, whether it flips or not");
  }
  if (m.at_least(EnergyBoundary::array)) {
    const double bit = bits.capacitance.si();
    m.put(PimEvent::write_cell, bit * p.supply_v * p.supply_v, "derived: C V^2 of a full swing of the bit line");
    m.sense(bit * p.sram_swing_v * p.supply_v, "derived: C V_swing V_dd of the bit line, and the sense amplifier");
    m.put(PimEvent::row_step, words.capacitance.si() * p.supply_v * p.supply_v, "derived: C V^2 of the word line");
  }
  m.area(p.sram_cell_f2);
  m.chip();
  // Cells of transistors leak, too.
  if (m.at_least(EnergyBoundary::array)) m.t.static_power += Power::from_si(p.sram_cell_leakage_nw * 1e-9 * m.shape.rows * m.shape.columns);
}

void list_constants(PimTechnology& t, const PimPhysics& p) {
  const auto add = [&](const char* name, double value, const char* unit, const std::string& source) {
    if (value != 0) t.constants.push_back({name, value, unit, source});
  };
  add("row_read_time", t.times.read.si() * 1e9, "ns", t.time_source);
  add("row_write_time", t.times.write.si() * 1e9, "ns", t.time_source);
  add("row_search_time", t.times.search.si() * 1e9, "ns", t.time_source);
  add("nor_time", t.times.nor.si() * 1e9, "ns", t.time_source);
  add("init_time", t.times.init.si() * 1e9, "ns", t.time_source);
  add("cell_write_current", t.write_current.si() * 1e6, "uA", "derived: see the physics constants");
  add("cell_area", t.cell_area.si() * 1e12, "um2", "derived: cell in F2 x F2");
  add("array_area", t.array_area.si() * 1e12, "um2", "derived: cells, and the circuits of rows and columns");
  for (const PimPhysicsField& field : pim_physics_fields()) add(field.name, p.*field.member, field.unit, field.source);
}

}  // namespace

const char* name_of(EnergyBoundary boundary) {
  static constexpr const char* names[] = {"device", "supply", "array", "chip"};
  return names[static_cast<unsigned>(boundary)];
}

const std::vector<PimRegime>& pim_regimes() {
  static const std::vector<PimRegime> all = [] {
    std::vector<PimRegime> list;
    for (const Regime& regime : regimes()) list.push_back(regime.about);
    return list;
  }();
  return all;
}

std::vector<std::string> pim_regime_names() {
  std::vector<std::string> names;
  for (const Regime& regime : regimes()) names.push_back(regime.about.name);
  return names;
}

PimTechnology pim_technology(const std::string& cell, const std::string& regime, const PimArrayShape& shape, const PimPhysics& physics) {
  Maker maker{physics, shape, find_regime(regime), {}};
  maker.t.cell = cell;
  maker.t.regime = regime;
  maker.t.boundary = maker.regime.about.boundary;
  maker.t.feature = core::Length::from_si(physics.feature_nm * 1e-9);
  if (cell == "sot")
    make_sot(maker);
  else if (cell == "memristor")
    make_memristor(maker);
  else if (cell == "sram")
    make_sram(maker);
  else
    throw core::InputError("pim: no cell is called '" + cell + "', allowed are sot, memristor, sram", core::ExitStatus::usage);
  list_constants(maker.t, physics);
  return maker.t;
}

}  // namespace spinvp::technology
