// The recomputed headlines against numbers worked out by hand beside them.
#include <set>

#include <catch2/catch.hpp>

#include "models/pim/logic_family.h"
#include "platform/explore/pim_cost.h"
#include "platform/explore/reproduce_pim.h"
#include "platform/explore/reproduce_pim_spread.h"

using namespace spinvp::platform;
namespace pim = spinvp::pim;
namespace technology = spinvp::technology;

namespace {

const PimReproduction& reproduction() {
  static const PimReproduction made = reproduce_pim();
  return made;
}

const Claim& claim(const char* name, const std::string& regime, const std::string& counts) {
  for (const Claim& row : reproduction().claims)
    if (row.claim == name && row.regime == regime && row.counts == counts) return row;
  FAIL("no row " << name << " " << regime << " " << counts);
  return reproduction().claims.front();
}

DesignCounts design(const char* family, Counting counting) { return *DesignCounts::of(pim::logic_family(family), counting); }

std::uint64_t macs(const std::vector<LaneSum>& sums) {
  std::uint64_t all = 0;
  for (const LaneSum& sum : sums) all += sum.macs;
  return all;
}

}  // namespace

TEST_CASE("LeNet takes 480,500 multiply-accumulates an image forward and 1,297,500 in training") {
  // conv1 10 x 24 x 24 x 25 = 144,000; conv2 20 x 8 x 8 x 250 = 320,000; fc1 320 x 50 = 16,000; fc2 500.
  CHECK(macs(lenet_forward(1)) == 144000 + 320000 + 16000 + 500);
  // Weight gradients take as many, data gradients as many without those of the first layer.
  CHECK(macs(lenet_forward(1)) + macs(lenet_backward(1)) == 1297500);
  CHECK(3 * 480500 - 144000 == 1297500);
  CHECK(macs(lenet_forward(32)) + macs(lenet_backward(32)) == 32u * 1297500u);
}

TEST_CASE("A training step is mapped onto 65,536 lanes as the firmware's sums are") {
  const ArrayWork work = lenet_training_step(32);
  // In sequence. Forward: conv1 184,320 outputs in 3 passes x 25; conv2 40,960 outputs, one group of 250; fc1 1,600 outputs, 32 groups of 10; fc2 320 outputs, 50 groups of 1.
  const std::uint64_t forward = 75 + 250 + 10 + 1;
  // Backward: fc2 1 + 1; fc1 weights 16,000 outputs, 4 groups of 8, data 10,240 outputs, 6 groups of 9 terms, the last one of 5 a command of its own; conv2 data 46,080 outputs of
  // 20 x 25 terms in one group, weights 5,000 outputs, 12 groups of 171 that never share a box: all 32 x 64 terms after each other; conv1 weights 250 outputs, 64 groups of
  // 288 = half a picture, so two commands.
  const std::uint64_t backward = 1 + 1 + 8 + (9 + 5) + 500 + 2048 + 2 * 288;
  CHECK(work.multiply_accumulate.sequence == forward + backward);
  // Partial sums of the groups: fc1 32, fc2 50; fc2 32 + 10, fc1 4 + 6, conv2 12, conv1 64. A bias in each pass: 3 + 1 + 1 + 1.
  CHECK(work.add.sequence == (32 + 50) + (32 + 10 + 4 + 6 + 12 + 64) + 6);
  CHECK(work.multiply.sequence == 4);
  CHECK(work.subtract.sequence == 4);
  // In lanes: the network's, and for conv2's data gradient the zeros of the frame: 46,080 x 500 in place of 32 x 320,000.
  CHECK(work.multiply_accumulate.lanes == 32u * 1297500u + 46080u * 500u - 32u * 320000u);
  CHECK(work.multiply.lanes == 21840);
  // Both operands of every term come in.
  CHECK(work.word_write.lanes >= 2 * work.multiply_accumulate.lanes);
  // The firmware's way to add partial sums up takes a multiply-accumulate for each.
  const ArrayWork firmware = lenet_training_step(32, {}, PartialSums::accumulated);
  CHECK(firmware.multiply_accumulate.sequence == work.multiply_accumulate.sequence + 210);
  CHECK(firmware.add.sequence == 6);
}

TEST_CASE("Published counts of a multiply-accumulate are the closed forms") {
  // fp32, in halves: 3360 + 1097 NOR and 47 searches; 1258.5 + 218 reads, 1258.5 + 217 writes and 50 searches.
  CHECK(design("nor", Counting::published).multiply_accumulate.steps == pim::StepCounts::whole(0, 0, 47, 4457));
  CHECK(design("sot", Counting::published).multiply_accumulate.steps == pim::StepCounts{2953, 2951, 100, 0, 0});
  // All partial products: 6.5 x 529 more NOR steps, 2 x 529 more reads and writes.
  CHECK(design("nor", Counting::full_array).multiply_accumulate.steps.nors == 2 * 4457 + 13 * 529);
  CHECK(design("sot", Counting::full_array).multiply_accumulate.steps.writes == 2951 + 4 * 529);
  // AritPIM: 3997 + 11586 cycles, of which half initialise.
  CHECK(total(design("aritpim", Counting::published).multiply_accumulate.steps) == 3997 + 11586);
}

TEST_CASE("In `bare`, ratios of published counts are those worked out by hand") {
  // Latency of a multiply-accumulate: 4457 x 1.1 + 47 x 1.5 = 4973.2 ns; 1476.5 x 0.2 + 1475.5 x 1 + 50 x 0.2 = 1780.8 ns.
  CHECK(claim(claim_name::mac_latency, "bare", "published").computed == Approx(4973.2 / 1780.8));
  // Energy: 4457 x 0.29 fJ + 47 searches x 8 rows x 5.34 pJ / 8192 = 1292.5 + 245.1 fJ; 3147.5 driven cells at (91.41 uA)^2 x 1500 Ohm x 1 ns = 12.534 fJ.
  const double nor = 4457 * 0.29 + 47 * 8 * 5340.0 / 8192, sot = 3147.5 * 12.534;
  CHECK(claim(claim_name::mac_energy, "bare", "published").computed == Approx(nor / sot).epsilon(1e-4));
  // A training step: multiply-accumulates, additions (1097 x 1.1 + 47 x 1.5 = 1277.2; 218 x 0.2 + 217 + 50 x 0.2 = 270.6), four updates (3360 x 1.1 = 3696 and an addition;
  // 1258.5 x 1.2 = 1510.2 and an addition) and words of 32 rows (1.5 ns; 1 ns in, 0.2 ns out).
  const ArrayWork& work = reproduction().work;
  const auto in = static_cast<double>(work.word_write.sequence), out = static_cast<double>(work.word_read.sequence);
  const double nor_step = 3484 * 4973.2 + 216 * 1277.2 + 4 * (3696 + 1277.2) + 32 * 1.5 * (in + out);
  const double sot_step = 3484 * 1780.8 + 216 * 270.6 + 4 * (1510.2 + 270.6) + 32 * (in + 0.2 * out);
  CHECK(claim(claim_name::training_latency, "bare", "published").computed == Approx(nor_step / sot_step));
}

TEST_CASE("A lane's multiply-accumulate costs what `spinvp pim` says") {
  for (const char* family : {"sot", "nor", "aritpim"})
    for (const technology::PimRegime& regime : technology::pim_regimes())
      for (const auto& [counting, kind] : {std::pair{Counting::published, CountsKind::published}, std::pair{Counting::ieee, CountsKind::microprogram}}) {
        // There every cell that a search compares or a step sets is charged a cycle; here the published power is that of a cycle.
        if (regime.name == "chip-power" && std::string(family) != "sot") continue;
        INFO(family << " " << regime.name << " " << name_of(kind));
        const auto figures = figures_of(design(family, counting), regime.name, {}, {});
        const auto cost = *cost_of(pim::logic_family(family), {.kind = pim::FloatOperation::multiply_accumulate}, regime.name, kind);
        // Row times are whole picoseconds there.
        CHECK(figures.mac_seconds * 1e9 == Approx(cost.latency_ns).epsilon(2e-3));
        CHECK(figures.mac_joules * 1e12 == Approx(cost.energy_pj).epsilon(2e-3));
      }
}

TEST_CASE("FloatPIM's blocks at its own power of a block give its chip's power, and that is called circular") {
  // 8192 x 7.64 mW = 62.59 W, but for searches, which take longer than a cycle.
  CHECK(claim(claim_name::chip_power, "chip-power", "published").computed == Approx(62.59).epsilon(5e-3));
  for (const Claim& row : reproduction().claims) CHECK(row.circular == (row.claim == claim_name::chip_power && row.regime == "chip-power"));
}

TEST_CASE("Areas are those of cells and circuits at 28 nm") {
  // 8192 blocks of 2^20 cells of 4 x 7.84e-4 um2: 26.9 mm2; with 3500 x 1024 F2 of circuits a block: 49.9 mm2.
  CHECK(claim(claim_name::chip_crossbars, "crossbar 4 F2, cells", "any").computed == Approx(8192.0 * 1048576 * 4 * 7.84e-10));
  CHECK(claim(claim_name::chip_area, "crossbar 4 F2, blocks", "any").computed == Approx(8192 * (4.0 * 1048576 + 3500 * 1024) * 7.84e-10));
  // The SOT cell is 50 F2.
  CHECK(claim(claim_name::area, "crossbar 4 F2, 1K x 1K", "any").computed == Approx((4.0 * 1024 + 3500) / (50.0 * 1024 + 3500)));
}

TEST_CASE("Every row says its source, boundary and assumptions, lies within its range, and its shares sum to one") {
  const std::set<std::string> boundaries{"device", "supply", "array", "chip", "system"};
  const std::set<double> published{1.8, 3.3, 2.5, 30.64, 0.951 * 30.64, 62.60};
  for (const Claim& row : reproduction().claims) {
    INFO(row.claim << ", " << row.regime << ", " << row.counts);
    CHECK_FALSE(row.source.empty());
    CHECK_FALSE(row.assumptions.empty());
    CHECK(boundaries.count(row.boundary) == 1);
    CHECK((!row.published || published.count(*row.published) == 1));
    CHECK(row.low > 0);
    CHECK(row.low <= row.computed);
    CHECK(row.computed <= row.high);
    double sum = 0;
    for (const auto& [constant, share] : row.spread) sum += share;
    CHECK(row.spread.empty() == (row.low == row.high));
    if (!row.spread.empty()) CHECK(sum == Approx(1));
  }
}

TEST_CASE("Each headline has a row in each named regime with each kind of count, and both designs stand at one boundary") {
  for (const technology::PimRegime& regime : technology::pim_regimes()) {
    for (const char* counts : {"published", "full array", "executed", "ieee"})
      for (const char* name :
           {claim_name::training_latency, claim_name::training_energy, claim_name::mac_latency, claim_name::mac_energy, claim_name::chip_power})
        CHECK(claim(name, regime.name, counts).boundary == technology::name_of(regime.boundary));
    for (const char* counts : {"published", "ieee"}) CHECK(claim(claim_name::aritpim_energy, regime.name, counts).computed > 0);
    CHECK(technology::pim_technology("sot", regime.name).boundary == technology::pim_technology("memristor", regime.name).boundary);
    for (const DesignRow& row : reproduction().designs)
      if (row.regime == regime.name) CHECK(row.boundary == technology::name_of(regime.boundary));
  }
}

TEST_CASE("Moves of single constants are combined as the root of the sum of squares of their logarithms") {
  const auto set = [](double technology::PimPhysics::*member) { return [member](Constants& constants, double value) { constants.physics.*member = value; }; };
  const std::vector<Uncertain> two{{"a", 0.55, 2.2, set(&technology::PimPhysics::supply_v)}, {"b", 1.1, 4.4, set(&technology::PimPhysics::nor_ns)}};
  const auto figures = [](const Constants& c) { return std::vector{c.physics.supply_v * c.physics.nor_ns, c.physics.supply_v, 7.0}; };
  const auto spreads = spreads_of(figures, {}, two);
  // a is 1.1 and moves by factors of 1/2 and 2, b is 1.1 and moves by a factor of 4 = 2^2: down 2^-1, up 2^sqrt(1 + 4); shares 2 and 4 of 6.
  CHECK(spreads[0].computed == Approx(1.21));
  CHECK(spreads[0].low == Approx(1.21 / 2));
  CHECK(spreads[0].high == Approx(1.21 * std::pow(2.0, std::sqrt(5.0))));
  REQUIRE(spreads[0].shares.size() == 2);
  CHECK(spreads[0].shares[0].first == "b");
  CHECK(spreads[0].shares[0].second == Approx(4.0 / 6));
  CHECK(spreads[1].low == Approx(0.55));
  CHECK(spreads[1].high == Approx(2.2));
  CHECK(spreads[2].shares.empty());
  CHECK(spreads[2].low == 7);
}

TEST_CASE("The verdict speaks of every headline and of all of them together") {
  std::string all;
  for (const std::string& sentence : verdict(reproduction())) all += sentence + "\n";
  for (const char* name : {claim_name::training_latency, claim_name::training_energy, claim_name::area, claim_name::chip_area, claim_name::chip_power})
    CHECK(all.find(name) != std::string::npos);
  CHECK(all.find("1.8, 3.3 and 2.5 together") != std::string::npos);
  CHECK(all.find("Not counted, for their input is the published figure: chip-power") != std::string::npos);
}
