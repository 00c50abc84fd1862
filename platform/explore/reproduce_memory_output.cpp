#include "platform/explore/reproduce_memory_output.h"

#include <algorithm>

#include <fmt/format.h>

namespace spinvp::platform {

namespace {

using nlohmann::ordered_json;

ordered_json side_json(const Side& side, const MemoryFigures& f, const std::vector<std::string>& settings) {
  return {{"onchip_mib", side.onchip_bytes >> 20},
          {"area_mm2", side.memory.area_mm2()},
          {"time_ms", f.chip_s * 1e3},
          {"memory_time_ms", f.memory_s * 1e3},
          {"compute_ms", f.compute_s * 1e3},
          {"energy_mj", f.chip_j() * 1e3},
          {"memory_energy_mj", f.memory_j() * 1e3},
          {"onchip_dynamic_mj", f.onchip_j * 1e3},
          {"onchip_static_mj", f.onchip_static_j * 1e3},
          {"dram_dynamic_mj", f.dram_j * 1e3},
          {"dram_static_mj", f.dram_static_j * 1e3},
          {"npu_dynamic_mj", (f.array_j + f.buffer_j + f.vector_j) * 1e3},
          {"npu_static_mj", f.npu_static_j * 1e3},
          {"links_mj", f.links_j * 1e3},
          {"macs", f.macs},
          {"dram_read_bytes", f.moves.of(Way::dram_read)},
          {"dram_write_bytes", f.moves.of(Way::dram_write)},
          {"onchip_read_bytes", f.moves.of(Way::onchip_read)},
          {"onchip_write_bytes", f.moves.of(Way::onchip_write)},
          {"settings", settings}};
}

std::string range(const Claim& claim) { return fmt::format("{:>7} .. {:<7}", figure_text(claim.low), figure_text(claim.high)); }

// A headline's rows, both boundaries beside each other.
void put_headline(std::string& text, const MemoryReproduction& reproduction, const MemoryHeadline& headline) {
  text += fmt::format("\n{}: {} (arXiv 2303.12310, abstract)\n", headline.name(),
                      headline.published ? fmt::format("published {}", figure_text(*headline.published)) : "no figure published");
  text += fmt::format("  {:<18}  {:>13}  {:>18}  {:>10}  {:>18}  {}\n", "", "memory system", "low .. high", "whole chip", "low .. high",
                      "most uncertain constants (memory system)");
  for (const Claim& system : reproduction.claims) {
    if (system.claim != headline.name() || system.boundary != "system") continue;
    const auto chip = std::find_if(reproduction.claims.begin(), reproduction.claims.end(),
                                   [&](const Claim& c) { return c.claim == system.claim && c.regime == system.regime && c.boundary == "chip"; });
    text += fmt::format("  {:<18}  {:>13}  {:>18}  {:>10}  {:>18}  {}\n", system.regime, figure_text(system.computed), range(system),
                        figure_text(chip->computed), range(*chip), largest_shares(system));
  }
}

}  // namespace

ordered_json to_json(MemoryReproduction& reproduction) {
  ordered_json claims = ordered_json::array(), points = ordered_json::array(), constants = ordered_json::array();
  for (const Claim& claim : reproduction.claims) claims.push_back(to_json(claim));
  for (const MemoryPoint& p : reproduction.points)
    points.push_back({{"network", p.network},
                      {"mode", p.training ? "training" : "inference"},
                      {"batch", MemoryConstants().batch},
                      {"regime", p.regime},
                      {"sram", side_json(p.sides.sram, p.sram, run_settings(p.sides.sram, p.set, false, p.training))},
                      {"sot", side_json(p.sides.sot, p.sot, run_settings(p.sides.sot, p.set, true, p.training))}});
  for (const UncertainMemory& c : reproduction.uncertain)
    constants.push_back({{"name", c.name}, {"value", c.value}, {"low", c.low}, {"high", c.high}, {"unit", c.unit}, {"source", c.source}});
  return {{"schema", "spinvp-reproduce/1"}, {"claims", claims}, {"verdict", reproduction.verdict()}, {"points", points}, {"constants", constants}};
}

std::string to_text(MemoryReproduction& reproduction) {
  std::string text = fmt::format(
      "Two memory systems around one NPU (128 x 128, 1 GHz, bf16), SRAM and SOT-MRAM, {} MiB on chip in training and {} MiB in inference, HBM2; batch 16.\n"
      "Vision: {}. Language: {}. Ratios SRAM / SOT, geometric means; above 1: SOT is better.\n"
      "Equal capacity and equal area are fair rows: the same compiler, schedule, scratchpad, transistors and temperature. The others add one assumption "
      "each.\n",
      training_bytes >> 20, inference_bytes >> 20, fmt::join(networks_of(false), ", "), fmt::join(networks_of(true), ", "));
  for (const MemoryHeadline& headline : memory_headlines()) put_headline(text, reproduction, headline);
  text += "\narea at equal capacity, SOT / SRAM: published 0.5 (arXiv 2303.12310, abstract)\n";
  text += fmt::format("  {:<18}  {:>13}  {:>18}  {:>10}  {:>18}\n", "", "memory", "low .. high", "whole chip", "low .. high");
  for (std::size_t i = 0; i < reproduction.claims.size(); ++i) {
    const Claim& array = reproduction.claims[i];
    if (array.boundary != "array") continue;
    const Claim& chip = reproduction.claims[i + 1];
    text += fmt::format("  {:<18}  {:>13}  {:>18}  {:>10}  {:>18}\n", array.regime, figure_text(array.computed), range(array), figure_text(chip.computed),
                        range(chip));
  }
  text += "\nAssumptions\n";
  for (unsigned i = 0; i < assumption_count; ++i) text += list_item(text_of(static_cast<Assumption>(i)));
  text += "\nConstants that move low and high\n";
  for (const UncertainMemory& c : reproduction.uncertain)
    text += fmt::format("  {:<16}  {:>8}  {:>8} .. {:<8}  {}\n", c.name, figure_text(c.value), figure_text(c.low), figure_text(c.high), c.unit);
  text +=
      "Low and high: each constant alone between its low and high, combined as the root of the sum of squares of the logarithms. `--json` has sources, "
      "assumptions and\n"
      "each network's figures with the settings that make `spinvp run` simulate it.\n"
      "\nVerdict\n";
  for (const std::string& sentence : reproduction.verdict()) text += list_item(sentence);
  return text;
}

}  // namespace spinvp::platform
