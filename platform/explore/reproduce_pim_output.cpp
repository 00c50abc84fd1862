#include "platform/explore/reproduce_pim_output.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/explore/reproduce_pim_spread.h"

namespace spinvp::platform {

namespace {

using nlohmann::ordered_json;

// With what only these claims have: whose counts they take, and whether they are circular.
ordered_json claim_of_pim(const Claim& claim) {
  ordered_json row = to_json(claim);
  row["counts"] = claim.counts;
  row["circular"] = claim.circular;
  return row;
}

ordered_json to_json(const Occurrences& o) { return {{"in_sequence", o.sequence}, {"lanes", o.lanes}, {"subarrays", o.subarrays}}; }

ordered_json constants() {
  const Constants nominal;
  ordered_json list = ordered_json::array();
  for (const technology::PimPhysicsField& field : technology::pim_physics_fields())
    list.push_back({{"name", field.name},
                    {"value", nominal.physics.*field.member},
                    {"low", field.low},
                    {"high", field.high},
                    {"unit", field.unit},
                    {"source", field.source}});
  list.push_back({{"name", "flip_share"},
                  {"value", nominal.flip_share},
                  {"low", least_flip_share},
                  {"high", 1},
                  {"unit", ""},
                  {"source", "assumed: half of the cells that published counts write or set flip; executed programs flip 0.40 (sot) to 0.64 (nor)"}});
  // What each regime makes of them.
  for (const technology::PimRegime& regime : technology::pim_regimes())
    for (const char* cell : {"sot", "memristor"}) {
      const auto t = technology::pim_technology(cell, regime.name);
      const std::string prefix = std::string(cell) + "." + regime.name + ".";
      const auto add = [&](const char* name, double value, const char* unit, const std::string& source) {
        if (value != 0) list.push_back({{"name", prefix + name}, {"value", value}, {"low", nullptr}, {"high", nullptr}, {"unit", unit}, {"source", source}});
      };
      add("row_read", t.times.read.si() * 1e9, "ns", t.time_source);
      add("row_write", t.times.write.si() * 1e9, "ns", t.time_source);
      add("row_search", t.times.search.si() * 1e9, "ns", t.time_source);
      add("nor", t.times.nor.si() * 1e9, "ns", t.time_source);
      add("init", t.times.init.si() * 1e9, "ns", t.time_source);
      for (std::size_t i = 0; i < technology::pim_events; ++i)
        add(pim::name_of(static_cast<pim::CellEvent>(i)), t.energy[i].si() * 1e15, "fJ", t.energy_sources[i]);
    }
  return list;
}

// The row of another claim with the same regime and counts; "-" where there is none.
std::string beside(const PimReproduction& reproduction, const Claim& row, const char* claim) {
  for (const Claim& other : reproduction.claims)
    if (other.claim == claim && other.regime == row.regime && other.counts == row.counts) return figure_text(other.computed);
  return "-";
}

// `mac`, `third`: claims shown as columns beside this one, or null.
void put_claim(std::string& text, const PimReproduction& reproduction, const char* name, const char* mac, const char* third) {
  std::size_t width = 6;
  for (const Claim& claim : reproduction.claims)
    if (claim.claim == name) width = std::max(width, claim.regime.size());
  bool first = true;
  std::string regime;
  for (const Claim& claim : reproduction.claims) {
    if (claim.claim != name) continue;
    if (first) {
      text += fmt::format("\n{}: published {:.4g}{}{} ({})\n", name, *claim.published, claim.unit.empty() ? "" : " ", claim.unit, claim.source);
      text += fmt::format("  {:<{}}  {:<8}  {:<10}  {:>8}  {:>19}", "regime", width, "boundary", "counts", "ours", "low .. high");
      if (mac != nullptr) text += fmt::format("  {:>8}  {:>11}", "one MAC", "AritPIM/SOT");
      text += "  most uncertain constants\n";
    }
    first = false;
    text +=
        fmt::format("  {:<{}}  {:<8}  {:<10}  {:>8}  {:>8} .. {:<7}", claim.regime == regime ? "" : claim.regime, width,
                    claim.regime == regime ? "" : claim.boundary, claim.counts, figure_text(claim.computed), figure_text(claim.low), figure_text(claim.high));
    if (mac != nullptr) text += fmt::format("  {:>8}  {:>11}", beside(reproduction, claim, mac), beside(reproduction, claim, third));
    text += fmt::format("  {}\n", claim.circular ? "circular: takes FloatPIM's own power of a block" : largest_shares(claim));
    regime = claim.regime;
  }
}

}  // namespace

ordered_json to_json(const PimReproduction& reproduction) {
  ordered_json claims = ordered_json::array(), designs = ordered_json::array();
  for (const Claim& claim : reproduction.claims) claims.push_back(claim_of_pim(claim));
  for (const DesignRow& row : reproduction.designs)
    designs.push_back({{"family", row.family},
                       {"regime", row.regime},
                       {"boundary", row.boundary},
                       {"counts", row.counts},
                       {"mac_ns", row.figures.mac_seconds * 1e9},
                       {"mac_pj", row.figures.mac_joules * 1e12},
                       {"training_step_ms", row.figures.step_seconds * 1e3},
                       {"training_step_mj", row.figures.step_joules * 1e3},
                       {"subarray_w", row.figures.block_watts}});
  const ArrayWork& work = reproduction.work;
  return {{"schema", "spinvp-reproduce/1"},
          {"claims", claims},
          {"verdict", verdict(reproduction)},
          {"workload",
           {{"network", "LeNet, 21,840 parameters, fp32"},
            {"batch", reproduction.batch},
            {"network_macs", reproduction.network_macs},
            {"multiply_accumulate", to_json(work.multiply_accumulate)},
            {"add", to_json(work.add)},
            {"multiply", to_json(work.multiply)},
            {"subtract", to_json(work.subtract)},
            {"word_write", to_json(work.word_write)},
            {"word_read", to_json(work.word_read)}}},
          {"designs", designs},
          {"constants", constants()}};
}

std::string to_text(const PimReproduction& reproduction) {
  const ArrayWork& work = reproduction.work;
  std::string text = fmt::format(
      "One training step of the LeNet (21,840 parameters, fp32, batch {}) on 65,536 lanes, both designs at 28 nm with the same mapping:\n"
      "{} multiply-accumulates in sequence, {} additions, {} operand words in, {} words out. Ratios above 1: the SOT design is better.\n",
      reproduction.batch, work.multiply_accumulate.sequence, work.add.sequence, work.word_write.sequence, work.word_read.sequence);
  put_claim(text, reproduction, claim_name::training_latency, claim_name::mac_latency, claim_name::aritpim_latency);
  put_claim(text, reproduction, claim_name::training_energy, claim_name::mac_energy, claim_name::aritpim_energy);
  put_claim(text, reproduction, claim_name::area, nullptr, nullptr);
  put_claim(text, reproduction, claim_name::chip_area, nullptr, nullptr);
  put_claim(text, reproduction, claim_name::chip_crossbars, nullptr, nullptr);
  put_claim(text, reproduction, claim_name::chip_power, nullptr, nullptr);
  text += "\nRegimes\n";
  for (const technology::PimRegime& regime : technology::pim_regimes())
    text += fmt::format("  {:<14}  {:<6}  {}\n", regime.name, name_of(regime.boundary), regime.text);
  text +=
      "Counts: published closed forms; the same with all partial products (full array); our micro-programs of the published procedures (executed); of IEEE 754 "
      "(ieee).\n"
      "Low and high: each constant alone between its low and high, combined as the root of the sum of squares of the logarithms. `--json` has all constants "
      "and sources.\n"
      "\nVerdict\n";
  for (const std::string& sentence : verdict(reproduction)) text += list_item(sentence);
  return text;
}

}  // namespace spinvp::platform
