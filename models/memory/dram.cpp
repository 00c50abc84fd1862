#include "models/memory/dram.h"

#include <algorithm>
#include <bit>

#include "models/core/error.h"

namespace spinvp::memory {

using core::SimTime;

namespace {
std::vector<std::string> preset_choices() {
  std::vector<std::string> names;
  for (const auto& sheet : technology::dram_data_sheets()) names.push_back(sheet.name);
  return names;
}
}  // namespace

const core::Schema& DramConfig::schema() {
  using C = DramConfig;
  static const std::string from_preset = "derived: 0 takes the preset's figure";
  static const core::Schema schema =
      core::Schema::of<C>()
          .field("size", &C::size, {.least = 4096, .most = 1099511627776.0, .text = "capacity; the host's memory is used as it is touched"})
          .field("preset", &C::preset, {.choices = preset_choices(), .text = "data sheet: hbm2 is one stack, ddr4 one channel of DDR4-3200"})
          .field("interleave", &C::interleave,
                 {.least = 1, .most = 1048576, .text = "bytes in one channel before the next one's turn: a power of two of at least the preset's access"})
          .field("channels", &C::channels, {.least = 0, .most = most_banks, .source = from_preset, .text = "channels that share the peak bandwidth"})
          .field("peak_gbps", &C::peak_gbps, {.least = 0, .most = 1e6, .source = from_preset, .text = "10^9 bytes a second of all channels together"})
          .field("latency", &C::latency, {.least = 0, .unit = "ns", .source = from_preset, .text = "from the request to the first data"})
          .field("energy_per_bit", &C::energy_per_bit, {.least = 0, .unit = "pJ", .source = from_preset, .text = "read or written"})
          .field("background", &C::background,
                 {.least = 0, .unit = "mW", .source = from_preset, .text = "static power while on; powered down and self-refresh follow in proportion"});
  return schema;
}

technology::DramDataSheet DramConfig::data_sheet(const std::string& owner) const {
  const technology::DramDataSheet* named = technology::find_dram_data_sheet(preset);
  if (named == nullptr) throw core::InputError(fmt::format("{}.preset: '{}' is not allowed: one of {}", owner, preset, fmt::join(preset_choices(), ", ")));
  technology::DramDataSheet s = *named;
  const char* const by_config = "assumed: set by the config";
  if (channels > most_banks) throw core::InputError(fmt::format("{}.channels: {} is not allowed: a whole number from 0 to {}", owner, channels, most_banks));
  if (channels > 0) s.channels = static_cast<unsigned>(channels), s.bandwidth_source = by_config;
  if (peak_gbps > 0) s.peak_bytes_per_second = peak_gbps * 1e9, s.bandwidth_source = by_config;
  if (latency.si() > 0) s.latency = latency, s.latency_source = by_config;
  if (energy_per_bit.si() > 0) s.read_energy_per_bit = s.write_energy_per_bit = energy_per_bit, s.energy_source = by_config;
  if (background.si() > 0) {
    const double factor = background / s.background;
    s.background = background;
    s.power_down = s.power_down * factor;
    s.self_refresh = s.self_refresh * factor;
    s.background_source = by_config;
  }
  if (interleave.value < s.access_bytes || !std::has_single_bit(interleave.value))
    throw core::InputError(
        fmt::format("{}.interleave: {} is not allowed: a power of two of at least {} bytes", owner, core::bytes_text(interleave.value), s.access_bytes));
  if (size.value == 0 || size.value % s.access_bytes != 0)
    throw core::InputError(fmt::format("{}.size: {} is not allowed: a multiple of {} bytes", owner, core::bytes_text(size.value), s.access_bytes));
  return s;
}

Dram::Dram(const sc_core::sc_module_name& name, core::Simulation& simulation, const DramConfig& config)
    : MemoryDevice(name, simulation, "dram", config.size.value),
      sheet_(config.data_sheet(this->name())),
      interleave_(config.interleave.value),
      latency_(SimTime::from(sheet_.latency)),
      access_time_(std::max(SimTime::from(core::Time::from_si(static_cast<double>(sheet_.access_bytes) / sheet_.channel_bytes_per_second())), SimTime::ps(1))),
      plan_(sheet_.access_bytes, interleave_, sheet_.channels),
      calendar_(sheet_.channels) {
  read_byte_ = declare_event("byte_read", "dram access", sheet_.read_energy_per_bit * 8, sheet_.energy_source);
  write_byte_ = declare_event("byte_write", "dram access", sheet_.write_energy_per_bit * 8, sheet_.energy_source);
  declare_static(sheet_.background, sheet_.power_down, sheet_.self_refresh, core::Power(), sheet_.background_source);
  for (core::Constant row : sheet_.constants()) {
    row.name = fmt::format("{}.sheet.{}", this->name(), row.name);
    simulation.energy.add_constant(std::move(row));
  }
  set_power_loss(PowerLoss::scrambles_touched);
}

void Dram::describe_state(core::StateArchive& archive) {
  MemoryDevice::describe_state(archive);
  calendar_.describe_state(archive);
}

void Dram::on_reset() { calendar_.clear(core::now()); }

SimTime Dram::serve(const tlm::tlm_generic_payload& payload, SimTime at) {
  const bool write = payload.is_write();
  const SimTime access_time = access_time_ * clock().divider(), latency = latency_ * clock().divider();
  const core::Transfer& t = core::transfer_of(payload);
  const std::uint64_t accesses = plan_.plan(payload, access_time);
  if (t.job != nullptr) (write ? t.job->dram_write_bytes : t.job->dram_read_bytes) += payload.get_data_length();
  if (accesses == 0) return at;
  const SimTime start = calendar_.burst(at, plan_.rounds(), core::now());
  add_busy(SimTime::ps(accesses * access_time.ps() / sheet_.channels));
  simulation().energy.spend(write ? write_byte_ : read_byte_, accesses * sheet_.access_bytes, t.region, start, t.job);
  return start + latency + plan_.longest();
}

SimTime Dram::serve_direct(const core::AccessTally& tally, core::RegionId region, SimTime from, SimTime to) {
  simulation().energy.spend_over(read_byte_, tally.read_bytes, region, from, to);
  simulation().energy.spend_over(write_byte_, tally.write_bytes, region, from, to);
  const std::uint64_t bytes = tally.read_bytes + tally.write_bytes;
  const SimTime occupancy = SimTime::ps(core::divide_up(access_time_.ps() * clock().divider() * bytes, sheet_.access_bytes));
  add_busy(SimTime::ps(occupancy.ps() / sheet_.channels));
  return calendar_.direct(occupancy, core::divide_up(bytes, interleave_), from, to, core::now());
}

namespace {
const core::DeviceRegistration registration =
    core::register_device<Dram, DramConfig>("dram", "main memory: channels with bandwidth, latency and energy of a preset");
}

}  // namespace spinvp::memory
