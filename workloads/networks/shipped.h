// The networks that come with the program: workloads/networks/*.yaml, embedded at build time.
#pragma once

#include <string>
#include <vector>

namespace spinvp::workloads {

struct ShippedNetwork {
  std::string name;  // the file's name without .yaml
  std::string text;
  // Its first comment: one line about it.
  [[nodiscard]] std::string about() const;
};

// By name.
const std::vector<ShippedNetwork>& shipped_networks();
// Null if there is none of that name.
const ShippedNetwork* find_shipped_network(const std::string& name);

}  // namespace spinvp::workloads
