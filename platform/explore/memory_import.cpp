#include "platform/explore/memory_import.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/core/fields.h"
#include "platform/explore/memory_answer.h"
#include "platform/report/words.h"

namespace spinvp::platform {

namespace {

using Json = nlohmann::ordered_json;
using technology::ImportedDesign;

Json tech_json(const ImportedDesign& design) { return design.technology ? Json(technology::name_of(*design.technology)) : Json(); }

}  // namespace

Json to_json(const technology::ImportedDesigns& imported) {
  Json designs = Json::array();
  for (const ImportedDesign& design : imported.designs) {
    const technology::MemoryDataSheet& s = design.sheet;
    Json j{{"name", s.name},
           {"tech", tech_json(design)},
           {"cell_type", design.cell_type},
           {"capacity_bytes", s.capacity_bytes},
           {"word_bits", s.word_bits},
           {"node_nm", design.node ? Json(nanometres(*design.node)) : Json()}};
    j.update(figures_json(s));
    j["where"] = design.place;
    j["constants"] = constants_json(s.constants());
    designs.push_back(std::move(j));
  }
  return {{"format", imported.format}, {"designs", designs}, {"failed", imported.failed}, {"warnings", warnings_json(imported.warnings)}};
}

std::string to_table(const technology::ImportedDesigns& imported) {
  std::vector<std::vector<std::string>> rows{
      {"tech", "name", "capacity", "word", "area", "read", "write", "read/word", "write/word", "leakage", "read bw", "write bw"}};
  for (const ImportedDesign& design : imported.designs) {
    const technology::MemoryDataSheet& s = design.sheet;
    rows.push_back({design.technology ? technology::name_of(*design.technology) : "-", s.name, core::bytes_text(s.capacity_bytes),
                    fmt::format("{} bit", s.word_bits), area_words(s.area), time_words(s.read_latency.si()), time_words(s.write_latency.si()),
                    energy_words(s.read_energy.si()), energy_words(s.write_energy.si()), power_words(s.leakage.si()), bandwidth_words(s.read_bytes_per_second),
                    bandwidth_words(s.write_bytes_per_second)});
  }
  std::string text = fmt::format("{}: {} {}", imported.format, imported.designs.size(), imported.designs.size() == 1 ? "design" : "designs");
  if (imported.failed > 0) text += fmt::format(", {} failed and left out", imported.failed);
  text += "\n";
  if (!imported.designs.empty())
    text +=
        "\n" + columns_text(rows, 2) + "\n" +
        (imported.designs.size() == 1 ? imported.designs.front().sheet.source : "energies are of one word; --json has the line and the source of each design") +
        "\n";
  return text;
}

std::string to_csv(const technology::ImportedDesigns& imported) {
  std::string text = "name,tech,cell_type,capacity_bytes,word_bits,node_nm";
  const Json keys = figures_json({});
  for (const auto& [key, value] : keys.items()) text += "," + key;
  text += "\n";
  for (const ImportedDesign& design : imported.designs) {
    const technology::MemoryDataSheet& s = design.sheet;
    std::string name = s.name;
    std::replace(name.begin(), name.end(), ',', '_');
    text += fmt::format("{},{},{},{},{},{}", name, design.technology ? technology::name_of(*design.technology) : "", design.cell_type, s.capacity_bytes,
                        s.word_bits, design.node ? fmt::format("{}", nanometres(*design.node)) : "");
    const Json figures = figures_json(s);
    for (const auto& [key, value] : figures.items()) text += "," + (value.is_null() ? std::string() : fmt::format("{}", value.get<double>()));
    text += "\n";
  }
  return text;
}

}  // namespace spinvp::platform
