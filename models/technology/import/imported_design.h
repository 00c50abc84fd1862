// Designs of other array tools as data sheets: what their importers give.
//
// An imported design says nothing of retention: non-volatile cells come without thermal stability and retention time, and an SRAM keeps its contents at full leakage.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/technology/import/import_text.h"
#include "models/technology/memory_sheet.h"

namespace spinvp::technology {

struct ImportedDesign {
  MemoryDataSheet sheet;
  std::string cell_type;                       // as the file names it
  std::optional<MemoryTechnology> technology;  // nothing: a cell without a model here; then sheet.technology means nothing
  std::optional<core::Length> node;            // where the file says it
  std::string place;                           // file:line
};

struct ImportedDesigns {
  std::string format;  // "NVSim result", "NVMExplorer CSV", "CACTI CSV"
  std::vector<ImportedDesign> designs;
  std::vector<ImportWarning> warnings;
  unsigned failed = 0;  // designs that the tool did not find, left out
};

struct ImportOptions {
  // What an MRAM design is: the tools have one MRAM and no SOT cell.
  MemoryTechnology magnetic = MemoryTechnology::stt;
  // Multiplies leakages that NVMExplorer's truncation made 1000 times too low by 1000; without, they are warned about and kept as they stand.
  bool repair_leakage = false;
};

// What a cell type of the tools is here.
std::optional<MemoryTechnology> technology_of(std::string_view cell_type, MemoryTechnology magnetic);
// Volatility and what is said of retention, by cell type; sets design.technology.
void finish(ImportedDesign& design, const ImportOptions& options);

}  // namespace spinvp::technology
