#include "platform/report/summary.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "platform/report/report_json.h"
#include "platform/report/words.h"

namespace spinvp::platform {

namespace {

using Row = std::vector<std::string>;

// First column to the left, the others to the right.
std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], row[i].size());
    }
  std::string text;
  for (const Row& row : rows) {
    std::string line = "  ";
    for (std::size_t i = 0; i < row.size(); ++i) line += i == 0 ? fmt::format("{:<{}}", row[i], widths[i]) : fmt::format("   {:>{}}", row[i], widths[i]);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string power_over(double joules, double seconds) { return seconds > 0 ? power_words(joules / seconds) : "-"; }

}  // namespace

std::string summary_table(const Measurement& m) {
  std::vector<std::size_t> phases;  // those that occurred; one alone is the whole run
  for (std::size_t p = 0; p < phase_names.size(); ++p)
    if (m.phases[p].time_s > 0) phases.push_back(p);
  if (phases.size() == 1) phases.clear();

  std::string text = fmt::format("{} after {} of simulated time, {} (average {}, peak {})\n", exit_reason_text(m.exit.reason), time_words(m.simulated_s),
                                 energy_words(m.totals.energy_j), power_words(m.totals.average_w), power_words(m.totals.peak_w));
  if (!m.loss.empty())
    text += fmt::format("training: {} steps, loss {:.4f} -> {:.4f}{}\n", m.loss.size(), m.loss.front(), m.loss.back(),
                        m.accuracy ? fmt::format(", test accuracy {:.2f} %", 100 * *m.accuracy) : std::string());

  Row head = {"", "whole run"}, times = {"simulated time", time_words(m.simulated_s)};
  Row energies = {"energy", energy_words(m.totals.energy_j)}, powers = {"average power", power_words(m.totals.average_w)};
  for (const std::size_t p : phases) {
    head.push_back(phase_names[p]);
    times.push_back(time_words(m.phases[p].time_s));
    energies.push_back(energy_words(m.phases[p].energy_j));
    powers.push_back(power_over(m.phases[p].energy_j, m.phases[p].time_s));
  }
  std::vector<Row> rows = {head, times, energies};
  for (const ComponentMeasure& c : m.components) {
    if (c.energy_j() == 0) continue;
    Row& row = rows.emplace_back(Row{"  " + c.name, energy_words(c.energy_j())});
    for (const std::size_t p : phases) row.push_back(energy_words(c.phase_j[p]));
  }
  rows.push_back(powers);
  for (const ComponentMeasure& c : m.components) {
    if (c.energy_j() == 0) continue;
    Row& row = rows.emplace_back(Row{"  " + c.name, power_over(c.energy_j(), m.simulated_s)});
    for (const std::size_t p : phases) row.push_back(power_over(c.phase_j[p], m.phases[p].time_s));
  }
  return text + aligned(rows);
}

}  // namespace spinvp::platform
