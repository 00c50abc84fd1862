#include "platform/explore/memory_tuning.h"

#include "models/memory/ecc.h"
#include "platform/explore/memory_answer.h"

namespace spinvp::platform {

using namespace core::literals;

namespace {

using Json = nlohmann::ordered_json;

Json point_json(const technology::TuningPoint& p) {
  return {{"pulse_ns", p.pulse.in(1_ns)},
          {"energy_fj", p.energy.in(1_fJ)},
          {"current_ua", p.current.in(1_uA)},
          {"diameter_nm", p.diameter.in(1_nm)},
          {"free_layer_nm", p.free_layer_thickness.in(1_nm)},
          {"track_width_nm", p.track_width.in(1_nm)},
          {"track_nm", p.track_thickness.in(1_nm)}};
}

Json margins_json(const technology::TuningMargins& m) {
  return {{"stability_reference", m.stability_reference},
          {"stability_hot", m.stability_hot},
          {"stability_required", m.stability_required},
          {"retention_sigmas", m.retention_sigmas},
          {"retention_failure", m.retention_failure},
          {"retention_allowed", m.retention_allowed},
          {"write_error_cold", m.write_error_cold},
          {"write_error_typical", m.write_error_typical},
          {"write_allowed", m.write_allowed},
          {"read_disturb", m.read_disturb},
          {"read_allowed", m.read_allowed},
          {"overdrive_cold", m.overdrive_cold},
          {"current_ratio", m.current_ratio},
          {"supply_ratio", m.supply_ratio},
          {"pulse_ratio", m.pulse_ratio}};
}

}  // namespace

const std::vector<WordCode>& word_codes() {
  static const std::vector<WordCode> all = [] {
    std::vector<WordCode> codes;
    for (const std::string& name : memory::codec_names()) {
      const auto codec = memory::make_codec(name);
      codes.push_back({name, codec->check_bits() > 0 ? codec->bits() : 0, codec->corrects()});
    }
    return codes;
  }();
  return all;
}

Json to_json(const technology::TuningRequest& request, const technology::TuningResult& result) {
  Json frontier = Json::array(), shortfalls = Json::array();
  for (const technology::TuningPoint& point : result.frontier) frontier.push_back(point_json(point));
  for (const technology::TuningShortfall& s : result.shortfalls)
    shortfalls.push_back({{"constraint", s.constraint}, {"needed", s.needed}, {"best", s.best}, {"unit", s.unit}, {"text", s.text}});
  return {{"device", request.device.name},
          {"goal", technology::name_of(result.goal)},
          {"accounting", request.accounting == technology::EnergyAccounting::supply ? "supply" : "ohmic"},
          {"retention_s", request.retention.si()},
          {"failure", request.budget.failure},
          {"stored_word_bits", request.budget.word_bits},
          {"corrected_bits", request.budget.corrected_bits},
          {"bit_budget", result.bit_budget},
          {"coldest_k", request.coldest.in(1_K)},
          {"hottest_k", request.hottest.in(1_K)},
          {"sigmas", request.sigmas},
          {"pulse_limit_ns", result.pulse_limit.in(1_ns)},
          {"stability_required", result.stability_required},
          {"feasible", result.feasible},
          {"chosen", result.chosen ? point_json(*result.chosen) : Json()},
          {"margins", result.chosen ? margins_json(result.margins) : Json()},
          {"frontier", frontier},
          {"shortfalls", shortfalls},
          {"constants", constants_json(result.constants)}};
}

}  // namespace spinvp::platform
