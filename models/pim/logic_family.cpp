#include "models/pim/logic_family.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/core/error.h"

namespace spinvp::pim {

namespace {
std::vector<LogicFamily>& registry() {
  static std::vector<LogicFamily> families;
  return families;
}
}  // namespace

FamilyRegistration::FamilyRegistration(LogicFamily family) {
  auto& all = registry();
  all.insert(std::upper_bound(all.begin(), all.end(), family, [](const LogicFamily& a, const LogicFamily& b) { return a.name < b.name; }), std::move(family));
}

const std::vector<LogicFamily>& logic_families() { return registry(); }

std::vector<std::string> logic_family_names() {
  std::vector<std::string> names;
  for (const LogicFamily& family : registry()) names.push_back(family.name);
  return names;
}

const LogicFamily& logic_family(const std::string& name) {
  for (const LogicFamily& family : registry())
    if (family.name == name) return family;
  throw core::InputError(fmt::format("pim: no logic family is called '{}', allowed are {}", name, fmt::join(logic_family_names(), ", ")));
}

}  // namespace spinvp::pim
