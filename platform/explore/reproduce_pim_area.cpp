#include "platform/explore/reproduce_pim_area.h"

#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "platform/explore/reproduce_pim_spread.h"

namespace spinvp::platform {

namespace {

constexpr unsigned columns = 1024, block_rows = 1024;
constexpr double floatpim_blocks = 8192, floatpim_chip_mm2 = 30.64, floatpim_crossbars = 0.951;

// The memristor's cell is a choice of design, not an uncertain number: a crossbar, or a cell with its transistor.
struct CellChoice {
  std::string name;
  double f2, low, high;
};
std::vector<CellChoice> cell_choices() { return {{"crossbar 4 F2", 4, 4, 4}, {"1T1R 30-53 F2", std::sqrt(30.0 * 53.0), 30, 53}}; }

Constants with_cell(const CellChoice& cell) {
  Constants constants;
  constants.physics.memristor_cell_f2 = cell.f2;
  return constants;
}

std::vector<Uncertain> constants_of(const CellChoice& cell) {
  std::vector<Uncertain> list = uncertain_constants({"memristor_cell"});
  if (cell.low < cell.high)
    list.push_back({"memristor_cell", cell.low, cell.high, [](Constants& constants, double value) { constants.physics.memristor_cell_f2 = value; }});
  return list;
}

double cell_area(const std::string& cell, const Constants& constants) {
  return technology::pim_technology(cell, "array", {block_rows, columns}, constants.physics).cell_area.si();
}
double array_area(const std::string& cell, unsigned rows, const Constants& constants) {
  return technology::pim_technology(cell, "array", {rows, columns}, constants.physics).array_area.si();
}

struct AreaFigure {
  const char* what;
  const char* boundary;
  std::function<double(const Constants&)> figure;
};

void add(std::vector<Claim>& claims, const CellChoice& cell, const AreaFigure& figure, const Claim& about) {
  const Spread spread =
      spreads_of([&](const Constants& constants) { return std::vector<double>{figure.figure(constants)}; }, with_cell(cell), constants_of(cell)).front();
  Claim claim = about;
  claim.regime = cell.name + ", " + figure.what;
  claim.boundary = figure.boundary;
  claim.computed = spread.computed, claim.low = spread.low, claim.high = spread.high;
  claim.spread = spread.shares;
  claims.push_back(std::move(claim));
}

Claim ratio(const std::string& counts) {
  return {.source = "arXiv 2003.01551, abstract",
          .claim = claim_name::area,
          .counts = counts,
          .published = 2.5,
          .assumptions = {
              "both designs at 28 nm with as many lanes, each lane a column, the same row and column circuits; the paper's own definition of area is not known",
              "the regime names the memristor's cell and what is counted: the area of cells and circuits does not depend on how energy is taken"}};
}

}  // namespace

std::vector<Claim> area_claims(const DesignCounts& sot, const DesignCounts& nor) {
  const unsigned sot_lane = sot.operand_rows + sot.work_rows, nor_lane = nor.operand_rows + nor.work_rows;
  const auto cells = [](double sot_rows, double nor_rows) {
    return [=](const Constants& constants) { return nor_rows * cell_area("memristor", constants) / (sot_rows * cell_area("sot", constants)); };
  };
  const std::vector<AreaFigure> figures{
      {"workspace", "device", cells(sot.work_rows, nor.work_rows)},
      {"lane", "device", cells(sot_lane, nor_lane)},
      {"subarray", "array", [=](const Constants& constants) { return array_area("memristor", nor_lane, constants) / array_area("sot", sot_lane, constants); }},
  };
  Claim about = ratio(name_of(sot.counting));
  about.assumptions.push_back(
      fmt::format("cells of a lane for a multiply-accumulate of our micro-programs: {} operand bits, and {} (SOT) or {} (FloatPIM) work cells; neither paper's "
                  "own are known",
                  sot.operand_rows, sot.work_rows, nor.work_rows));
  std::vector<Claim> claims;
  for (const CellChoice& cell : cell_choices())
    for (const AreaFigure& figure : figures) add(claims, cell, figure, about);
  return claims;
}

std::vector<Claim> fixed_area_claims() {
  std::vector<Claim> claims;
  const auto chip = [](double block) { return floatpim_blocks * block * 1e6; };  // mm2
  for (const CellChoice& cell : cell_choices()) {
    Claim about = ratio("any");
    about.assumptions.emplace_back("as many subarrays of 1K x 1K in both designs, whatever a lane needs");
    add(claims, cell,
        {"1K x 1K", "array",
         [](const Constants& constants) { return array_area("memristor", block_rows, constants) / array_area("sot", block_rows, constants); }},
        about);
  }
  // The chip against blocks with their circuits, its crossbars against cells alone: never one against the other.
  for (const CellChoice& cell : cell_choices()) {
    Claim about{.source = "FloatPIM, ISCA 2019 (two digests)",
                .claim = claim_name::chip_area,
                .counts = "any",
                .published = floatpim_chip_mm2,
                .unit = "mm2",
                .assumptions = {"8192 blocks of 1K x 1K at 28 nm; controllers, switches and interconnect are not modelled (3.4 % of the published area)"}};
    add(claims, cell, {"blocks", "array", [&](const Constants& constants) { return chip(array_area("memristor", block_rows, constants)); }}, about);
    about.claim = claim_name::chip_crossbars;
    about.published = floatpim_crossbars * floatpim_chip_mm2;
    about.assumptions = {"8192 blocks of 1K x 1K cells at 28 nm; published: 95.1 % of the chip, and what of the circuits its crossbars hold is not known"};
    add(claims, cell, {"cells", "device", [&](const Constants& constants) { return chip(block_rows * columns * cell_area("memristor", constants)); }}, about);
  }
  return claims;
}

}  // namespace spinvp::platform
