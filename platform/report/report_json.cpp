#include "platform/report/report_json.h"

#include <array>
#include <cmath>

namespace spinvp::platform {

namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
// JSON has no infinities.
Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json exit_json(const core::Simulation::Exit& exit) {
  // Only a guest that ended by itself has a code.
  const bool has_code = exit.reason == core::ExitReason::finished || exit.reason == core::ExitReason::guest_code;
  return {{"reason", exit_reason_text(exit.reason)}, {"code", has_code ? Json(exit.code) : Json()}};
}

Json kernel_json(const KernelMeasure& k) {
  return {{"name", k.name},
          {"layer", or_null(k.layer)},
          {"phase", or_null(k.phase)},
          {"unit", k.unit},
          {"start_s", k.start_s},
          {"end_s", k.end_s},
          {"macs", k.macs},
          {"compute_cycles", k.compute_cycles},
          {"stall_cycles", k.stall_cycles},
          {"dram_read_bytes", k.tally.dram_read_bytes},
          {"dram_write_bytes", k.tally.dram_write_bytes},
          {"onchip_read_bytes", k.tally.onchip_read_bytes},
          {"onchip_write_bytes", k.tally.onchip_write_bytes},
          {"energy_j", k.tally.energy_j}};
}

Json component_json(const ComponentMeasure& c) {
  Json counters = Json::object();
  for (const auto& [name, value] : c.counters) counters[name] = value;
  return {{"type", c.type},     {"area_mm2", or_null(c.area_mm2)}, {"dynamic_j", c.dynamic_j}, {"static_j", c.static_j},
          {"busy_s", c.busy_s}, {"counters", std::move(counters)}};
}

// The memories of the report are the components of these types.
bool is_memory(const ComponentMeasure& c) { return c.type == "dram" || c.type == "onchip_memory"; }

Json memory_json(const ComponentMeasure& c) {
  Json memory = Json::object();
  for (const char* name : {"reads", "writes", "read_bytes", "write_bytes", "bit_errors_injected", "corrected", "uncorrectable", "retention_failures"})
    memory[name] = or_null(c.counter(name));
  return memory;
}

Json host_json(const Measurement& m, const HostTimes& host) {
  std::uint64_t instructions = 0;
  for (const HartMeasure& hart : m.harts) instructions += hart.instructions;
  return {{"wall_s", host.wall_s},
          {"cpu_s", host.cpu_s},
          {"mips", finite(static_cast<double>(instructions) * 1e-6 / host.wall_s)},
          {"speed_ratio", finite(m.simulated_s / host.wall_s)}};
}

}  // namespace

const char* exit_reason_text(core::ExitReason reason) {
  static constexpr std::array<const char*, 6> words = {"finished", "guest-code", "crash", "time-limit", "deadlock", "interrupted"};
  return words[static_cast<std::size_t>(reason)];
}

nlohmann::ordered_json report_json(const Measurement& m, const ReportInputs& inputs) {
  Json report = {{"schema", "spinvp-report/1"}, {"config", inputs.config}, {"seed", inputs.seed}, {"version", inputs.version}, {"warnings", m.warnings}};
  Json& artifacts = report["artifacts"] = Json::array();
  for (const Artifact& a : inputs.artifacts) artifacts.push_back({{"path", a.path}, {"role", a.role}, {"hash", a.hash}});
  Json& constants = report["constants"] = Json::array();
  for (const core::Constant& c : m.constants) constants.push_back({{"name", c.name}, {"value", finite(c.value)}, {"unit", c.unit}, {"source", c.source}});
  report["exit"] = exit_json(m.exit);
  report["simulated_s"] = m.simulated_s;
  Json& regions = report["regions"] = Json::array();
  for (const RegionMeasure& r : m.regions) regions.push_back({{"path", r.path}, {"time_s", r.time_s}, {"energy_j", r.energy_j}});
  Json& activities = report["activities"] = Json::object();
  for (const auto& [name, joules] : m.activities) activities[name] = joules;
  Json& harts = report["harts"] = Json::array();
  for (const HartMeasure& h : m.harts)
    harts.push_back({{"name", h.name}, {"instructions", h.instructions}, {"cycles", h.cycles}, {"wait_s", h.wait_s}, {"traps", h.traps}});
  Json& kernels = report["kernels"] = Json::array();
  for (const KernelMeasure& k : m.kernels) kernels.push_back(kernel_json(k));
  Json& components = report["components"] = Json::object();
  for (const ComponentMeasure& c : m.components) components[c.name] = component_json(c);
  report["totals"] = {{"energy_j", m.totals.energy_j},
                      {"average_w", m.totals.average_w},
                      {"peak_w", m.totals.peak_w},
                      {"area_mm2", or_null(m.totals.area_mm2)},
                      {"energy_delay_js", m.totals.energy_delay_js}};
  Json& memory = report["memory"] = Json::object();
  for (const ComponentMeasure& c : m.components)
    if (is_memory(c)) memory[c.name] = memory_json(c);
  Json loss = Json::array();
  for (const float value : m.loss) loss.push_back(finite(static_cast<double>(value)));
  report["training"] = {{"loss", m.loss.empty() ? Json() : std::move(loss)}, {"accuracy", or_null(m.accuracy)}};
  report["host"] = host_json(m, inputs.host);
  return report;
}

}  // namespace spinvp::platform
