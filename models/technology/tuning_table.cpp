#include <fmt/format.h>

#include "models/technology/device_tuning.h"

namespace spinvp::technology {

namespace {

double nm(core::Length l) { return l.si() * 1e9; }
double ns(core::Time t) { return t.si() * 1e9; }
double ua(core::Current i) { return i.si() * 1e6; }
double fj(core::Energy e) { return e.si() * 1e15; }

std::string request_text(const TuningRequest& r, const TuningResult& result) {
  const ErrorBudget& b = r.budget;
  const std::string budget =
      b.word_bits == 0 ? fmt::format("{:.3g} a bit", b.failure)
                       : fmt::format("{:.3g} a word of {} bits with {} corrected, {:.3g} a bit", b.failure, b.word_bits, b.corrected_bits, result.bit_budget);
  return fmt::format(
      "device {}, least write {}; retention {:.4g} s, errors {}\n"
      "{:.6g} to {:.6g} K, {:.3g} sigma of {:.3g} % stability and {:.3g} % critical current; pulse at most {:.4g} ns, current at most {:.4g} uA, supply {:.4g} "
      "V\n",
      r.device.name, name_of(r.goal), r.retention.si(), budget, r.coldest.si(), r.hottest.si(), r.sigmas, r.stability_sigma * 100, r.current_sigma * 100,
      ns(result.pulse_limit), ua(r.current_limit), r.supply.si());
}

std::string row(const TuningPoint& p, const char* mark) {
  return fmt::format("{:1} {:9.4f} {:9.3f} {:10.3f} {:9.2f} {:9.3f} {:9.2f} {:9.3f}\n", mark, ns(p.pulse), fj(p.energy), ua(p.current), nm(p.diameter),
                     nm(p.free_layer_thickness), nm(p.track_width), nm(p.track_thickness));
}

}  // namespace

std::string tuning_table(const TuningRequest& request, const TuningResult& result) {
  std::string text = request_text(request, result);
  if (!result.feasible) {
    text += "no design meets this:\n";
    for (const TuningShortfall& s : result.shortfalls) text += "  " + s.text + "\n";
    return text;
  }
  const TuningPoint& chosen = *result.chosen;
  text += fmt::format("\n{:1} {:>9} {:>9} {:>10} {:>9} {:>9} {:>9} {:>9}\n", "", "pulse ns", "energy fJ", "current uA", "diam. nm", "layer nm", "track nm",
                      "thick nm");
  bool shown = false;
  for (const TuningPoint& p : result.frontier) {
    const bool is_chosen = p.pulse == chosen.pulse && p.energy == chosen.energy;
    shown = shown || is_chosen;
    text += row(p, is_chosen ? "*" : "");
  }
  if (!shown) text += row(chosen, "*");
  const TuningMargins& m = result.margins;
  text += fmt::format(
      "\nmargins of the chosen design (*)\n"
      "  retention     Delta {:.4g} at the reference, {:.4g} hot, {:.4g} needed: {:.3g} sigma; worst cell fails with {:.3g}, allowed {:.3g}\n"
      "  write error   worst cell, cold {:.3g} (overdrive {:.4g}), mean cell {:.3g}, allowed {:.3g}\n"
      "  read disturb  {:.3g} over all reads, allowed {:.3g}\n"
      "  limit / value access current {:.3g}, supply voltage {:.3g}, pulse {:.3g}\n",
      m.stability_reference, m.stability_hot, m.stability_required, m.retention_sigmas, m.retention_failure, m.retention_allowed, m.write_error_cold,
      m.overdrive_cold, m.write_error_typical, m.write_allowed, m.read_disturb, m.read_allowed, m.current_ratio, m.supply_ratio, m.pulse_ratio);
  return text;
}

}  // namespace spinvp::technology
