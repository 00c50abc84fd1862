// Sentences that follow from the rows and from the sets of assumptions alone.
#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "platform/explore/reproduce_memory.h"

namespace spinvp::platform {

namespace {

// A figure reaches a headline from here on.
constexpr double close_enough = 0.10;
bool reaches(double ratio, double published) { return ratio >= published * (1 - close_enough); }

const char* boundary_words(bool chip) { return chip ? "whole chip" : "memory system alone"; }

}  // namespace

std::string MemoryReproduction::about_headline(std::size_t headline, bool chip) {
  const std::size_t at = ratio_at(headline, chip);
  const double published = *memory_headlines()[headline].published;
  // Fewest assumptions first; of as many, the least above the headline.
  std::optional<Assumptions> found, most;
  for (const Assumptions set : assumption_sets()) {
    const double ratio = ratios(set)[at];
    if (!most || ratio > ratios(*most)[at]) most = set;
    if (!reaches(ratio, published)) continue;
    const int size = std::popcount(set);
    if (!found || size < std::popcount(*found) || (size == std::popcount(*found) && ratio < ratios(*found)[at])) found = set;
  }
  std::string text = fmt::format("{}: {} at equal capacity, {} at equal area", boundary_words(chip), figure_text(ratios(0)[at]),
                                 figure_text(ratios(with(Assumption::equal_area))[at]));
  if (!memory_headlines()[headline].latency)
    if (const auto leakage = leakage_for(headline, chip))
      text += fmt::format("; {} at equal capacity takes an SRAM that leaks {} mW/MiB", figure_text(published), figure_text(*leakage));
  if (!found)
    return text +
           fmt::format("; no set of assumptions reaches {}, the most is {} ({})", figure_text(published), figure_text(ratios(*most)[at]), names_of(*most));
  if (*found == 0) return text + "; reached without assumptions";
  // In order: the one that brings most first.
  std::vector<std::string> steps;
  for (Assumptions have = 0; have != *found;) {
    Assumptions next = 0;
    for (unsigned i = 0; i < assumption_count; ++i) {
      const Assumptions one = 1u << i;
      if ((*found & ~have & one) != 0 && (next == 0 || ratios(have | one)[at] > ratios(have | next)[at])) next = one;
    }
    have |= next;
    steps.push_back(fmt::format("{} {}", names_of(next), figure_text(ratios(have)[at])));
  }
  return text + fmt::format("; {} with {}", ratios(*found)[at] > published * (1 + close_enough) ? "passed" : "reached", fmt::join(steps, ", then "));
}

// E_fast / E_slow where nothing but the DRAM's traffic changes: s of the energy stays, the rest shrinks by g.
std::string MemoryReproduction::about_demand(bool language) {
  double chip = 0, memory = 0, dram = 0, bytes_sram = 0, bytes_sot = 0, bytes_naive = 0;
  for (const MemoryPoint& p : points) {
    const std::vector<std::string> networks = networks_of(language);
    if (!p.training || std::find(networks.begin(), networks.end(), p.network) == networks.end()) continue;
    if (p.set == with(Assumption::naive_sram)) bytes_naive += p.sram.dram_bytes();
    if (p.set != 0) continue;
    chip += p.sram.chip_j(), memory += p.sram.memory_j(), dram += p.sram.dram_j;
    bytes_sram += p.sram.dram_bytes(), bytes_sot += p.sot.dram_bytes();
  }
  const double s_memory = 1 - dram / memory, s_chip = 1 - dram / chip, g = bytes_naive / bytes_sot;
  const auto limit = [](double stays, double cut) { return 1 / (stays + (1 - stays) / cut); };
  return fmt::format(
      "Demand, {} training, all networks together: s = {:.0f} % of the memory system's energy ({:.0f} % of the chip's) with SRAM at equal capacity is not DRAM "
      "traffic. A cut of that traffic by g alone "
      "gives 1 / (s + (1 - s) / g), so 8 takes s below 12.5 % whatever g is; at equal capacity g = {:.2f}, against the naive schedule {:.1f}, which allows "
      "{:.2f} ({:.2f}).",
      language ? "language" : "vision", 100 * s_memory, 100 * s_chip, bytes_sram / bytes_sot, g, limit(s_memory, g), limit(s_chip, g));
}

std::string MemoryReproduction::about_area() {
  std::vector<std::string> arrays;
  for (const Claim& claim : claims)
    if (claim.boundary == "array")
      arrays.push_back(
          fmt::format("{} {:.0f} % ({:.0f} to {:.0f} % by the size of a bank)", claim.regime, 100 * claim.computed, 100 * claim.low, 100 * claim.high));
  return fmt::format("Area, published about 50 %: {}. Half of the SRAM's area takes a SOT cell of {:.0f} F2 in banks of 4 MiB, {:.0f} F2 in banks of 64 MiB.",
                     fmt::join(arrays, ", "), half_area_cell(std::uint64_t{4} << 20), half_area_cell(std::uint64_t{64} << 20));
}

std::string MemoryReproduction::about_all() {
  std::string text;
  const std::vector<MemoryHeadline> headlines = memory_headlines();
  for (const bool chip : {false, true}) {
    Assumptions best = 0;
    double least = 0;
    const auto worst = [&](Assumptions set) {
      const MemoryRatios r = ratios(set);
      double off = 0;
      for (std::size_t h = 0; h < headlines.size(); ++h)
        if (headlines[h].published) off = std::max(off, std::abs(std::log(r[ratio_at(h, chip)] / *headlines[h].published)));
      return off;
    };
    for (const Assumptions set : assumption_sets()) {
      const double off = worst(set);
      if (set == 0 || off < least) best = set, least = off;
    }
    const MemoryRatios r = ratios(best);
    std::vector<std::string> figures;
    for (std::size_t h = 0; h < headlines.size(); ++h)
      if (headlines[h].published) figures.push_back(fmt::format("{} for {}", figure_text(r[ratio_at(h, chip)]), figure_text(*headlines[h].published)));
    text += fmt::format("{}{}, the set that comes nearest to all four training headlines is {}: {} ({}).", text.empty() ? "" : " ",
                        chip ? "Of the whole chip" : "Of the memory system alone", names_of(best), fmt::join(figures, ", "),
                        least <= std::log(1 + close_enough) ? "all within 10 %" : "not all within 10 %");
  }
  return text;
}

std::vector<std::string> MemoryReproduction::verdict() {
  std::vector<std::string> sentences{
      "The abstract's factors stand beside ours; the constants behind them are not public, so a row says what its assumptions give, not what the paper did. "
      "Below, a factor is `reached` within 10 % of "
      "the published one and `passed` above that, with the fewest assumptions, each on top of those before it."};
  const std::vector<MemoryHeadline> headlines = memory_headlines();
  for (std::size_t h = 0; h < headlines.size(); ++h)
    if (headlines[h].published)
      sentences.push_back(fmt::format("{}, published {}: {}. {}.", headlines[h].name(), figure_text(*headlines[h].published), about_headline(h, false),
                                      about_headline(h, true)));
  sentences.push_back(about_demand(false));
  sentences.push_back(about_demand(true));
  sentences.push_back(about_area());
  sentences.push_back(about_all());
  return sentences;
}

}  // namespace spinvp::platform
