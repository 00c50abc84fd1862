#include "platform/explore/reproduce_pim.h"

#include <fmt/format.h>

#include "models/abi/lenet_init.h"
#include "platform/explore/reproduce_pim_area.h"
#include "platform/explore/reproduce_pim_spread.h"

namespace spinvp::platform {

namespace {

using technology::PimRegime;

constexpr const char* abstract = "arXiv 2003.01551, abstract";
constexpr const char* floatpim = "FloatPIM, ISCA 2019 (two digests)";
constexpr const char* aritpim = "AritPIM as third baseline; it claims no such ratio";
constexpr double floatpim_blocks = 8192, floatpim_chip_w = 62.60;

const DesignCounts* pointer(const std::optional<DesignCounts>& design) { return design ? &*design : nullptr; }

std::string boundary_of(const PimRegime& regime) { return name_of(regime.boundary); }

// One kind of count of every design.
struct Designs {
  Counting counting;
  std::optional<DesignCounts> sot, nor, aritpim;
};

std::vector<Designs> all_designs() {
  std::vector<Designs> list;
  for (const Counting counting : {Counting::published, Counting::full_array, Counting::executed, Counting::ieee}) {
    const auto of = [&](const char* family) { return DesignCounts::of(pim::logic_family(family), counting); };
    Designs designs{counting, of("sot"), of("nor"), std::nullopt};
    // AritPIM has one published count and one semantics.
    if (counting == Counting::published || counting == Counting::ieee) designs.aritpim = of("aritpim");
    list.push_back(std::move(designs));
  }
  return list;
}

std::vector<std::string> assumptions_of(const PimRegime& regime, Counting counting) {
  std::vector<std::string> list{
      "both designs at the same boundary and node (28 nm), with the same workload, mapping, periphery and wires: 65,536 lanes in 64 subarrays, a lane a "
      "column, sums "
      "mapped as firmware/kernels/pim_sum.c does, 32 row writes an operand word, the supply carries every row write at once",
      "regime: " + regime.text};
  switch (counting) {
    case Counting::published:
    case Counting::full_array:
      list.emplace_back("SOT step and cell counts are closed forms recalled of the paper, not yet checked against it; FloatPIM's are read in two digests");
      list.emplace_back(
          "published counts do not say how many cells flip: half of those written or set (flip_share), and a search compares eight exponent bits");
      list.emplace_back("of FloatPIM's 13 closed-form steps one sets the outputs of the other 12; of AritPIM's, half are initialisations");
      if (counting == Counting::full_array)
        list.emplace_back("derived: all partial products of a multiplication in place of the published half (13 Nm^2, 4 Nm^2)");
      break;
    case Counting::executed: list.emplace_back("our micro-programs of the published procedures: truncated products, no rounding, no special values"); break;
    case Counting::ieee: list.emplace_back("our micro-programs of IEEE 754, rounding to nearest even"); break;
  }
  if (regime.name == "chip-power")
    list.emplace_back(
        "FloatPIM's side is the power that it publishes for a block, the SOT side our array model with control and leakage: one boundary, two methods");
  if (regime.name == "conservative")
    list.emplace_back("sets of third parties without stated ranges: the prices have no spread, whatever the node they were made for");
  return list;
}

// What is asked of one regime and kind of count, in this order.
struct Asked {
  const char* source;
  const char* claim;
  std::optional<double> published;
  const char* unit;
};

std::vector<Asked> asked_of(bool with_aritpim) {
  std::vector<Asked> list{{abstract, claim_name::training_latency, 1.8, ""},
                          {abstract, claim_name::training_energy, 3.3, ""},
                          {abstract, claim_name::mac_latency, std::nullopt, ""},
                          {abstract, claim_name::mac_energy, std::nullopt, ""},
                          {floatpim, claim_name::chip_power, floatpim_chip_w, "W"}};
  if (with_aritpim)
    list.insert(list.end(), {{aritpim, claim_name::aritpim_latency, std::nullopt, ""}, {aritpim, claim_name::aritpim_energy, std::nullopt, ""}});
  return list;
}

std::vector<double> answers(const Designs& designs, const std::string& regime, const ArrayWork& work, const Constants& constants) {
  const DesignFigures sot = figures_of(*designs.sot, regime, constants, work), nor = figures_of(*designs.nor, regime, constants, work);
  std::vector<double> list{nor.step_seconds / sot.step_seconds, nor.step_joules / sot.step_joules, nor.mac_seconds / sot.mac_seconds,
                           nor.mac_joules / sot.mac_joules, floatpim_blocks * nor.block_watts};
  if (const DesignCounts* third = pointer(designs.aritpim)) {
    const DesignFigures figures = figures_of(*third, regime, constants, work);
    list.push_back(figures.step_seconds / sot.step_seconds);
    list.push_back(figures.step_joules / sot.step_joules);
  }
  return list;
}

void add_claims(PimReproduction& result, const Designs& designs, const PimRegime& regime, const std::vector<Uncertain>& uncertain) {
  const auto figures = [&](const Constants& constants) { return answers(designs, regime.name, result.work, constants); };
  const std::vector<Spread> spreads = spreads_of(figures, {}, uncertain);
  const std::vector<Asked> asked = asked_of(designs.aritpim.has_value());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Claim claim{.source = asked[i].source,
                .claim = asked[i].claim,
                .regime = regime.name,
                .boundary = boundary_of(regime),
                .counts = name_of(designs.counting),
                .published = asked[i].published,
                .computed = spreads[i].computed,
                .low = spreads[i].low,
                .high = spreads[i].high,
                .unit = asked[i].unit,
                .assumptions = assumptions_of(regime, designs.counting),
                .spread = spreads[i].shares};
    if (claim.claim == claim_name::chip_power) {
      claim.assumptions.emplace_back("8192 blocks of 1K x 1K, all multiplying and accumulating in all lanes; controllers and interconnect are not modelled");
      claim.circular = regime.name == "chip-power";
      if (claim.circular) claim.assumptions.emplace_back("circular: the regime's energy is FloatPIM's own power of a block, so this is no reproduction");
    }
    result.claims.push_back(std::move(claim));
  }
  for (const DesignCounts* design : {pointer(designs.sot), pointer(designs.nor), pointer(designs.aritpim)})
    if (design != nullptr)
      result.designs.push_back(
          {design->family->name, regime.name, boundary_of(regime), name_of(designs.counting), figures_of(*design, regime.name, {}, result.work)});
}

std::uint64_t network_macs(std::uint64_t batch) {
  std::uint64_t macs = 0;
  for (const auto& sums : {lenet_forward(batch), lenet_backward(batch)})
    for (const LaneSum& sum : sums) macs += sum.macs;
  return macs;
}

}  // namespace

PimReproduction reproduce_pim() {
  PimReproduction result;
  result.batch = SPINVP_LENET_BATCH;
  result.network_macs = network_macs(result.batch);
  result.work = lenet_training_step(result.batch);
  const std::vector<Designs> designs = all_designs();
  const std::vector<Uncertain> uncertain = uncertain_constants();
  for (const PimRegime& regime : technology::pim_regimes())
    for (const Designs& kind : designs) add_claims(result, kind, regime, uncertain);
  for (const Designs& kind : designs)
    if (kind.counting == Counting::executed || kind.counting == Counting::ieee)
      for (Claim& claim : area_claims(*kind.sot, *kind.nor)) result.claims.push_back(std::move(claim));
  for (Claim& claim : fixed_area_claims()) result.claims.push_back(std::move(claim));
  return result;
}

}  // namespace spinvp::platform
