// `spinvp reproduce memory`: what arXiv 2303.12310 claims of a SOT-MRAM memory system against an SRAM one, each figure recomputed from constants up: vision and language networks, training and
// inference, energy, latency and area, of the memory system alone (boundary `system`: on-chip memory and DRAM) and of the whole chip with its DRAM (boundary `chip`).
//
// A suite's ratio is the geometric mean over its networks of SRAM / SOT. The paper's constants (array, DRAM, capacities, batches, networks) are not public, so rows are named after what they
// assume, and the verdict says which assumptions together reach a headline. Energy of the memory system: its dynamic energy, and its static power over the run's time on the chip.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "platform/explore/claim.h"
#include "platform/explore/memory_schedules.h"
#include "platform/explore/reproduce_memory_systems.h"

namespace spinvp::platform {

inline constexpr const char* vision_networks[] = {"alexnet", "vgg16", "resnet18", "resnet50", "mobilenet-v2"};
inline constexpr const char* language_networks[] = {"bert-base", "gpt2-small", "transformer-base"};
std::vector<std::string> networks_of(bool language);

// A ratio that is asked of every row: its place in MemoryRatios.
struct MemoryHeadline {
  bool language = false, training = false, latency = false;
  std::optional<double> published = {};
  [[nodiscard]] std::string name() const;  // "energy of vision training, SRAM / SOT"
};
std::vector<MemoryHeadline> memory_headlines();
inline constexpr std::size_t headline_count = 8;
// By headline, then boundary: system, chip.
using MemoryRatios = std::array<double, 2 * headline_count>;
constexpr std::size_t ratio_at(std::size_t headline, bool chip) { return 2 * headline + (chip ? 1 : 0); }

struct MemoryRegime {
  std::string name;
  Assumptions set = 0;
  bool fair = false;
};
const std::vector<MemoryRegime>& memory_regimes();

// Both systems on one network.
struct MemoryPoint {
  std::string network, regime;
  bool training = false;
  Sides sides;
  MemoryFigures sram, sot;
  Assumptions set = 0;
};

class MemoryReproduction {
 public:
  // Compiles what is asked for and designs the macros. `progress`: questions answered and asked.
  explicit MemoryReproduction(const std::function<void(std::size_t, std::size_t)>& progress = {});

  std::vector<Claim> claims;
  std::vector<MemoryPoint> points;  // of all regimes, with the constants at their own values
  std::vector<UncertainMemory> uncertain;
  [[nodiscard]] std::vector<std::string> verdict();

  // With the constants at their own values.
  [[nodiscard]] const MemoryRatios& ratios(Assumptions set);
  // What an SRAM would have to leak, mW/MiB, for a headline's energy to come out at equal capacity with nothing else changed; none up to a thousand times its own.
  [[nodiscard]] std::optional<double> leakage_for(std::size_t headline, bool chip);
  // The SOT cell, in F2, whose bank of so many bytes takes half of the SRAM's area.
  [[nodiscard]] double half_area_cell(std::uint64_t bank_bytes);

 private:
  Schedules schedules_;
  MemorySystems systems_;
  std::map<std::string, NpuPrice> npu_prices_;  // by logic table
  std::map<Assumptions, MemoryRatios> ratios_;  // with the constants at their own values

  [[nodiscard]] MemoryRatios ratios(Assumptions set, const MemoryConstants& constants);
  [[nodiscard]] MemoryPoint point(const std::string& network, bool training, Assumptions set, const Sides& sides, const MemoryConstants& constants);
  const NpuPrice& npu_price(const std::string& logic_node);
  [[nodiscard]] std::vector<ScheduleQuestion> questions_of(Assumptions set, const MemoryConstants& constants);
  void add_ratio_claims(const MemoryRegime& regime);
  void add_area_claims();
  std::string about_headline(std::size_t headline, bool chip);
  std::string about_demand(bool language);
  std::string about_area();
  std::string about_all();
};

// Every set of assumptions that does not contradict itself.
std::vector<Assumptions> assumption_sets();
std::string names_of(Assumptions set);

}  // namespace spinvp::platform
