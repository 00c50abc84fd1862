#include "models/pim/device_timing.h"

#include "models/core/error.h"

namespace spinvp::pim {

using core::Constant;
using core::SimTime;
using namespace core::literals;

namespace {

// A row step charges a word line with 1.2 fF a cell at 1.2 V.
constexpr const char* word_line = "derived: C V^2 of a word line with 1.2 fF a cell at 1.2 V (both assumed)";
core::Energy word_line_energy(std::uint64_t lanes) { return core::Energy::from_si(static_cast<double>(lanes) * 1.2e-15 * 1.2 * 1.2); }

struct CellEnergy {
  CellEvent event;
  core::Energy each;
  std::string source;
};

void put(DeviceTiming& device, std::initializer_list<CellEnergy> energies) {
  for (const CellEnergy& e : energies) {
    device.energy[static_cast<unsigned>(e.event)] = e.each;
    device.energy_sources[static_cast<unsigned>(e.event)] = e.source;
  }
}

// All four numbers from one table: a bit cell simulated with its read and write circuits.
DeviceTiming prenat(std::uint64_t lanes) {
  const std::string table = "published: Prenat et al., IEEE TMSCS 2(1) 2016, Table 1: SOT bit cell with read and write circuits, TSMC 65 nm, SPICE";
  const std::string search = "assumed: a content search senses every column once, as a row read does; " + table;
  DeviceTiming device;
  device.name = "prenat-2016", device.boundary = "array";
  device.read = SimTime::ps(221), device.write = SimTime::ps(266), device.search = SimTime::ps(221);
  device.write_current = 100_uA, device.feature = 65_nm;
  put(device, {{CellEvent::read_cell, 1.8_pJ, table},
               {CellEvent::write_cell, 0.1_pJ, table},
               {CellEvent::search_cell, 1.8_pJ, search},
               {CellEvent::row_step, word_line_energy(lanes), word_line}});
  device.sources = {{"row_read_time", 221, "ps", table},
                    {"row_write_time", 266, "ps", table},
                    {"row_search_time", 221, "ps", search},
                    {"cell_write_current", 100, "uA", table},
                    {"feature_size", 65, "nm", table}};
  return device;
}

// A library's energies per bit; what of the periphery they hold is not said, so the narrowest boundary is named.
DeviceTiming scope(std::uint64_t lanes) {
  const std::string table = "published: device library of the SCOPE simulator (third party): SOT 18.3/102 fJ a bit, 1/10 ns";
  const std::string search = "assumed: a content search senses every column once, as a row read does; " + table;
  DeviceTiming device;
  device.name = "scope-sot", device.boundary = "device";
  device.read = SimTime::ns(1), device.write = SimTime::ns(10), device.search = SimTime::ns(1);
  device.write_current = 100_uA, device.feature = 22_nm;
  put(device, {{CellEvent::read_cell, 18.3_fJ, table},
               {CellEvent::write_cell, 102_fJ, table},
               {CellEvent::search_cell, 18.3_fJ, search},
               {CellEvent::row_step, word_line_energy(lanes), word_line}});
  device.sources = {{"row_read_time", 1000, "ps", table},
                    {"row_write_time", 10000, "ps", table},
                    {"row_search_time", 1000, "ps", search},
                    {"cell_write_current", 100, "uA", "assumed: as Prenat et al. 2016, whose write energy a bit is the same"},
                    {"feature_size", 22, "nm", "assumed: the library names no node"}};
  return device;
}

}  // namespace

DeviceTiming DeviceTiming::of(const technology::PimTechnology& t) {
  static_assert(cell_event_kinds == technology::pim_events);
  DeviceTiming device;
  device.name = t.cell + " " + t.regime, device.boundary = name_of(t.boundary);
  device.read = SimTime::from(t.times.read), device.write = SimTime::from(t.times.write), device.search = SimTime::from(t.times.search);
  device.nor = SimTime::from(t.times.nor), device.init = SimTime::from(t.times.init);
  device.energy = t.energy, device.energy_sources = t.energy_sources;
  device.write_current = t.write_current, device.area = t.array_area, device.feature = t.feature, device.static_power = t.static_power;
  device.sources = t.constants;
  return device;
}

DeviceTiming DeviceTiming::preset(const std::string& name, const std::string& cell, unsigned rows, unsigned lanes) {
  const bool published_set = name == "prenat-2016" || name == "scope-sot";
  if (published_set && cell != "sot") throw core::InputError("pim: the device preset '" + name + "' is of SOT cells, the family's cell is " + cell);
  if (name == "prenat-2016") return prenat(lanes);
  if (name == "scope-sot") return scope(lanes);
  return of(technology::pim_technology(cell, name, {rows, lanes}));
}

std::vector<std::string> DeviceTiming::preset_names() {
  std::vector<std::string> names = technology::pim_regime_names();
  names.insert(names.end(), {"prenat-2016", "scope-sot"});
  return names;
}

SimTime DeviceTiming::time_of(const StepCounts& steps, std::uint64_t waves) const {
  const std::uint64_t driving = steps.writes * write.ps() + steps.nors * nor.ps() + steps.inits * init.ps();
  const std::uint64_t halves = steps.reads * read.ps() + steps.searches * search.ps() + driving * waves;
  return SimTime::ps(core::divide_up(halves, 2));
}

std::uint64_t DeviceTiming::writers_at_once(core::Current limit, std::uint64_t lanes) const {
  const double one = static_cast<double>(lanes) * write_current.si();
  // A limit that is a whole multiple of one subarray's current must not lose one to rounding.
  const double fit = limit.si() / one * (1 + 1e-12);
  if (!(fit >= 1)) return 1;
  return fit >= 1e9 ? 1000000000 : static_cast<std::uint64_t>(fit);
}

}  // namespace spinvp::pim
