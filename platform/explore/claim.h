// One recomputed figure beside a published one, how far it moves with the constants behind it, and how it is shown: what all of `spinvp reproduce` shares.
//
// Figures are ratios and products of constants, so moves are taken as logarithms: each constant's largest move down and up between its low and its high value, all others at their own; the
// moves of all constants combined as the root of the sum of their squares, low and high on each side of the computed value. A constant's share is its part of the sum of all squares of both sides.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace spinvp::platform {

struct Claim {
  std::string source = {}, claim = {};
  std::string regime = {}, boundary = {}, counts = {};
  std::optional<double> published = {};
  double computed = 0, low = 0, high = 0;
  std::string unit = {};  // empty: a ratio
  std::vector<std::string> assumptions = {};
  std::vector<std::pair<std::string, double>> spread = {};  // constant, share of the squared moves
  bool circular = false;                                    // its inputs hold the published figure: no reproduction
};

struct Spread {
  double computed = 0, low = 0, high = 0;
  std::vector<std::pair<std::string, double>> shares;  // largest first; they sum to 1, or there are none
};

// The figures with one constant at its low, and at its high value. An empty list: it does not move that way.
struct MovedFigures {
  std::string constant;
  std::vector<double> low, high;
};

// Of each of the figures; all are greater than zero, or a figure without spread.
std::vector<Spread> spreads_of(const std::vector<double>& centre, const std::vector<MovedFigures>& moved);

// Puts a spread into its claim.
void set_spread(Claim& claim, const Spread& spread);

// The contract's keys and the unit.
nlohmann::ordered_json to_json(const Claim& claim);

// The constants with the largest shares, as `dram_pj_per_bit 60 %, ...`; "-" where nothing moves.
std::string largest_shares(const Claim& claim);
// Three digits.
std::string figure_text(double value);
// A list item over lines of at most 150 characters.
std::string list_item(const std::string& sentence);

}  // namespace spinvp::platform
