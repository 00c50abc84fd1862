#include "models/technology/array_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/core/exact_math.h"
#include "models/technology/array_bank.h"
#include "models/technology/memory_cells.h"

namespace spinvp::technology {

using namespace core::literals;

namespace {

constexpr const char* transistor_names[] = {"hp", "lop", "lstp"};
constexpr const char* target_names[] = {"area", "read_latency", "write_latency", "read_energy", "write_energy", "leakage", "read_edp", "write_edp"};

template <std::size_t N>
std::size_t index_of(const char* const (&names)[N], const std::string& name, const char* what) {
  std::string known;
  for (std::size_t i = 0; i < N; ++i) {
    if (name == names[i]) return i;
    known += fmt::format("{}{}", i == 0 ? "" : ", ", names[i]);
  }
  throw core::InputError(fmt::format("{} '{}' is not known, known are {}", what, name, known));
}

// The widths of a 6T cell where a cell names none (CACTI 6.5).
constexpr double default_access_f = 1.31, default_pull_down_f = 2.08, default_pull_up_f = 1.23;
constexpr double default_sram_sense_v = 0.08, default_sense_v = 0.025;
constexpr double scope_leakage_w = 27.5e-12;

double or_default(double value, double otherwise) { return value > 0 ? value : otherwise; }

// One access transistor with both bit lines high, the off NMOS of one inverter and the off PMOS of the other.
double sram_leakage(const ArrayRequest& r, const ProcessNode& node) {
  const double access = or_default(r.cell.read_access_width_f, default_access_f), down = or_default(r.cell.pull_down_width_f, default_pull_down_f),
               up = or_default(r.cell.pull_up_width_f, default_pull_up_f);
  if (r.sram_leakage == "scope") return scope_leakage_w;
  Transistors kind = r.transistors;
  if (r.sram_leakage == "hp" || r.sram_leakage == "lop" || r.sram_leakage == "lstp") kind = transistors_named(r.sram_leakage);
  const Transistor t = node.transistor(kind, r.temperature.si());
  const double f = node.feature;
  if (r.sram_leakage == "nvsim") return f * t.supply * (2 * std::max(down * t.off_current_n, up * t.off_current_p) + access * t.off_current_n);
  return f * t.supply * ((down + access) * t.off_current_n + up * t.off_current_p);
}

ArrayCell cell_at(const ArrayRequest& r, const ProcessNode& node, const Transistor& t) {
  const MemoryCell& m = r.cell;
  const double f = node.feature;
  ArrayCell c;
  c.sram = m.technology == MemoryTechnology::sram;
  c.height = std::sqrt(m.area_f2 * m.aspect_ratio) * f;
  c.width = std::sqrt(m.area_f2 / m.aspect_ratio) * f;
  if (c.sram) {
    c.access_read = c.access_write = or_default(m.read_access_width_f, default_access_f) * f;
    c.pull_down = or_default(m.pull_down_width_f, default_pull_down_f) * f;
    c.word_line_gates = 2 * c.access_read;
    c.sense_voltage = or_default(m.least_sense_voltage.si(), default_sram_sense_v);
    c.sense_swings = core::exact::log(t.supply / c.sense_voltage);
    c.leakage = sram_leakage(r, node);
    return c;
  }
  const auto need = [&](bool there, const char* what) {
    if (!there) throw core::InputError(fmt::format("memory cell '{}': {} must be above zero for a {} array", m.name, what, name_of(m.technology)));
  };
  c.current_sensing = m.read_mode == ReadMode::current;
  if (m.access == AccessDevice::cmos) {
    need(m.read_access_width_f > 0 || m.write_access_width_f > 0, "the width of the access transistor");
    c.access_read = or_default(m.read_access_width_f, m.write_access_width_f) * f;
    c.access_write = or_default(m.write_access_width_f, m.read_access_width_f) * f;
  } else {
    // Reads go through the selector; a SOT cell keeps its write transistor.
    c.access_write = m.write_access_width_f * f;
  }
  c.word_line_gates = m.word_lines > 1 ? std::max(c.access_read, c.access_write) : c.access_read > 0 ? c.access_read : c.access_write;
  c.low = m.resistance_low.si();
  c.high = m.resistance_high.si();
  need(c.low > 0, "resistance_low");
  if (c.high <= c.low)
    throw core::InputError(fmt::format("memory cell '{}': resistance_high {} ohm must be above resistance_low {} ohm", m.name, c.high, c.low));
  c.read_voltage = m.read_voltage.si() > 0 ? m.read_voltage.si() : m.read_current.si() * c.low;
  need(c.read_voltage > 0, "read_voltage or read_current");
  c.sense_voltage = or_default(m.least_sense_voltage.si(), default_sense_v);
  c.sense_swings = core::exact::log(t.supply / c.sense_voltage);
  // From the array's supply, unless the cell's file says its power; a selector or diode drops its voltage on top.
  const double current = m.read_current.si() > 0 ? m.read_current.si() : c.read_voltage / c.low;
  const double drop = m.access == AccessDevice::cmos ? 0 : m.access_drop.si();
  c.read_power = m.read_power.si() > 0 ? m.read_power.si() : std::max(t.supply, c.read_voltage + drop) * current;
  c.read_delay = m.access_delay.si();
  const double path = m.write_resistance.si() > 0 ? m.write_resistance.si() : c.low;
  for (const CellWrite* w : {&m.set, &m.reset}) {
    const double write_current = w->current.si() > 0 ? w->current.si() : w->voltage.si() / path;
    const double write_voltage = w->voltage.si() > 0 ? w->voltage.si() : t.supply;
    c.write_current = std::max(c.write_current, write_current);
    c.write_pulse = std::max(c.write_pulse, w->pulse.si());
    c.write_voltage = std::max(c.write_voltage, write_voltage);
    // Where a cell names no energy the supply delivers the current through access device and path.
    c.write_energy =
        std::max(c.write_energy, w->energy.si() > 0 ? w->energy.si() : std::max(write_voltage, write_current * path) * write_current * w->pulse.si());
  }
  need(c.write_current > 0, "the write current");
  need(c.write_pulse > 0, "the write pulse");
  return c;
}

void check(const ArrayRequest& r) {
  const auto fail = [](const std::string& text) { throw core::InputError("memory array: " + text); };
  if (!std::has_single_bit(r.capacity_bytes) || r.capacity_bytes < 1024 || r.capacity_bytes > (1ull << 32))
    fail(fmt::format("capacity of {} bytes, allowed are powers of two from 1024 to 4294967296", r.capacity_bytes));
  if (!std::has_single_bit(r.word_bits) || r.word_bits < 8 || r.word_bits > 4096)
    fail(fmt::format("word of {} bits, allowed are powers of two from 8 to 4096", r.word_bits));
  if (r.capacity_bytes * 8 < 64ull * r.word_bits) fail(fmt::format("capacity of {} bytes holds fewer than 64 words of {} bits", r.capacity_bytes, r.word_bits));
  if (!(r.temperature.si() >= 300 && r.temperature.si() <= 400))
    fail(fmt::format("temperature of {} K, the transistor tables hold 300 to 400 K", r.temperature.si()));
  if (!(r.bus_activity > 0 && r.bus_activity <= 1)) fail(fmt::format("bus_activity of {}, allowed is above 0 to 1", r.bus_activity));
  if (!(r.cell.area_f2 > 0) || !(r.cell.aspect_ratio > 0)) fail(fmt::format("cell '{}' needs area_f2 and aspect_ratio above zero", r.cell.name));
  if (r.cell.node && std::round(r.cell.node->in(1_nm)) != std::round(r.node.in(1_nm)))
    fail(fmt::format("cell '{}' is made for {:.0f} nm, the array for {:.0f} nm", r.cell.name, r.cell.node->in(1_nm), r.node.in(1_nm)));
  for (const SramLeakagePreset& p : sram_leakage_presets())
    if (p.name == r.sram_leakage) return;
  fail(fmt::format("SRAM leakage preset '{}' is not known, known are node, hp, lop, lstp, nvsim and scope", r.sram_leakage));
}

double merit(ArrayTarget target, const ArrayBank& b) {
  switch (target) {
    case ArrayTarget::area: return b.footprint.area();
    case ArrayTarget::read_latency: return b.read_latency;
    case ArrayTarget::write_latency: return b.write_latency;
    case ArrayTarget::read_energy: return b.read_energy;
    case ArrayTarget::write_energy: return b.write_energy;
    case ArrayTarget::leakage: return b.leakage;
    case ArrayTarget::read_edp: return b.read_energy * b.read_latency;
    case ArrayTarget::write_edp: return b.write_energy * b.write_latency;
  }
  return 0;
}

constexpr double most_oblong = 8;  // of a bank: longer side over shorter

struct Candidate {
  bool found = false;
  double merit = std::numeric_limits<double>::infinity();
  ArrayOrganisation organisation;
  Subarray subarray;
  ArrayMat mat;
  ArrayBank bank;
};

// Tries every organisation. Mats are laid out so that the bank is not too oblong; parts that alone exceed the best figure so far end a branch.
class Search {
 public:
  Search(const ArrayRequest& request, const ProcessNode& node)
      : request_(request),
        circuits_(node, request.transistors, request.temperature.si(), request.array_tool_conventions),
        cell_(cell_at(request, node, circuits_.t)),
        wire_(repeated_wire(circuits_)),
        best_metre_(wire_.segment(wire_.spacing)),
        sense_{request.fixed_sense_delay, node.fixed_sense},
        bits_(request.capacity_bytes * 8),
        address_bits_(log2_of(bits_ / request.word_bits)) {}

  const Candidate& run() {
    if (request_.organisation) {
      one(*request_.organisation);
      return best_;
    }
    // Least drivers only where speed does not matter.
    const bool small_too = request_.target == ArrayTarget::area || request_.target == ArrayTarget::leakage || request_.target == ArrayTarget::read_energy ||
                           request_.target == ArrayTarget::write_energy;
    for (unsigned active = 1; active <= 64 && active <= request_.word_bits; active *= 2)
      for (unsigned bit_mux = 1; bit_mux <= 32; bit_mux *= 2)
        for (unsigned out_mux = 1; out_mux <= 8; out_mux *= 2) {
          const std::uint64_t columns = static_cast<std::uint64_t>(request_.word_bits) / active * bit_mux * out_mux;
          if (columns < 8 || columns > 4096) continue;
          for (unsigned rows = 16; rows <= 2048; rows *= 2) {
            const std::uint64_t each = rows * columns;
            if (each * active > bits_ || each > (1u << 21)) break;
            for (int small = 0; small <= (small_too ? 1 : 0); ++small)
              add_subarray({rows, static_cast<unsigned>(columns), bit_mux, out_mux}, active, bits_ / each, small == 1);
          }
        }
    // What the subarrays alone take bounds an organisation from below: the most promising first, until the bound is worse than what is found.
    std::stable_sort(subarrays_.begin(), subarrays_.end(), [](const Entry& a, const Entry& b) { return a.bound < b.bound; });
    for (const Entry& e : subarrays_) {
      if (e.bound >= best_.merit) break;
      try_subarray(e);
    }
    return best_;
  }
  [[nodiscard]] std::uint64_t tried() const { return tried_; }
  [[nodiscard]] const RepeatedWire& wire() const { return wire_; }
  [[nodiscard]] const ArrayCell& cell() const { return cell_; }
  [[nodiscard]] const ArrayCircuits& circuits() const { return circuits_; }

 private:
  void one(const ArrayOrganisation& o) {
    const std::uint64_t subarrays = 1ull * o.mat_rows * o.mat_columns * o.subarray_rows * o.subarray_columns;
    const std::uint64_t active = 1ull * o.active_mat_rows * o.active_mat_columns * o.active_subarray_rows * o.active_subarray_columns;
    const SubarrayShape shape{o.rows, o.columns, o.bit_line_mux, o.output_mux};
    if (subarrays * o.rows * o.columns != bits_ || active * shape.word_bits() != request_.word_bits)
      throw core::InputError(fmt::format("memory array: the organisation holds {} bits in words of {}, the request asks for {} and {}",
                                         subarrays * o.rows * o.columns, active * shape.word_bits(), bits_, request_.word_bits));
    const Subarray s = design_subarray(circuits_, cell_, shape, sense_, false);
    if (!s.works) return;
    const ArrayMat mat = design_mat(circuits_, s, o, false);
    ++tried_;
    best_ = {true, 0, o, s, mat, design_bank(wire_, s, mat, o, address_bits_, request_.word_bits, request_.bus_activity, request_.array_tool_conventions)};
  }

  struct Entry {
    double bound;
    SubarrayShape shape;
    unsigned active;
    std::uint64_t subarrays;
    bool small;
    Subarray subarray;
  };

  void add_subarray(const SubarrayShape& shape, unsigned active, std::uint64_t subarrays, bool small) {
    const Subarray s = design_subarray(circuits_, cell_, shape, sense_, small);
    if (!s.works) return;
    ArrayBank least;
    least.footprint = {s.footprint.width * static_cast<double>(subarrays), s.footprint.height};
    least.read_latency = s.read_latency();
    least.write_latency = s.write_latency();
    least.read_energy = s.read_energy() * active;
    least.write_energy = s.write_energy() * active;
    least.leakage = s.leakage() * static_cast<double>(subarrays);
    subarrays_.push_back({merit(request_.target, least), shape, active, subarrays, small, s});
  }

  void try_subarray(const Entry& e) {
    const SubarrayShape& shape = e.shape;
    const Subarray& s = e.subarray;
    const unsigned active = e.active;
    const std::uint64_t subarrays = e.subarrays;
    const bool small = e.small;
    ArrayOrganisation o;
    o.rows = shape.rows;
    o.columns = shape.columns;
    o.bit_line_mux = shape.bit_line_mux;
    o.output_mux = shape.output_mux;
    for (o.subarray_rows = 1; o.subarray_rows <= 2; ++o.subarray_rows)
      for (o.subarray_columns = 1; o.subarray_columns <= 2; ++o.subarray_columns)
        for (o.active_subarray_rows = 1; o.active_subarray_rows <= o.subarray_rows; ++o.active_subarray_rows)
          for (o.active_subarray_columns = 1; o.active_subarray_columns <= o.subarray_columns; ++o.active_subarray_columns) {
            const unsigned in_mat = o.subarray_rows * o.subarray_columns, active_in_mat = o.active_subarray_rows * o.active_subarray_columns;
            if (in_mat > subarrays || active_in_mat > active || subarrays / in_mat < active / active_in_mat) continue;
            try_mats(o, s, subarrays / in_mat, active / active_in_mat, small);
          }
  }

  void try_mats(ArrayOrganisation o, const Subarray& s, std::uint64_t mats, unsigned active_mats, bool small) {
    const ArrayMat mat = design_mat(circuits_, s, o, small);
    for (std::uint64_t rows = 1; rows <= mats; rows *= 2) {
      const std::uint64_t columns = mats / rows;
      const double oblong = mat.footprint.height * static_cast<double>(rows) / (mat.footprint.width * static_cast<double>(columns));
      if (oblong > most_oblong || oblong < 1 / most_oblong) continue;
      if (bound(s, mat, mats, rows, columns, active_mats, o) >= best_.merit) continue;
      o.mat_rows = static_cast<unsigned>(rows);
      o.mat_columns = static_cast<unsigned>(columns);
      for (unsigned active_rows = 1; active_rows <= active_mats; active_rows *= 2) {
        o.active_mat_rows = active_rows;
        o.active_mat_columns = active_mats / active_rows;
        if (o.active_mat_rows > o.mat_rows || o.active_mat_columns > o.mat_columns) continue;
        ++tried_;
        const ArrayBank bank = design_bank(wire_, s, mat, o, address_bits_, request_.word_bits, request_.bus_activity, request_.array_tool_conventions);
        const double m = merit(request_.target, bank);
        if (m < best_.merit) best_ = {true, m, o, s, mat, bank};
      }
    }
  }

  // No bank of these mats is better: their own figures, and the wires from the edge to a mat with the data bits alone.
  [[nodiscard]] double bound(const Subarray& s, const ArrayMat& mat, std::uint64_t mats, std::uint64_t rows, std::uint64_t columns, unsigned active_mats,
                             const ArrayOrganisation& o) const {
    const double r = static_cast<double>(rows), c = static_cast<double>(columns), all = static_cast<double>(mats);
    const double steps = (mat.footprint.width * (c - 1) + mat.footprint.height * (r - 1) / 2) / wire_.spacing;
    const double active = active_mats, active_in_mat = static_cast<double>(o.active_subarray_rows) * o.active_subarray_columns;
    const double wires = steps * best_metre_.energy * request_.word_bits * request_.bus_activity;
    ArrayBank least;
    least.footprint = {mat.footprint.width * c, mat.footprint.height * r};
    least.read_latency = 2 * steps * best_metre_.delay + mat.predecode + s.read_latency();
    least.write_latency = steps * best_metre_.delay + mat.predecode + s.write_latency();
    least.read_energy = wires + active * (mat.predecode_energy + active_in_mat * s.read_energy());
    least.write_energy = wires + active * (mat.predecode_energy + active_in_mat * s.write_energy());
    least.leakage = all * (mat.predecode_leakage + static_cast<double>(o.subarray_rows) * o.subarray_columns * s.leakage());
    return merit(request_.target, least) * (1 - 1e-9);
  }

  const ArrayRequest& request_;
  const ArrayCircuits circuits_;
  const ArrayCell cell_;
  const RepeatedWire wire_;
  const RepeatedWire::Segment best_metre_;  // of one repeater spacing: no wire is faster or cheaper by length
  const SenseOptions sense_;
  const std::uint64_t bits_;
  const unsigned address_bits_;
  std::vector<Entry> subarrays_;
  std::uint64_t tried_ = 0;
  Candidate best_;
};

std::vector<ArrayPart> parts(double unit, std::initializer_list<std::pair<const char*, double>> values) {
  std::vector<ArrayPart> all;
  for (const auto& [name, value] : values) all.push_back({name, value / unit});
  return all;
}

void fill_breakdown(ArrayDesign& d, const Candidate& c) {
  const ArrayOrganisation& o = c.organisation;
  const Subarray& s = c.subarray;
  const ArrayBank& b = c.bank;
  const double mats = static_cast<double>(o.mat_rows) * o.mat_columns, subarrays = mats * o.subarray_rows * o.subarray_columns;
  const double active_mats = static_cast<double>(o.active_mat_rows) * o.active_mat_columns;
  const double active = active_mats * o.active_subarray_rows * o.active_subarray_columns;
  const double mat_area = mats * c.mat.footprint.area();
  d.area_mm2 = parts(1e-6, {{"cells", subarrays * s.cells_area},
                            {"row and column decoders", subarrays * s.decoder_area},
                            {"precharge, multiplexers, sense amplifiers", subarrays * s.column_area},
                            {"predecoders", mat_area - subarrays * s.footprint.area()},
                            {"wires between mats", b.footprint.area() - mat_area}});
  d.read_ns = parts(1e-9, {{"wires between mats", b.tree_in + b.tree_out},
                           {"predecoders", c.mat.predecode},
                           {"decoders and word line", std::max(s.row_decoder, s.column_decoder)},
                           {"bit line", s.bit_line},
                           {"multiplexers", s.mux},
                           {"sense amplifier", s.sense}});
  d.write_ns = parts(1e-9, {{"wires between mats", b.tree_in},
                            {"predecoders", c.mat.predecode},
                            {"decoders, word line, bit line", s.write_latency() - s.write_pulse},
                            {"write pulse", s.write_pulse}});
  d.read_pj = parts(1e-12, {{"wires between mats", b.tree_read_energy},
                            {"predecoders", active_mats * c.mat.predecode_energy},
                            {"decoders and word line", active * s.decoder_energy},
                            {"bit lines", active * (s.bit_line_energy + s.precharge_energy)},
                            {"cells", active * s.cell_read_energy},
                            {"sense amplifiers and multiplexers", active * (s.sense_energy + s.mux_energy)}});
  d.write_pj = parts(1e-12, {{"wires between mats", b.tree_write_energy},
                             {"predecoders", active_mats * c.mat.predecode_energy},
                             {"decoders and word line", active * s.decoder_energy},
                             {"bit lines and multiplexers", active * (s.write_bit_line_energy + s.mux_energy)},
                             {"cells", active * s.cell_write_energy}});
  d.leakage_mw = parts(1e-3, {{"wires between mats", b.tree_leakage},
                              {"predecoders", mats * c.mat.predecode_leakage},
                              {"cells", subarrays * s.cell_leakage},
                              {"decoders", subarrays * s.decoder_leakage},
                              {"precharge and sense amplifiers", subarrays * s.column_leakage}});
}

const SramLeakagePreset& leakage_preset(const std::string& name) {
  return *std::find_if(sram_leakage_presets().begin(), sram_leakage_presets().end(), [&](const SramLeakagePreset& p) { return p.name == name; });
}

}  // namespace

Transistors transistors_named(const std::string& name) { return static_cast<Transistors>(index_of(transistor_names, name, "transistors")); }
ArrayTarget array_target_named(const std::string& name) { return static_cast<ArrayTarget>(index_of(target_names, name, "array target")); }
const char* name_of(Transistors transistors) { return transistor_names[static_cast<std::size_t>(transistors)]; }
const char* name_of(ArrayTarget target) { return target_names[static_cast<std::size_t>(target)]; }

const std::vector<SramLeakagePreset>& sram_leakage_presets() {
  static const std::vector<SramLeakagePreset> presets = {
      {"node", "derived: off currents of the array's own transistors: one access NMOS, one pull-down, one pull-up"},
      {"hp", "derived: as node, of the node's high-performance transistors"},
      {"lop", "derived: as node, of the node's low-operating-power transistors"},
      {"lstp", "derived: as node, of the node's low-standby-power transistors"},
      {"nvsim",
       "derived: as node, but both inverters leak their worst at once, NVSim's rule (30 mW/MB at 22 nm LOP, about 1500 mW/MB at 22 nm HP, 350 K, with its "
       "periphery)"},
      {"scope", "published: SCOPE device library, 27.5 pW a bit (0.23 mW/MB), whatever node and temperature"},
  };
  return presets;
}

ArrayDesign design_array(const ArrayRequest& r) {
  check(r);
  const ProcessNode node = process_node(r.node);
  Search search(r, node);
  const Candidate& c = search.run();
  if (!c.found)
    throw core::InputError(
        fmt::format("memory array: no organisation of {} bytes works with cell '{}' at {:.0f} nm: a write current of {:.0f} uA needs a transistor wider than "
                    "{:.0f} F, or a "
                    "sense amplifier does not fit",
                    r.capacity_bytes, r.cell.name, r.node.in(1_nm), search.cell().write_current * 1e6, ArrayCircuits::most_width_f));
  ArrayDesign d;
  d.organisation = c.organisation;
  d.organisations_tried = search.tried();
  d.width = core::Length::from_si(c.bank.footprint.width);
  d.height = core::Length::from_si(c.bank.footprint.height);
  fill_breakdown(d, c);
  d.cell_share = d.area_mm2.front().value * 1e-6 / c.bank.footprint.area();

  MemoryDataSheet& s = d.sheet;
  const bool sram = r.cell.technology == MemoryTechnology::sram;
  s.technology = r.cell.technology;
  s.capacity_bytes = r.capacity_bytes;
  s.word_bits = r.word_bits;
  const std::string size = r.capacity_bytes >= 1 << 20 ? fmt::format("{}mib", r.capacity_bytes >> 20) : fmt::format("{}kib", r.capacity_bytes >> 10);
  s.name = r.name.empty() ? fmt::format("{}_{}_{:.0f}nm", name_of(s.technology), size, r.node.in(1_nm)) : r.name;
  s.area = core::Area::from_si(c.bank.footprint.area());
  s.read_latency = core::Time::from_si(c.bank.read_latency);
  s.write_latency = core::Time::from_si(c.bank.write_latency);
  s.read_bytes_per_second = static_cast<double>(s.word_bytes()) / c.subarray.read_cycle();
  s.write_bytes_per_second = static_cast<double>(s.word_bytes()) / c.subarray.write_cycle();
  s.read_energy = core::Energy::from_si(c.bank.read_energy);
  s.write_energy = core::Energy::from_si(c.bank.write_energy);
  s.leakage = core::Power::from_si(c.bank.leakage);
  s.source = fmt::format("derived: array model, cell '{}' ({} F2) at {:.0f} nm, {} transistors, {:.0f} K, target {}, bus activity {}{}{}", r.cell.name,
                         r.cell.area_f2, r.node.in(1_nm), name_of(r.transistors), r.temperature.si(), name_of(r.target), r.bus_activity,
                         fmt::format("{}{}", r.fixed_sense_delay ? ", fixed sense delay" : "", r.array_tool_conventions ? ", array tool conventions" : ""),
                         sram ? fmt::format(", SRAM leakage preset '{}'", r.sram_leakage) : "");
  if (sram) {
    d.sram_leakage = r.sram_leakage;
    s.retention_leakage = s.leakage * 0.3;
    s.retention_leakage_source = "assumed: 0.3 of the leakage at the lowest voltage that keeps a 6T cell";
    s.retention_source = "derived: a 6T cell loses its state without supply";
    d.assumptions.push_back({"sram_cell_leakage", search.cell().leakage * 1e12, "pW/bit", leakage_preset(r.sram_leakage).source});
  } else {
    s.non_volatile = true;
    s.retention_leakage_source = "derived: the state is magnetic and the periphery is cut off";
    s.thermal_stability = r.cell.thermal_stability.value_or(60);
    s.retention = r.cell.retention.value_or(core::Time::from_si(10 * 31557600.0));
    s.retention_source = r.cell.thermal_stability && r.cell.retention
                             ? r.cell.source
                             : "assumed: thermal stability 60, the rule for ten years of a single device with an attempt time of 1 ns";
    d.assumptions.push_back({"cell_write_energy", search.cell().write_energy * 1e15, "fJ/bit", r.cell.source});
    d.assumptions.push_back({"cell_write_pulse", search.cell().write_pulse * 1e9, "ns", r.cell.source});
    if (r.fixed_sense_delay && search.cell().current_sensing)
      d.assumptions.push_back({"fixed_sense_delay", node.fixed_sense.delay_s * 1e9, "ns", node.sense_source});
  }
  d.assumptions.push_back({"cell_area", r.cell.area_f2, "F2", r.cell.source});
  for (const core::Constant& constant : node.constants(r.transistors, r.temperature.si())) d.assumptions.push_back(constant);
  const RepeatedWire::Segment millimetre = search.wire().segment(1e-3);
  d.assumptions.push_back({"repeated_wire_delay", millimetre.delay * 1e9, "ns/mm", "derived: repeaters sized and spaced for least delay"});
  d.assumptions.push_back({"repeated_wire_energy", millimetre.energy * 1e12, "pJ/mm", "derived: of a full charge cycle of one wire with its repeaters"});
  d.assumptions.push_back({"bus_activity", r.bus_activity, "",
                           r.bus_activity == 1 ? "assumed: every wire of the bus switches, the worst case that array tools count" : "assumed: the request's"});
  return d;
}

MemoryDataSheet modelled_memory_data_sheet(MemoryTechnology technology, std::uint64_t capacity_bytes) {
  ArrayRequest r;
  r.cell = default_memory_cell(technology);
  r.capacity_bytes = capacity_bytes;
  return design_array(r).sheet;
}

}  // namespace spinvp::technology
