#include "models/technology/import/import_file.h"

#include "models/technology/import/cacti_csv.h"
#include "models/technology/import/explorer_csv.h"
#include "models/technology/import/nvsim_result.h"

namespace spinvp::technology {

ImportedDesigns import_designs(std::string_view text, const std::string& file, const ImportOptions& options) {
  // A table shows itself by its header, the first line that is not blank.
  for (const auto& [number, line] : lines_of(text)) {
    if (trimmed(line).empty()) continue;
    const auto columns = columns_of(line);
    for (const std::string_view column : columns) {
      if (column == "MemCellType") return import_explorer_csv(text, file, options);
      if (column == "Tech node (nm)" || column == "Standby leakage per bank(mW)") return import_cacti_csv(text, file, options);
    }
    if (line.find("-MemCellType") != std::string_view::npos)
      ImportLog(file).refuse(number,
                             "this is a cell, not a result; allowed are NVSim's result text, NVMExplorer's and CACTI's CSV (a cell is read with --cell)");
    break;
  }
  if (text.find("Memory Cell:") == std::string_view::npos && text.find("RESULT") == std::string_view::npos)
    ImportLog(file).refuse(1, "no format that is known; allowed are NVSim's result text, NVMExplorer's and CACTI's CSV");
  return import_nvsim_result(text, file, options);
}

}  // namespace spinvp::technology
