#include "platform/explore/claim.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace spinvp::platform {

namespace {

// Below this a move is rounding.
constexpr double least_move = 1e-9;
constexpr std::size_t shown_constants = 3;
constexpr double least_share = 0.05;
constexpr std::size_t text_width = 150;

struct Moves {
  double down = 0, up = 0;  // sums of squares
};

}  // namespace

std::vector<Spread> spreads_of(const std::vector<double>& centre, const std::vector<MovedFigures>& moved) {
  std::vector<Spread> spreads(centre.size());
  std::vector<Moves> moves(centre.size());
  for (const MovedFigures& constant : moved) {
    std::vector<double> down(centre.size()), up(centre.size());
    for (const std::vector<double>* there : {&constant.low, &constant.high})
      for (std::size_t i = 0; i < there->size(); ++i) {
        if (!(centre[i] > 0) || !((*there)[i] > 0)) continue;
        const double move = std::log((*there)[i] / centre[i]);
        down[i] = std::min(down[i], move), up[i] = std::max(up[i], move);
      }
    for (std::size_t i = 0; i < centre.size(); ++i) {
      if (up[i] - down[i] < least_move) continue;
      moves[i].down += down[i] * down[i], moves[i].up += up[i] * up[i];
      spreads[i].shares.emplace_back(constant.constant, down[i] * down[i] + up[i] * up[i]);
    }
  }
  for (std::size_t i = 0; i < centre.size(); ++i) {
    Spread& spread = spreads[i];
    spread.computed = centre[i];
    spread.low = centre[i] * std::exp(-std::sqrt(moves[i].down));
    spread.high = centre[i] * std::exp(std::sqrt(moves[i].up));
    for (auto& [name, share] : spread.shares) share /= moves[i].down + moves[i].up;
    std::stable_sort(spread.shares.begin(), spread.shares.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  }
  return spreads;
}

void set_spread(Claim& claim, const Spread& spread) {
  claim.computed = spread.computed;
  claim.low = spread.low;
  claim.high = spread.high;
  claim.spread = spread.shares;
}

nlohmann::ordered_json to_json(const Claim& claim) {
  using nlohmann::ordered_json;
  ordered_json spread = ordered_json::object();
  for (const auto& [constant, share] : claim.spread) spread[constant] = share;
  return {{"source", claim.source},
          {"claim", claim.claim},
          {"regime", claim.regime},
          {"boundary", claim.boundary},
          {"published", claim.published ? ordered_json(*claim.published) : ordered_json()},
          {"computed", claim.computed},
          {"low", claim.low},
          {"high", claim.high},
          {"unit", claim.unit},
          {"assumptions", claim.assumptions},
          {"spread", spread}};
}

std::string largest_shares(const Claim& claim) {
  std::string text;
  for (std::size_t i = 0; i < std::min(shown_constants, claim.spread.size()); ++i)
    if (claim.spread[i].second >= least_share)
      text += fmt::format("{}{} {:.0f} %", text.empty() ? "" : ", ", claim.spread[i].first, 100 * claim.spread[i].second);
  return text.empty() ? "-" : text;
}

std::string figure_text(double value) { return value >= 1e4 || value < 1e-3 ? fmt::format("{:.2e}", value) : fmt::format("{:.3g}", value); }

std::string list_item(const std::string& sentence) {
  std::string text = "-";
  std::size_t column = 1;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::size_t end = std::min(sentence.find(' ', at), sentence.size());
    if (column + 1 + (end - at) > text_width) {
      text += "\n ";
      column = 1;
    }
    text += " " + sentence.substr(at, end - at);
    column += 1 + end - at;
    at = end + 1;
  }
  return text + "\n";
}

}  // namespace spinvp::platform
