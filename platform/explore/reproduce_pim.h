// `spinvp reproduce pim`: what the papers of the two training designs claim, each figure recomputed from device constants up, in every named regime and with every
// kind of count. Both designs of a ratio always share boundary, node, workload, mapping and the constants that they have in common.
#pragma once

#include <string>
#include <vector>

#include "platform/explore/claim.h"
#include "platform/explore/reproduce_pim_cost.h"

namespace spinvp::platform {

// Names of the claims, in order.
namespace claim_name {
inline constexpr const char* training_latency = "latency of a training step, FloatPIM / SOT";
inline constexpr const char* training_energy = "energy of a training step, FloatPIM / SOT";
inline constexpr const char* area = "area, FloatPIM / SOT";
inline constexpr const char* mac_latency = "latency of a multiply-accumulate, FloatPIM / SOT";
inline constexpr const char* mac_energy = "energy of a multiply-accumulate, FloatPIM / SOT";
inline constexpr const char* aritpim_latency = "latency of a training step, AritPIM / SOT";
inline constexpr const char* aritpim_energy = "energy of a training step, AritPIM / SOT";
inline constexpr const char* chip_area = "chip area of FloatPIM";
inline constexpr const char* chip_crossbars = "crossbars of FloatPIM's chip";
inline constexpr const char* chip_power = "chip power of FloatPIM";
}  // namespace claim_name

// Absolute figures behind the ratios.
struct DesignRow {
  std::string family, regime, boundary, counts;
  DesignFigures figures;
};

struct PimReproduction {
  ArrayWork work;
  std::uint64_t batch = 0, network_macs = 0;  // of the batch, forward and training
  std::vector<Claim> claims;
  std::vector<DesignRow> designs;
};
PimReproduction reproduce_pim();

// What the rows say, in sentences.
std::vector<std::string> verdict(const PimReproduction& reproduction);

}  // namespace spinvp::platform
