#include "workloads/networks/shipped.h"

#include <algorithm>

namespace spinvp::workloads {

std::string ShippedNetwork::about() const { return text.starts_with("# ") ? text.substr(2, text.find('\n') - 2) : std::string(); }

const ShippedNetwork* find_shipped_network(const std::string& name) {
  const auto& all = shipped_networks();
  const auto found = std::find_if(all.begin(), all.end(), [&](const ShippedNetwork& n) { return n.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace spinvp::workloads
