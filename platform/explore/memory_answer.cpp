#include "platform/explore/memory_answer.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "models/core/fields.h"
#include "platform/report/words.h"

namespace spinvp::platform {

using namespace core::literals;

namespace {

using Json = nlohmann::ordered_json;
using technology::ArrayPart;
using technology::MemoryDataSheet;

Json parts_json(const std::vector<ArrayPart>& parts) {
  Json j = Json::object();
  for (const ArrayPart& part : parts) j[part.name] = part.value;
  return j;
}

Json organisation_json(const technology::ArrayOrganisation& o) {
  return {{"mats", {o.mat_rows, o.mat_columns}},
          {"active_mats", {o.active_mat_rows, o.active_mat_columns}},
          {"subarrays_of_a_mat", {o.subarray_rows, o.subarray_columns}},
          {"active_subarrays_of_a_mat", {o.active_subarray_rows, o.active_subarray_columns}},
          {"rows", o.rows},
          {"columns", o.columns},
          {"bit_line_mux", o.bit_line_mux},
          {"output_mux", o.output_mux}};
}

std::string organisation_text(const technology::ArrayOrganisation& o) {
  return fmt::format("{} x {} mats ({} x {} active) of {} x {} subarrays ({} x {} active) of {} rows x {} columns, {} columns a sense amplifier", o.mat_rows,
                     o.mat_columns, o.active_mat_rows, o.active_mat_columns, o.subarray_rows, o.subarray_columns, o.active_subarray_rows,
                     o.active_subarray_columns, o.rows, o.columns, o.bit_line_mux);
}

// What decided the answer, in a line: the choices a user can make.
std::string choices_text(const MemoryAnswer& answer) {
  const technology::ArrayRequest& r = answer.question.array;
  std::string text = fmt::format("cell {}, {:g} nm, {} transistors, {:g} K, words of {} bits, target {}", answer.cell.name, nanometres(r.node),
                                 technology::name_of(r.transistors), r.temperature.in(1_K), r.word_bits, technology::name_of(r.target));
  if (!answer.design.sram_leakage.empty()) text += fmt::format(", SRAM leakage {}", answer.design.sram_leakage);
  if (r.fixed_sense_delay) text += ", fixed sense delay";
  if (r.array_tool_conventions) text += ", conventions of array tools";
  return text;
}

void add_parts(std::vector<std::vector<std::string>>& rows, const char* title, const std::vector<ArrayPart>& parts, const char* unit) {
  if (parts.empty()) return;
  double sum = 0;
  for (const ArrayPart& part : parts) sum += part.value;
  rows.push_back({title, fmt::format("{:.4g} {}", sum, unit), ""});
  for (const ArrayPart& part : parts)
    if (part.value != 0) rows.push_back({"  " + part.name, fmt::format("{:.4g}", part.value), sum > 0 ? fmt::format("{:.1f} %", part.value / sum * 100) : ""});
}

std::string sram_leakage_source(const std::string& name) {
  for (const technology::SramLeakagePreset& preset : technology::sram_leakage_presets())
    if (preset.name == name) return preset.source;
  return "";
}

std::string csv_number(const Json& value) { return value.is_null() ? "" : fmt::format("{}", value.get<double>()); }

}  // namespace

double nanometres(core::Length length) { return std::round(length.si() * 1e12) / 1000; }
std::string area_words(core::Area area) { return area < 0.01_mm2 ? fmt::format("{:#.4g} um2", area.in(1_um2)) : fmt::format("{:#.4g} mm2", area.in(1_mm2)); }
std::string bandwidth_words(double bytes_per_second) { return fmt::format("{:#.4g} GB/s", bytes_per_second / 1e9); }

std::string retention_words(const MemoryDataSheet& sheet) {
  if (!sheet.retention) return sheet.non_volatile ? "not known" : "none";
  const double seconds = sheet.retention->si();
  constexpr double year = 31557600;  // Julian
  if (seconds >= year) return seconds < 1e4 * year ? fmt::format("{:#.4g} years", seconds / year) : fmt::format("{:.3e} years", seconds / year);
  return time_words(seconds);
}

// Multiplied, since 22e-9 / 1e-9 is not 22.
Json figures_json(const MemoryDataSheet& s) {
  return {{"area_mm2", s.area.si() * 1e6},
          {"read_ns", s.read_latency.si() * 1e9},
          {"write_ns", s.write_latency.si() * 1e9},
          {"read_pj", s.read_energy.si() * 1e12},
          {"write_pj", s.write_energy.si() * 1e12},
          {"leakage_mw", s.leakage.si() * 1e3},
          {"retention_s", s.retention ? Json(s.retention->si()) : Json()},
          {"thermal_stability", s.thermal_stability ? Json(*s.thermal_stability) : Json()},
          {"read_gbps", s.read_bytes_per_second / 1e9},
          {"write_gbps", s.write_bytes_per_second / 1e9}};
}

Json constants_json(const std::vector<core::Constant>& constants) {
  Json list = Json::array();
  for (const core::Constant& c : constants) list.push_back({{"name", c.name}, {"value", c.value}, {"unit", c.unit}, {"source", c.source}});
  return list;
}

std::string constants_text(const std::vector<core::Constant>& constants) {
  std::vector<std::vector<std::string>> rows;
  std::string last;
  for (const core::Constant& c : constants) {
    rows.push_back({c.name, fmt::format("{:.4g}{}{}", c.value, c.unit.empty() ? "" : " ", c.unit), c.source == last ? "as above" : c.source});
    last = c.source;
  }
  return columns_text(rows, 3);
}

Json warnings_json(const std::vector<technology::ImportWarning>& warnings) {
  Json list = Json::array();
  for (const technology::ImportWarning& w : warnings) list.push_back({{"where", w.where}, {"text", w.text}});
  return list;
}

Json to_json(const MemoryAnswer& answer) {
  const technology::ArrayRequest& request = answer.question.array;
  const technology::ArrayDesign& design = answer.design;
  const MemoryDataSheet& s = answer.sheet();
  Json j{{"tech", technology::name_of(s.technology)},
         {"capacity_bytes", s.capacity_bytes},
         {"word_bits", s.word_bits},
         {"node_nm", nanometres(request.node)},
         {"temperature_k", request.temperature.in(1_K)},
         {"transistors", technology::name_of(request.transistors)},
         {"target", technology::name_of(request.target)},
         {"cell", answer.cell.name},
         {"device", answer.question.device.empty() ? Json() : Json(answer.question.device)},
         {"sram_leakage", design.sram_leakage.empty() ? Json() : Json(design.sram_leakage)}};
  j.update(figures_json(s));
  j["read_cycle_ns"] = s.read_cycle().si() * 1e9;
  j["write_cycle_ns"] = s.write_cycle().si() * 1e9;
  j["retention_leakage_mw"] = s.retention_leakage.si() * 1e3;
  j["non_volatile"] = s.non_volatile;
  j["width_mm"] = design.width.si() * 1e3;
  j["height_mm"] = design.height.si() * 1e3;
  j["cell_share"] = design.cell_share;
  j["organisation"] = organisation_json(design.organisation);
  j["organisations_tried"] = design.organisations_tried;
  j["parts"] = {{"area_mm2", parts_json(design.area_mm2)}, {"read_ns", parts_json(design.read_ns)},   {"write_ns", parts_json(design.write_ns)},
                {"read_pj", parts_json(design.read_pj)},   {"write_pj", parts_json(design.write_pj)}, {"leakage_mw", parts_json(design.leakage_mw)}};
  j["warnings"] = warnings_json(answer.warnings);
  Json constants = constants_json(s.constants());
  for (const auto* list : {&answer.constants, &design.assumptions})
    for (Json& constant : constants_json(*list)) constants.push_back(std::move(constant));
  if (!design.sram_leakage.empty()) j["sram_leakage_source"] = sram_leakage_source(design.sram_leakage);
  j["constants"] = std::move(constants);
  return j;
}

std::string to_text(const MemoryAnswer& answer) {
  const MemoryDataSheet& s = answer.sheet();
  const technology::ArrayDesign& design = answer.design;
  std::string text = fmt::format("{} of {}: {}\n", technology::name_of(s.technology), core::bytes_text(s.capacity_bytes), choices_text(answer));
  text += fmt::format("{}\n\n", organisation_text(design.organisation));
  std::vector<std::vector<std::string>> rows{
      {"area", area_words(s.area), fmt::format("{:.1f} % cells", design.cell_share * 100)},
      {"read", time_words(s.read_latency.si()), "from the address to the data"},
      {"write", time_words(s.write_latency.si()), "from the address to the written cell"},
      {"read energy", energy_words(s.read_energy.si()), fmt::format("of a word of {} bits", s.word_bits)},
      {"write energy", energy_words(s.write_energy.si()), fmt::format("of a word of {} bits", s.word_bits)},
      {"leakage", power_words(s.leakage.si()), "powered on"},
      {"", power_words(s.retention_leakage.si()), "contents kept, no access"},
      {"read bandwidth", bandwidth_words(s.read_bytes_per_second), fmt::format("one bank, a word every {}", time_words(s.read_cycle().si()))},
      {"write bandwidth", bandwidth_words(s.write_bytes_per_second), fmt::format("one bank, a word every {}", time_words(s.write_cycle().si()))},
      {"retention", retention_words(s), s.retention_source},
      {"thermal stability", s.thermal_stability ? fmt::format("{:.1f}", *s.thermal_stability) : "-", ""}};
  text += columns_text(rows, 3);
  rows.clear();
  add_parts(rows, "area", design.area_mm2, "mm2");
  add_parts(rows, "read", design.read_ns, "ns");
  add_parts(rows, "write", design.write_ns, "ns");
  add_parts(rows, "read energy", design.read_pj, "pJ");
  add_parts(rows, "write energy", design.write_pj, "pJ");
  add_parts(rows, "leakage", design.leakage_mw, "mW");
  if (!rows.empty()) text += "\nwhat it is made of\n" + columns_text(rows, 1);
  if (!design.sram_leakage.empty()) text += fmt::format("\nSRAM leakage {}: {}\n", design.sram_leakage, sram_leakage_source(design.sram_leakage));
  std::vector<core::Constant> constants = answer.constants;
  constants.insert(constants.end(), design.assumptions.begin(), design.assumptions.end());
  return text + "\nsheet: " + s.source + "\n\n" + constants_text(constants);
}

std::string to_table(const std::vector<MemoryAnswer>& answers) {
  std::vector<std::vector<std::string>> rows{
      {"tech", "capacity", "area", "read", "write", "read/word", "write/word", "leakage", "read bw", "write bw", "retention"}};
  std::vector<std::string> choices;
  for (const MemoryAnswer& answer : answers) {
    const MemoryDataSheet& s = answer.sheet();
    rows.push_back({technology::name_of(s.technology), core::bytes_text(s.capacity_bytes), area_words(s.area), time_words(s.read_latency.si()),
                    time_words(s.write_latency.si()), energy_words(s.read_energy.si()), energy_words(s.write_energy.si()), power_words(s.leakage.si()),
                    bandwidth_words(s.read_bytes_per_second), bandwidth_words(s.write_bytes_per_second), retention_words(s)});
    std::string choice = fmt::format("{}: {}", technology::name_of(s.technology), choices_text(answer));
    if (s.retention) choice += fmt::format("; retention {}", s.retention_source);
    if (!answer.design.sram_leakage.empty()) choice += fmt::format(" ({})", sram_leakage_source(answer.design.sram_leakage));
    if (std::find(choices.begin(), choices.end(), choice) == choices.end()) choices.push_back(std::move(choice));
  }
  std::string text = columns_text(rows, 1) + "\n";
  for (const std::string& choice : choices) text += choice + "\n";
  return text;
}

std::string to_csv(const std::vector<MemoryAnswer>& answers) {
  std::string text = "tech,capacity_bytes,word_bits,node_nm,temperature_k,transistors,target,cell,device,sram_leakage";
  if (answers.empty()) return text + "\n";
  const Json keys = figures_json(answers.front().sheet());
  for (const auto& [key, value] : keys.items()) text += "," + key;
  text += "\n";
  for (const MemoryAnswer& answer : answers) {
    const technology::ArrayRequest& r = answer.question.array;
    const MemoryDataSheet& s = answer.sheet();
    // Names are ours or a file's: a comma in one would shift its row.
    std::string cell = answer.cell.name;
    std::replace(cell.begin(), cell.end(), ',', '_');
    text += fmt::format("{},{},{},{},{},{},{},{},{},{}", technology::name_of(s.technology), s.capacity_bytes, s.word_bits, nanometres(r.node),
                        r.temperature.in(1_K), technology::name_of(r.transistors), technology::name_of(r.target), cell, answer.question.device,
                        answer.design.sram_leakage);
    const Json figures = figures_json(s);
    for (const auto& [key, value] : figures.items()) text += "," + csv_number(value);
    text += "\n";
  }
  return text;
}

}  // namespace spinvp::platform
