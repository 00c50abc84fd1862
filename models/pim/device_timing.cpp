#include "models/pim/device_timing.h"

#include <cassert>

#include "models/core/error.h"

namespace spinvp::pim {

using core::Constant;
using core::SimTime;
using namespace core::literals;

namespace {

// All four numbers from one table: a bit cell simulated with its read and write circuits.
DeviceTiming prenat() {
  const std::string table = "published: Prenat et al., IEEE TMSCS 2(1) 2016, Table 1: SOT bit cell with read and write circuits, TSMC 65 nm, SPICE";
  const std::string search = "assumed: a content search senses every column once, as a row read does; " + table;
  return {"prenat-2016",
          "array",
          SimTime::ps(221),
          SimTime::ps(266),
          SimTime::ps(221),
          1.8_pJ,
          0.1_pJ,
          1.8_pJ,
          100_uA,
          65_nm,
          {{"row_read_time", 221, "ps", table},
           {"row_write_time", 266, "ps", table},
           {"row_search_time", 221, "ps", search},
           {"cell_write_current", 100, "uA", table},
           {"feature_size", 65, "nm", table}}};
}

// A library's energies per bit; what of the periphery they hold is not said, so the narrowest boundary is named.
DeviceTiming scope() {
  const std::string table = "published: device library of the SCOPE simulator (third party): SOT 18.3/102 fJ a bit, 1/10 ns";
  return {"scope-sot",
          "device",
          SimTime::ns(1),
          SimTime::ns(10),
          SimTime::ns(1),
          18.3_fJ,
          102_fJ,
          18.3_fJ,
          100_uA,
          22_nm,
          {{"row_read_time", 1000, "ps", table},
           {"row_write_time", 10000, "ps", table},
           {"row_search_time", 1000, "ps", "assumed: a content search senses every column once, as a row read does; " + table},
           {"cell_write_current", 100, "uA", "assumed: as Prenat et al. 2016, whose write energy a bit is the same"},
           {"feature_size", 22, "nm", "assumed: the library names no node"}}};
}

}  // namespace

DeviceTiming DeviceTiming::preset(const std::string& name) {
  if (name == "prenat-2016") return prenat();
  if (name == "scope-sot") return scope();
  throw core::InputError("pim: no device preset is called '" + name + "', allowed are prenat-2016, scope-sot");
}

std::vector<std::string> DeviceTiming::preset_names() { return {"prenat-2016", "scope-sot"}; }

SimTime DeviceTiming::time_of(const StepCounts& steps, std::uint64_t waves) const {
  assert(steps.nors == 0 && "this family has no NOR step");
  const std::uint64_t halves = steps.reads * read.ps() + steps.writes * waves * write.ps() + steps.searches * search.ps();
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
