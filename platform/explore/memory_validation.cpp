#include "platform/explore/memory_validation.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/technology/array_tables.h"
#include "platform/report/words.h"

namespace spinvp::platform {

namespace {

using Json = nlohmann::ordered_json;
using technology::ArrayComparison;

Json rows_json(const std::vector<ArrayComparison>& rows) {
  Json list = Json::array();
  for (const ArrayComparison& r : rows)
    list.push_back({{"row", r.row},
                    {"figure", r.figure},
                    {"unit", r.unit},
                    {"ours", r.ours},
                    {"published", r.published},
                    {"ratio", r.ratio()},
                    {"least", r.least},
                    {"most", r.most},
                    {"inside", r.inside()},
                    {"source", r.source}});
  return list;
}

// Sources stand below the table, each once, under a number.
std::string rows_text(const std::vector<ArrayComparison>& rows) {
  std::vector<std::vector<std::string>> lines{{"row", "figure", "ours", "published", "ratio", "band", "", "source"}};
  std::vector<std::string> sources;
  for (const ArrayComparison& r : rows) {
    auto source = std::find(sources.begin(), sources.end(), r.source);
    if (source == sources.end()) source = sources.insert(sources.end(), r.source);
    lines.push_back({r.row, r.figure, fmt::format("{:.4g} {}", r.ours, r.unit), fmt::format("{:.4g} {}", r.published, r.unit), fmt::format("{:.2f}", r.ratio()),
                     r.least == 0 ? fmt::format("at most {:.3g}", r.most) : fmt::format("{:.3g}..{:.3g}", r.least, r.most), r.inside() ? "" : "OUTSIDE",
                     fmt::format("[{}]", source - sources.begin() + 1)});
  }
  const ArrayComparison& worst = technology::worst_of(rows);
  std::string text =
      columns_text(lines, 2) + fmt::format("worst, upper bounds aside: {} of {}, {:.2f} times the figure there\n", worst.figure, worst.row, worst.ratio());
  for (std::size_t i = 0; i < sources.size(); ++i) text += fmt::format("[{}] {}\n", i + 1, sources[i]);
  return text;
}

}  // namespace

Json validation_json() {
  return {{"agreement", rows_json(technology::array_agreement(false))},
          {"agreement_own_search", rows_json(technology::array_agreement(true))},
          {"validation", rows_json(technology::array_validation())}};
}

std::string validation_text() {
  return "agreement with an array tool, in the organisations that it chose\n\n" + rows_text(technology::array_agreement(false)) +
         "\nagreement with it, in the organisations that our search finds best\n\n" + rows_text(technology::array_agreement(true)) +
         "\nvalidation against published macros and silicon\n\n" + rows_text(technology::array_validation());
}

}  // namespace spinvp::platform
