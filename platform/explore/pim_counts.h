// How many steps an operation takes and what it does to the cells of one lane: as published in closed form, or as executed by the micro-program.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/pim/cell_events.h"
#include "models/pim/step_counts.h"
#include "platform/explore/pim_operation.h"

namespace spinvp::platform {

enum class CountsKind { published, microprogram };
const char* name_of(CountsKind kind);

// Cell events of one lane; a mean, so not whole.
struct LaneEvents {
  std::array<double, pim::cell_event_kinds> counts{};
  bool flips_known = false;
  [[nodiscard]] double& operator[](pim::CellEvent event) { return counts[static_cast<unsigned>(event)]; }
  [[nodiscard]] double operator[](pim::CellEvent event) const { return counts[static_cast<unsigned>(event)]; }
};

struct OperationCounts {
  CountsKind kind = CountsKind::microprogram;
  pim::StepCounts steps;                           // lockstep, in halves
  std::optional<std::array<unsigned, 2>> cells{};  // of a lane: operands, work rows; nothing where not published
  LaneEvents events;
  double set_cells = 0;  // published: cells that initialisations set within the steps (PublishedCount::set_cells)
  std::string source;
  // Executed: which part of the procedure takes which steps.
  std::vector<std::pair<std::string, pim::StepCounts>> sections{};

  [[nodiscard]] std::optional<unsigned> cells_of_a_lane() const { return cells ? std::optional((*cells)[0] + (*cells)[1]) : std::nullopt; }
};

// Row steps that follow each other, of all kinds.
double total(const pim::StepCounts& steps);

// Nothing where there is no published count. `full_array`: all partial products of a multiplication, not the published half.
std::optional<OperationCounts> published_counts(const pim::LogicFamily& family, const PimOperation& operation, bool full_array = false);

// Runs the program on a seeded sample of operands (floats: magnitudes log-uniform in [1/16, 16), both signs; integers: uniform) in work rows that an earlier
// operation has left behind, so that flips are those of an array at work. A shared multiplier is `scalar`, or the one that skips nothing.
inline constexpr unsigned sample_lanes = 4096;
std::uint64_t longest_scalar(const PimOperation& operation);
OperationCounts executed_counts(const pim::LogicFamily& family, const PimOperation& operation, std::optional<std::uint64_t> scalar = std::nullopt);

}  // namespace spinvp::platform
