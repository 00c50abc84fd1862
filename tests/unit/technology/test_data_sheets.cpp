#include <catch2/catch.hpp>

#include "models/technology/dram_sheet.h"
#include "models/technology/memory_sheet.h"

using namespace spinvp::technology;
using namespace spinvp::core::literals;

namespace {
bool tagged(const std::string& source) {
  for (const char* tag : {"published: ", "derived: ", "assumed: "})
    if (source.starts_with(tag) && source.size() > std::string(tag).size()) return true;
  return false;
}
}  // namespace

TEST_CASE("every row of every data sheet says where it comes from") {
  REQUIRE(memory_data_sheets().size() == 6);
  for (const auto& sheet : memory_data_sheets())
    for (const auto& row : sheet.constants()) {
      INFO(sheet.name << " " << row.name << ": " << row.source);
      CHECK(tagged(row.source));
    }
  REQUIRE(dram_data_sheets().size() == 5);
  for (const auto& sheet : dram_data_sheets())
    for (const auto& row : sheet.constants()) {
      INFO(sheet.name << " " << row.name << ": " << row.source);
      CHECK(tagged(row.source));
      CHECK(row.value > 0);
    }
}

TEST_CASE("the 1 MiB SOT-MRAM sheet holds the figures of the NVSim sweep") {
  const MemoryDataSheet* sheet = find_memory_data_sheet("sot_1mib_22nm");
  REQUIRE(sheet != nullptr);
  CHECK(sheet->capacity_bytes == 1048576);
  CHECK(sheet->word_bytes() == 64);
  CHECK(sheet->area.in(1_mm2) == Approx(0.562));
  CHECK(sheet->read_latency.in(1_ns) == Approx(2.08));
  CHECK(sheet->write_latency.in(1_ns) == Approx(1.55));
  CHECK(sheet->read_energy.in(1_pJ) == Approx(169));
  CHECK(sheet->write_energy.in(1_pJ) == Approx(112));
  CHECK(sheet->leakage.in(1_mW) == Approx(7.4));
  // 64 bytes at 30 and 49 GB/s.
  CHECK(sheet->read_cycle().in(1_ns) == Approx(2.1333).epsilon(1e-4));
  CHECK(sheet->write_cycle().in(1_ns) == Approx(1.3061).epsilon(1e-4));
}

TEST_CASE("SOT-MRAM takes between 0.55 and 0.61 of the area of SRAM, as the sweep's reading says") {
  for (const char* size : {"1mib", "64mib"}) {
    const auto* sot = find_memory_data_sheet(std::string("sot_") + size + "_22nm");
    const auto* sram = find_memory_data_sheet(std::string("sram_") + size + "_22nm");
    REQUIRE(sot != nullptr);
    REQUIRE(sram != nullptr);
    CHECK(sot->area / sram->area > 0.55);
    CHECK(sot->area / sram->area < 0.61);
  }
}

TEST_CASE("MRAM keeps its contents without power and SRAM does not") {
  for (const auto& sheet : memory_data_sheets()) {
    CHECK(sheet.non_volatile == (sheet.technology != MemoryTechnology::sram));
    CHECK(sheet.retention.has_value() == sheet.non_volatile);
    CHECK(sheet.thermal_stability.has_value() == sheet.non_volatile);
    CHECK(sheet.retention_leakage < sheet.leakage);
  }
}

TEST_CASE("a bank of another capacity scales area and leakage and says so") {
  const auto half = default_memory_data_sheet(MemoryTechnology::sram).with_capacity(524288);
  CHECK(half.area.in(1_mm2) == Approx(0.475));
  CHECK(half.leakage.in(1_mW) == Approx(15.5));
  CHECK(half.read_latency.in(1_ns) == Approx(0.88));
  CHECK(half.source.find("scaled") != std::string::npos);
}
