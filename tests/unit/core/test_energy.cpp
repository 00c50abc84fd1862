#include <catch2/catch.hpp>

#include <map>

#include <rapidcheck.h>

#include "models/core/energy.h"

using namespace spinvp::core;
using namespace spinvp::core::literals;

namespace {
struct Account {
  Regions regions;
  EnergyAccount energy{regions};
};
}  // namespace

TEST_CASE("Events cost their count times the energy of one, in their component, activity, region and job") {
  Account a;
  const ComponentId cpu = a.energy.add_component("cpu", "hart"), memory = a.energy.add_component("memory", "dram");
  const EventId add = a.energy.declare(cpu, "add", "arithmetic", 2_pJ, "assumed: test");
  const EventId read = a.energy.declare(memory, "read", "memory", 30_pJ, "assumed: test");
  KernelTally job;
  a.energy.spend(add, 5, no_region, SimTime());
  a.energy.spend(read, 1, 3, SimTime(), &job);
  a.energy.spend(read, 2, no_region, SimTime());
  CHECK(a.energy.by_component(cpu).total_j() == Approx(10e-12));
  CHECK(a.energy.by_component(memory).dynamic_j == Approx(90e-12));
  CHECK(a.energy.by_component_and_region(memory, 3).total_j() == Approx(30e-12));
  CHECK(a.energy.by_region(no_region) == Approx(70e-12));
  CHECK(a.energy.by_region(9) == 0);
  CHECK(job.energy_j == Approx(30e-12));
  CHECK(a.energy.total() == Approx(100e-12));
  CHECK(a.energy.count(read) == 3);
  const auto activities = a.energy.by_activity();
  REQUIRE(activities.size() == 2);
  CHECK(activities[0].first == "arithmetic");
  CHECK(activities[1].second == Approx(90e-12));
}

TEST_CASE("Static power follows the state, and each region gets its share") {
  Account a;
  const ComponentId unit = a.energy.add_component("unit", "unit");
  CHECK(a.energy.declare_state(unit, "on", 4_W, "assumed: test") == 0);
  CHECK(a.energy.declare_state(unit, "off", 0_W, "assumed: test") == 1);
  a.regions.open("r", SimTime::us(1));          // 1 us outside all regions
  a.energy.set_state(unit, 1, SimTime::us(3));  // 2 us on inside
  CHECK(a.energy.energy_until(unit, SimTime::us(10)) == Approx(12e-6));
  a.energy.set_state(unit, 0, SimTime::us(10));
  CHECK(a.energy.energy_until(unit, SimTime::us(11)) == Approx(16e-6));  // not yet settled
  CHECK(a.energy.by_component(unit).static_j == Approx(12e-6));
  a.regions.close(SimTime::us(12));
  a.energy.settle(SimTime::us(20));
  CHECK(a.energy.by_region(no_region) == Approx(4e-6 + 32e-6));
  CHECK(a.energy.by_region(1) == Approx(8e-6 + 8e-6));
  CHECK(a.energy.total() == Approx(52e-6));
  CHECK(a.energy.energy_until(SimTime::us(20)) == Approx(52e-6));
}

TEST_CASE("A periodic event happens at every multiple of its period while its component is in one of its states") {
  Account a;
  const auto unit = a.energy.add_component("memory", "dram");
  a.energy.declare_state(unit, "on", 0_W, "assumed: test");
  a.energy.declare_state(unit, "off", 0_W, "assumed: test");
  const auto refresh = a.energy.declare_periodic(unit, "refresh", "dram refresh", 3_pJ, 4, SimTime::us(10), 0b01, "assumed: test");
  CHECK(a.energy.energy_until(unit, SimTime::us(25)) == Approx(2 * 4 * 3e-12));  // at 10 and 20 us, not yet booked
  a.regions.open("early", SimTime::us(5));
  a.regions.close(SimTime::us(25));
  a.energy.set_state(unit, 1, SimTime::us(30));  // 30 itself still counts
  a.energy.set_state(unit, 0, SimTime::us(45));  // 40 does not
  a.energy.settle(SimTime::us(60));
  CHECK(a.energy.count(refresh) == 4 * (2 + 1 + 2));
  CHECK(a.energy.by_component(unit).dynamic_j == Approx(20 * 3e-12));
  CHECK(a.energy.by_region(1) == Approx(2 * 4 * 3e-12));
  CHECK(a.energy.by_region(no_region) == Approx(3 * 4 * 3e-12));
  CHECK(a.energy.energy_until(unit, SimTime::us(69)) == Approx(20 * 3e-12));
}

TEST_CASE("Every declared constant is printed with its source") {
  Account a;
  const ComponentId unit = a.energy.add_component("soc.unit", "unit");
  a.energy.declare(unit, "read", "memory", 3.5_pJ, "published: paper, table 2");
  a.energy.declare_state(unit, "on", 2_mW, "derived: from the table");
  REQUIRE(a.energy.constants().size() == 2);
  CHECK(a.energy.constants()[0].name == "soc.unit.read");
  CHECK(a.energy.constants()[0].value == Approx(3.5));
  CHECK(a.energy.constants()[0].unit == "pJ");
  CHECK(a.energy.constants()[0].source == "published: paper, table 2");
  CHECK(a.energy.constants()[1].value == Approx(2));
}

TEST_CASE("The power trace holds what is spent in each bin, however it is spread") {
  Account a;
  a.energy.set_power_bin(SimTime::us(10));
  const ComponentId unit = a.energy.add_component("unit", "unit");
  a.energy.declare_state(unit, "on", 1_W, "assumed: test");
  const EventId work = a.energy.declare(unit, "work", "work", 1_uJ, "assumed: test");
  a.energy.spend(work, 3, no_region, SimTime::us(9));
  a.energy.spend_over(work, 30, no_region, SimTime::us(5), SimTime::us(35));  // 5, 10, 10 and 5 uJ
  a.energy.settle(SimTime::us(15));                                           // 10 and 5 uJ
  CHECK(a.energy.bins() == 4);
  CHECK(a.energy.bin_energy(unit, 0) == Approx(3e-6 + 5e-6 + 10e-6));
  CHECK(a.energy.bin_energy(unit, 1) == Approx(10e-6 + 5e-6));
  CHECK(a.energy.bin_energy(unit, 2) == Approx(10e-6));
  CHECK(a.energy.bin_energy(unit, 3) == Approx(5e-6));
  CHECK(a.energy.bin_energy(unit, 4) == 0);
  // An interval that ends on the edge does not reach into the next bin.
  a.energy.spend_over(work, 1, no_region, SimTime::us(30), SimTime::us(40));
  CHECK(a.energy.bins() == 4);
}

TEST_CASE("Property: every cut of the energy sums to the same total") {
  REQUIRE(rc::check("components, regions, activities and bins agree", [] {
    Account a;
    a.energy.set_power_bin(SimTime::us(1));
    std::vector<ComponentId> components;
    std::vector<EventId> events;
    const double each[] = {1.37e-12, 4.2e-10, 7.77e-15, 3e-7};
    for (unsigned c = 0; c < 4; ++c) {
      components.push_back(a.energy.add_component("c" + std::to_string(c), "t"));
      events.push_back(a.energy.declare(components.back(), "e", c % 2 == 0 ? "even" : "odd", Energy::from_si(each[c]), "assumed: test"));
      a.energy.declare_state(components.back(), "on", Power::from_si(0.1 * (c + 1)), "assumed: test");
      a.energy.declare_state(components.back(), "off", Power(), "assumed: test");
    }
    SimTime time;
    long double expected = 0;
    std::vector<unsigned> state(4);
    const auto steps = *rc::gen::container<std::vector<std::tuple<unsigned, unsigned, unsigned>>>(
        rc::gen::tuple(rc::gen::inRange(0u, 5u), rc::gen::inRange(0u, 4u), rc::gen::inRange(1u, 3000000u)));
    for (const auto& [what, which, amount] : steps) {
      const SimTime later = time + SimTime::ps(amount);
      for (unsigned c = 0; c < 4; ++c)
        if (state[c] == 0) expected += static_cast<long double>(0.1 * (c + 1)) * amount * 1e-12L;
      time = later;
      switch (what) {
        case 0: a.regions.open("r" + std::to_string(which), time); break;
        case 1: a.regions.close(time); break;
        case 2: a.energy.set_state(components[which], state[which] ^= 1, time); break;
        default: a.energy.spend(events[which], amount, a.regions.current(), time); expected += static_cast<long double>(each[which]) * amount;
      }
    }
    a.energy.settle(time);
    const double total = a.energy.total();
    const auto same = [&](double sum) { return std::abs(sum - total) <= 1e-12 * total; };
    double regions = 0, activities = 0, bins = 0;
    for (RegionId r = 0; r < a.regions.count(); ++r) regions += a.energy.by_region(r);
    for (const auto& [name, joules] : a.energy.by_activity()) activities += joules;
    for (const ComponentId c : components)
      for (std::size_t b = 0; b < a.energy.bins(); ++b) bins += a.energy.bin_energy(c, b);
    RC_ASSERT(same(static_cast<double>(expected)));
    RC_ASSERT(same(regions));
    RC_ASSERT(same(activities));
    RC_ASSERT(std::abs(bins - total) <= 1e-9 * total);
    RC_ASSERT(same(a.energy.energy_until(time)));
  }));
}

TEST_CASE("State that goes on under other prices keeps the joules that were spent") {
  const auto declare = [](Account& a, Energy each, Power power) {
    const ComponentId cpu = a.energy.add_component("cpu", "hart");
    a.energy.declare_state(cpu, "on", power, "assumed: test");
    return a.energy.declare(cpu, "add", "arithmetic", each, "assumed: test");
  };
  Account before, after;
  const EventId cheap = declare(before, 2_pJ, 1_W), dear = declare(after, 10_pJ, 3_W);
  before.energy.spend(cheap, 5, no_region, SimTime::us(1));
  before.energy.settle(SimTime::us(4));
  StateArchive out;
  before.energy.describe_state(out);
  StateArchive in(out.bytes());
  after.energy.describe_state(in);
  CHECK(after.energy.total() == before.energy.total());
  after.energy.spend(dear, 1, no_region, SimTime::us(5));
  after.energy.settle(SimTime::us(6));
  const double dynamic = 5 * 2e-12 + 10e-12, fixed = 4e-6 * 1 + 2e-6 * 3;
  CHECK(after.energy.by_component({0}).dynamic_j == Approx(dynamic));
  CHECK(after.energy.by_component({0}).static_j == Approx(fixed));
  CHECK(after.energy.by_region(no_region) == Approx(dynamic + fixed));
  CHECK(after.energy.bin_energy({0}, 0) == Approx(dynamic + fixed));
  CHECK(after.energy.count(dear) == 6);
  // And once more through a snapshot, under the first prices again.
  StateArchive more;
  after.energy.describe_state(more);
  StateArchive back(more.bytes());
  before.energy.describe_state(back);
  CHECK(before.energy.total() == Approx(dynamic + fixed));
}
