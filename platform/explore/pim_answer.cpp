#include "platform/explore/pim_answer.h"

#include <algorithm>

#include <fmt/format.h>

#include "platform/explore/pim_values.h"
#include "platform/report/words.h"

namespace spinvp::platform {

namespace {

using Json = nlohmann::ordered_json;
using pim::CellEvent;

// A count that is held in halves: whole where it is.
Json count(std::uint64_t halves) { return halves % 2 == 0 ? Json(halves / 2) : Json(static_cast<double>(halves) / 2); }
Json whole_or_not(double value) {
  return value == static_cast<double>(static_cast<std::int64_t>(value)) ? Json(static_cast<std::int64_t>(value)) : Json(value);
}
std::string count_words(std::uint64_t halves) { return halves % 2 == 0 ? fmt::format("{}", halves / 2) : fmt::format("{}.5", halves / 2); }
std::uint64_t all_halves(const pim::StepCounts& s) { return s.reads + s.writes + s.searches + s.nors + s.inits; }

const char* words_of(pim::Semantics semantics) { return semantics == pim::Semantics::ieee ? "ieee" : "published"; }
const char* words_of(pim::Rounding rounding) { return rounding == pim::Rounding::nearest_even ? "nearest-even" : "truncate"; }

// Closed forms count NOR and initialisation steps together; executed ones do, too, and say apart how many were initialisations.
Json steps_json(const pim::StepCounts& s) {
  return {{"reads", count(s.reads)},      {"writes", count(s.writes)},    {"searches", count(s.searches)}, {"nor_steps", count(s.nors + s.inits)},
          {"init_steps", count(s.inits)}, {"steps", count(all_halves(s))}};
}

Json cost_json(const OperationCost& cost) {
  Json j = steps_json(cost.counts.steps);
  j["latency_ns"] = cost.latency_ns;
  j["energy_pj"] = cost.energy_pj;
  j["leakage_pj"] = cost.leakage_pj;
  return j;
}

Json events_json(const LaneEvents& events) {
  Json j = Json::object();
  for (std::size_t i = 0; i < events.counts.size(); ++i) {
    const auto event = static_cast<CellEvent>(i);
    const bool flip = event == CellEvent::write_flip || event == CellEvent::nor_flip || event == CellEvent::init_flip;
    j[pim::name_of(event)] = flip && !events.flips_known ? Json() : whole_or_not(events[event]);
  }
  return j;
}

// "mul fp32", "convert fp32 to bf16".
std::string title(const PimOperation& operation) {
  std::string text = operation_name(operation) + " " + format_name(operation);
  if (operation.is_conversion()) text += " to " + pim::name_of(operation.arithmetic.format);
  return text;
}

std::string column_name(const OperationCost& cost) { return cost.counts.kind == CountsKind::published ? "published" : "executed"; }

std::string area_words(double um2) { return fmt::format("{:#.4g} um2", um2); }

struct Line {
  std::string label;
  std::string (*text)(const OperationCost&);
};

std::string event_words(const OperationCost& cost, CellEvent event, bool flips = false) {
  if (flips && !cost.counts.events.flips_known) return "not published";
  const double value = cost.counts.events[event];
  return value == static_cast<double>(static_cast<std::int64_t>(value)) ? fmt::format("{}", static_cast<std::int64_t>(value)) : fmt::format("{:.1f}", value);
}

const std::vector<Line>& lines() {
  static const std::vector<Line> all{
      {"steps", [](const OperationCost& c) { return count_words(all_halves(c.counts.steps)); }},
      {"  row reads", [](const OperationCost& c) { return count_words(c.counts.steps.reads); }},
      {"  row writes", [](const OperationCost& c) { return count_words(c.counts.steps.writes); }},
      {"  searches", [](const OperationCost& c) { return count_words(c.counts.steps.searches); }},
      {"  NOR steps", [](const OperationCost& c) { return count_words(c.counts.steps.nors + c.counts.steps.inits); }},
      {"    initialisations", [](const OperationCost& c) { return count_words(c.counts.steps.inits); }},
      {"latency", [](const OperationCost& c) { return time_words(c.latency_ns * 1e-9); }},
      {"energy of a lane", [](const OperationCost& c) { return energy_words(c.energy_pj * 1e-12); }},
      {"cells of a lane",
       [](const OperationCost& c) {
         const auto& cells = c.counts.cells;
         return cells ? fmt::format("{} ({} operands)", (*cells)[0] + (*cells)[1], (*cells)[0]) : std::string("not published");
       }},
      {"  their area", [](const OperationCost& c) { return c.cell_area_um2 ? area_words(*c.cell_area_um2) : std::string("-"); }},
      {"  with circuits", [](const OperationCost& c) { return c.array_area_um2 ? area_words(*c.array_area_um2) : std::string("-"); }},
      {"cells read", [](const OperationCost& c) { return event_words(c, CellEvent::read_cell); }},
      {"cells written", [](const OperationCost& c) { return event_words(c, CellEvent::write_cell); }},
      {"  that flip", [](const OperationCost& c) { return event_words(c, CellEvent::write_flip, true); }},
      {"cells searched", [](const OperationCost& c) { return event_words(c, CellEvent::search_cell); }},
      {"NOR outputs", [](const OperationCost& c) { return event_words(c, CellEvent::nor_cell); }},
      {"  that flip", [](const OperationCost& c) { return event_words(c, CellEvent::nor_flip, true); }},
      {"cells initialised", [](const OperationCost& c) { return event_words(c, CellEvent::init_cell); }},
      {"  that flip", [](const OperationCost& c) { return event_words(c, CellEvent::init_flip, true); }},
  };
  return all;
}

// The executed counts of an answer; null where it has none.
const OperationCounts* executed(const PimAnswer& answer) {
  if (answer.cost.counts.kind == CountsKind::microprogram) return &answer.cost.counts;
  return answer.other && answer.other->counts.kind == CountsKind::microprogram ? &answer.other->counts : nullptr;
}

}  // namespace

Json to_json(const PimAnswer& answer) {
  const PimOperation& operation = answer.operation;
  const OperationCost& cost = answer.cost;
  const auto& cells = cost.counts.cells;
  Json j{{"op", operation_name(operation)}, {"format", format_name(operation)}};
  if (operation.is_conversion()) j["to"] = pim::name_of(operation.arithmetic.format);
  j["family"] = answer.family;
  j["semantics"] = operation.is_integer() ? Json() : Json(words_of(operation.arithmetic.semantics));
  j["rounding"] = operation.is_integer() ? Json() : Json(words_of(operation.arithmetic.rounding));
  j["counts"] = name_of(cost.counts.kind);
  j["counts_source"] = cost.counts.source;
  j["regime"] = cost.regime;
  j["boundary"] = cost.boundary;
  j["scalar"] = answer.scalar ? Json(hex({*answer.scalar, 0}, operand_bits(operation).b)) : Json();
  j.update(cost_json(cost));
  j["cells"] = cells ? Json((*cells)[0] + (*cells)[1]) : Json();
  j["operand_cells"] = cells ? Json((*cells)[0]) : Json();
  j["work_cells"] = cells ? Json((*cells)[1]) : Json();
  j["cell_area_um2"] = cost.cell_area_um2 ? Json(*cost.cell_area_um2) : Json();
  j["array_area_um2"] = cost.array_area_um2 ? Json(*cost.array_area_um2) : Json();
  j["events"] = events_json(cost.counts.events);
  if (answer.full_array) j["full_array"] = cost_json(*answer.full_array);
  j["constants"] = Json::array();
  j["sections"] = Json::array();
  for (const auto& [part, steps] : cost.counts.sections) {
    Json section{{"name", part}};
    section.update(steps_json(steps));
    j["sections"].push_back(std::move(section));
  }
  for (const core::Constant& c : cost.constants) j["constants"].push_back({{"name", c.name}, {"value", c.value}, {"unit", c.unit}, {"source", c.source}});
  return j;
}

std::string to_text(const PimAnswer& answer) {
  const PimOperation& operation = answer.operation;
  std::string text = fmt::format("{} on {}", title(operation), answer.family);
  if (!operation.is_integer()) text += fmt::format(", {} {}", words_of(operation.arithmetic.semantics), words_of(operation.arithmetic.rounding));
  if (answer.scalar) text += fmt::format(", all lanes times {}", hex({*answer.scalar, 0}, operand_bits(operation).b));
  text += fmt::format("; regime {}, boundary {}\n\n", answer.cost.regime, answer.cost.boundary);

  std::vector<const OperationCost*> columns{&answer.cost};
  if (answer.other) columns.push_back(&*answer.other);
  if (answer.full_array) columns.push_back(&*answer.full_array);
  std::vector<std::vector<std::string>> rows{{""}};
  for (const OperationCost* cost : columns) rows[0].push_back(answer.full_array && cost == &*answer.full_array ? "published, full array" : column_name(*cost));
  for (const Line& line : lines()) {
    rows.push_back({line.label});
    for (const OperationCost* cost : columns) rows.back().push_back(line.text(*cost));
  }
  text += columns_text(rows, 1);

  text += "\n";
  for (std::size_t i = 0; i < columns.size() && i < 2; ++i)
    if (!answer.full_array || columns[i] != &*answer.full_array) text += fmt::format("{} counts are {}\n", column_name(*columns[i]), columns[i]->counts.source);
  std::vector<std::vector<std::string>> constants;
  std::string last_source;
  for (const core::Constant& c : answer.cost.constants) {
    if (c.name == "feature") break;  // the physics from here on: with --json
    const bool again = !constants.empty() && c.source == last_source;
    constants.push_back({c.name, fmt::format("{:.4g} {}", c.value, c.unit), again ? "as above" : c.source});
    last_source = c.source;
  }
  return text + (constants.empty() ? "" : "\n") + columns_text(constants, 3);
}

std::string section_table(const std::vector<PimAnswer>& all) {
  // Published and executed counts of a family may be answers of their own.
  std::vector<const PimAnswer*> answers;
  for (const PimAnswer& answer : all)
    if (executed(answer) != nullptr && std::none_of(answers.begin(), answers.end(), [&](const PimAnswer* known) { return known->family == answer.family; }))
      answers.push_back(&answer);
  std::vector<std::string> parts;
  for (const PimAnswer* answer : answers) {
    if (title(answer->operation) != title(answers.front()->operation)) return {};
    for (const auto& [part, steps] : executed(*answer)->sections)
      if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
  }
  if (parts.size() < 2) return {};
  std::vector<std::vector<std::string>> rows{{"where the steps go"}};
  for (const PimAnswer* answer : answers) rows.front().push_back(answer->family);
  for (const std::string& part : parts) {
    std::vector<std::string> row{"  " + (part.empty() ? std::string("(unnamed)") : part)};
    for (const PimAnswer* answer : answers) {
      std::uint64_t halves = 0;
      for (const auto& [known, steps] : executed(*answer)->sections)
        if (known == part) halves = all_halves(steps);
      row.push_back(count_words(halves));
    }
    rows.push_back(std::move(row));
  }
  return columns_text(rows, 1);
}

std::string to_table(const std::vector<PimAnswer>& answers) {
  std::vector<std::vector<std::string>> rows{{"op", "format", "family", "counts", "steps", "latency", "energy/lane", "cells", "area/lane"}};
  for (const PimAnswer& answer : answers) {
    const OperationCost& c = answer.cost;
    const auto cells = c.counts.cells_of_a_lane();
    rows.push_back({operation_name(answer.operation), format_name(answer.operation), answer.family, column_name(c), count_words(all_halves(c.counts.steps)),
                    time_words(c.latency_ns * 1e-9), energy_words(c.energy_pj * 1e-12), cells ? fmt::format("{}", *cells) : "-",
                    c.array_area_um2 ? area_words(*c.array_area_um2) : "-"});
  }
  return fmt::format("regime {}, boundary {}\n\n", answers.front().cost.regime, answers.front().cost.boundary) + columns_text(rows, 4);
}

std::string listing_header(const pim::MicroProgram& program) {
  const pim::StepCounts s = program.counts();
  std::string windows = fmt::format("a {} rows", program.a_rows);
  if (program.b_rows > 0) windows += fmt::format(", b {} rows", program.b_rows);
  return fmt::format("# {}\n# windows: {}, d {} rows{}, work {} rows\n# steps: {} reads, {} writes, {} searches, {} NOR, {} initialisations\n", program.name,
                     windows, program.d_rows, program.reads_d ? " (read, too)" : "", program.work_rows, count_words(s.reads), count_words(s.writes),
                     count_words(s.searches), count_words(s.nors), count_words(s.inits));
}

}  // namespace spinvp::platform
