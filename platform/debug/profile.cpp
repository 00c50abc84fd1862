#include "platform/debug/profile.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ostream.h>

namespace spinvp::platform {

riscv::FunctionRanges function_ranges(const Symbols& symbols) {
  std::vector<riscv::FunctionRanges::Range> ranges;
  for (const NamedRange& function : symbols.functions())
    if (function.end > function.start) ranges.push_back({function.start, function.end});
  return riscv::FunctionRanges(std::move(ranges));
}

NamedProfile::Cost& NamedProfile::Cost::operator+=(const Cost& other) {
  time_ps += other.time_ps;
  wait_ps += other.wait_ps;
  for (std::size_t c = 0; c < instructions.size(); ++c) instructions[c] += other.instructions[c];
  return *this;
}

NamedProfile::NamedProfile(std::string hart, const riscv::CallProfile& profile, const Symbols& symbols, const riscv::HartConfig& config)
    : hart_(std::move(hart)),
      instruction_j_{config.energy_simple.si(), config.energy_memory.si(), config.energy_multiply_divide.si(), config.energy_float.si()},
      on_w_(config.power_on.si()),
      gated_w_(config.power_clock_gated.si()) {
  nodes_.emplace_back();
  // Raw nodes come parents first; several of them (two entries of one function) may be one here.
  std::vector<std::size_t> place(profile.nodes().size());
  std::map<std::pair<std::size_t, std::string>, std::size_t> by_name;
  for (std::size_t raw = 1; raw < profile.nodes().size(); ++raw) {
    const riscv::CallProfile::Node& node = profile.nodes()[raw];
    const NamedRange* function = symbols.function_at(node.entry);
    const bool collector = node.depth == 0;
    std::string name = collector ? "(deeper)" : function != nullptr ? function->name : fmt::format("{:#x}", node.entry);
    const std::size_t parent = place[node.parent->number];
    const auto [found, fresh] = by_name.emplace(std::pair{parent, name}, nodes_.size());
    if (fresh) {
      nodes_[parent].children.push_back(nodes_.size());
      Node& added = nodes_.emplace_back();
      added.name = std::move(name);
      added.address = function != nullptr ? function->start : node.entry;
      added.parent = parent;
    }
    place[raw] = found->second;
    Node& named = nodes_[found->second];
    named.calls += node.calls;
    named.own += {node.own.time_ps, node.own.wait_ps, node.own.instructions};
  }
  sum_up();
}

void NamedProfile::sum_up() {
  for (Node& node : nodes_) {
    node.total = node.own;
    std::sort(node.children.begin(), node.children.end(), [this](std::size_t a, std::size_t b) { return nodes_[a].name < nodes_[b].name; });
  }
  for (std::size_t i = nodes_.size(); i-- > 1;) nodes_[nodes_[i].parent].total += nodes_[i].total;
}

double NamedProfile::energy_j(const Cost& cost) const {
  double joules = static_cast<double>(cost.time_ps - cost.wait_ps) * 1e-12 * on_w_ + static_cast<double>(cost.wait_ps) * 1e-12 * gated_w_;
  for (std::size_t c = 0; c < instruction_j_.size(); ++c) joules += static_cast<double>(cost.instructions[c]) * instruction_j_[c];
  return joules;
}

std::vector<NamedProfile::Function> NamedProfile::functions() const {
  std::map<std::string, Function> by_name;
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    Function& function = by_name[node.name];
    function.name = node.name;
    function.address = node.address;
    function.calls += node.calls;
    function.own += node.own;
    bool inside_itself = false;
    for (std::size_t above = node.parent; above != 0 && !inside_itself; above = nodes_[above].parent) inside_itself = nodes_[above].name == node.name;
    if (!inside_itself) function.total += node.total;
  }
  std::vector<Function> functions;
  for (auto& [name, function] : by_name) functions.push_back(std::move(function));
  std::stable_sort(functions.begin(), functions.end(), [](const Function& a, const Function& b) { return a.own.time_ps > b.own.time_ps; });
  return functions;
}

void NamedProfile::walk(std::size_t at, std::string& path, unsigned depth, const std::function<void(std::size_t, const std::string&, unsigned)>& visit) const {
  for (const std::size_t child : nodes_[at].children) {
    const std::size_t length = path.size();
    path += (depth == 0 ? "" : ";") + nodes_[child].name;
    visit(child, path, depth);
    walk(child, path, depth + 1, visit);
    path.resize(length);
  }
}

void NamedProfile::write_collapsed(std::ostream& out, const std::string& prefix) const {
  // Weights are whole nanoseconds whose sum is that of the time: each line has what the sum so far grows by.
  std::uint64_t before_ps = 0;
  std::string path;
  walk(0, path, 0, [&](std::size_t node, const std::string& stack, unsigned) {
    const std::uint64_t after_ps = before_ps + nodes_[node].own.time_ps, weight = after_ps / 1000 - before_ps / 1000;
    before_ps = after_ps;
    if (weight != 0) fmt::print(out, "{}{} {}\n", prefix, stack, weight);
  });
}

void NamedProfile::write_tables(std::ostream& out, const Symbols& symbols) const {
  const Cost& all = nodes_[0].total;
  const auto share = [&](std::uint64_t ps) { return all.time_ps == 0 ? 0.0 : 100.0 * static_cast<double>(ps) / static_cast<double>(all.time_ps); };
  const auto ns = [](std::uint64_t ps) { return static_cast<double>(ps) * 1e-3; };
  const auto row = [&](const Cost& own, const Cost& total, std::uint64_t calls, const std::string& name) {
    fmt::print(out, "{:>15.3f} {:>6.2f} {:>15.3f} {:>6.2f} {:>15.3f} {:>13} {:>14.3f} {:>14.3f} {:>10}  {}\n", ns(own.time_ps), share(own.time_ps),
               ns(total.time_ps), share(total.time_ps), ns(own.wait_ps), own.instruction_count(), energy_j(own) * 1e9, energy_j(total) * 1e9, calls, name);
  };
  const auto head = [&](const char* what) {
    fmt::print(out, "{:>15} {:>6} {:>15} {:>6} {:>15} {:>13} {:>14} {:>14} {:>10}  {}\n", "self ns", "self%", "total ns", "total%", "asleep ns", "instructions",
               "self nJ", "total nJ", "calls", what);
  };
  fmt::print(out, "# {}: {:.3f} us, of which {:.3f} us asleep; {} instructions; {:.6f} uJ of this hart\n", hart_, ns(all.time_ps) * 1e-3,
             ns(all.wait_ps) * 1e-3, all.instruction_count(), energy_j(all) * 1e6);
  head("function");
  for (const Function& function : functions()) {
    const NamedRange* range = symbols.function_at(function.address);
    const auto line = range != nullptr ? symbols.definition_of(*range) : std::nullopt;
    row(function.own, function.total, function.calls, line ? fmt::format("{} ({}:{})", function.name, line->file, line->line) : function.name);
  }
  fmt::print(out, "\n# {}: calls\n", hart_);
  head("call tree");
  std::string path;
  walk(0, path, 0, [&](std::size_t node, const std::string&, unsigned depth) {
    row(nodes_[node].own, nodes_[node].total, nodes_[node].calls, std::string(2 * std::min(depth, 64u), ' ') + nodes_[node].name);
  });
}

}  // namespace spinvp::platform
