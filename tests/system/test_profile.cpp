// --profile FILE: a call tree that is known, sums that are those of the report, and a run that stays what it is.
#include <catch2/catch.hpp>

#include <map>
#include <sstream>

#include "program.h"

using namespace spinvp::test;

namespace {

struct Profile {
  Scratch scratch;
  Outcome outcome;
  nlohmann::json report;
  std::map<std::string, std::uint64_t> stacks;
  struct Row {
    double self_ns = 0, total_ns = 0, asleep_ns = 0, instructions = 0, self_nj = 0, calls = 0;
  };
  std::map<std::string, Row> functions;

  explicit Profile(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "run");
    arguments.insert(arguments.end(), {"--profile", scratch.path("stacks"), "--out", scratch.path("out")});
    outcome = spinvp::test::spinvp(arguments);
    INFO(outcome.err);
    report = spinvp::test::report(scratch.path("out"));
    std::istringstream lines(contents(scratch.path("stacks"))), table(contents(scratch.path("stacks.table")));
    for (std::string line; std::getline(lines, line);) {
      const std::size_t space = line.rfind(' ');
      REQUIRE(space != std::string::npos);
      CHECK(stacks.emplace(line.substr(0, space), std::stoull(line.substr(space + 1))).second);
    }
    std::string line;
    std::getline(table, line);
    std::getline(table, line);
    while (std::getline(table, line) && !line.empty()) {
      std::istringstream fields(line);
      Row row;
      double share = 0, total_nj = 0;
      std::string name;
      fields >> row.self_ns >> share >> row.total_ns >> share >> row.asleep_ns >> row.instructions >> row.self_nj >> total_nj >> row.calls >> name;
      functions[name] = row;
    }
  }
  [[nodiscard]] double sum(double Row::*column) const {
    double total = 0;
    for (const auto& [name, row] : functions) total += row.*column;
    return total;
  }
};

}  // namespace

TEST_CASE("The call tree that the source has: stacks, calls, a tail call, recursion, a long jump, an interrupt") {
  const Profile run({"--firmware", SPINVP_CALL_TREE});
  REQUIRE(run.outcome.status == 0);
  const std::string main = "_start;firmware_main;main";
  for (const char* stack : {";conv;dot", ";dot", ";by_tail", ";tail", ";factorial;factorial;factorial;factorial;factorial;factorial;factorial", ";pointed",
                            ";throws;throws;throws;throws;throws;longjmp", ";clint_sleep;interrupts_sleep_until;trap_entry;trap_dispatch"}) {
    INFO(stack);
    CHECK(run.stacks.count(main + stack) == 1);
  }
  CHECK(run.functions.at("conv").calls == 3);
  CHECK(run.functions.at("dot").calls == 16);
  CHECK(run.functions.at("tail").calls == 1);
  CHECK(run.functions.at("factorial").calls == 7);
  CHECK(run.functions.at("pointed").calls == 7);
  CHECK(run.functions.at("throws").calls == 5);
  // dot's loop: 4 instructions a round (mul, addi, add, bne), 15 times 1000 rounds and 10 more.
  CHECK(run.functions.at("dot").instructions >= 4 * 15010);
  CHECK(run.functions.at("dot").instructions <= 4 * 15010 + 16 * 10);
  // Recursion counts once: all of factorial is one call's total, and a part of main's.
  CHECK(run.functions.at("factorial").total_ns == Approx(run.functions.at("factorial").self_ns));
  CHECK(run.functions.at("conv").total_ns > run.functions.at("conv").self_ns + 15 * 4 * 1000);
  // 20 ticks of 100 ns, asleep.
  CHECK(run.functions.at("interrupts_sleep_until").asleep_ns > 1800);
  CHECK(run.functions.at("interrupts_sleep_until").asleep_ns <= 2000);
}

TEST_CASE("The sums over functions are the report's: time, instructions, energy") {
  const Profile run({"--app", "bringup"});
  REQUIRE(run.outcome.status == 0);
  const auto& hart = run.report["harts"][0];
  CHECK(run.sum(&Profile::Row::instructions) == hart["instructions"].get<double>());
  const double worked_ns = hart["cycles"].get<double>(), asleep_ns = hart["wait_s"].get<double>() * 1e9;
  CHECK(run.sum(&Profile::Row::asleep_ns) == Approx(asleep_ns).epsilon(1e-9));
  std::uint64_t stacked = 0;
  for (const auto& [stack, ns] : run.stacks) stacked += ns;
  CHECK(static_cast<double>(stacked) == Approx(run.sum(&Profile::Row::self_ns)).margin(1));
  CHECK(run.sum(&Profile::Row::self_ns) >= worked_ns);
  const auto& component = run.report["components"]["hart0"];
  CHECK(run.sum(&Profile::Row::self_nj) == Approx(1e9 * (component["dynamic_j"].get<double>() + component["static_j"].get<double>())).epsilon(1e-4));
}

TEST_CASE("The sums hold where the run is cut off, in the midst of a device access or a sleep") {
  const double end_ns = 1e9 * Profile({"--firmware", SPINVP_CALL_TREE}).report["simulated_s"].get<double>();
  // The end is a line on the console: a UART access for each character, some 50 ns apart.
  for (const int earlier : {100, 150, 200, 1000}) {
    const std::string limit = std::to_string(static_cast<int>(end_ns) - earlier) + "ns";
    const Profile run({"--firmware", SPINVP_CALL_TREE, "--max-time", limit});
    INFO(limit);
    CHECK(run.outcome.status == 76);
    CHECK(run.sum(&Profile::Row::instructions) == run.report["harts"][0]["instructions"].get<double>());
  }
}

TEST_CASE("A profiled run is the same run, and its profile the same profile") {
  const Profile first({"--app", "bringup"}), second({"--app", "bringup"});
  const Scratch plain;
  CHECK(spinvp::test::spinvp({"run", "--app", "bringup", "--out", plain.path("out")}).status == 0);
  CHECK(comparable_report(plain.path("out")) == comparable_report(first.scratch.path("out")));
  CHECK(contents(first.scratch.path("stacks")) == contents(second.scratch.path("stacks")));
  CHECK(contents(first.scratch.path("stacks.table")) == contents(second.scratch.path("stacks.table")));
}

TEST_CASE("A profile that cannot be written is found before the run: 74") {
  const Scratch scratch;
  const Outcome outcome = spinvp::test::spinvp({"run", "--app", "hello", "--profile", scratch.path("no/such/folder/file"), "--out", scratch.path("out")});
  CHECK(outcome.status == 74);
  CHECK(outcome.out.empty());
  CHECK(outcome.error_lines() == 1);
}
