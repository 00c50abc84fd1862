// What one failed write or one disturbed read does to the result of a multiply-accumulate, at a cell drawn uniformly of those that the lane drives or senses.
// Prints the tables of README.md.
#include <array>
#include <bit>
#include <cmath>
#include <string>

#include <fmt/format.h>
#include <systemc>

#include "models/abi/counter_hash.h"
#include "models/pim/lane_machine.h"
#include "models/pim/logic_faults.h"
#include "models/pim/program_set.h"

using namespace spinvp::pim;

namespace {

constexpr std::uint64_t all_guards = ~std::uint64_t{0};
constexpr Placement at = ProgramSet::placement;
constexpr unsigned draws = 20000, parts = 10;

class Draw {
 public:
  std::uint64_t next() { return spinvp_counter_hash(0x9e3779b9, count_++); }
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  // Sign and mantissa uniform, magnitude from 2^-6 to 2: of the order of a trained network's activations, weights and sums.
  std::uint32_t number() { return static_cast<std::uint32_t>((next() & 0x807fffffu) | ((121 + below(7)) << 23)); }

 private:
  std::uint64_t count_ = 0;
};

struct Operands {
  std::uint32_t a, b, d;
  std::uint64_t residue;
};

struct Outcome {
  std::uint32_t result;
  LaneMachine::Struck struck;
};
Outcome run(ProgramSet& programs, const MicroProgram& program, const Operands& o, std::span<const StepFault> faults) {
  LaneMachine machine(program, programs.rows());
  for (unsigned row = at.work; row < programs.rows(); row += 64) machine.put(row, std::min(64u, programs.rows() - row), spinvp_counter_hash(o.residue, row));
  machine.put(at.a, 32, o.a), machine.put(at.b, 32, o.b), machine.put(at.d, 32, o.d);
  const auto struck = machine.run(all_guards, faults);
  return {static_cast<std::uint32_t>(machine.get(at.d, 32)), struck};
}

struct Tally {
  unsigned struck = 0, wrong = 0, huge = 0;
  std::array<unsigned, 6> by_error{};  // of the wrong ones, relative error below 1e-6, 1e-3, 0.1, 1, 1e6, and above or not finite
  void add(const Outcome& outcome, std::uint32_t right) {
    if (outcome.struck.writes + outcome.struck.reads == 0) return;
    ++struck;
    if (outcome.result == right) return;
    ++wrong;
    const double want = static_cast<double>(std::bit_cast<float>(right)), got = static_cast<double>(std::bit_cast<float>(outcome.result));
    const double error = std::abs(got - want) / std::abs(want);
    constexpr double limits[] = {1e-6, 1e-3, 0.1, 1, 1e6};
    std::size_t i = 0;
    while (i < 5 && !(error < limits[i])) ++i;
    ++by_error[i];
    if (i >= 4) ++huge;
  }
};

double percent(unsigned part, unsigned whole) { return whole == 0 ? 0 : 100.0 * part / whole; }

}  // namespace

int sc_main(int, char*[]) {
  fmt::print(
      "| family | fault | cells of a lane | of these driven or sensed | result unchanged | error < 1e-6 | < 1e-3 | < 0.1 | < 1 | < 1e6 | more, or not finite "
      "|\n|---|---|---|---|---|---|---|---|---|---|---|\n");
  std::string by_part;
  for (const LogicFamily& family : logic_families()) {
    ProgramSet programs(family, {}, 1024);
    const MicroProgram& program = programs.program(FloatOperation::multiply_accumulate).program();
    const double product = static_cast<double>(programs.program(FloatOperation::multiply).program().steps.size()) / static_cast<double>(program.steps.size());
    const FaultSites sites(program);
    for (const bool write : {true, false}) {
      Draw draw;
      Tally whole;
      std::array<Tally, parts> part;
      const std::uint64_t cells = write ? sites.count(all_guards).driven : sites.count(all_guards).sensed;
      if (cells == 0) continue;
      for (unsigned n = 0; n < draws; ++n) {
        const Operands o{draw.number(), draw.number(), draw.number(), draw.next()};
        const std::uint64_t cell = draw.below(cells);
        const FaultSites::Site& site = write ? sites.driven(cell, all_guards) : sites.sensed(cell, all_guards);
        const StepFault fault{site.step, site.cell, write ? StepFault::Kind::write_failure : StepFault::Kind::read_disturb};
        const std::uint32_t right = run(programs, program, o, {}).result;
        const Outcome outcome = run(programs, program, o, {&fault, 1});
        whole.add(outcome, right);
        part[std::uint64_t{site.step} * parts / program.steps.size()].add(outcome, right);
      }
      fmt::print("| {} | {} | {} | {:.0f} % | {:.1f} % |", family.name, write ? "failed write" : "disturbed read", cells, percent(whole.struck, draws),
                 percent(whole.struck - whole.wrong, whole.struck));
      for (const unsigned count : whole.by_error) fmt::print(" {:.1f} % |", percent(count, whole.struck));
      fmt::print("\n");
      if (family.name == "sot") {
        by_part += fmt::format("\nsot, {}, by tenth of the program's {} steps; the product takes the first {:.0f} %\n\n| tenth |",
                               write ? "failed write" : "disturbed read", program.steps.size(), 100 * product);
        for (unsigned i = 1; i <= parts; ++i) by_part += fmt::format(" {} |", i);
        by_part += "\n|---|" + [] {
          std::string s;
          for (unsigned i = 0; i < parts; ++i) s += "---|";
          return s;
        }() + "\n| result wrong, % |";
        for (const Tally& t : part) by_part += fmt::format(" {:.0f} |", percent(t.wrong, t.struck));
        by_part += "\n| wrong by its own size or more, % |";
        for (const Tally& t : part) by_part += fmt::format(" {:.1f} |", percent(t.huge, t.struck));
        by_part += "\n";
      }
    }
  }
  fmt::print("{}", by_part);
  return 0;
}
