// Sentences that follow from the rows alone.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/explore/reproduce_pim.h"

namespace spinvp::platform {

namespace {

constexpr double close_enough = 0.10;

using Rows = std::vector<const Claim*>;

bool close(const Claim& claim) { return std::abs(claim.computed / *claim.published - 1) <= close_enough; }
bool covered(const Claim& claim) { return claim.low <= *claim.published && *claim.published <= claim.high; }

Rows rows_of(const PimReproduction& reproduction, const std::string& name) {
  Rows rows;
  for (const Claim& claim : reproduction.claims)
    if (claim.claim == name) rows.push_back(&claim);
  return rows;
}

// Regime by regime: "bare (published 2.77, executed 1.72)".
std::string list(const Rows& rows) {
  std::vector<std::string> regimes;
  for (std::size_t i = 0; i < rows.size();) {
    std::vector<std::string> counts;
    const std::string& regime = rows[i]->regime;
    for (; i < rows.size() && rows[i]->regime == regime; ++i) counts.push_back(fmt::format("{} {:.3g}", rows[i]->counts, rows[i]->computed));
    regimes.push_back(fmt::format("{} ({})", regime, fmt::join(counts, ", ")));
  }
  return regimes.empty() ? "none" : fmt::format("{}", fmt::join(regimes, ", "));
}

std::string about_one_claim(const Rows& rows) {
  Rows near, inside, circular;
  double least = rows.front()->computed, most = least;
  for (const Claim* row : rows) {
    if (row->circular) {
      circular.push_back(row);
      continue;
    }
    least = std::min(least, row->computed), most = std::max(most, row->computed);
    if (close(*row))
      near.push_back(row);
    else if (covered(*row))
      inside.push_back(row);
  }
  const Claim& first = *rows.front();
  std::string text = fmt::format("{}, published {:.4g}{}{}: ours run from {:.3g} to {:.3g}. Within 10 %: {}. Further off, but between low and high: {}.",
                                 first.claim, *first.published, first.unit.empty() ? "" : " ", first.unit, least, most, list(near), list(inside));
  if (!circular.empty()) text += fmt::format(" Not counted, for their input is the published figure: {}.", list(circular));
  return text;
}

bool same_side(const std::string& regime_boundary, const std::string& area_boundary) {
  const bool cells_alone = regime_boundary == "device" || regime_boundary == "supply";
  return cells_alone == (area_boundary == "device");
}

// Energies of the regimes and counts in which latency and energy pass, and where asked an area on the same side of the boundary.
template <typename Passes>
Rows together(const PimReproduction& reproduction, bool with_area, Passes&& passes) {
  Rows found;
  const Rows energies = rows_of(reproduction, claim_name::training_energy), areas = rows_of(reproduction, claim_name::area);
  for (const Claim* latency : rows_of(reproduction, claim_name::training_latency)) {
    const auto energy =
        std::find_if(energies.begin(), energies.end(), [&](const Claim* row) { return row->regime == latency->regime && row->counts == latency->counts; });
    if (energy == energies.end() || !passes(*latency) || !passes(**energy)) continue;
    if (!with_area ||
        std::any_of(areas.begin(), areas.end(), [&](const Claim* area) { return same_side((*energy)->boundary, area->boundary) && passes(*area); }))
      found.push_back(*energy);
  }
  return found;
}

std::string about_all(const PimReproduction& reproduction) {
  const Rows two = together(reproduction, false, close), near = together(reproduction, true, close), inside = together(reproduction, true, covered);
  std::string text = two.empty() ? "No regime and count gives 1.8 and 3.3 together within 10 %."
                                 : fmt::format("1.8 and 3.3 together within 10 %, here by energy: {}.", list(two));
  text += near.empty() ? " No regime, count and cell gives 1.8, 3.3 and 2.5 together within 10 %."
                       : fmt::format(" 1.8, 3.3 and 2.5 together within 10 %, by energy: {}.", list(near));
  return text +
         (inside.empty()
              ? " None holds all three between its low and high either."
              : fmt::format(" All three between low and high, with an area on the same side of the boundary, by energy: {}; such wide ranges confirm little.",
                            list(inside)));
}

std::string about_regimes(const PimReproduction& reproduction) {
  std::string text;
  double least = 0, most = 0;
  const Rows rows = rows_of(reproduction, claim_name::training_energy);
  for (const Claim* row : rows) {
    if (row->counts != rows.front()->counts) continue;
    least = text.empty() ? row->computed : std::min(least, row->computed), most = std::max(most, row->computed);
    text += fmt::format("{}{} {:.3g} ({})", text.empty() ? "" : ", ", row->regime, row->computed, row->boundary);
  }
  return fmt::format("With the same {} counts and workload the energy ratio moves by a factor of {:.0f} with what is accounted: {}.", rows.front()->counts,
                     most / least, text);
}

}  // namespace

std::vector<std::string> verdict(const PimReproduction& reproduction) {
  std::vector<std::string> sentences;
  for (const char* name :
       {claim_name::training_latency, claim_name::training_energy, claim_name::area, claim_name::chip_area, claim_name::chip_crossbars, claim_name::chip_power})
    sentences.push_back(about_one_claim(rows_of(reproduction, name)));
  sentences.push_back(about_regimes(reproduction));
  sentences.push_back(about_all(reproduction));
  return sentences;
}

}  // namespace spinvp::platform
