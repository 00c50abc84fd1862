// How well the array model does: its agreement with another array tool, and its validation against published silicon and macros.
//
// Agreement is no validation: the other tool is a model as well. Each row of a table is one published or swept macro; what is not printed there is absent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace spinvp::platform {

struct ValidationFigure {
  std::string name, unit;  // "read", "ns"
  double reference = 0, computed = 0;
  [[nodiscard]] double deviation() const { return computed / reference - 1; }
};

struct ValidationRow {
  std::string macro, source;  // what it is; where its figures come from
  std::vector<ValidationFigure> figures;
};

std::vector<ValidationRow> agreement_rows();
std::vector<ValidationRow> validation_rows();

nlohmann::ordered_json validation_json();
std::string validation_text();

}  // namespace spinvp::platform
