// No text crashes an importer: it gives sheets that a memory can be made of, or one line of error.
#include <catch2/catch.hpp>

#include <cmath>

#include <rapidcheck.h>

#include "import_samples.h"
#include "models/core/error.h"
#include "models/technology/import/import_file.h"
#include "models/technology/import/nvsim_cell.h"
#include "models/technology/import/nvsim_config.h"

using namespace spinvp;
using namespace spinvp::technology;
using namespace spinvp::technology::test;

namespace {

// What stands in files that went wrong.
const std::vector<std::string> pieces{"-1",
                                      "nan",
                                      "inf",
                                      "1e999",
                                      "-",
                                      ":",
                                      "(",
                                      ")",
                                      ",",
                                      "=",
                                      "\n",
                                      "\r\n",
                                      "0",
                                      "1e-320",
                                      "99999999999999999999",
                                      "RESULT",
                                      "x",
                                      "\x80",
                                      std::string(1, '\0'),
                                      "CACHE TAG ARRAY",
                                      "Memory Cell:",
                                      "Bank Organization: 0 x 0",
                                      " - Leakage Power = ",
                                      "Rows x",
                                      "kW"};

std::string mutated(std::string text) {
  const auto edits = *rc::gen::inRange(1, 8);
  for (int i = 0; i < edits; ++i) {
    const auto at = static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(text.size()) + 1));
    const auto length = static_cast<std::size_t>(*rc::gen::inRange(0, 40));
    switch (*rc::gen::inRange(0, 4)) {
      case 0: text.erase(at, length); break;
      case 1: text.insert(at, *rc::gen::elementOf(pieces)); break;
      case 2: text.insert(at, text.substr(static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(text.size()) + 1)), length)); break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(*rc::gen::inRange(0, 256));
    }
  }
  return text;
}

// What may be thrown is an InputError of one line of printable text.
template <typename Import>
void survives(const std::string& text, Import import) {
  try {
    import(text);
  } catch (const core::InputError& error) {
    const std::string line = error.what();
    RC_ASSERT(line.starts_with("f:"));
    for (const char c : line) RC_ASSERT(c >= 0x20 && c < 0x7f);
  }
}

void designs_survive(const std::string& sample) {
  survives(mutated(sample), [](const std::string& text) {
    const ImportedDesigns imported = import_designs(text, "f");
    for (const ImportedDesign& design : imported.designs) {
      const MemoryDataSheet& s = design.sheet;
      RC_ASSERT(s.capacity_bytes > 0);
      RC_ASSERT(s.word_bits >= 8 && s.word_bits % 8 == 0);
      for (const double value : {s.area.si(), s.read_latency.si(), s.write_latency.si(), s.read_bytes_per_second, s.write_bytes_per_second, s.read_energy.si(),
                                 s.write_energy.si(), s.leakage.si()})
        RC_ASSERT(std::isfinite(value) && value > 0);
    }
    for (const ImportWarning& warning : imported.warnings)
      for (const char c : warning.text) RC_ASSERT(c >= 0x20 && c < 0x7f);
  });
}

}  // namespace

TEST_CASE("Mutated results give sound sheets or one line of error") {
  for (const std::string& sample : {sram_result, cache_result, explorer_header + explorer_stt + explorer_stt, cacti_table}) {
    CHECK(rc::check([&sample] { designs_survive(sample); }));
  }
}

TEST_CASE("Mutated cells and configurations give sound cells or one line of error") {
  for (const std::string& sample : {mram_cell, sram_cell})
    CHECK(rc::check([&sample] {
      survives(mutated(sample), [](const std::string& text) {
        const MemoryCell cell = import_nvsim_cell(text, "f").cell;
        RC_ASSERT(cell.area_f2 > 0 && cell.aspect_ratio > 0);
        if (cell.technology != MemoryTechnology::sram) RC_ASSERT(cell.resistance_high > cell.resistance_low && cell.set.pulse.si() > 0);
      });
    }));
  CHECK(rc::check([] { survives(mutated(config), [](const std::string& text) { (void)import_nvsim_config(text, "f"); }); }));
}
