// `--profile FILE`: what each firmware function and call stack costs in time, instructions and energy of its hart.
//
//   FILE         collapsed stacks, one a line: `main;conv;dot 1234`, the weight in nanoseconds spent in the innermost function itself; flame-graph tools read it
//   FILE.table   the same as two tables for people: functions, and the tree of calls
//
// Time is simulated and holds stalls and sleep. Energy is the hart's own, instructions and static power together; what engines spend meanwhile is theirs (regions and kernels of report.json).
// Every cycle, instruction and joule stands in exactly one function: the sums are those of report.json.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "models/riscv/call_profile.h"
#include "models/riscv/hart_config.h"
#include "platform/debug/symbols.h"

namespace spinvp::platform {

// Where the functions of an ELF lie, for riscv::CallProfile.
riscv::FunctionRanges function_ranges(const Symbols& symbols);

// The call tree of one hart with names: calls of the same function from the same caller are one node.
class NamedProfile {
 public:
  struct Cost {
    std::uint64_t time_ps = 0, wait_ps = 0;
    std::array<std::uint64_t, riscv::energy_classes> instructions{};
    [[nodiscard]] std::uint64_t instruction_count() const { return instructions[0] + instructions[1] + instructions[2] + instructions[3]; }
    Cost& operator+=(const Cost& other);
  };
  struct Node {
    std::string name;
    std::uint64_t address = 0;  // of the function
    std::size_t parent = 0;
    std::vector<std::size_t> children;  // by name
    std::uint64_t calls = 0;
    Cost own, total;  // total: with all that it called
  };
  struct Function {
    std::string name;
    std::uint64_t address = 0, calls = 0;
    Cost own, total;  // total: a recursive call counts once
  };

  // After the profile is finished.
  NamedProfile(std::string hart, const riscv::CallProfile& profile, const Symbols& symbols, const riscv::HartConfig& config);
  // Node 0 is the root, above the first function. Parents before children.
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] std::vector<Function> functions() const;  // most own time first
  [[nodiscard]] double energy_j(const Cost& cost) const;

  // `prefix` ("hart0;") stands before each stack.
  void write_collapsed(std::ostream& out, const std::string& prefix) const;
  void write_tables(std::ostream& out, const Symbols& symbols) const;

 private:
  std::string hart_;
  std::array<double, riscv::energy_classes> instruction_j_;
  double on_w_, gated_w_;
  std::vector<Node> nodes_;

  void sum_up();
  // In order of the calls' names: visit(node, path so far, depth).
  void walk(std::size_t node, std::string& path, unsigned depth, const std::function<void(std::size_t, const std::string&, unsigned)>& visit) const;
};

}  // namespace spinvp::platform
