// The attributes of a node, by name: whole numbers, reals, texts and lists of them, as ONNX has them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace spinvp::workloads {

using Attribute = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>>;

class Attributes {
 public:
  void set(const std::string& name, Attribute value) { values_[name] = std::move(value); }
  [[nodiscard]] const Attribute* find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const std::map<std::string, Attribute, std::less<>>& all() const { return values_; }

 private:
  std::map<std::string, Attribute, std::less<>> values_;
};

}  // namespace spinvp::workloads
