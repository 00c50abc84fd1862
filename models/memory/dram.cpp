#include "models/memory/dram.h"

#include <algorithm>
#include <bit>

#include "models/core/error.h"
#include "models/technology/dram_memspec.h"

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
  static const std::string from_sheet = "derived: 0 takes the data sheet's figure";
  static const core::Schema schema =
      core::Schema::of<C>()
          .field("size", &C::size,
                 {.least = 4096, .most = 1099511627776.0, .text = "capacity in use, up to the data sheet's; the host's memory is used as it is touched"})
          .field("preset", &C::preset,
                 {.choices = preset_choices(), .text = "data sheet: a stack of HBM2 or HBM3, a rank of DDR4-3200, four channels of LPDDR4-4266, STT-MRAM"})
          .field("memspec", &C::memspec, {.unit = "file", .text = "a file in DRAMSys's JSON format that takes the preset's place"})
          .field("interleave", &C::interleave,
                 {.least = 1, .most = 1048576, .text = "bytes in one channel before the next one's turn: a power of two of at least the sheet's access"})
          .field("mapping", &C::mapping, {.choices = dram_order_names(), .text = "what the bits of an address select, the highest first"})
          .field("page_policy", &C::page_policy,
                 {.choices = {"open", "closed"}, .text = "whether a row stays open until another one is needed, or closes after each burst"})
          .field("channels", &C::channels,
                 {.least = 0, .most = most_banks, .source = from_sheet, .text = "channels, each with the sheet's bandwidth, capacity and power"})
          .field("peak_gbps", &C::peak_gbps, {.least = 0, .most = 1e6, .source = from_sheet, .text = "10^9 bytes a second of all channels together"})
          .field("latency", &C::latency,
                 {.least = 0, .unit = "ns", .source = from_sheet, .text = "from the request to the first data of a closed row, controller and wires included"})
          .field("energy_per_bit", &C::energy_per_bit, {.least = 0, .unit = "pJ", .source = from_sheet, .text = "read or written, activates included"})
          .field("background", &C::background,
                 {.least = 0, .unit = "mW", .source = from_sheet, .text = "static power with rows open; that of the other states follows in proportion"});
  return schema;
}

technology::DramDataSheet DramConfig::data_sheet(const std::string& owner) const {
  const technology::DramDataSheet* named = technology::find_dram_data_sheet(preset);
  if (named == nullptr) throw core::InputError(fmt::format("{}.preset: '{}' is not allowed: one of {}", owner, preset, fmt::join(preset_choices(), ", ")));
  technology::DramDataSheet s = memspec.empty() ? *named : technology::read_memspec(memspec);
  const char* const by_config = "assumed: set by the config";
  const auto scale_background = [&s](double factor) {
    for (core::Power* p : {&s.active_standby, &s.precharge_standby, &s.power_down, &s.self_refresh}) *p = *p * factor;
  };
  if (channels * s.pseudo_channels > most_banks)
    throw core::InputError(fmt::format("{}.channels: {} is not allowed: a whole number from 0 to {}", owner, channels, most_banks / s.pseudo_channels));
  if (channels > 0) {
    scale_background(static_cast<double>(channels) / s.channels);
    s.channels = static_cast<unsigned>(channels);
    s.organisation_source += "; channels set by the config";
  }
  // Below, a burst takes longer than any DRAM has time for between refreshes.
  if (peak_gbps > 0 && peak_gbps < 0.1)
    throw core::InputError(fmt::format("{}.peak_gbps: {} is not allowed: 0 (as the sheet says) or at least 0.1", owner, peak_gbps));
  if (peak_gbps > 0) {
    // A faster or slower bus: the burst and what keeps columns apart; rows take the time they take.
    const double factor = s.peak_bytes_per_second() / (peak_gbps * 1e9);
    for (core::Time* t : {&s.timing.t_burst, &s.timing.t_ccd_s, &s.timing.t_ccd_l}) *t = *t * factor;
    s.timing.source += "; t_burst and t_ccd follow from peak_gbps of the config";
  }
  if (latency.si() > 0) {
    const core::Time device = s.timing.t_rcd_read + s.timing.t_cl;
    if (latency < device)
      throw core::InputError(fmt::format("{}.latency: {} is not allowed: at least the {} of activate and read", owner,
                                         core::quantity_text(latency.si(), "time"), core::quantity_text(device.si(), "time")));
    s.interface_latency = latency - device;
    s.interface_source = by_config;
  }
  if (energy_per_bit.si() > 0) {
    s.read_array_per_bit = s.write_array_per_bit = energy_per_bit;
    s.read_io_per_bit = s.write_io_per_bit = s.activate = core::Energy();
    s.array_source = s.io_source = s.activate_source = by_config;
  }
  if (background.si() > 0) {
    scale_background(background / s.active_standby);
    s.background_source = by_config;
  }
  if (interleave.value < s.access_bytes() || !std::has_single_bit(interleave.value))
    throw core::InputError(
        fmt::format("{}.interleave: {} is not allowed: a power of two of at least {} bytes", owner, core::bytes_text(interleave.value), s.access_bytes()));
  if (size.value == 0 || size.value % s.access_bytes() != 0)
    throw core::InputError(fmt::format("{}.size: {} is not allowed: a multiple of {} bytes", owner, core::bytes_text(size.value), s.access_bytes()));
  if (size.value > s.capacity_bytes())
    throw core::InputError(fmt::format("{}.size: {} is not allowed: at most the {} of {} with {} channels (more channels hold more)", owner,
                                       core::bytes_text(size.value), core::bytes_text(s.capacity_bytes()), s.name, s.channels));
  return s;
}

DramOrder DramConfig::order(const std::string& owner) const {
  const std::vector<std::string>& names = dram_order_names();
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == mapping) return static_cast<DramOrder>(i);
  throw core::InputError(fmt::format("{}.mapping: '{}' is not allowed: one of {}", owner, mapping, fmt::join(names, ", ")));
}

Dram::Dram(const sc_core::sc_module_name& name, core::Simulation& simulation, const DramConfig& config)
    : MemoryDevice(name, simulation, "dram", config.size.value),
      sheet_(config.data_sheet(this->name())),
      schedule_(sheet_, config.order(this->name()), config.interleave.value, config.size.value, config.page_policy != "closed"),
      hits_(declare_counter("row_hits")),
      misses_(declare_counter("row_misses")),
      conflicts_(declare_counter("row_conflicts")),
      activates_(declare_counter("activates")),
      turnarounds_(declare_counter("turnarounds")),
      refreshes_(declare_counter("refreshes")) {
  const auto sources = [](const std::string& array, const std::string& io) { return array == io ? array : array + "; interface: " + io; };
  read_byte_ = declare_event("byte_read", "dram access", sheet_.read_energy_per_bit() * 8, sources(sheet_.array_source, sheet_.io_source));
  write_byte_ = declare_event("byte_write", "dram access", sheet_.write_energy_per_bit() * 8, sources(sheet_.array_source, sheet_.io_source));
  activate_ = declare_event("activate", "dram activate", sheet_.activate, sheet_.activate_source);
  declare_static(config.page_policy == "closed" ? sheet_.precharge_standby : sheet_.active_standby, sheet_.power_down, sheet_.self_refresh, core::Power(),
                 sheet_.background_source);
  if (sheet_.refreshes())
    refresh_ = simulation.energy.declare_periodic(id(), "refresh", "dram refresh", sheet_.refresh, std::uint64_t{sheet_.lanes()} * sheet_.ranks,
                                                  SimTime::from(sheet_.timing.t_refi), 0b0011, sheet_.refresh_source);
  for (core::Constant row : sheet_.constants()) {
    row.name = fmt::format("{}.sheet.{}", this->name(), row.name);
    simulation.energy.add_constant(std::move(row));
  }
  set_power_loss(sheet_.non_volatile ? PowerLoss::keeps : PowerLoss::scrambles_touched);
}

void Dram::describe_state(core::StateArchive& archive) {
  MemoryDevice::describe_state(archive);
  archive.item("direct_bytes", direct_bytes_);
  schedule_.describe_state(archive);
}

void Dram::on_reset() {
  schedule_.clear(core::now());
  direct_bytes_ = 0;
}

void Dram::on_power_state(core::PowerState from, core::PowerState to) {
  MemoryDevice::on_power_state(from, to);
  schedule_.close_rows();
}

std::vector<core::OutputFile> Dram::at_end(SimTime end) {
  simulation().energy.settle(end);
  if (sheet_.refreshes()) refreshes_.value = simulation().energy.count(refresh_);
  return {};
}

SimTime Dram::serve(const tlm::tlm_generic_payload& payload, SimTime at) {
  const core::Transfer& t = core::transfer_of(payload);
  const DramBurst burst{payload.get_address(), payload.get_data_length(), t.row_bytes, t.stride, payload.is_write()};
  if (t.job != nullptr) (burst.write ? t.job->dram_write_bytes : t.job->dram_read_bytes) += burst.length;
  const unsigned divider = clock().divider();
  const DramService s = schedule_.serve(burst, at, core::now(), divider);
  if (s.accesses == 0) return at;
  hits_ += s.hits();
  misses_ += s.misses;
  conflicts_ += s.conflicts;
  activates_ += s.activates();
  turnarounds_ += s.turnarounds;
  add_busy(SimTime::ps(s.accesses * schedule_.access_time(divider).ps() / sheet_.lanes()));
  core::EnergyAccount& energy = simulation().energy;
  energy.spend(burst.write ? write_byte_ : read_byte_, s.accesses * sheet_.access_bytes(), t.region, s.start, t.job);
  energy.spend(activate_, s.activates(), t.region, s.start, t.job);
  return s.done;
}

SimTime Dram::serve_direct(const core::AccessTally& tally, core::RegionId region, SimTime from, SimTime to) {
  core::EnergyAccount& energy = simulation().energy;
  energy.spend_over(read_byte_, tally.read_bytes, region, from, to);
  energy.spend_over(write_byte_, tally.write_bytes, region, from, to);
  const std::uint64_t bytes = tally.read_bytes + tally.write_bytes, pages = (direct_bytes_ + bytes) / sheet_.page_bytes;
  direct_bytes_ = (direct_bytes_ + bytes) % sheet_.page_bytes;
  activates_ += pages;
  energy.spend_over(activate_, pages, region, from, to);
  const unsigned divider = clock().divider();
  const SimTime occupancy = SimTime::ps(core::divide_up(schedule_.access_time(divider).ps() * bytes, sheet_.access_bytes()));
  add_busy(SimTime::ps(occupancy.ps() / sheet_.lanes()));
  return schedule_.direct(bytes, from, to, core::now(), divider);
}

namespace {
const core::DeviceRegistration registration =
    core::register_device<Dram, DramConfig>("dram", "main memory: channels, banks and rows of a data sheet, with refresh and energy by command");
}

}  // namespace spinvp::memory
