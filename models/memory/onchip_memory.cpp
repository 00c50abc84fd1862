#include "models/memory/onchip_memory.h"

#include <algorithm>
#include <bit>

#include "models/core/error.h"

namespace spinvp::memory {

using core::SimTime;

namespace {
// A cycle of a memory too fast for the clock of the simulation is still a cycle.
SimTime at_least_one_ps(core::Time t) { return std::max(SimTime::from(t), SimTime::ps(1)); }

std::vector<std::string> sheet_choices() {
  std::vector<std::string> names = {"technology"};
  for (const auto& sheet : technology::memory_data_sheets()) names.push_back(sheet.name);
  return names;
}
}  // namespace

const core::Schema& OnChipMemoryConfig::schema() {
  using C = OnChipMemoryConfig;
  static const std::string from_sheet = "derived: 0 takes the data sheet's figure";
  static const core::Schema schema =
      core::Schema::of<C>()
          .field("size", &C::size, {.least = 64, .most = 68719476736.0, .text = "capacity of all banks"})
          .field("technology", &C::technology, {.choices = {"sot", "stt", "sram"}, .text = "what the cells are"})
          .field("banks", &C::banks, {.least = 1, .most = most_banks, .text = "banks that work at the same time"})
          .field("interleave", &C::interleave,
                 {.least = 1, .most = 1048576, .text = "bytes in one bank before the next one's turn: a power of two of at least the sheet's word"})
          .field("sheet", &C::sheet, {.choices = sheet_choices(), .text = "data sheet of one bank; technology: the 1 MiB one at 22 nm of the technology above"})
          .field("read_latency", &C::read_latency, {.least = 0, .unit = "ns", .source = from_sheet, .text = "address to data"})
          .field("write_latency", &C::write_latency, {.least = 0, .unit = "ns", .source = from_sheet, .text = "address to written cell"})
          .field("read_cycle", &C::read_cycle, {.least = 0, .unit = "ns", .source = from_sheet, .text = "between reads of words in one bank"})
          .field("write_cycle", &C::write_cycle, {.least = 0, .unit = "ns", .source = from_sheet, .text = "between writes of words in one bank"})
          .field("read_energy", &C::read_energy, {.least = 0, .unit = "pJ", .source = from_sheet, .text = "of one word"})
          .field("write_energy", &C::write_energy, {.least = 0, .unit = "pJ", .source = from_sheet, .text = "of one word"})
          .field("bank_leakage", &C::bank_leakage, {.least = 0, .unit = "mW", .source = from_sheet, .text = "of one bank that is on"})
          .field("bank_area", &C::bank_area, {.least = 0, .unit = "mm2", .source = from_sheet, .text = "of one bank"});
  return schema;
}

technology::MemoryDataSheet OnChipMemoryConfig::bank_sheet(const std::string& owner) const {
  const auto kind = technology::memory_technology(technology);
  if (!kind) throw core::InputError(fmt::format("{}.technology: '{}' is not allowed: one of sot, stt, sram", owner, technology));
  const technology::MemoryDataSheet* named = sheet == "technology" ? &technology::default_memory_data_sheet(*kind) : technology::find_memory_data_sheet(sheet);
  if (named == nullptr) throw core::InputError(fmt::format("{}.sheet: '{}' is not allowed: one of {}", owner, sheet, fmt::join(sheet_choices(), ", ")));
  if (named->technology != *kind)
    throw core::InputError(fmt::format("{}.sheet: {} is a sheet of {}, technology {} is allowed with a sheet of its own kind", owner, sheet,
                                       name_of(named->technology), technology));
  const std::uint64_t word = named->word_bytes();
  if (banks < 1 || banks > most_banks)
    throw core::InputError(fmt::format("{}.banks: {} is not allowed: a whole number from 1 to {}", owner, banks, most_banks));
  if (interleave.value == 0 || interleave.value % word != 0)
    throw core::InputError(
        fmt::format("{}.interleave: {} is not allowed: a multiple of the word of {} bytes", owner, core::bytes_text(interleave.value), word));
  if (size.value == 0 || size.value % (banks * interleave.value) != 0)
    throw core::InputError(fmt::format("{}.size: {} is not allowed: a multiple of banks x interleave, {}", owner, core::bytes_text(size.value),
                                       core::bytes_text(banks * interleave.value)));
  technology::MemoryDataSheet result = named->with_capacity(size.value / banks);
  const auto set = [&](auto& row, auto value, const char* field) {
    if (value.si() == 0) return;
    row = value;
    result.source += fmt::format("; {} set by the config", field);
  };
  set(result.read_latency, read_latency, "read_latency");
  set(result.write_latency, write_latency, "write_latency");
  set(result.read_energy, read_energy, "read_energy");
  set(result.write_energy, write_energy, "write_energy");
  set(result.area, bank_area, "bank_area");
  if (read_cycle.si() > 0) result.read_bytes_per_second = static_cast<double>(word) / read_cycle.si(), result.source += "; read_cycle set by the config";
  if (write_cycle.si() > 0) result.write_bytes_per_second = static_cast<double>(word) / write_cycle.si(), result.source += "; write_cycle set by the config";
  if (bank_leakage.si() > 0) {
    const double factor = bank_leakage / result.leakage;  // what a drowsy bank saves is a part of what it leaks
    set(result.leakage, bank_leakage, "bank_leakage");
    result.retention_leakage = result.retention_leakage * factor;
  }
  return result;
}

OnChipMemory::OnChipMemory(const sc_core::sc_module_name& name, core::Simulation& simulation, const OnChipMemoryConfig& config)
    : MemoryDevice(name, simulation, "onchip_memory", config.size.value),
      sheet_(config.bank_sheet(this->name())),
      banks_(static_cast<unsigned>(config.banks)),
      word_bytes_(sheet_.word_bytes()),
      read_latency_(at_least_one_ps(sheet_.read_latency)),
      write_latency_(at_least_one_ps(sheet_.write_latency)),
      read_cycle_(at_least_one_ps(sheet_.read_cycle())),
      write_cycle_(at_least_one_ps(sheet_.write_cycle())),
      plan_(word_bytes_, config.interleave.value, banks_),
      calendar_(banks_) {
  read_word_ = declare_event("word_read", "on-chip memory access", sheet_.read_energy, sheet_.source);
  write_word_ = declare_event("word_write", "on-chip memory access", sheet_.write_energy, sheet_.source);
  const core::Power on = sheet_.leakage * banks_;
  declare_static(on, on, sheet_.retention_leakage * banks_, core::Power(),
                 fmt::format("{} banks; {}; retention: {}", banks_, sheet_.source, sheet_.retention_leakage_source));
  set_area(sheet_.area * banks_, fmt::format("{} banks; {}", banks_, sheet_.source));
  for (core::Constant row : sheet_.constants()) {
    row.name = fmt::format("{}.bank.{}", this->name(), row.name);
    simulation.energy.add_constant(std::move(row));
  }
  set_power_loss(sheet_.non_volatile ? PowerLoss::keeps : PowerLoss::scrambles_all);
}

void OnChipMemory::describe_state(core::StateArchive& archive) {
  MemoryDevice::describe_state(archive);
  calendar_.describe_state(archive);
}

void OnChipMemory::on_reset() { calendar_.clear(core::now()); }

SimTime OnChipMemory::serve(const tlm::tlm_generic_payload& payload, SimTime at) {
  const bool write = payload.is_write();
  const SimTime cycle = (write ? write_cycle_ : read_cycle_) * clock().divider(), latency = (write ? write_latency_ : read_latency_) * clock().divider();
  const core::Transfer& t = core::transfer_of(payload);
  const std::uint64_t words = plan_.plan(payload, cycle);
  if (t.job != nullptr) (write ? t.job->onchip_write_bytes : t.job->onchip_read_bytes) += payload.get_data_length();
  if (words == 0) return at;
  const SimTime start = calendar_.burst(at, plan_.rounds(), core::now());
  add_busy(SimTime::ps(words * cycle.ps() / banks_));
  simulation().energy.spend(write ? write_word_ : read_word_, words, t.region, start, t.job);
  return start + plan_.longest() - cycle + latency;
}

SimTime OnChipMemory::serve_direct(const core::AccessTally& tally, core::RegionId region, SimTime from, SimTime to) {
  const std::uint64_t reads = std::max(tally.reads, core::divide_up(tally.read_bytes, word_bytes_));
  const std::uint64_t writes = std::max(tally.writes, core::divide_up(tally.write_bytes, word_bytes_));
  simulation().energy.spend_over(read_word_, reads, region, from, to);
  simulation().energy.spend_over(write_word_, writes, region, from, to);
  const SimTime occupancy = (read_cycle_ * reads + write_cycle_ * writes) * clock().divider();
  add_busy(SimTime::ps(occupancy.ps() / banks_));
  return calendar_.direct(occupancy, reads + writes, from, to, core::now());
}

namespace {
const core::DeviceRegistration registration =
    core::register_device<OnChipMemory, OnChipMemoryConfig>("onchip_memory", "banked on-chip memory: SRAM, STT-MRAM or SOT-MRAM by its data sheet");
}

}  // namespace spinvp::memory
