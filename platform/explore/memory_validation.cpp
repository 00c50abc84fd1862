#include "platform/explore/memory_validation.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/explore/memory_answer.h"
#include "platform/report/words.h"

namespace spinvp::platform {

using namespace core::literals;

namespace {

using Json = nlohmann::ordered_json;
using technology::MemoryDataSheet;
using technology::MemoryTechnology;
using technology::Transistors;

// What a source prints of a macro, and what it is held against here. Zero: not printed. MRAM writes are left out where the source's pulse is another than our cell's.
struct PublishedMacro {
  const char* macro;
  const char* source;
  MemoryTechnology technology;
  const char* cell;
  core::Length node;
  std::uint64_t capacity;
  Transistors transistors;
  double area_mm2 = 0, area_of_sram = 0;
  const char* sram_cell = "";  // for area_of_sram
  double read_ns = 0, write_ns = 0, write_pj = 0;
};

constexpr std::uint64_t kib = 1024, mib = 1024 * kib;
// Densities are bits in 2^20 a square millimetre.
constexpr double area_of(std::uint64_t bytes, double mebibits_per_mm2) { return static_cast<double>(bytes) * 8 / 1048576 / mebibits_per_mm2; }

const std::vector<PublishedMacro>& published_macros() {
  constexpr const char* tsmc = "published: TSMC macro density, as reported from its conference papers";
  constexpr const char* prenat = "published: Prenat et al., TMSCS 2016, 65 nm caches; flavour not printed, high performance assumed; 64-byte words assumed";
  static const std::vector<PublishedMacro> all = [&] {
    std::vector<PublishedMacro> m{{.macro = "SRAM N3B 1MiB",
                                   .source = tsmc,
                                   .technology = MemoryTechnology::sram,
                                   .cell = "sram-3nm",
                                   .node = 3_nm,
                                   .capacity = mib,
                                   .transistors = Transistors::lop,
                                   .area_mm2 = area_of(mib, 33.55)},
                                  {.macro = "SRAM N2 1MiB",
                                   .source = tsmc,
                                   .technology = MemoryTechnology::sram,
                                   .cell = "sram-2nm",
                                   .node = 2_nm,
                                   .capacity = mib,
                                   .transistors = Transistors::lop,
                                   .area_mm2 = area_of(mib, 38)},
                                  {.macro = "STT 5nm 1MiB",
                                   .source = "published: imec, STT macro at 5 nm, 43.3 % of the SRAM's area; its capacity is not printed",
                                   .technology = MemoryTechnology::stt,
                                   .cell = "stt-aggressive",
                                   .node = 5_nm,
                                   .capacity = mib,
                                   .transistors = Transistors::lop,
                                   .area_of_sram = 0.433,
                                   .sram_cell = "sram-5nm"},
                                  {.macro = "SOT 7nm 2MiB",
                                   .source = "published: Georgia Tech and Intel, SOT at 7 nm (ASAP7), at most 14.8 Mb/mm2",
                                   .technology = MemoryTechnology::sot,
                                   .cell = "sot-2t",
                                   .node = 7_nm,
                                   .capacity = 2 * mib,
                                   .transistors = Transistors::lop,
                                   .area_mm2 = area_of(2 * mib, 14.8)},
                                  {.macro = "SRAM 28nm 16MiB",
                                   .source = "published: Wang et al. 2018, 28 nm array model, read off bars (10 %); high performance assumed",
                                   .technology = MemoryTechnology::sram,
                                   .cell = "sram-146f2",
                                   .node = 28_nm,
                                   .capacity = 16 * mib,
                                   .transistors = Transistors::hp,
                                   .area_mm2 = 24,
                                   .read_ns = 5.7,
                                   .write_ns = 2.8,
                                   .write_pj = 900}};
    struct Cache {
      const char* level;
      std::uint64_t capacity;
      double sram, sot, stt;  // read, ns
    };
    static constexpr Cache caches[] = {{"L1 32KiB", 32 * kib, 0.7, 1.0, 1.0}, {"L2 512KiB", 512 * kib, 2.1, 1.1, 1.1}, {"L3 16MiB", 16 * mib, 4.2, 3.8, 3.8}};
    static const std::vector<std::string> names = [] {
      std::vector<std::string> texts;
      for (const Cache& cache : caches)
        for (const char* tech : {"SRAM", "SOT", "STT"}) texts.push_back(fmt::format("{} 65nm {}", tech, cache.level));
      return texts;
    }();
    std::size_t next = 0;
    for (const Cache& cache : caches) {
      const auto row = [&](MemoryTechnology technology, const char* cell, double read) {
        m.push_back({.macro = names[next++].c_str(),
                     .source = prenat,
                     .technology = technology,
                     .cell = cell,
                     .node = 65_nm,
                     .capacity = cache.capacity,
                     .transistors = Transistors::hp,
                     .read_ns = read});
      };
      row(MemoryTechnology::sram, "sram-146f2", cache.sram);
      row(MemoryTechnology::sot, "sot-2t", cache.sot);
      row(MemoryTechnology::stt, "stt-default", cache.stt);
    }
    return m;
  }();
  return all;
}

std::vector<ValidationFigure> figures_of(const MemoryDataSheet& reference, const MemoryDataSheet& computed) {
  return {{"area", "mm2", reference.area.in(1_mm2), computed.area.in(1_mm2)},
          {"read", "ns", reference.read_latency.in(1_ns), computed.read_latency.in(1_ns)},
          {"write", "ns", reference.write_latency.in(1_ns), computed.write_latency.in(1_ns)},
          {"read energy", "pJ", reference.read_energy.in(1_pJ), computed.read_energy.in(1_pJ)},
          {"write energy", "pJ", reference.write_energy.in(1_pJ), computed.write_energy.in(1_pJ)},
          {"leakage", "mW", reference.leakage.in(1_mW), computed.leakage.in(1_mW)}};
}

Json rows_json(const std::vector<ValidationRow>& rows) {
  Json list = Json::array();
  for (const ValidationRow& row : rows) {
    Json figures = Json::array();
    for (const ValidationFigure& f : row.figures)
      figures.push_back({{"name", f.name}, {"unit", f.unit}, {"reference", f.reference}, {"computed", f.computed}, {"deviation", f.deviation()}});
    list.push_back({{"macro", row.macro}, {"source", row.source}, {"figures", figures}});
  }
  return list;
}

std::string rows_text(const std::vector<ValidationRow>& rows) {
  std::vector<std::vector<std::string>> lines{{"macro", "figure", "there", "here", "deviation"}};
  double worst = 0;
  std::string worst_text;
  for (const ValidationRow& row : rows)
    for (const ValidationFigure& f : row.figures) {
      lines.push_back({row.macro, f.name, fmt::format("{:.4g} {}", f.reference, f.unit), fmt::format("{:.4g} {}", f.computed, f.unit),
                       fmt::format("{:+.1f} %", f.deviation() * 100)});
      if (std::abs(f.deviation()) > worst) {
        worst = std::abs(f.deviation());
        worst_text = fmt::format("worst: {} of {}, {:+.1f} %\n", f.name, row.macro, f.deviation() * 100);
      }
    }
  std::string text = columns_text(lines, 2) + worst_text;
  std::vector<std::string> told;
  for (const ValidationRow& row : rows)
    if (std::find(told.begin(), told.end(), row.source) == told.end()) {
      told.push_back(row.source);
      text += fmt::format("{}: {}\n", row.macro, row.source);
    }
  return text;
}

}  // namespace

std::vector<ValidationRow> agreement_rows() {
  std::vector<ValidationRow> rows;
  for (const MemoryDataSheet& sheet : technology::memory_data_sheets()) {
    MemoryQuestion question;
    question.technology = sheet.technology;
    question.array.capacity_bytes = sheet.capacity_bytes;
    question.array.word_bits = sheet.word_bits;
    question.array.fixed_sense_delay = true;
    rows.push_back({sheet.name, sheet.source, figures_of(sheet, answer_memory(question).sheet())});
  }
  return rows;
}

std::vector<ValidationRow> validation_rows() {
  std::vector<ValidationRow> rows;
  const auto sheet = [](const PublishedMacro& m, MemoryTechnology technology, const char* cell) {
    MemoryQuestion question;
    question.technology = technology;
    question.cell = cell;
    question.array.capacity_bytes = m.capacity;
    question.array.node = m.node;
    question.array.transistors = m.transistors;
    return answer_memory(question).sheet();
  };
  for (const PublishedMacro& m : published_macros()) {
    const MemoryDataSheet ours = sheet(m, m.technology, m.cell);
    ValidationRow row{m.macro, m.source, {}};
    const auto add = [&](const char* name, const char* unit, double published, double computed) {
      if (published > 0) row.figures.push_back({name, unit, published, computed});
    };
    add("area", "mm2", m.area_mm2, ours.area.in(1_mm2));
    if (m.area_of_sram > 0) add("area of SRAM", "", m.area_of_sram, ours.area / sheet(m, MemoryTechnology::sram, m.sram_cell).area);
    add("read", "ns", m.read_ns, ours.read_latency.in(1_ns));
    add("write", "ns", m.write_ns, ours.write_latency.in(1_ns));
    add("write energy", "pJ", m.write_pj, ours.write_energy.in(1_pJ));
    rows.push_back(std::move(row));
  }
  return rows;
}

Json validation_json() { return {{"agreement", rows_json(agreement_rows())}, {"validation", rows_json(validation_rows())}}; }

std::string validation_text() {
  return "agreement with another array tool\n\n" + rows_text(agreement_rows()) + "\nvalidation against published macros\n\n" + rows_text(validation_rows());
}

}  // namespace spinvp::platform
