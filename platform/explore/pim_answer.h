// What `spinvp pim` says about an operation: as a JSON document, as a page for people, as rows of a comparison.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "platform/explore/pim_cost.h"

namespace spinvp::platform {

struct PimAnswer {
  std::string family;
  PimOperation operation;
  std::optional<std::uint64_t> scalar = {};      // the shared multiplier
  OperationCost cost = {};                       // as asked for
  std::optional<OperationCost> other = {};       // the other kind of count, where there is one
  std::optional<OperationCost> full_array = {};  // the closed form with all partial products
};

nlohmann::ordered_json to_json(const PimAnswer& answer);
std::string to_text(const PimAnswer& answer);
// One line an operation, format, family and kind of count.
std::string to_table(const std::vector<PimAnswer>& answers);
// Which part of the procedure takes how many steps, a column a family; empty unless all answers are executed counts of one operation.
std::string section_table(const std::vector<PimAnswer>& answers);
// What stands above a listing.
std::string listing_header(const pim::MicroProgram& program);

}  // namespace spinvp::platform
