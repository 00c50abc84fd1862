#include "platform/explore/reproduce_memory.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/explore/in_parallel.h"

namespace spinvp::platform {

namespace {

constexpr const char* source = "arXiv 2303.12310, abstract";
constexpr double published_area = 0.5;
constexpr std::uint64_t mebibyte = 1 << 20;
constexpr std::uint64_t area_banks[] = {1 * mebibyte, 4 * mebibyte, 16 * mebibyte, 64 * mebibyte};

npu::NpuConfig machine_npu(const std::string& logic_node) {
  npu::NpuConfig npu;
  npu.logic_node = logic_node;
  return npu;
}

interconnect::InterconnectConfig machine_bus() {
  interconnect::InterconnectConfig bus;
  bus.width_bytes = link_width_bytes;
  return bus;
}

// Where nothing stays on chip, the schedule does not depend on what is beyond the NPU's tiles. More than 16 sequences exceed a job of the NPU (gpt2-small's logits).
ScheduleQuestion question_of(const std::string& network, bool training, const Side& side, const MemoryConstants& constants) {
  constexpr double most_sequences = 16;
  const bool language = std::find(std::begin(language_networks), std::end(language_networks), network) != std::end(language_networks);
  const auto batch = static_cast<std::uint64_t>(language ? std::min(constants.batch, most_sequences) : constants.batch);
  return {network, training, batch, side.reuse ? side.onchip_bytes : npu::NpuConfig().scratch_size.value, side.reuse};
}

std::vector<std::string> assumptions_of(const MemoryRegime& regime, const MemoryHeadline& headline, bool chip) {
  std::vector<std::string> list{
      "the paper's array, precision, DRAM, capacities, batches and networks are not public: all of the constants here are ours",
      fmt::format("networks: {}; batch 16, bf16 products with fp32 sums{}; the geometric mean of their ratios", fmt::join(networks_of(headline.language), ", "),
                  headline.training ? ", fp32 masters, SGD, activations kept" : ""),
      fmt::format("both systems: NPU of 128 x 128 at 1 GHz, output stationary, operand buffer 4 MiB, tiles 8 MiB; {} MiB on chip unless said otherwise, 64 "
                  "banks; HBM2; 22 nm, 350 K, "
                  "low-operating-power transistors unless said otherwise; SRAM of 146 F2, SOT cell sot-2t of 81.5 F2",
                  (headline.training ? training_bytes : inference_bytes) >> 20),
      chip ? "boundary: memory system, array, operand buffer, vector unit and links; no hart, DMA or PIM arrays"
           : (headline.latency
                  ? "boundary: what DRAM and on-chip memory alone would take, whichever is slower in each kernel; array, vector unit and links take no time"
                  : "boundary: dynamic energy of on-chip memory and DRAM, and their static power over the time of the whole run")};
  if (regime.set == 0) list.emplace_back("fair: the same capacity, compiler, schedule, scratchpad, transistors and temperature on both sides");
  for (unsigned i = 0; i < assumption_count; ++i)
    if (has(regime.set, static_cast<Assumption>(i))) list.push_back(text_of(static_cast<Assumption>(i)));
  if (regime.fair && regime.set != 0) list.emplace_back("fair otherwise: the same compiler, schedule, scratchpad, transistors and temperature on both sides");
  return list;
}

}  // namespace

std::vector<std::string> networks_of(bool language) {
  return language ? std::vector<std::string>(std::begin(language_networks), std::end(language_networks))
                  : std::vector<std::string>(std::begin(vision_networks), std::end(vision_networks));
}

std::string MemoryHeadline::name() const {
  return fmt::format("{} of {} {}, SRAM / SOT", latency ? "latency" : "energy", language ? "language" : "vision", training ? "training" : "inference");
}

std::vector<MemoryHeadline> memory_headlines() {
  return {{.training = true, .published = 8},
          {.training = true, .latency = true, .published = 9},
          {.language = true, .training = true, .published = 8},
          {.language = true, .training = true, .latency = true, .published = 4.5},
          {},
          {.latency = true},
          {.language = true},
          {.language = true, .latency = true}};
}

const std::vector<MemoryRegime>& memory_regimes() {
  static const std::vector<MemoryRegime> regimes = [] {
    std::vector<MemoryRegime> list{{"equal capacity", 0, true}};
    for (unsigned i = 0; i < assumption_count; ++i) {
      const auto assumption = static_cast<Assumption>(i);
      list.push_back({name_of(assumption), with(assumption), assumption == Assumption::equal_area});
    }
    list.push_back({"all but equal area", ((1u << assumption_count) - 1) & ~with(Assumption::equal_area), false});
    return list;
  }();
  return regimes;
}

std::vector<Assumptions> assumption_sets() {
  std::vector<Assumptions> sets;
  for (Assumptions set = 0; set < (1u << assumption_count); ++set)
    // A small SRAM against an equal area of SOT is the same question at another size.
    if (!has(set, Assumption::small_sram) || !has(set, Assumption::equal_area)) sets.push_back(set);
  return sets;
}

std::string names_of(Assumptions set) {
  std::vector<std::string> names;
  for (unsigned i = 0; i < assumption_count; ++i)
    if (has(set, static_cast<Assumption>(i))) names.emplace_back(name_of(static_cast<Assumption>(i)));
  return names.empty() ? "equal capacity" : fmt::format("{}", fmt::join(names, " + "));
}

MemoryReproduction::MemoryReproduction(const std::function<void(std::size_t, std::size_t)>& progress)
    : uncertain(uncertain_memory()), schedules_(machine_npu(MemoryConstants().logic_node), machine_lanes()) {
  // All that will be asked: every set with the constants at their own values, and every row with each of them moved.
  std::vector<std::pair<Assumptions, MemoryConstants>> asked;
  for (const Assumptions set : assumption_sets()) asked.emplace_back(set, MemoryConstants());
  for (const MemoryRegime& regime : memory_regimes())
    for (const UncertainMemory& constant : uncertain)
      for (const bool high : {false, true}) {
        if (fixes(regime.set, constant.name)) continue;
        asked.emplace_back(regime.set, MemoryConstants());
        constant.set(asked.back().second, high);
      }
  std::vector<std::vector<ScheduleQuestion>> answers(asked.size());
  in_parallel(asked.size(), [&](std::size_t i) { answers[i] = questions_of(asked[i].first, asked[i].second); });
  std::vector<ScheduleQuestion> questions;
  for (const std::vector<ScheduleQuestion>& some : answers) questions.insert(questions.end(), some.begin(), some.end());
  schedules_.prepare(questions, progress);

  for (const MemoryRegime& regime : memory_regimes()) add_ratio_claims(regime);
  // Claims first by headline, then by boundary, then by regime.
  const std::vector<MemoryHeadline> headlines = memory_headlines();
  const auto place = [&](const Claim& claim) {
    std::size_t at = 0;
    while (headlines[at].name() != claim.claim) ++at;
    return 2 * at + (claim.boundary == "chip" ? 1 : 0);
  };
  std::stable_sort(claims.begin(), claims.end(), [&](const Claim& x, const Claim& y) { return place(x) < place(y); });
  add_area_claims();
}

const NpuPrice& MemoryReproduction::npu_price(const std::string& logic_node) {
  const auto found = npu_prices_.find(logic_node);
  return found != npu_prices_.end() ? found->second : npu_prices_.emplace(logic_node, NpuPrice::of(machine_npu(logic_node), machine_bus())).first->second;
}

std::vector<ScheduleQuestion> MemoryReproduction::questions_of(Assumptions set, const MemoryConstants& constants) {
  std::vector<ScheduleQuestion> questions;
  for (const bool training : {false, true}) {
    const Sides sides = systems_.sides(set, training, constants);
    for (const bool language : {false, true})
      for (const std::string& network : networks_of(language))
        for (const Side* side : {&sides.sram, &sides.sot}) questions.push_back(question_of(network, training, *side, constants));
  }
  return questions;
}

MemoryPoint MemoryReproduction::point(const std::string& network, bool training, Assumptions set, const Sides& sides, const MemoryConstants& constants) {
  MemoryPoint point;
  point.network = network;
  point.training = training;
  point.sides = sides;
  point.set = set;
  const NpuPrice& npu = npu_price(constants.logic_node);
  const auto of = [&](const Side& side) {
    const Schedule& schedule = schedules_.of(question_of(network, training, side, constants));
    return price(schedule.kernels, schedule.times, side.memory, npu);
  };
  point.sram = of(sides.sram);
  point.sot = of(sides.sot);
  return point;
}

MemoryRatios MemoryReproduction::ratios(Assumptions set, const MemoryConstants& constants) {
  MemoryRatios sums{};
  const std::vector<MemoryHeadline> headlines = memory_headlines();
  for (const bool training : {false, true}) {
    const Sides sides = systems_.sides(set, training, constants);
    for (const bool language : {false, true}) {
      const std::vector<std::string> networks = networks_of(language);
      for (const std::string& network : networks) {
        const MemoryPoint p = point(network, training, set, sides, constants);
        const double share = 1 / static_cast<double>(networks.size());
        for (std::size_t h = 0; h < headlines.size(); ++h) {
          if (headlines[h].language != language || headlines[h].training != training) continue;
          const bool latency = headlines[h].latency;
          sums[ratio_at(h, false)] += share * std::log(latency ? p.sram.memory_s / p.sot.memory_s : p.sram.memory_j() / p.sot.memory_j());
          sums[ratio_at(h, true)] += share * std::log(latency ? p.sram.chip_s / p.sot.chip_s : p.sram.chip_j() / p.sot.chip_j());
        }
      }
    }
  }
  for (double& sum : sums) sum = std::exp(sum);
  return sums;
}

const MemoryRatios& MemoryReproduction::ratios(Assumptions set) {
  const auto found = ratios_.find(set);
  return found != ratios_.end() ? found->second : ratios_.emplace(set, ratios(set, {})).first->second;
}

void MemoryReproduction::add_ratio_claims(const MemoryRegime& regime) {
  const auto flat = [](const MemoryRatios& ratios) { return std::vector<double>(ratios.begin(), ratios.end()); };
  std::vector<MovedFigures> moved;
  for (const UncertainMemory& constant : uncertain) {
    if (fixes(regime.set, constant.name)) continue;
    const auto there = [&](bool high) {
      MemoryConstants constants;
      constant.set(constants, high);
      return flat(ratios(regime.set, constants));
    };
    moved.push_back({constant.name, there(false), there(true)});
  }
  const std::vector<Spread> spreads = spreads_of(flat(ratios(regime.set)), moved);
  const std::vector<MemoryHeadline> headlines = memory_headlines();
  for (std::size_t h = 0; h < headlines.size(); ++h)
    for (const bool chip : {false, true}) {
      Claim claim{.source = source,
                  .claim = headlines[h].name(),
                  .regime = regime.name,
                  .boundary = chip ? "chip" : "system",
                  .published = headlines[h].published,
                  .assumptions = assumptions_of(regime, headlines[h], chip)};
      set_spread(claim, spreads[ratio_at(h, chip)]);
      claims.push_back(std::move(claim));
    }
  for (const bool training : {true, false}) {
    const Sides sides = systems_.sides(regime.set, training, {});
    for (const bool language : {false, true})
      for (const std::string& network : networks_of(language)) {
        points.push_back(point(network, training, regime.set, sides, {}));
        points.back().regime = regime.name;
      }
  }
}

void MemoryReproduction::add_area_claims() {
  for (const char* cell : {"sot-2t", "sot-selector", "sot-1t"}) {
    const auto ratio = [&](std::uint64_t bytes) { return systems_.bank_mm2(cell, bytes) / systems_.bank_mm2("sram-146f2", bytes); };
    std::vector<double> by_bank;
    for (const std::uint64_t bytes : area_banks) by_bank.push_back(ratio(bytes));
    const auto [least, most] = std::minmax_element(by_bank.begin(), by_bank.end());
    for (const bool chip : {false, true}) {
      const NpuPrice& npu = npu_price(MemoryConstants().logic_node);
      // Of training's capacity in 64 banks.
      const double banks = MemoryConstants().banks, sram = banks * systems_.bank_mm2("sram-146f2", training_bytes / 64),
                   sot = banks * systems_.bank_mm2(cell, training_bytes / 64);
      const double rest = chip ? npu.area_mm2 : 0;
      Claim claim{.source = source,
                  .claim = "area at equal capacity, SOT / SRAM",
                  .regime = fmt::format("cell {}", cell),
                  .boundary = chip ? "chip" : "array",
                  .published = published_area,
                  .assumptions = {fmt::format("{} MiB in 64 banks at 22 nm, array model with circuits and wires; SRAM cell of 146 F2", training_bytes >> 20),
                                  "low and high: banks of 1 to 64 MiB"}};
      if (chip) claim.assumptions.emplace_back("with the processing elements (45 nm) and the operand buffer on both sides");
      const auto whole = [&](double memory_ratio) { return (memory_ratio * sram + rest) / (sram + rest); };
      claim.computed = (sot + rest) / (sram + rest);
      claim.low = whole(*least);
      claim.high = whole(*most);
      claim.spread = {{"bank_size", 1}};
      claims.push_back(std::move(claim));
    }
  }
}

std::optional<double> MemoryReproduction::leakage_for(std::size_t headline, bool chip) {
  const MemoryHeadline asked = memory_headlines()[headline];
  const auto ratio = [&](double factor) {
    MemoryConstants constants;
    constants.sram_leakage_factor = factor;
    return ratios(0, constants)[ratio_at(headline, chip)];
  };
  double low = 1, high = 1000;
  if (ratio(low) > *asked.published || ratio(high) < *asked.published) return std::nullopt;
  for (int i = 0; i < 24; ++i) {
    const double middle = std::sqrt(low * high);
    (ratio(middle) < *asked.published ? low : high) = middle;
  }
  const Sides sides = systems_.sides(0, asked.training, {});
  return low * sides.sram.memory.leakage_watts() * 1e3 / static_cast<double>(sides.sram.onchip_bytes / mebibyte);
}

double MemoryReproduction::half_area_cell(std::uint64_t bank_bytes) {
  // Close to a line in the cell's area: each step puts a chord through the last two points.
  const double sram = systems_.bank_mm2("sram-146f2", bank_bytes);
  const auto off = [&](double cell_f2) { return systems_.bank_mm2("sot-2t", bank_bytes, cell_f2) / sram - published_area; };
  double before = 40, here = 80, off_before = off(before), off_here = off(here);
  for (int i = 0; i < 6 && std::abs(off_here) > 1e-3 && off_here != off_before; ++i) {
    const double next = here - off_here * (here - before) / (off_here - off_before);
    before = here, off_before = off_here;
    here = next, off_here = off(here);
  }
  return here;
}

}  // namespace spinvp::platform
