#include "models/technology/import/nvsim_result.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "models/core/fields.h"

namespace spinvp::technology {

namespace {

// One figure of a block RESULT, in SI units, with the line it stands on.
struct Figure {
  unsigned line = 0;  // 0: not printed
  double value = 0;
};

enum Row {
  area,
  read_latency,
  write_latency,
  set_latency,
  reset_latency,
  read_bandwidth,
  write_bandwidth,
  read_energy,
  write_energy,
  set_energy,
  reset_energy,
  leakage,
  rows
};

struct RowText {
  std::string_view label;
  Dimension dimension;
};
constexpr std::array<RowText, rows> row_texts = {{{"Total Area", Dimension::area},
                                                  {"Read Latency", Dimension::time},
                                                  {"Write Latency", Dimension::time},
                                                  {"SET Latency", Dimension::time},
                                                  {"RESET Latency", Dimension::time},
                                                  {"Read Bandwidth", Dimension::bandwidth},
                                                  {"Write Bandwidth", Dimension::bandwidth},
                                                  {"Read Dynamic Energy", Dimension::energy},
                                                  {"Write Dynamic Energy", Dimension::energy},
                                                  {"SET Dynamic Energy", Dimension::energy},
                                                  {"RESET Dynamic Energy", Dimension::energy},
                                                  {"Leakage Power", Dimension::power}}};

// The lines above the blocks: what was asked for.
struct Preamble {
  std::string cell_type;
  double capacity_unit = 0, capacity = 0;  // bytes; zero: not printed
  unsigned capacity_line = 0;
  std::uint64_t word_bits = 0;
  bool cache = false, fast = false;
  std::uint64_t associativity = 1;
  double node_nm = 0;
};

struct Block {
  unsigned first_line = 0;
  bool tags = false;
  std::array<Figure, rows> figures{};
  double cells = 1;            // bits of the organisation
  unsigned organisations = 0;  // lines of it that were seen: three make a product
};

// "4 x 4": the product; nothing for another text. `after`: a text that must follow the first number.
std::optional<double> product_of(std::string_view text, std::string_view after) {
  std::string_view rest;
  const auto first = leading_number(text, rest);
  if (!first || !rest.starts_with(after)) return std::nullopt;
  const auto second = leading_number(rest.substr(after.size()), rest);
  const double product = second ? *first * *second : 0;
  return product >= 1 && product < 1e18 ? std::optional(product) : std::nullopt;
}

struct CellName {
  std::string_view printed, type;
};
constexpr std::array cell_names = {CellName{"SRAM", "SRAM"},   CellName{"DRAM", "DRAM"},      CellName{"Embedded DRAM", "eDRAM"}, CellName{"MRAM", "MRAM"},
                                   CellName{"PCRAM", "PCRAM"}, CellName{"RRAM", "memristor"}, CellName{"FBRAM", "FBRAM"}};

class Reader {
 public:
  Reader(const std::string& file, const ImportOptions& options) : log_(file), options_(options) {}

  ImportedDesigns read(std::string_view text) {
    bool seen_anything = false;
    for (const auto& [number, whole] : lines_of(text)) {
      last_line_ = number;
      const std::string_view line = trimmed(whole);
      seen_anything |= line.starts_with("Memory Cell:") || line.starts_with("Design Target:");
      if (line.starts_with("Memory Cell:")) {  // the next run
        end_block();
        asked_ = {};
        next_is_tags_ = false;
      }
      if (line == "RESULT") {
        if (!block_) start_block(number);
        in_result_ = true;
      } else if (line.starts_with("Bank Organization:")) {
        end_block();
        start_block(number);
      }
      if (line.ends_with("CACHE TAG ARRAY")) {
        end_block();
        next_is_tags_ = true;
      } else if (line.ends_with("CACHE DATA ARRAY")) {
        end_block();
        next_is_tags_ = false;
      }
      if (line.starts_with("No valid solutions")) {
        log_.warn(number, "the tool found no design: left out");
        ++result_.failed;
      }
      read_preamble(line, number);
      if (block_) read_block(line, number);
    }
    end_block();
    if (result_.designs.empty() && result_.failed == 0)
      log_.refuse(last_line_, seen_anything ? "the text ends before a block RESULT" : "no text that NVSim prints: neither `Memory Cell:` nor a block RESULT");
    result_.format = "NVSim result";
    result_.warnings = log_.warnings();
    return std::move(result_);
  }

 private:
  ImportLog log_;
  ImportOptions options_;
  ImportedDesigns result_;
  Preamble asked_;
  std::optional<Block> block_;
  bool next_is_tags_ = false, in_result_ = false;
  unsigned last_line_ = 1;

  void start_block(unsigned line) {
    block_ = Block{.first_line = line, .tags = next_is_tags_};
    in_result_ = false;
  }

  void read_preamble(std::string_view line, unsigned number) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view key = trimmed(line.substr(0, colon)), value = trimmed(line.substr(colon + 1));
    std::string_view rest;
    if (key == "Memory Cell") {
      const std::string_view name = trimmed(value.substr(0, value.find('(')));
      asked_.cell_type = printable(value);
      for (const CellName& known : cell_names)
        if (name == known.printed) asked_.cell_type = known.type;
    } else if (key == "Capacity") {
      const auto amount = leading_number(value, rest);
      asked_.capacity_unit = rest == "KB" ? 1024.0 : rest == "MB" ? 1048576.0 : rest == "GB" ? 1073741824.0 : 0;
      if (!amount || !(*amount >= 0) || *amount > 1e9 || asked_.capacity_unit == 0)
        log_.refuse(number, fmt::format("Capacity is {}, allowed is a number with KB, MB or GB", quoted(value)));
      asked_.capacity = *amount * asked_.capacity_unit;
      asked_.capacity_line = number;
    } else if (key == "Data Width" || key == "Cache Line Size") {
      const auto amount = leading_number(value, rest);
      const unsigned bits = rest.starts_with("Bits") ? 1 : rest.starts_with("Bytes") ? 8 : 0;
      if (!amount || bits == 0 || !(*amount >= 1) || *amount > 1 << 20 || *amount != static_cast<double>(static_cast<std::uint64_t>(*amount)))
        log_.refuse(number, fmt::format("{} is {}, allowed is a whole number of Bits or Bytes", key, quoted(value)));
      asked_.word_bits = static_cast<std::uint64_t>(*amount) * bits;
    } else if (key == "Cache Associativity") {
      const auto ways = leading_number(value, rest);
      if (!ways || !(*ways >= 1) || *ways > 1 << 16) log_.refuse(number, fmt::format("Cache Associativity is {}, allowed is 1 to 65536", quoted(value)));
      asked_.associativity = static_cast<std::uint64_t>(*ways);
    } else if (key == "Access Mode") {
      asked_.cache = true;
      asked_.fast = value == "Fast";
    }
  }

  void read_block(std::string_view line, unsigned number) {
    Block& block = *block_;
    const auto organisation = [&](std::string_view label, std::string_view between) {
      if (!line.starts_with(label)) return;
      const std::size_t colon = line.find(':');
      const auto product = colon == std::string_view::npos ? std::nullopt : product_of(line.substr(colon + 1), between);
      if (!product) return;
      block.cells *= *product;
      ++block.organisations;
    };
    if (!in_result_) {
      organisation("Bank Organization", "x");
      organisation("Mat Organization", "x");
      organisation("- Subarray Size", "Rows x");
      return;
    }
    // Top figures begin with one dash; what they are made of begins with a bar.
    if (!line.starts_with('-')) return;
    const std::size_t first = line.find('='), last = line.rfind('=');
    if (first == std::string_view::npos) return;
    const std::string_view label = trimmed(line.substr(1, first - 1));
    for (std::size_t row = 0; row < rows; ++row) {
      if (label != row_texts[row].label) continue;
      const std::string_view value = trimmed(line.substr(last + 1));
      const auto measure = measure_of(value, row_texts[row].dimension);
      if (!measure || !(*measure > 1e-30) || *measure > 1e30)
        log_.refuse(number, fmt::format("{} is {}, allowed is a number above zero in {}", label, quoted(value), units_of(row_texts[row].dimension)));
      block.figures[row] = {number, *measure};
    }
  }

  // The slower or dearer of SET and RESET, where the tool prints those.
  Figure write_figure(Row whole, Row set, Row reset) {
    const Block& block = *block_;
    if (block.figures[whole].line != 0) return block.figures[whole];
    const Figure& a = block.figures[set];
    const Figure& b = block.figures[reset];
    if (a.line != 0 && b.line != 0)
      log_.warn(std::min(a.line, b.line),
                fmt::format("{} and {} in place of {}: the larger counts", row_texts[set].label, row_texts[reset].label, row_texts[whole].label));
    return a.value > b.value ? a : b;
  }

  double needed(const Figure& figure, Row row) {
    if (figure.line == 0)
      log_.refuse(last_line_,
                  fmt::format("the block RESULT of line {} has no line `{} = ...`: the text is not whole", block_->first_line, row_texts[row].label));
    return figure.value;
  }

  std::uint64_t capacity_bytes() {
    const double organised = block_->cells / 8;
    constexpr double most = 1e15;
    const bool known = block_->organisations == 3 && organised >= 1 && organised <= most;
    if (asked_.capacity_line == 0) {
      if (!known) log_.refuse(block_->first_line, "the text says no Capacity");
      return static_cast<std::uint64_t>(organised);
    }
    // Printed by integer division: it may have lost up to one unit.
    if (known && organised > asked_.capacity && organised < asked_.capacity + asked_.capacity_unit) {
      log_.warn(asked_.capacity_line,
                fmt::format("Capacity is printed as {}, its organisation holds {}: this counts", core::bytes_text(static_cast<std::uint64_t>(asked_.capacity)),
                            core::bytes_text(static_cast<std::uint64_t>(organised))));
      return static_cast<std::uint64_t>(organised);
    }
    if (asked_.capacity < 1) log_.refuse(asked_.capacity_line, "Capacity is 0, allowed is above zero");
    return static_cast<std::uint64_t>(asked_.capacity);
  }

  void end_block() {
    if (!block_) return;
    const bool complete = in_result_;
    const bool tags = block_->tags;
    if (complete && !tags) add_design();
    if (!complete && !tags) log_.refuse(last_line_, fmt::format("the design of line {} has no block RESULT: the text is not whole", block_->first_line));
    block_.reset();
    in_result_ = false;
  }

  void add_design() {
    ImportedDesign design;
    design.cell_type = asked_.cell_type.empty() ? "unknown" : asked_.cell_type;
    design.place = log_.place(block_->first_line);
    if (asked_.word_bits == 0) log_.refuse(block_->first_line, "the text says neither Data Width nor Cache Line Size");
    std::uint64_t word_bits = asked_.word_bits;
    if (asked_.cache) {
      log_.warn(block_->first_line, "a cache: its summary (hit, miss and write with tags) is not used, the data array is");
      if (asked_.fast) {
        word_bits *= asked_.associativity;
        log_.warn(block_->first_line,
                  fmt::format("access mode Fast reads a whole set: a word of this array is {} x {} bits", asked_.associativity, asked_.word_bits));
      }
    }
    if (word_bits % 8 != 0) log_.refuse(block_->first_line, fmt::format("a word has {} bits, allowed are whole bytes", word_bits));

    const auto& f = block_->figures;
    MemoryDataSheet& sheet = design.sheet;
    sheet.capacity_bytes = capacity_bytes();
    sheet.word_bits = static_cast<unsigned>(word_bits);
    sheet.area = core::Area::from_si(needed(f[area], area));
    sheet.read_latency = core::Time::from_si(needed(f[read_latency], read_latency));
    sheet.write_latency = core::Time::from_si(needed(write_figure(write_latency, set_latency, reset_latency), write_latency));
    sheet.read_bytes_per_second = needed(f[read_bandwidth], read_bandwidth);
    sheet.write_bytes_per_second = needed(f[write_bandwidth], write_bandwidth);
    sheet.read_energy = core::Energy::from_si(needed(f[read_energy], read_energy));
    sheet.write_energy = core::Energy::from_si(needed(write_figure(write_energy, set_energy, reset_energy), write_energy));
    sheet.leakage = core::Power::from_si(needed(f[leakage], leakage));
    sheet.name = fmt::format("{} {}", design.cell_type, core::bytes_text(sheet.capacity_bytes));
    sheet.source =
        fmt::format("derived: NVSim result text {}, energies of one word of {} bits, cycle = word bytes / bandwidth", file_name_of(log_.file()), word_bits);
    finish(design, options_);
    if (!design.technology)
      log_.warn(block_->first_line, fmt::format("a cell of type {} has no model here: shown, but no memory can be made of it", design.cell_type));
    result_.designs.push_back(std::move(design));
  }
};

}  // namespace

ImportedDesigns import_nvsim_result(std::string_view text, const std::string& file, const ImportOptions& options) { return Reader(file, options).read(text); }

}  // namespace spinvp::technology
