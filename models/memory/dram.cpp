#include "models/memory/dram.h"

#include <algorithm>

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
                 {.least = 1, .most = 1048576, .text = "bytes in one channel before the next one's turn: a multiple of the preset's access"})
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
  if (interleave.value == 0 || interleave.value % s.access_bytes != 0)
    throw core::InputError(fmt::format("{}.interleave: {} is not allowed: a multiple of {} bytes", owner, core::bytes_text(interleave.value), s.access_bytes));
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

std::uint64_t Dram::plan(const tlm::tlm_generic_payload& payload, SimTime access_time) {
  std::fill_n(work_.begin(), sheet_.channels, 0u);
  rounds_.clear();
  if (payload.get_data_length() == 0) return 0;
  const std::uint64_t unit = sheet_.access_bytes, units_per_block = interleave_ / unit;
  std::uint64_t accesses = 0, previous = ~std::uint64_t{0};
  core::for_each_run(payload, [&](std::uint64_t address, const std::uint8_t*, std::uint64_t bytes) {
    std::uint64_t access = address / unit;
    const std::uint64_t last = (address + bytes - 1) / unit;
    if (access == previous) ++access;
    previous = last;
    while (access <= last) {
      const std::uint64_t block = access / units_per_block, here = std::min(last + 1, (block + 1) * units_per_block) - access;
      work_[block % sheet_.channels] += static_cast<std::uint32_t>(here);
      accesses += here;
      access += here;
    }
  });
  rounds_of({work_.data(), sheet_.channels}, access_time, rounds_);
  return accesses;
}

SimTime Dram::serve(const tlm::tlm_generic_payload& payload, SimTime at) {
  const bool write = payload.is_write();
  const SimTime access_time = access_time_ * clock().divider(), latency = latency_ * clock().divider();
  const core::Transfer& t = core::transfer_of(payload);
  const std::uint64_t accesses = plan(payload, access_time);
  if (t.job != nullptr) (write ? t.job->dram_write_bytes : t.job->dram_read_bytes) += payload.get_data_length();
  if (accesses == 0) return at;
  const SimTime start = calendar_.burst(at, rounds_, core::now());
  SimTime busy;
  for (const BankRound& round : rounds_) busy += round.duration;
  add_busy(SimTime::ps(accesses * access_time.ps() / sheet_.channels));
  simulation().energy.spend(write ? write_byte_ : read_byte_, accesses * sheet_.access_bytes, t.region, start, t.job);
  return start + latency + busy;
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
