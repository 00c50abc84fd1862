#include "models/technology/import/explorer_csv.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "models/core/fields.h"
#include "models/technology/import/csv_table.h"

namespace spinvp::technology {

using namespace core::literals;

namespace {

// What a benchmark costs: not part of the design.
constexpr std::array<std::string_view, 12> benchmark_columns = {"Benchmark Name",
                                                                "Read Accesses",
                                                                "Write Accesses",
                                                                "Total Dynamic Read Power (mW)",
                                                                "Total Dynamic Write Power (mW)",
                                                                "Total Power",
                                                                "Total Dynamic Read Energy (mJ)",
                                                                "Total Dynamic Write Energy (mJ)",
                                                                "Total Read Latency (ms)",
                                                                "Total Write Latency (ms)",
                                                                "Read BW Util",
                                                                "Write BW Util"};

constexpr std::array<std::string_view, 6> figure_columns = {"Area (mm^2)",      "Read Latency (ns)", "Write Latency (ns)",
                                                            "Read Energy (pJ)", "Write Energy (pJ)", "Leakage Power (mW)"};
// Of any figure, in its column's unit.
constexpr double least = 1e-12, most = 1e15;

// Leakage of a 22 nm array at 350 K, mW a MB. derived: the fact rows of models/technology/memory_sheet.cpp's sweep, at 1 MB; HP as the middle of 1.18 to 1.58 W (SRAM) and
// 0.08 to 0.16 W (STT) of the same sweep. Only to tell a value from its thousandth: a factor of 10 does not matter.
struct TypicalLeakage {
  std::string_view roadmap;
  bool sram;
  double mw_per_mb;
};
constexpr std::array typical_leakages = {TypicalLeakage{"LOP", true, 31}, TypicalLeakage{"LOP", false, 4.1}, TypicalLeakage{"HP", true, 1370},
                                         TypicalLeakage{"HP", false, 120}};

bool at_most_two_decimals(std::string_view text) {
  const std::size_t point = text.find('.');
  return text.find_first_of("eE") == std::string_view::npos && (point == std::string_view::npos || text.size() - point - 1 <= 2);
}

// See the header: whether this leakage looks like watts that were read as milliwatts.
bool looks_truncated(std::string_view printed, double mw, double megabytes, std::string_view roadmap, bool sram) {
  if (!at_most_two_decimals(printed) || mw < 1 || mw >= 1000) return false;
  for (const TypicalLeakage& typical : typical_leakages)
    // Nearer on a logarithmic scale: below the typical value over the square root of 1000.
    if (typical.roadmap == roadmap && typical.sram == sram) return mw / megabytes < typical.mw_per_mb / std::sqrt(1000.0);
  return false;
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& file, const ImportOptions& options) : log_(file), options_(options), table_(text, log_) {}

  ImportedDesigns read() {
    result_.format = "NVMExplorer CSV";
    type_ = table_.needed_column("MemCellType", log_);
    word_ = table_.needed_column("WordWidth (bit)", log_);
    for (std::size_t i = 0; i < figures_.size(); ++i) figures_[i] = table_.needed_column(figure_columns[i], log_);
    for (const auto& [name, bytes] : {std::pair<const char*, double>{"Capacity (MB)", 1048576}, {"Capacity (KB)", 1024}, {"Capacity (B)", 1}})
      if (capacity_ == absent && table_.column(name) != table_.header().size()) {
        capacity_ = table_.column(name);
        capacity_unit_ = bytes;
      }
    if (capacity_ == absent) log_.refuse(table_.header_line(), "the header has no column 'Capacity (MB)', '(KB)' or '(B)'");
    if (table_.rows().empty()) log_.refuse(table_.header_line(), "a header without rows");
    for (const CsvRow& row : table_.rows()) read_row(row);
    for (auto& [key, index] : known_)
      if (read_bandwidth_[index] > 0) add_bandwidth(result_.designs[index], read_bandwidth_[index], write_bandwidth_[index]);
    result_.warnings = log_.warnings();
    return std::move(result_);
  }

 private:
  static constexpr std::size_t absent = ~std::size_t{0};
  ImportLog log_;
  ImportOptions options_;
  CsvTable table_;
  ImportedDesigns result_;
  std::size_t type_ = 0, word_ = 0, capacity_ = absent;
  double capacity_unit_ = 0;
  std::array<std::size_t, figure_columns.size()> figures_{};
  std::map<std::string, std::size_t> known_;              // what is no benchmark's of a row, to the design
  std::vector<double> read_bandwidth_, write_bandwidth_;  // by design; zero: not known

  // The text of an optional column.
  [[nodiscard]] std::string_view text(const CsvRow& row, std::string_view name) const {
    const std::size_t column = table_.column(name);
    return column == table_.header().size() ? std::string_view() : row.values[column];
  }
  // The number of an optional column; NaN where it is absent or no number.
  [[nodiscard]] double number(const CsvRow& row, std::string_view name) const { return number_of(text(row, name)).value_or(std::nan("")); }

  void read_row(const CsvRow& row) {
    warn_of_cell(row);
    std::array<double, figure_columns.size()> figures{};
    unsigned missing = 0;
    std::string_view first_missing;
    for (std::size_t i = 0; i < figures.size(); ++i) {
      figures[i] = table_.number(row, figures_[i], log_);
      if (std::isnan(figures[i]) || figures[i] == -1) {
        ++missing;
        if (first_missing.empty()) first_missing = figure_columns[i];
      } else if (!(figures[i] >= least && figures[i] <= most)) {
        log_.refuse(row.line, fmt::format("'{}' is {:g}, allowed is {:g} to {:g}, or -1 for a failed design", figure_columns[i], figures[i], least, most));
      }
    }
    if (missing > 0) {
      log_.warn(row.line, missing == figures.size() ? std::string("a failed design (its figures are -1): left out")
                                                    : fmt::format("'{}' is -1 or nan: the design is left out", first_missing));
      ++result_.failed;
      return;
    }
    check_totals(row, figures);
    const std::string key = key_of(row);
    const auto [known, is_new] = known_.emplace(key, result_.designs.size());
    if (is_new) add_design(row, figures);
    note_bandwidth(row, known->second);
  }

  void warn_of_cell(const CsvRow& row) {
    for (const char* energy : {"SetEnergy (pJ)", "ResetEnergy (pJ)"})
      if (const std::string_view value = text(row, energy); !value.empty() && std::isnan(number(row, energy)))
        log_.warn(row.line, fmt::format("{} is {}: the cell's own write energy is not known; a data sheet does not need it", energy, quoted(value)));
    if (number(row, "ReadVoltage (V)") < 0) log_.warn(row.line, "ReadVoltage (V) is negative, as FeFET cells have it; a data sheet does not need it");
  }

  // Power is in mW: accesses a second x pJ x 1e-9.
  void check_totals(const CsvRow& row, const std::array<double, figure_columns.size()>& figures) {
    struct Total {
      const char *accesses, *power;
      double energy;
    };
    for (const Total& total :
         {Total{"Read Accesses", "Total Dynamic Read Power (mW)", figures[3]}, Total{"Write Accesses", "Total Dynamic Write Power (mW)", figures[4]}}) {
      const double accesses = number(row, total.accesses), power = number(row, total.power);
      if (!(accesses > 0) || !(power > 0)) continue;
      const double ratio = power / (accesses * total.energy * 1e-9);
      if (ratio > 900 && ratio < 1100)
        log_.warn(
            row.line,
            fmt::format("{} is 1000 times accesses x energy: a table from before the tool's fix of units; the energy of an access is right and is what is used",
                        total.power));
      else if (ratio < 0.9 || ratio > 1.1)
        log_.warn(row.line, fmt::format("{} is not accesses x energy: the energy of an access is used", total.power));
    }
  }

  [[nodiscard]] std::string key_of(const CsvRow& row) const {
    std::string key;
    for (std::size_t i = 0; i < row.values.size(); ++i)
      if (std::find(benchmark_columns.begin(), benchmark_columns.end(), table_.header()[i]) == benchmark_columns.end()) {
        key += row.values[i];
        key += ',';
      }
    return key;
  }

  [[nodiscard]] std::uint64_t whole(const CsvRow& row, std::size_t column, double unit, double largest) const {
    const double value = table_.number(row, column, log_) * unit;
    if (!(value >= 1) || value > largest || value != std::floor(value))
      log_.refuse(row.line,
                  fmt::format("'{}' is {}, allowed is above zero and a whole number of bits or bytes", table_.header()[column], quoted(row.values[column])));
    return static_cast<std::uint64_t>(value);
  }

  void add_design(const CsvRow& row, const std::array<double, figure_columns.size()>& figures) {
    ImportedDesign design;
    design.cell_type = printable(row.values[type_]);
    design.place = log_.place(row.line);
    if (const double node = number(row, "ProcessNode"); node >= 1 && node <= 1000) design.node = node * 1_nm;
    MemoryDataSheet& sheet = design.sheet;
    sheet.capacity_bytes = whole(row, capacity_, capacity_unit_, 1e15);
    const std::uint64_t bits = whole(row, word_, 1, 1 << 20);
    if (bits % 8 != 0) log_.refuse(row.line, fmt::format("'WordWidth (bit)' is {}, allowed are whole bytes", bits));
    sheet.word_bits = static_cast<unsigned>(bits);
    sheet.area = figures[0] * 1_mm2;
    sheet.read_latency = figures[1] * 1_ns;
    sheet.write_latency = figures[2] * 1_ns;
    sheet.read_energy = figures[3] * 1_pJ;
    sheet.write_energy = figures[4] * 1_pJ;
    sheet.source = fmt::format("derived: NVMExplorer table {} line {}, energies of one word of {} bits", file_name_of(log_.file()), row.line, bits);
    sheet.leakage = leakage_of(row, figures[5], sheet) * 1_mW;
    const std::string_view target = text(row, "OptimizationTarget");
    std::string_view cell = file_name_of(text(row, "MemoryCellInputFile"));
    if (cell.ends_with(".cell")) cell.remove_suffix(5);
    sheet.name = fmt::format("{} {}", cell.empty() ? design.cell_type : printable(cell), core::bytes_text(sheet.capacity_bytes));
    if (design.node) sheet.name += fmt::format(" {:g}nm", design.node->in(1_nm));
    if (!target.empty()) sheet.name += fmt::format(" {}", printable(target));
    sheet.read_bytes_per_second = static_cast<double>(sheet.word_bytes()) / sheet.read_latency.si();
    sheet.write_bytes_per_second = static_cast<double>(sheet.word_bytes()) / sheet.write_latency.si();
    finish(design, options_);
    if (!design.technology)
      log_.warn(row.line, fmt::format("cells of type {} have no model here: shown, but no memory can be made of them", quoted(design.cell_type)));
    if (const double levels = number(row, "Bits Per Cell"); levels > 1) log_.warn(row.line, "several bits a cell: area and energies are those of the table");
    result_.designs.push_back(std::move(design));
    read_bandwidth_.push_back(0);
    write_bandwidth_.push_back(0);
  }

  double leakage_of(const CsvRow& row, double mw, MemoryDataSheet& sheet) {
    const double megabytes = static_cast<double>(sheet.capacity_bytes) / 1048576;
    const std::string_view printed = row.values[figures_[5]];
    if (!looks_truncated(printed, mw, megabytes, text(row, "DeviceRoadmap"), row.values[type_] == "SRAM")) return mw;
    if (!options_.repair_leakage) {
      log_.warn(row.line, fmt::format("Leakage Power {} mW is 1000 times too low for {:g} MB: the tool loses the unit of 1 W and more; kept as it stands",
                                      printed, megabytes));
      return mw;
    }
    log_.warn(row.line, fmt::format("Leakage Power {} mW is 1000 times too low for {:g} MB: taken as {} W, whose unit and last digit the tool lost", printed,
                                    megabytes, printed));
    sheet.source += "; leakage multiplied by 1000: truncated by the tool";
    return mw * 1000;
  }

  // Utilisation in percent = accesses a second x word bits / (8e9 x GB/s) x 100.
  void note_bandwidth(const CsvRow& row, std::size_t design) {
    const double word = static_cast<double>(result_.designs[design].sheet.word_bytes());
    const auto bandwidth = [&](const char* accesses, const char* utilisation) {
      const double a = number(row, accesses), u = number(row, utilisation);
      const double value = a > 0 && u > 0 ? a * word / (u / 100) : 0;
      return value > 1 && value < 1e18 ? value : 0;
    };
    if (read_bandwidth_[design] == 0) read_bandwidth_[design] = bandwidth("Read Accesses", "Read BW Util");
    if (write_bandwidth_[design] == 0) write_bandwidth_[design] = bandwidth("Write Accesses", "Write BW Util");
  }

  void add_bandwidth(ImportedDesign& design, double read, double write) {
    design.sheet.read_bytes_per_second = read;
    if (write > 0) design.sheet.write_bytes_per_second = write;
  }
};

}  // namespace

ImportedDesigns import_explorer_csv(std::string_view text, const std::string& file, const ImportOptions& options) { return Reader(text, file, options).read(); }

}  // namespace spinvp::technology
