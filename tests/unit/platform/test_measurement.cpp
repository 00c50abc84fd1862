// What a finished run comes to: cuts of the same joules, bins of power, and the report with every key.
#include <sstream>

#include <catch2/catch.hpp>

#include "models/core/simulation.h"
#include "platform/measure/measurement.h"
#include "platform/measure/power_trace.h"
#include "platform/report/power_csv.h"
#include "platform/report/report_json.h"
#include "platform/report/summary.h"

using namespace spinvp;
using namespace spinvp::core::literals;
using core::SimTime;

namespace {

// Two components over 25 us in bins of 10 us:
//   a: 1 W static throughout (25 uJ); 3 events of 2 uJ at 1 us outside all regions
//   b: 5 events of 1 uJ at 12 us in train/forward/conv1, spread over 12..22 us
struct Run {
  core::Simulation simulation{3};
  core::ComponentId a = simulation.energy.add_component("a", "dram"), b = simulation.energy.add_component("b", "npu");
  core::KernelTally job;

  Run() {
    simulation.energy.set_power_bin(SimTime::us(10));
    simulation.energy.declare_state(a, "on", 1_W, "assumed: test");
    const auto access = simulation.energy.declare(a, "access", "dram access", 2_uJ, "assumed: test");
    const auto mac = simulation.energy.declare(b, "mac", "multiply-accumulate", 1_uJ, "assumed: test");
    simulation.energy.spend(access, 3, core::no_region, SimTime::us(1));
    for (const char* name : {"train", "forward", "conv1"}) simulation.regions.open(name, SimTime::us(12));
    const core::RegionId region = simulation.regions.current();
    simulation.energy.spend_over(mac, 5, region, SimTime::us(12), SimTime::us(22), &job);
    simulation.kernels.push_back({"gemm", "npu", region, SimTime::us(12), SimTime::us(22), 100, 10, 1, job});
    simulation.kernels.push_back({"copy", "dma", core::no_region, SimTime::us(1), SimTime::us(2), 0, 0, 0, {}});
    for (int i = 0; i < 3; ++i) simulation.regions.close(SimTime::us(22));
  }
  platform::Measurement measured() { return platform::measure(simulation, {{"hart0", 1000, 2000, 3, 1e-6}}, SimTime::us(25)); }
};

}  // namespace

TEST_CASE("Cuts by component, activity, region and phase sum to the total energy") {
  Run run;
  const auto m = run.measured();
  const double total = 25e-6 + 6e-6 + 5e-6;
  CHECK(m.totals.energy_j == Approx(total).epsilon(1e-12));
  double components = 0, activities = 0, regions = 0, phases = 0, times = 0;
  for (const auto& c : m.components) components += c.energy_j();
  for (const auto& [name, joules] : m.activities) activities += joules;
  for (const auto& r : m.regions) regions += r.energy_j, times += r.time_s;
  for (const auto& p : m.phases) phases += p.energy_j;
  for (const double sum : {components, activities, regions, phases}) CHECK(sum == Approx(total).epsilon(1e-12));
  CHECK(times == Approx(25e-6).epsilon(1e-12));
  // forward: 10 us of 1 W static and 5 uJ of the NPU.
  CHECK(m.phases[0].energy_j == Approx(15e-6).epsilon(1e-12));
  CHECK(m.phases[0].time_s == Approx(10e-6));
  CHECK(m.components[1].phase_j[0] == Approx(5e-6).epsilon(1e-12));
  CHECK(m.totals.average_w == Approx(total / 25e-6));
  CHECK(m.totals.energy_delay_js == Approx(total * 25e-6));
}

TEST_CASE("A kernel takes layer and phase from the region of its doorbell") {
  Run run;
  const auto m = run.measured();
  REQUIRE(m.kernels.size() == 2);
  CHECK(m.kernels[0].layer == "conv1");
  CHECK(m.kernels[0].phase == "forward");
  CHECK(m.kernels[0].tally.energy_j == Approx(5e-6));
  CHECK(m.kernels[1].layer.empty());
  CHECK(m.kernels[1].phase.empty());
}

TEST_CASE("Power comes in bins whose energy is the run's, the last one as long as the run still was") {
  Run run;
  const auto m = run.measured();
  const platform::PowerTrace trace(run.simulation.energy, SimTime::us(25));
  REQUIRE(trace.size() == 3);
  // 10 us: 10 uJ static + 6 uJ; 10 us: 10 uJ + 8/10 of 5 uJ; 5 us: 5 uJ + 2/10 of 5 uJ.
  CHECK(trace.bin(0).total_w == Approx(1.6));
  CHECK(trace.bin(1).total_w == Approx(1.4));
  CHECK(trace.bin(2).total_w == Approx(1.2));
  CHECK(trace.bin(2).length_s == Approx(5e-6));
  CHECK(m.totals.peak_w == Approx(1.6));
  double energy = 0;
  for (std::size_t i = 0; i < trace.size(); ++i) energy += trace.bin(i).total_w * trace.bin(i).length_s;
  CHECK(energy == Approx(m.totals.energy_j).epsilon(1e-12));
}

TEST_CASE("What is booked beyond the end counts in the last bin, and a run shorter than a bin peaks at its average") {
  core::Simulation simulation;
  const auto c = simulation.energy.add_component("c", "npu");
  const auto event = simulation.energy.declare(c, "e", "a", 1_uJ, "assumed: test");
  simulation.energy.spend_over(event, 4, core::no_region, SimTime::us(0), SimTime::us(40));
  const auto m = platform::measure(simulation, {}, SimTime::us(4));
  const platform::PowerTrace trace(simulation.energy, SimTime::us(4));
  REQUIRE(trace.size() == 1);
  CHECK(trace.bin(0).total_w == Approx(1.0));
  CHECK(m.totals.peak_w == Approx(1.0));
}

TEST_CASE("A run of no time at all has a report without infinities") {
  core::Simulation simulation;
  const auto m = platform::measure(simulation, {}, SimTime());
  CHECK(m.totals.average_w == 0);
  const auto report = platform::report_json(m, {});
  CHECK(report.dump().find("inf") == std::string::npos);
  CHECK(report["host"]["mips"].is_null());
}

TEST_CASE("power.csv has a row a bin and a column a component") {
  Run run;
  run.measured();
  std::ostringstream out;
  platform::write_power_csv(out, run.simulation.energy, platform::PowerTrace(run.simulation.energy, SimTime::us(25)));
  CHECK(out.str() == "time_s,total_w,a,b\n0,1.6,1.6,0\n1e-05,1.4,1,0.4\n2e-05,1.2,1,0.2\n");
}

TEST_CASE("The report has every key of its schema, null where there is no value") {
  Run run;
  run.simulation.training.loss = {2.5f, 0.5f};
  const auto report = platform::report_json(run.measured(), {{{"seed", 3}}, "1.2.3", {{"x.elf", "firmware", "xxh3:0"}}, 3, {2.0, 1.0}});
  std::vector<std::string> keys;
  for (const auto& [key, value] : report.items()) keys.push_back(key);
  CHECK(keys == std::vector<std::string>{"schema", "config", "seed", "version", "warnings", "artifacts", "constants", "exit", "simulated_s", "regions",
                                         "activities", "harts", "kernels", "components", "totals", "memory", "training", "host"});
  CHECK(report["schema"] == "spinvp-report/1");
  CHECK(report["exit"]["reason"] == "deadlock");
  CHECK(report["exit"]["code"].is_null());
  CHECK(report["components"]["a"]["area_mm2"].is_null());
  CHECK(report["totals"]["area_mm2"].is_null());
  CHECK(report["kernels"][1]["layer"].is_null());
  CHECK(report["kernels"][1]["phase"].is_null());
  CHECK(report["memory"].size() == 1);
  CHECK(report["memory"]["a"]["retention_failures"].is_null());
  CHECK(report["training"]["loss"] == nlohmann::ordered_json::array({2.5, 0.5}));
  CHECK(report["training"]["accuracy"].is_null());
  CHECK(report["host"]["mips"] == Approx(1000 * 1e-6 / 2));
  CHECK(report["constants"].size() == 3);
}

TEST_CASE("The table names the phases that occurred and the components that used energy") {
  Run run;
  const std::string table = platform::summary_table(run.measured());
  CHECK(table.find("forward") != std::string::npos);
  CHECK(table.find("backward") == std::string::npos);
  CHECK(table.find("36.00 uJ") != std::string::npos);
  // The NPU in the forward phase: 5 uJ over 10 us.
  CHECK(table.find("500.0 mW") != std::string::npos);
}
