#include "models/technology/import/cacti_csv.h"

#include <cmath>

#include <fmt/format.h>

#include "models/core/fields.h"
#include "models/technology/import/csv_table.h"

namespace spinvp::technology {

using namespace core::literals;

namespace {

// Of any figure, in its column's unit.
constexpr double least = 1e-12, most = 1e15;

std::uint64_t whole(const CsvTable& table, const CsvRow& row, std::size_t column, double largest, const ImportLog& log) {
  const double value = table.number(row, column, log);
  if (!(value >= 1) || value > largest || value != std::floor(value))
    log.refuse(row.line, fmt::format("'{}' is {:g}, allowed is a whole number from 1 to {:g}", table.header()[column], value, largest));
  return static_cast<std::uint64_t>(value);
}

}  // namespace

ImportedDesigns import_cacti_csv(std::string_view text, const std::string& file, const ImportOptions& options) {
  ImportLog log(file);
  const CsvTable table(text, log);
  const auto column = [&](std::string_view name) { return table.needed_column(name, log); };
  const std::size_t node = column("Tech node (nm)"), capacity = column("Capacity (bytes)"), bank_count = column("Number of banks"),
                    bits = column("Output width (bits)");
  const std::size_t access = column("Access time (ns)"), cycle = column("Random cycle time (ns)"), read = column("Dynamic read energy (nJ)");
  const std::size_t write = column("Dynamic write energy (nJ)"), leakage = column("Standby leakage per bank(mW)"), area = column("Area (mm2)");
  const std::size_t ways = table.column("Associativity");
  ImportedDesigns result;
  result.format = "CACTI CSV";
  if (table.rows().empty()) log.refuse(table.header_line(), "a header without rows");
  log.warn(table.header_line(), "the table does not name its cells: taken as SRAM; it has no write latency: taken as the random cycle time");
  for (const CsvRow& row : table.rows()) {
    bool found = true;
    for (const std::size_t figure : {access, cycle, read, write, leakage, area}) {
      const double value = table.number(row, figure, log);
      // The tool starts its search from huge figures and prints them where it finds nothing.
      if (std::isnan(value) || value > most || value == -1) {
        found = false;
      } else if (value < least) {
        log.refuse(row.line, fmt::format("'{}' is {:g}, allowed is {:g} to {:g}", table.header()[figure], value, least, most));
      }
    }
    if (!found) {
      log.warn(row.line, "a failed design (nan, inf, -1 or a figure above 1e15): left out");
      ++result.failed;
      continue;
    }
    ImportedDesign design;
    design.cell_type = "SRAM";
    design.place = log.place(row.line);
    design.node = table.number(row, node, log) * 1_nm;
    if (!(design.node->in(1_nm) >= 1 && design.node->in(1_nm) <= 1000))
      log.refuse(row.line, fmt::format("'Tech node (nm)' is {:g}, allowed is 1 to 1000", design.node->in(1_nm)));
    const std::uint64_t banks = whole(table, row, bank_count, 65536, log);
    const std::uint64_t bytes = whole(table, row, capacity, 1e15, log);
    const std::uint64_t word = whole(table, row, bits, 1 << 20, log);
    if (word % 8 != 0) log.refuse(row.line, fmt::format("'Output width (bits)' is {}, allowed are whole bytes", word));
    if (bytes % banks != 0) log.refuse(row.line, fmt::format("'Capacity (bytes)' is {}, allowed is a multiple of the {} banks", bytes, banks));
    if (banks > 1)
      log.warn(row.line, "several banks: a sheet is one of them, with its share of capacity and area and the leakage of one bank as the column says");
    if (ways < table.header().size()) {
      const auto number = number_of(row.values[ways]);
      if (number && *number > 1) log.warn(row.line, "a cache: time, energy and area include its tags");
    }
    MemoryDataSheet& sheet = design.sheet;
    sheet.capacity_bytes = bytes / banks;
    sheet.word_bits = static_cast<unsigned>(word);
    sheet.read_latency = table.number(row, access, log) * 1_ns;
    sheet.write_latency = table.number(row, cycle, log) * 1_ns;
    sheet.read_bytes_per_second = sheet.write_bytes_per_second = static_cast<double>(word) / 8 / sheet.write_latency.si();
    sheet.read_energy = table.number(row, read, log) * 1_nJ;
    sheet.write_energy = table.number(row, write, log) * 1_nJ;
    sheet.leakage = table.number(row, leakage, log) * 1_mW;
    sheet.area = table.number(row, area, log) / static_cast<double>(banks) * 1_mm2;
    sheet.name = fmt::format("SRAM {} {:g}nm", core::bytes_text(sheet.capacity_bytes), design.node->in(1_nm));
    sheet.source = fmt::format("derived: CACTI table {} line {}, energies of one word of {} bits, write latency and cycles = random cycle time",
                               file_name_of(file), row.line, word);
    finish(design, options);
    result.designs.push_back(std::move(design));
  }
  result.warnings = log.warnings();
  return result;
}

}  // namespace spinvp::technology
