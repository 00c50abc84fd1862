// What an operation costs: closed forms worked by hand, and sums of events at prices chosen so that each can be seen.
#include <catch2/catch.hpp>

#include "platform/explore/pim_cost.h"

using namespace spinvp;
using namespace spinvp::platform;
using pim::CellEvent;
using pim::FloatOperation;

namespace {

PimOperation fp32_operation(FloatOperation kind) { return {.kind = kind, .arithmetic = {.format = pim::fp32}}; }

OperationCost published(const char* family, FloatOperation kind, const std::string& regime) {
  return cost_of(pim::logic_family(family), fp32_operation(kind), regime, CountsKind::published).value();
}

}  // namespace

TEST_CASE("FloatPIM's closed forms cost what its constants say in the bare regime") {
  // 3360 NOR of 1.1 ns and 0.29 fJ.
  const OperationCost product = published("nor", FloatOperation::multiply, "bare");
  CHECK(product.latency_ns == 3696.0);
  CHECK(product.energy_pj == Approx(3360 * 0.29e-3).epsilon(1e-12));
  CHECK(product.boundary == "device");
  CHECK(product.leakage_pj == 0);
  // 1097 NOR and 47 searches of 1.5 ns and 5.34 pJ a block of 1024 lanes.
  const OperationCost sum = published("nor", FloatOperation::add, "bare");
  CHECK(sum.latency_ns == Approx(1097 * 1.1 + 47 * 1.5).epsilon(1e-12));
  CHECK(sum.energy_pj == Approx(1097 * 0.29e-3 + 47 * 5.34 / 1024).epsilon(1e-12));
}

TEST_CASE("Sets within the closed form are charged where a set costs more than a cycle") {
  // Twelve of thirteen steps drive an output that was set, half of them had to flip: 23.8 fJ each.
  CHECK(published("nor", FloatOperation::multiply, "batched-init").energy_pj == Approx(3360 * 0.29e-3 + 3360 * 12. / 13 / 2 * 23.8e-3).epsilon(1e-12));
  // Every NOR with its own: 24.09 fJ and two cycles.
  CHECK(published("nor", FloatOperation::multiply, "init-every-nor").energy_pj == Approx(3360 * 24.09e-3).epsilon(1e-12));
  CHECK(published("nor", FloatOperation::multiply, "init-every-nor").latency_ns == 2 * 3696.0);
  // A row and cycle of 7.64 mW a block: the cycles are the steps.
  CHECK(published("nor", FloatOperation::multiply, "chip-power").energy_pj == Approx(3360 * 7.64e-3 * 1.1e-9 / 1024 * 1e12).epsilon(1e-12));
  // AritPIM's steps are gates and initialisations alike: 11586 of 3.33 ns and 6.4 fJ, but of 1.1 ns where an initialisation is part of a double NOR.
  CHECK(published("aritpim", FloatOperation::multiply, "conservative").energy_pj == Approx(11586 * 6.4e-3).epsilon(1e-12));
  CHECK(published("aritpim", FloatOperation::multiply, "conservative").latency_ns == Approx(11586 * 3.33).epsilon(1e-12));
  CHECK(published("aritpim", FloatOperation::multiply, "init-every-nor").latency_ns == Approx(11586 * 1.1).epsilon(1e-12));
}

TEST_CASE("Half a step is half of its time, and half of the written cells of a closed form flip") {
  // 1258.5 reads of 0.2 ns and writes of 1 ns; 4.5*529 + 11.5*23 + 13.5*8 + 6.5 = 2759.5 cells.
  const OperationCost product = published("sot", FloatOperation::multiply, "bare");
  CHECK(product.latency_ns == Approx(1258.5 * 1.2).epsilon(1e-12));
  const technology::PimTechnology bare = technology::pim_technology("sot", "bare");
  const double driven = bare.of(technology::PimEvent::write_cell).si(), flip = bare.of(technology::PimEvent::write_flip).si();
  CHECK(product.energy_pj == Approx(2759.5 * (driven + flip / 2) * 1e12).epsilon(1e-12));
}

TEST_CASE("Every event has its price; a row step and leakage are shared by the lanes") {
  OperationCounts counts;
  counts.events.flips_known = true;
  counts.cells = {{6, 4}};
  counts.steps = pim::StepCounts::whole(1, 10, 100, 1000, 10000);
  technology::PimTechnology prices;
  prices.times = {core::Time::from_si(1e-9), core::Time::from_si(2e-9), core::Time::from_si(3e-9), core::Time::from_si(4e-9), core::Time::from_si(5e-9)};
  prices.cell_area = core::Area::from_si(2e-12);
  prices.array_area = core::Area::from_si(1024 * 1024 * 3e-12);
  for (std::size_t i = 0; i < pim::cell_event_kinds; ++i) {
    counts.events.counts = {};
    counts.events.counts[i] = 1024;
    prices.energy = {};
    prices.energy[i] = core::Energy::from_si(1e-12);
    CHECK(price(counts, prices).energy_pj == Approx(static_cast<CellEvent>(i) == CellEvent::row_step ? 1 : 1024).epsilon(1e-12));
  }
  prices.energy = {};
  prices.static_power = core::Power::from_si(1024e-3);
  const OperationCost cost = price(counts, prices);
  CHECK(cost.latency_ns == 1 + 20 + 300 + 4000 + 50000);
  // 1 mW a lane.
  CHECK(cost.leakage_pj == Approx(cost.latency_ns).epsilon(1e-12));
  CHECK(cost.energy_pj == cost.leakage_pj);
  CHECK(cost.cell_area_um2 == Approx(20).epsilon(1e-12));
  CHECK(cost.array_area_um2 == Approx(30).epsilon(1e-12));
}

TEST_CASE("Wider boundaries cost more, in every family") {
  for (const pim::LogicFamily& family : pim::logic_families()) {
    INFO(family.name);
    const OperationCounts counts = executed_counts(family, fp32_operation(FloatOperation::add));
    const auto energy = [&](const char* regime) { return price(counts, technology::pim_technology(family.cell, regime)).energy_pj; };
    CHECK(energy("bare") < energy("supply"));
    CHECK(energy("supply") < energy("array"));
  }
}
