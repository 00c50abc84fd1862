// A magnetic device in the layout of a named cell: the transistor that writes it is as wide as the current asks.
#include <catch2/catch.hpp>

#include "models/technology/cell_presets.h"
#include "models/technology/device_cell.h"
#include "models/technology/device_presets.h"
#include "models/technology/memory_cells.h"

using namespace spinvp;
using namespace spinvp::core::literals;
using technology::DeviceCell;
using technology::MemoryCell;

namespace {

constexpr core::Length node = 22_nm;

// What a transistor of `width_f` feature sizes carries at 22 nm, low operating power.
core::Current carried(double width_f, core::Temperature temperature) {
  const technology::ProcessNode process = technology::process_node(node);
  return core::Current::from_si(process.transistor(technology::Transistors::lop, temperature.si()).on_current_n * width_f * process.feature);
}

DeviceCell device_with(const char* name, core::Current current, core::Time pulse) {
  return {.junction = technology::device_preset(name), .write = {current, pulse}, .supply = 5_V, .temperature = 350_K};
}

}  // namespace

TEST_CASE("a write transistor that carries too little is widened to what carries the current, and the cell grows with it") {
  // Two transistors, of which the write's alone grows.
  const MemoryCell& two = *technology::find_memory_cell("sot-2t");
  REQUIRE(two.write_access_width_f > 0);
  const core::Current most = carried(two.write_access_width_f, 350_K);
  const MemoryCell wide = cell_of_device(device_with("sot-perpendicular", 2 * most, 1_ns), two, node);
  CHECK(wide.write_access_width_f == Approx(2 * two.write_access_width_f).epsilon(1e-12));
  CHECK(wide.read_access_width_f == two.read_access_width_f);
  const double sum = two.read_access_width_f + two.write_access_width_f;
  CHECK(wide.area_f2 == Approx(two.area_f2 * (sum + two.write_access_width_f) / sum).epsilon(1e-12));
  CHECK(wide.source.find("its write transistor widened") != std::string::npos);
  // The widened one carries the current exactly.
  CHECK(carried(wide.write_access_width_f, 350_K).si() == Approx(2 * most.si()).epsilon(1e-12));
}

TEST_CASE("one transistor for both grows as a whole, and one that is wide enough stays as it is") {
  MemoryCell one = technology::default_memory_cell(technology::MemoryTechnology::stt);
  one.word_lines = 1;
  one.read_access_width_f = one.write_access_width_f = 2;
  const core::Current most = carried(2, 350_K);
  const MemoryCell wide = cell_of_device(device_with("stt-perpendicular", 3 * most, 10_ns), one, node);
  CHECK(wide.write_access_width_f == Approx(6).epsilon(1e-12));
  CHECK(wide.read_access_width_f == wide.write_access_width_f);
  CHECK(wide.area_f2 == Approx(3 * one.area_f2).epsilon(1e-12));
  one.read_access_width_f = one.write_access_width_f = 100;
  const MemoryCell enough = cell_of_device(device_with("stt-perpendicular", 3 * most, 10_ns), one, node);
  CHECK(enough.write_access_width_f == 100);
  CHECK(enough.area_f2 == one.area_f2);
  CHECK(enough.source.find("widened") == std::string::npos);
}
