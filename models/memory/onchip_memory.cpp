#include "models/memory/onchip_memory.h"

#include <algorithm>

#include "models/core/error.h"
#include "models/memory/onchip_guard.h"
#include "models/memory/onchip_sheet.h"
#include "models/technology/device_presets.h"

namespace spinvp::memory {

using core::SimTime;

namespace {
// A cycle of a memory too fast for the clock of the simulation is still a cycle.
SimTime at_least_one_ps(core::Time t) { return std::max(SimTime::from(t), SimTime::ps(1)); }

std::vector<std::string> device_choices() {
  std::vector<std::string> names = {"none"};
  names.insert(names.end(), technology::device_preset_names().begin(), technology::device_preset_names().end());
  return names;
}
}  // namespace

const core::Schema& OnChipMemoryConfig::schema() {
  using C = OnChipMemoryConfig;
  static const std::string wake_source = "assumed: ours, an order of magnitude for a supply behind switches; no data sheet here has it";
  static const std::string from_sheet = "derived: 0 takes the data sheet's figure";
  static const core::Schema schema =
      core::Schema::of<C>()
          .field("size", &C::size, {.least = 64, .most = 68719476736.0, .text = "capacity of all banks"})
          .field("technology", &C::technology, {.choices = {"sot", "stt", "sram"}, .text = "what the cells are"})
          .field("banks", &C::banks, {.least = 1, .most = most_banks, .text = "banks that work at the same time"})
          .field("interleave", &C::interleave,
                 {.least = 1, .most = 1048576, .text = "bytes in one bank before the next one's turn: a power of two of at least the sheet's word"})
          .field("sheet", &C::sheet,
                 {.choices = sheet_choices(),
                  .text = "data sheet of one bank. model: the array model's, for the cell and the capacity of a bank; technology: the 1 MiB one of an array "
                          "tool at 22 nm"})
          .field("model.cell", &C::cell,
                 {.choices = cell_choices(),
                  .text = "the array model's cell; technology: sram-146f2, stt-aggressive or sot-2t; device: that of faults.device in its layout, written as "
                          "faults.* say"})
          .field("model.node", &C::node, {.least = 1, .most = 1000, .unit = "nm", .text = "process node of cells and circuits"})
          .field("model.transistors", &C::transistors,
                 {.choices = {"lop", "hp", "lstp"}, .text = "of the circuits: low operating power, high performance, low standby power"})
          .field("model.temperature", &C::temperature, {.least = 300, .most = 400, .unit = "K", .text = "of the array's circuits"})
          .field("model.sram_leakage", &C::sram_leakage,
                 {.choices = leakage_choices(), .text = "preset of what a resting SRAM cell leaks: the figure that decides most (docs/memory-array.md)"})
          .field("read_latency", &C::read_latency, {.least = 0, .unit = "ns", .source = from_sheet, .text = "address to data"})
          .field("write_latency", &C::write_latency, {.least = 0, .unit = "ns", .source = from_sheet, .text = "address to written cell"})
          .field("read_cycle", &C::read_cycle, {.least = 0, .unit = "ns", .source = from_sheet, .text = "between reads of words in one bank"})
          .field("write_cycle", &C::write_cycle, {.least = 0, .unit = "ns", .source = from_sheet, .text = "between writes of words in one bank"})
          .field("read_energy", &C::read_energy, {.least = 0, .unit = "pJ", .source = from_sheet, .text = "of one word"})
          .field("write_energy", &C::write_energy, {.least = 0, .unit = "pJ", .source = from_sheet, .text = "of one word"})
          .field("bank_leakage", &C::bank_leakage, {.least = 0, .unit = "mW", .source = from_sheet, .text = "of one bank that is on"})
          .field("bank_area", &C::bank_area, {.least = 0, .unit = "mm2", .source = from_sheet, .text = "of one bank"})
          .field("ports", &C::ports, {.choices = {"1rw", "1r1w"}, .text = "of a bank: one for reads and writes, or one for each"})
          .field("write_queue", &C::write_queue, {.least = 0, .most = 1024, .text = "words of posted writes before each bank, which reads overtake; 0: none"})
          .field("write_queue_drain", &C::write_queue_drain,
                 {.least = 0, .most = 1024, .text = "words that a full queue writes ahead of reads, at most all; 0: half of the queue"})
          .field("wake_from_retention", &C::wake_from_retention,
                 {.least = 0, .most = 1e9, .unit = "ns", .source = "derived: 0 takes wake_from_off", .text = "until the first access after retention"})
          .field("wake_from_off", &C::wake_from_off, {.least = 0, .most = 1e9, .unit = "ns", .source = wake_source, .text = "until the first access after off"})
          .field("wake_energy", &C::wake_energy,
                 {.least = 0,
                  .unit = "pJ",
                  .source = "assumed: 0, no figure known: the leakage while it wakes is all that is charged",
                  .text = "of one bank whose supply comes back"})
          .field("ecc", &C::ecc,
                 {.choices = codec_names(), .text = "code of the stored words: secded (72, 64), dec (532, 512), tec (542, 512); corrects 1, 2, 3 wrong bits"})
          .field("ecc_logic", &C::ecc_logic, {.choices = {"45nm", "7nm"}, .text = "logic table that the codec's gates are priced with"})
          .field("ecc_write_back", &C::ecc_write_back, {.text = "a read that corrects a word writes it back, so that the next one finds it right"})
          .field("uncorrectable", &C::uncorrectable,
                 {.choices = {"bus-error", "interrupt"}, .text = "what a word does that cannot be corrected: fail the access, or raise the memory's interrupt"})
          .field("ecc_registers", &C::ecc_registers, {.unit = "hex", .text = "address of the registers of error correction; 0: there are none"})
          .field("scrub_interval", &C::scrub_interval, {.least = 0, .text = "in which every word is read, corrected and written back once; 0s: never"})
          .field("faults.device", &C::fault_device,
                 {.choices = device_choices(), .text = "magnetic device whose error rates the cells have; none: those named below"})
          .field("faults.write_overdrive", &C::fault_write_overdrive,
                 {
                     .least = 1,
                     .most = 100,
                     .text = "write current of the device over its critical current at 300 K",
                 })
          .field("faults.write_pulse", &C::fault_write_pulse,
                 {.least = 0, .most = 1e6, .unit = "ns", .text = "of the device; 0: 1 ns for a spin-orbit device, 10 ns for a spin-transfer one"})
          .field("faults.read_voltage", &C::fault_read_voltage, {.least = 0, .most = 5, .text = "across the device"})
          .field("faults.read_pulse", &C::fault_read_pulse, {.least = 0, .most = 1e6, .unit = "ns", .text = "of the device"})
          .field("faults.write_0_to_1", &C::fault_write_0_to_1, {.least = 0, .most = 1, .text = "probability that a bit written from 0 to 1 stays 0"})
          .field("faults.write_1_to_0", &C::fault_write_1_to_0, {.least = 0, .most = 1, .text = "probability that a bit written from 1 to 0 stays 1"})
          .field("faults.retention_loss", &C::fault_retention_loss,
                 {.least = 0, .text = "mean flips a second of a cell at rest; at 300 K where faults.temperature is set, else as it is named"})
          .field("faults.temperature", &C::fault_temperature,
                 {.least = 0, .most = 1000, .text = "of the cells; 0: model.temperature for a device, and retention_loss as it is named"})
          .field("faults.read_disturb", &C::fault_read_disturb, {.least = 0, .most = 1, .text = "probability that a read flips a cell that it senses"})
          .field("faults.stuck", &C::fault_stuck, {.least = 0, .most = 0.01, .text = "share of the cells that keep one value"})
          .what_if({"technology", "sheet", "model.", "read_latency", "write_latency", "read_cycle", "write_cycle", "read_energy", "write_energy",
                    "bank_leakage", "bank_area", "wake_from_retention", "wake_from_off", "wake_energy"});
  return schema;
}

BankPorts::Shape OnChipMemoryConfig::port_shape(const std::string& owner) const {
  if (ports != "1rw" && ports != "1r1w") throw core::InputError(fmt::format("{}.ports: '{}' is not allowed: one of 1rw, 1r1w", owner, ports));
  if (write_queue_drain > write_queue)
    throw core::InputError(fmt::format("{}.write_queue_drain: {} is not allowed: at most write_queue, {}", owner, write_queue_drain, write_queue));
  return {static_cast<unsigned>(banks), ports == "1r1w", write_queue, write_queue_drain};
}

OnChipMemory::OnChipMemory(const sc_core::sc_module_name& name, core::Simulation& simulation, const OnChipMemoryConfig& config)
    : MemoryDevice(name, simulation, "onchip_memory", config.size.value),
      sheet_(config.guarded_sheet(this->name())),
      banks_(static_cast<unsigned>(config.banks)),
      word_bytes_(sheet_.word_bytes()),
      read_latency_(at_least_one_ps(sheet_.read_latency)),
      write_latency_(at_least_one_ps(sheet_.write_latency)),
      read_cycle_(at_least_one_ps(sheet_.read_cycle())),
      write_cycle_(at_least_one_ps(sheet_.write_cycle())),
      wake_from_off_(SimTime::from(config.wake_from_off)),
      wake_from_retention_(config.wake_from_retention.si() > 0 ? SimTime::from(config.wake_from_retention) : wake_from_off_),
      plan_(word_bytes_, config.interleave.value, banks_),
      ports_(config.port_shape(this->name())) {
  read_word_ = declare_event("word_read", "on-chip memory access", sheet_.read_energy, sheet_.source);
  write_word_ = declare_event("word_write", "on-chip memory access", sheet_.write_energy, sheet_.source);
  wake_bank_ = declare_event("bank_wake", "on-chip memory wake-up", config.wake_energy, OnChipMemoryConfig::schema().find("wake_energy")->notes.source);
  const core::Power on = sheet_.leakage * banks_;
  declare_static(on, on, sheet_.retention_leakage * banks_, core::Power(),
                 fmt::format("{} banks; {}; retention: {}", banks_, sheet_.source, sheet_.retention_leakage_source));
  set_area(sheet_.area * banks_, fmt::format("{} banks; {}", banks_, sheet_.source));
  for (core::Constant row : sheet_.constants()) {
    row.name = fmt::format("{}.bank.{}", this->name(), row.name);
    simulation.energy.add_constant(std::move(row));
  }
  set_power_loss(sheet_.non_volatile ? PowerLoss::keeps : PowerLoss::scrambles_all);
  make_guard(config);
}

OnChipMemory::~OnChipMemory() = default;

std::optional<MemoryDevice::NonVolatile> OnChipMemory::non_volatile() const {
  if (!sheet_.non_volatile) return std::nullopt;
  return NonVolatile{name_of(sheet_.technology), word_bytes_};
}

void OnChipMemory::describe_state(core::StateArchive& archive) {
  MemoryDevice::describe_state(archive);
  archive.item("awake", awake_);
  ports_.describe_state(archive);
  if (!guard_) return;
  guard_->faults.describe_state(archive);
  archive.item("scrub_booked", guard_->scrub_booked);
  archive.item("scrub_reads", guard_->scrub_reads);
  archive.item("scrub_writes", guard_->scrub_writes);
  if (guard_->registers) guard_->registers->bank.describe_state(archive);
  if (archive.reading()) show_errors(std::nullopt);
}

void OnChipMemory::on_reset() {
  ports_.clear(core::now());
  if (!guard_ || !guard_->registers) return;
  guard_->registers->bank.reset();
  show_errors(std::nullopt);
}

void OnChipMemory::on_power_state(core::PowerState from, core::PowerState to) {
  if (guard_) pass_time(core::now(), from == core::PowerState::on);
  MemoryDevice::on_power_state(from, to);
  const bool from_off = from == core::PowerState::off, from_retention = from == core::PowerState::retention && to != core::PowerState::off;
  if (!from_off && !from_retention) return;
  // On the way from off through retention the longer of the two times counts.
  const SimTime now = core::now();
  awake_ = std::max(awake_, now + (from_off ? wake_from_off_ : wake_from_retention_));
  const auto supplied = [this](core::PowerState state) {
    return state != core::PowerState::off && (state != core::PowerState::retention || sheet_.retention_leakage.si() > 0);
  };
  if (supplied(to) && !supplied(from)) simulation().energy.spend(wake_bank_, banks_, core::no_region, now, nullptr);
}

SimTime OnChipMemory::serve(const tlm::tlm_generic_payload& payload, SimTime at) {
  const bool write = payload.is_write();
  const unsigned divider = clock().divider();
  SimTime write_cycle = write_cycle_ * divider, cycle = write ? write_cycle : read_cycle_ * divider;
  const SimTime latency = (write ? write_latency_ : read_latency_) * divider, now = core::now();
  const core::Transfer& t = core::transfer_of(payload);
  const std::uint64_t words = plan_.plan(payload, cycle);
  if (t.job != nullptr) (write ? t.job->onchip_write_bytes : t.job->onchip_read_bytes) += payload.get_data_length();
  if (words == 0) return at;
  at = std::max(at, awake_);
  if (guard_ && (guard_->burst.merged > 0 || guard_->burst.written_back > 0)) {
    guard_->burst.merged = std::min(words, guard_->burst.merged);
    const std::uint64_t more = read_cycle_.ps() * guard_->burst.merged + write_cycle_.ps() * guard_->burst.written_back;
    cycle += SimTime::ps(more * divider / words);
    if (write) write_cycle = cycle;
    plan_.plan(payload, cycle);
  }
  SimTime start, done;
  if (write && ports_.posts_writes()) {
    start = done = ports_.post(at, plan_.words(payload), write_cycle, now);
  } else {
    start = write ? ports_.write(at, plan_.rounds(), now)
                  : ports_.read(at, plan_.rounds(), ports_.holds_writes(at, write_cycle) ? std::span(plan_.words(payload)) : std::span<const BankWord>(),
                                write_cycle, now);
    done = start + plan_.longest() - cycle + latency;
  }
  add_busy(SimTime::ps(words * cycle.ps() / banks_));
  simulation().energy.spend(write ? write_word_ : read_word_, words, t.region, start, t.job);
  if (guard_) done += guard_burst(payload, words, start);
  return done;
}

SimTime OnChipMemory::serve_direct(const core::AccessTally& tally, core::RegionId region, SimTime from, SimTime to) {
  const std::uint64_t reads = std::max(tally.reads, core::divide_up(tally.read_bytes, word_bytes_));
  const std::uint64_t writes = std::max(tally.writes, core::divide_up(tally.write_bytes, word_bytes_));
  simulation().energy.spend_over(read_word_, reads, region, from, to);
  simulation().energy.spend_over(write_word_, writes, region, from, to);
  const unsigned divider = clock().divider();
  BankPorts::Direct read{read_cycle_ * reads * divider, reads}, written{write_cycle_ * writes * divider, writes};
  if (guard_) written.occupancy += read_cycle_ * guard_direct(tally, reads, writes, region, from, to) * divider;
  add_busy(SimTime::ps((read.occupancy + written.occupancy).ps() / banks_));
  const SimTime waking = from < awake_ ? awake_ - from : SimTime();
  return waking + ports_.direct(read, written, write_cycle_ * divider, from, to, core::now());
}

namespace {
const core::DeviceRegistration registration =
    core::register_device<OnChipMemory, OnChipMemoryConfig>("onchip_memory", "banked on-chip memory: SRAM, STT-MRAM or SOT-MRAM by its data sheet");
}

}  // namespace spinvp::memory
