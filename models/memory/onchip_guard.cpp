// On-chip memory with cells that err or words that carry a code: what it does more than one without (onchip_guard.h).
#include "models/memory/onchip_guard.h"

#include "models/core/error.h"
#include "models/core/exact_math.h"
#include "models/memory/onchip_memory.h"
#include "models/technology/device_presets.h"

namespace spinvp::memory {

using core::SimTime;

namespace {
// How often the scrubber's energy is booked at most: well below a bin of the power trace.
constexpr SimTime scrub_bookings = SimTime::us(5);
}  // namespace

namespace {

// Neel-Arrhenius with a barrier that stays: rate = e^-D / attempt time, D = barrier / k T.
core::Frequency retention_loss_at(core::Frequency reference, double reference_kelvin, double kelvin, const std::string& owner) {
  constexpr double attempt_time_s = 1e-9;
  const double stability = -core::exact::log(reference.si() * attempt_time_s);
  if (stability <= 0)
    throw core::InputError(fmt::format("{}.faults.retention_loss: {} Hz is not allowed: below 1 GHz, the rate without any barrier", owner, reference.si()));
  if (kelvin == reference_kelvin) return reference;
  return core::Frequency::from_si(core::exact::exp(-stability * reference_kelvin / kelvin) / attempt_time_s);
}

}  // namespace

technology::WriteDrive OnChipMemoryConfig::write_drive(const technology::MagneticJunction& junction) const {
  const core::Time usual = core::Time::from_si(junction.write == technology::WriteMechanism::spin_orbit ? 1e-9 : 10e-9);
  return {fault_write_overdrive * critical_current(junction, core::Temperature::from_si(fault_reference_kelvin)),
          fault_write_pulse.si() > 0 ? fault_write_pulse : usual};
}

technology::CellErrorRates OnChipMemoryConfig::error_rates(const std::string& owner) const {
  technology::CellErrorRates rates;
  if (fault_device != "none") {
    const technology::MagneticJunction junction = technology::device_preset(fault_device);
    const bool spin_orbit = junction.write == technology::WriteMechanism::spin_orbit;
    if (technology != (spin_orbit ? "sot" : "stt"))
      throw core::InputError(fmt::format("{}.faults.device: {} is written by {} torque, technology {} is allowed with {}", owner, fault_device,
                                         spin_orbit ? "spin-orbit" : "spin-transfer", technology,
                                         technology == "sram" ? "no device" : "a device of its own kind"));
    const technology::WriteDrive drive = write_drive(junction);
    try {
      rates = cell_error_rates(junction, drive, drive, {fault_read_voltage, fault_read_pulse}, device_temperature());
    } catch (const core::InputError& error) {
      throw core::InputError(fmt::format("{}.faults.device {}: {}", owner, fault_device, error.what()));
    }
  }
  const auto replace = [&](double& rate, double named) {
    if (named == 0) return;
    rate = named;
    if (!rates.source.ends_with("set by the config")) rates.source += rates.source.empty() ? "assumed: set by the config" : "; in part set by the config";
  };
  replace(rates.write_0_to_1, fault_write_0_to_1);
  replace(rates.write_1_to_0, fault_write_1_to_0);
  replace(rates.read_disturb, fault_read_disturb);
  replace(rates.stuck, fault_stuck);
  if (fault_retention_loss.si() > 0) {
    double hertz = 0;
    replace(hertz,
            retention_loss_at(fault_retention_loss, fault_reference_kelvin, fault_temperature.si() > 0 ? fault_temperature.si() : fault_reference_kelvin, owner)
                .si());
    rates.retention_loss = core::Frequency::from_si(hertz);
    if (fault_temperature.si() > 0) rates.source += fmt::format(", retention at {} K from {} K", fault_temperature.si(), fault_reference_kelvin);
  }
  return rates;
}

technology::MemoryDataSheet OnChipMemoryConfig::guarded_sheet(const std::string& owner) const {
  technology::MemoryDataSheet guarded = bank_sheet(owner);
  if (ecc != "none") {
    const auto codec = make_codec(ecc);
    const EccCost cost = cost_of(*codec, ecc_logic);
    const double more = 1 + cost.more_bits;
    guarded.read_latency += cost.check;
    guarded.write_latency += cost.encode;
    guarded.read_energy = guarded.read_energy * more;
    guarded.write_energy = guarded.write_energy * more;
    guarded.leakage = guarded.leakage * more;
    guarded.retention_leakage = guarded.retention_leakage * more;
    guarded.area =
        guarded.area * more + cost.area * (static_cast<double>(guarded.word_bits) / codec->data_bits()) + cost.corrector_area / static_cast<double>(banks);
    guarded.source += fmt::format("; with {} ({}, {}): check bits in proportion, codec {}", codec->name(), codec->bits(), codec->data_bits(), cost.source);
  }
  if (scrub_interval.si() > 0) {
    // The scrubber reads every word of a bank once an interval: what is left of the bank's time serves others.
    const double words = static_cast<double>(size.value / banks / guarded.word_bytes()), share = words * guarded.read_cycle().si() / scrub_interval.si();
    constexpr double most = 0.5;
    if (share > most)
      throw core::InputError(fmt::format("{}.scrub_interval: {} is not allowed: at least {}, where scrubbing takes half of the banks' time", owner,
                                         core::quantity_text(scrub_interval.si(), "time"),
                                         core::quantity_text(words * guarded.read_cycle().si() / most, "time")));
    guarded.read_bytes_per_second *= 1 - share;
    guarded.write_bytes_per_second *= 1 - share;
    guarded.source += fmt::format("; bandwidth less {:.4g} of it for scrubbing", share);
  }
  return guarded;
}

void OnChipMemory::make_guard(const OnChipMemoryConfig& config) {
  const technology::CellErrorRates rates = config.error_rates(name());
  constexpr double many = 1e-2;
  if (const double worst = std::max(rates.write_0_to_1, rates.write_1_to_0); worst > many)
    simulation().warn(name(),
                      fmt::format("one write in {:.3g} fails ({}): a longer faults.write_pulse or more write_overdrive is usual", 1 / worst, rates.source));
  const bool interrupts = config.uncorrectable == "interrupt";
  if (config.ecc == "none" && !rates.any() && config.scrub_interval.si() == 0) {
    if (interrupts || config.ecc_registers != 0)
      throw core::InputError(fmt::format("{}.{}: allowed with an ecc only", name(), interrupts ? "uncorrectable" : "ecc_registers"));
    return;
  }
  if (config.ecc_registers % ErrorRegisters::size != 0)
    throw core::InputError(fmt::format("{}.ecc_registers: {:#x} is not allowed: a multiple of {:#x}", name(), config.ecc_registers, ErrorRegisters::size));
  // Each flip is an event of the host: more than one in 0.1 ns never ends.
  constexpr double most_flips_a_second = 1e10;
  if (const double flips = rates.retention_loss.si() * static_cast<double>(8 * config.size.value); flips > most_flips_a_second)
    throw core::InputError(fmt::format("{}: {:.3g} flips a second of all resting cells (faults.retention_loss, faults.device) are not allowed: at most {:.3g}",
                                       name(), flips, most_flips_a_second));
  if (interrupts && config.ecc_registers == 0)
    throw core::InputError(fmt::format("{}.uncorrectable: interrupt needs ecc_registers, where firmware finds the address and clears the interrupt", name()));
  CellFaultsConfig cells;
  cells.rates = rates;
  cells.ecc = config.ecc;
  cells.macro_word_bytes = static_cast<unsigned>(word_bytes_);
  cells.scrub_interval = SimTime::from(config.scrub_interval);
  cells.uncorrectable_is_error = !interrupts;
  cells.write_back = config.ecc_write_back;
  // Two memories of a platform draw different faults.
  cells.seed = simulation().seed();
  for (const char* c = name(); *c != '\0'; ++c) cells.seed = (cells.seed ^ static_cast<unsigned char>(*c)) * 0x100000001b3u;
  guard_ = std::make_unique<OnChipGuard>(storage(), cells, cost_of(*make_codec(config.ecc), config.ecc_logic), name());
  OnChipGuard& g = *guard_;
  const EccCodec& codec = g.faults.codec();
  g.coded = codec.check_bits() != 0;
  g.interrupts = interrupts;
  g.correct = SimTime::from(g.cost.correct);
  g.codes_a_word = word_bytes_ / codec.data_bytes();
  g.injected = &declare_counter("bit_errors_injected");
  g.corrected = &declare_counter("corrected");
  g.uncorrectable = &declare_counter("uncorrectable");
  g.retention = &declare_counter("retention_failures");
  g.write_errors = &declare_counter("write_errors");
  g.disturbs = &declare_counter("read_disturbs");
  g.stuck_writes = &declare_counter("stuck_writes");
  g.miscorrected = &declare_counter("miscorrected");
  g.stuck_cells = &declare_counter("stuck_cells");
  g.scrubbed = &declare_counter("words_scrubbed");
  g.written_back = &declare_counter("words_written_back");
  if (g.coded) {
    const auto codes = static_cast<double>(g.codes_a_word);
    g.check_word = declare_event("ecc_check", "error correction", g.cost.check_energy * codes, g.cost.source);
    g.encode_word = declare_event("ecc_encode", "error correction", g.cost.encode_energy * codes, g.cost.source);
    g.correct_code = declare_event("ecc_correct", "error correction", g.cost.correct_energy, g.cost.source);
    for (core::Constant row : g.cost.constants(codec)) {
      row.name = fmt::format("{}.{}", name(), row.name);
      simulation().energy.add_constant(std::move(row));
    }
  }
  const auto constant = [&](const char* field, double value, const char* unit) {
    simulation().energy.add_constant({fmt::format("{}.faults.{}", name(), field), value, unit, rates.source});
  };
  constant("write_0_to_1", rates.write_0_to_1, "");
  constant("write_1_to_0", rates.write_1_to_0, "");
  constant("retention_loss", rates.retention_loss.si(), "Hz");
  constant("read_disturb", rates.read_disturb, "");
  constant("stuck", rates.stuck, "");
  if (config.ecc_registers != 0) {
    g.registers = std::make_unique<ErrorRegisters>();
    register_port_ = std::make_unique<RegisterPort>(*this, g.registers->bank);
    add_window({"ecc", &register_port_->socket(), ErrorRegisters::size, &g.registers->bank, config.ecc_registers});
    g.registers->status.on_write([this](std::uint64_t, std::uint64_t) { show_errors(std::nullopt); });
    const auto shows = [](core::Register& reg, auto value) {
      reg.on_read(value);
      reg.on_peek([value](unsigned) { return value(); });
    };
    shows(g.registers->corrected, [&g] { return g.faults.counts().corrected; });
    shows(g.registers->uncorrectable, [&g] { return g.faults.counts().uncorrectable; });
  }
  if (interrupts) set_interrupt(g.line);
  refresh_counters();
}

const char* OnChipMemory::interrupt_needed_by() const { return guard_ && guard_->interrupts ? "uncorrectable: interrupt" : nullptr; }

void OnChipMemory::refresh_counters() {
  OnChipGuard& g = *guard_;
  const CellFaults::Counts& c = g.faults.counts();
  g.injected->value = c.injected;
  g.corrected->value = c.corrected;
  g.uncorrectable->value = c.uncorrectable;
  g.retention->value = c.retention_failures;
  g.write_errors->value = c.write_errors;
  g.disturbs->value = c.read_disturbs;
  g.stuck_writes->value = c.stuck_writes;
  g.miscorrected->value = c.miscorrected;
  g.stuck_cells->value = g.faults.stuck().size();
}

void OnChipMemory::show_errors(std::optional<std::uint64_t> uncorrectable) {
  OnChipGuard& g = *guard_;
  if (g.registers && uncorrectable && g.registers->status.field("UNCORRECTABLE") == 0) {
    g.registers->status.set_field("UNCORRECTABLE", 1);
    g.registers->address.set(*uncorrectable);
  }
  if (g.interrupts) g.line.set(g.registers->status.field("UNCORRECTABLE") != 0);
}

void OnChipMemory::pass_time(SimTime now, bool powered) {
  OnChipGuard& g = *guard_;
  g.faults.advance(now, powered);
  if (const auto failed = g.faults.take_scrub_failure()) show_errors(failed);
  if (const auto pages = g.faults.take_changed())
    revoke_direct(pages->first * PendingErrors::page_bytes, std::min(size(), (pages->second + 1) * PendingErrors::page_bytes) - 1);
}

// The scrubber's energy since the last time, in the name of no region.
void OnChipMemory::book_scrubbing(SimTime now) {
  OnChipGuard& g = *guard_;
  const std::uint64_t reads = g.faults.scrub_reads() - g.scrub_reads, writes = g.faults.scrub_writes() - g.scrub_writes;
  if (reads > 0) {
    simulation().energy.spend_over(read_word_, reads, core::no_region, g.scrub_booked, now);
    simulation().energy.spend_over(g.check_word, reads, core::no_region, g.scrub_booked, now);
    add_busy(read_cycle_ * reads);
  }
  if (writes > 0) {
    simulation().energy.spend_over(write_word_, writes, core::no_region, g.scrub_booked, now);
    simulation().energy.spend_over(g.encode_word, writes, core::no_region, g.scrub_booked, now);
    simulation().energy.spend_over(g.correct_code, writes, core::no_region, g.scrub_booked, now);
  }
  g.scrub_reads += reads;
  g.scrub_writes += writes;
  g.scrub_booked = now;
  g.scrubbed->value = g.scrub_reads;
}

SimTime OnChipMemory::guard_burst(const tlm::tlm_generic_payload& payload, std::uint64_t words, SimTime start) {
  OnChipGuard& g = *guard_;
  const OnChipGuard::Burst burst = std::exchange(g.burst, {});
  if (core::now() >= g.scrub_booked + scrub_bookings) book_scrubbing(core::now());
  if (!g.coded) return SimTime();
  const core::Transfer& t = core::transfer_of(payload);
  const auto spend = [&](core::EventId event, std::uint64_t count) {
    if (count > 0) simulation().energy.spend(event, count, t.region, start, t.job);
  };
  spend(payload.is_write() ? g.encode_word : g.check_word, words);
  spend(read_word_, burst.merged);
  spend(g.check_word, burst.merged);
  spend(write_word_, burst.written_back);
  spend(g.encode_word, burst.written_back);
  spend(g.correct_code, burst.corrected);
  *g.written_back += burst.written_back;
  return (burst.merged > 0 ? read_latency_ * clock().divider() : SimTime()) + (burst.corrected > 0 ? g.correct : SimTime());
}

std::uint64_t OnChipMemory::guard_direct(const core::AccessTally& tally, std::uint64_t reads, std::uint64_t writes, core::RegionId region, SimTime from,
                                         SimTime to) {
  OnChipGuard& g = *guard_;
  g.faults.count_direct(tally.reads, tally.writes, tally.write_bytes);
  pass_time(core::now(), running());
  if (core::now() >= g.scrub_booked + scrub_bookings) book_scrubbing(core::now());
  if (!g.coded) return 0;
  // A store of a hart has at most 8 bytes: below the 64 of a BCH code always a part; of 8 bytes, each store that falls short lacks at least 4 (fewer than 4 are rare and counted as if).
  const std::uint64_t missing = std::max(8 * tally.writes, tally.write_bytes) - tally.write_bytes;
  const std::uint64_t merged = g.faults.codec().data_bytes() > 8 ? writes : std::min(tally.writes, core::divide_up(missing, 4));
  core::EnergyAccount& energy = simulation().energy;
  energy.spend_over(read_word_, merged, region, from, to);
  energy.spend_over(g.check_word, reads + merged, region, from, to);
  energy.spend_over(g.encode_word, writes, region, from, to);
  return merged;
}

tlm::tlm_response_status OnChipMemory::after_access(const CellFaults::Outcome& outcome, const char* what) {
  OnChipGuard& g = *guard_;
  g.burst.corrected += outcome.corrected;
  g.burst.merged += outcome.merged;
  g.burst.written_back += outcome.written_back;
  if (outcome.corrected > 0 && g.registers) g.registers->status.set_field("CORRECTED", 1);
  if (outcome.uncorrectable) show_errors(outcome.uncorrectable);
  if (const auto pages = g.faults.take_changed())
    revoke_direct(pages->first * PendingErrors::page_bytes, std::min(size(), (pages->second + 1) * PendingErrors::page_bytes) - 1);
  refresh_counters();
  if (!outcome.uncorrectable || g.interrupts) return tlm::TLM_OK_RESPONSE;
  log_guest_error("{} of a word with more wrong bits than {} corrects, at offset {:#x}", what, g.faults.codec().name(), *outcome.uncorrectable);
  return tlm::TLM_GENERIC_ERROR_RESPONSE;
}

tlm::tlm_response_status OnChipMemory::load_bytes(std::uint64_t address, std::uint8_t* data, std::uint64_t length, SimTime at) {
  if (!guard_) return MemoryDevice::load_bytes(address, data, length, at);
  pass_time(core::now(), true);
  return after_access(guard_->faults.read(address, data, length), "read");
}

tlm::tlm_response_status OnChipMemory::store_bytes(std::uint64_t address, const std::uint8_t* data, std::uint64_t length, SimTime at) {
  if (!guard_) return MemoryDevice::store_bytes(address, data, length, at);
  pass_time(core::now(), true);
  return after_access(guard_->faults.write(address, data, length), "write to a part");
}

// Its words pass the code, but hold no bits that could be wrong: nothing is drawn and nothing corrected.
void OnChipMemory::pass_phantom(const tlm::tlm_generic_payload& payload, SimTime) {
  if (!guard_) return;
  pass_time(core::now(), true);
  if (!payload.is_write()) return;
  core::for_each_run(payload,
                     [&](std::uint64_t address, const std::uint8_t*, std::uint64_t length) { guard_->burst.merged += guard_->faults.merged(address, length); });
}

std::uint64_t OnChipMemory::peek_bytes(std::uint64_t address, std::uint8_t* data, std::uint64_t length) const {
  return guard_ ? guard_->faults.peek(address, data, length) : MemoryDevice::peek_bytes(address, data, length);
}

void OnChipMemory::contents_replaced(std::uint64_t address, std::uint64_t length) {
  if (!guard_) return;
  guard_->faults.replaced(address, length);
  if (const auto pages = guard_->faults.take_changed())
    revoke_direct(pages->first * PendingErrors::page_bytes, std::min(size(), (pages->second + 1) * PendingErrors::page_bytes) - 1);
}

MemoryDevice::DirectGrant OnChipMemory::direct_grant(std::uint64_t address, std::uint64_t first, std::uint64_t last) const {
  if (!guard_) return MemoryDevice::direct_grant(address, first, last);
  constexpr std::uint64_t page = PendingErrors::page_bytes;
  const CellFaults::Span span = guard_->faults.span_of(address / page, first / page, last / page);
  return {std::max(first, span.first * page), std::min(last, (span.last + 1) * page - 1), span.rights.read, span.rights.write};
}

bool OnChipMemory::direct_allowed(std::uint64_t address, std::uint64_t length, bool write) const {
  if (!guard_ || length == 0) return true;
  const std::uint64_t last = (address + length - 1) / PendingErrors::page_bytes;
  for (std::uint64_t page = address / PendingErrors::page_bytes; page <= last; ++page) {
    const CellFaults::Rights rights = guard_->faults.rights(page);
    if (!(write ? rights.write : rights.read)) return false;
  }
  return true;
}

std::vector<core::OutputFile> OnChipMemory::at_end(SimTime end) {
  if (guard_) {
    pass_time(end, running());
    book_scrubbing(end);
    refresh_counters();
    if (guard_->interrupts && guard_->faults.counts().uncorrectable > 0)
      simulation().warn(name(), fmt::format("{} words could not be corrected: who read them got the bits as they are, and the interrupt was raised",
                                            guard_->faults.counts().uncorrectable));
  }
  return {};
}

}  // namespace spinvp::memory
