// What `spinvp memory --validate` says: how well the array model does, as technology/array_tables.h holds it against other figures.
//
// Agreement is no validation: the other tool is a model as well. It is shown twice: with the organisations that the other tool chose, and with those that our search finds best.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace spinvp::platform {

// agreement, agreement_own_search, validation: rows of {row, figure, unit, ours, published, ratio, least, most, inside, source}.
nlohmann::ordered_json validation_json();
std::string validation_text();

}  // namespace spinvp::platform
