#include <catch2/catch.hpp>

#include "models/core/component.h"
#include "models/core/device.h"
#include "models/core/error.h"

using namespace spinvp::core;

namespace {
struct Unit : Component {
  unsigned resets = 0;
  std::vector<std::pair<PowerState, PowerState>> changes;
  Counter& jobs;
  Unit(const sc_core::sc_module_name& name, Simulation& simulation) : Component(name, simulation, "unit"), jobs(declare_counter("jobs")) {
    declare_static(Power::from_si(4), Power::from_si(2), Power::from_si(1), Power(), "assumed: test");
  }
  void on_reset() override { ++resets; }
  void on_power_state(PowerState from, PowerState to) override { changes.emplace_back(from, to); }
  void work(SimTime t) { add_busy(t); }
};
}  // namespace

TEST_CASE("Components enter the simulation and leave it by themselves") {
  Simulation simulation;
  Unit a("a", simulation);
  CHECK(simulation.components == std::vector<Component*>{&a});
  {
    Unit b("b", simulation);
    CHECK(simulation.components.size() == 2);
    CHECK(b.id().index == 1);
  }
  CHECK(simulation.components.size() == 1);
}

TEST_CASE("A clock's period is a whole number of picoseconds times its divider") {
  Clock clock(Frequency::from_si(3e9));
  CHECK(clock.period() == SimTime::ps(333));
  clock.set_divider(4);
  CHECK(clock.cycles(10) == SimTime::ps(13320));
  clock.set_divider(0);
  CHECK(clock.divider() == 1);
}

TEST_CASE("Leaving off resets, other changes do not, and static power follows") {
  Simulation simulation;
  Unit unit("unit", simulation);
  sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_NS));  // 4 W x 10 ns
  unit.set_power_state(PowerState::retention);
  unit.set_power_state(PowerState::retention);
  CHECK_FALSE(unit.running());
  sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_NS));  // 1 W x 10 ns
  unit.set_power_state(PowerState::on);
  CHECK(unit.resets == 0);
  unit.set_power_state(PowerState::off);
  sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_NS));
  unit.set_power_state(PowerState::on);
  CHECK(unit.resets == 1);
  CHECK(unit.changes.size() == 4);
  CHECK(simulation.energy.energy_until(unit.id(), now()) == Approx(50e-9));
}

TEST_CASE("A reset brings clock and power back") {
  Simulation simulation;
  Unit unit("unit", simulation);
  unit.clock().set_divider(8);
  unit.set_power_state(PowerState::clock_gated);
  simulation.request_reset();
  CHECK(unit.running());
  CHECK(unit.clock().divider() == 1);
  CHECK(unit.resets == 1);
}

TEST_CASE("A component's saved state holds counters, busy time and divider") {
  Simulation simulation;
  Unit unit("unit", simulation);
  unit.jobs += 3;
  unit.work(SimTime::ns(7));
  unit.clock().set_divider(5);
  StateArchive out;
  unit.describe_state(out);
  unit.jobs += 4;
  unit.work(SimTime::ns(1));
  unit.reset();
  StateArchive in(out.bytes());
  unit.describe_state(in);
  CHECK(unit.jobs.value == 3);
  CHECK(unit.busy() == SimTime::ns(7));
  CHECK(unit.clock().divider() == 5);
}

TEST_CASE("The first way to end a run wins") {
  Simulation simulation;
  simulation.finish(ExitReason::guest_code, 3);
  simulation.finish(ExitReason::finished, 0);
  CHECK(simulation.exit().reason == ExitReason::guest_code);
  CHECK(simulation.exit().code == 3);
}

TEST_CASE("A warning is kept once, with its component") {
  Simulation simulation;
  simulation.warn("soc.dma", "odd");
  simulation.warn("soc.dma", "odd");
  CHECK(simulation.warnings() == std::vector<std::string>{"soc.dma: odd"});
}

namespace {
// A run that has come somewhere: two regions known, one of them open, energy in both, a kernel, a warning, losses.
struct Halfway {
  Simulation simulation;
  Unit unit{"unit", simulation};
  EventId add = simulation.energy.declare(unit.id(), "add", "arithmetic", Energy::from_si(2e-12), "assumed: test");
  void work() {
    simulation.regions.open("train", SimTime::us(1));
    simulation.regions.open("forward", SimTime::us(2));
    simulation.energy.spend(add, 5, simulation.regions.current(), SimTime::us(3));
    simulation.regions.close(SimTime::us(4));
    simulation.kernels.push_back({"conv1", "npu", simulation.regions.current(), SimTime::us(2), SimTime::us(3), 100, 10, 1, {1, 2, 3, 4, 5e-9}});
    simulation.training.loss = {2.5f, 2.25f};
    simulation.training.accuracy = 0.5;
    simulation.log().set_level(spdlog::level::off);
    simulation.warn("unit", "was warm");
  }
};
}  // namespace

TEST_CASE("What a simulation has booked and recorded goes on in another one") {
  std::vector<std::uint8_t> state;
  const auto end = [](Halfway& run) {
    run.simulation.regions.close(SimTime::us(9));
    run.simulation.energy.settle(SimTime::us(10));
    run.simulation.regions.settle(SimTime::us(10));
    std::vector<double> figures = {run.simulation.energy.total(), run.simulation.energy.bin_energy(run.unit.id(), 0)};
    for (RegionId id = 0; id < run.simulation.regions.count(); ++id) {
      figures.push_back(run.simulation.regions.time(id).seconds());
      figures.push_back(run.simulation.energy.by_region(id));
    }
    return figures;
  };
  const std::vector<double> expected = [&] {
    Halfway saved;
    saved.work();
    StateArchive out;
    saved.simulation.describe_state(out);
    state = out.bytes();
    return end(saved);
  }();
  Halfway restored;
  StateArchive in(state);
  restored.simulation.describe_state(in);
  CHECK(in.exhausted());
  CHECK(end(restored) == expected);
  const Simulation& simulation = restored.simulation;
  REQUIRE(simulation.regions.count() == 3);
  CHECK(simulation.regions.path(2) == "train/forward");
  REQUIRE(simulation.kernels.size() == 1);
  CHECK(simulation.kernels[0].name == "conv1");
  CHECK(simulation.kernels[0].tally.energy_j == 5e-9);
  CHECK(simulation.training.loss == std::vector<float>{2.5f, 2.25f});
  CHECK(simulation.training.accuracy == 0.5);
  CHECK(simulation.warnings() == std::vector<std::string>{"unit: was warm"});
}

TEST_CASE("What a simulation declares has to be the same for its state to go on") {
  Halfway saved, other;
  saved.work();
  StateArchive out;
  saved.simulation.describe_state(out);
  other.simulation.energy.declare(other.unit.id(), "multiply", "arithmetic", Energy::from_si(4e-12), "assumed: test");
  StateArchive in(out.bytes());
  CHECK_THROWS_AS(other.simulation.describe_state(in), InputError);
}
