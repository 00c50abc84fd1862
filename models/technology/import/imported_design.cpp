#include "models/technology/import/imported_design.h"

#include <fmt/format.h>

namespace spinvp::technology {

std::optional<MemoryTechnology> technology_of(std::string_view cell_type, MemoryTechnology magnetic) {
  if (cell_type == "SRAM") return MemoryTechnology::sram;
  if (cell_type == "MRAM") return magnetic;
  return std::nullopt;
}

void finish(ImportedDesign& design, const ImportOptions& options) {
  MemoryDataSheet& sheet = design.sheet;
  design.technology = technology_of(design.cell_type, options.magnetic);
  sheet.technology = design.technology.value_or(options.magnetic);
  const bool volatile_cell = design.cell_type == "SRAM" || design.cell_type == "DRAM" || design.cell_type == "eDRAM";
  sheet.non_volatile = !volatile_cell;
  sheet.thermal_stability.reset();
  sheet.retention.reset();
  if (volatile_cell) {
    sheet.retention_leakage = sheet.leakage;
    sheet.retention_leakage_source = "assumed: as powered on, an imported design says nothing of a lower voltage";
    sheet.retention_source = "derived: the cell loses its state without supply";
  } else {
    sheet.retention_leakage = core::Power();
    sheet.retention_leakage_source = "derived: the state needs no supply and the periphery is cut off";
    sheet.retention_source = "assumed: an imported design says nothing of retention";
  }
}

}  // namespace spinvp::technology
