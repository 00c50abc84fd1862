// Registers, interrupts, power and state of the PIM device.
#include "models/pim/pim_controller.h"

#include "models/core/error.h"

namespace spinvp::pim {

using namespace core;

namespace {
// Half of the bits of a significand are one; of the busiest of 64 subarrays some three quarters.
constexpr std::uint32_t typical_shared_factor = 0x3fb6db6du;
constexpr std::uint64_t most_descriptors = 65536;
}  // namespace

PimController::PimController(const sc_core::sc_module_name& name, Simulation& simulation, const PimConfig& config)
    : RegisterDevice(name, simulation, "pim", 0x1000, config.clock),
      config_(config),
      geometry_(config.geometry()),
      timing_(make_timing(config)),
      store_(geometry_),
      wear_(geometry_, static_cast<unsigned>(config.rows_of_work()), config.rotation_interval),
      engine_(make_engine(config, simulation.seed(), wear_)),
      operations_(store_, *engine_.arithmetic, config.network()),
      writers_(timing_.writers_at_once(config.peak_write_current, geometry_.lanes * (config.two_destinations ? 2 : 1))),
      master_("bus"),
      window_socket_("window"),
      bus_(master_, this->name()),
      id_(bank_, {.name = "ID", .offset = 0x00, .access = Access::read_only, .reset = 0x4d495053, .text = "the characters SPIM", .synchronise = false}),
      version_(bank_, {.name = "VERSION",
                       .offset = 0x04,
                       .access = Access::read_only,
                       .reset = 0x00010000,
                       .text = "version of this register layout",
                       .fields = {{"MINOR", 0, 16, "minor"}, {"MAJOR", 16, 16, "major"}},
                       .synchronise = false}),
      control_(
          bank_,
          {.name = "CONTROL",
           .offset = 0x08,
           .text = "starts and stops the queue",
           .fields = {{"ENABLE", 0, 1, "descriptors are taken from the queue"},
                      {"RESET", 1, 1,
                       "write 1: drop the running command and the queue, clear interrupts, errors and counters; reads 0. The arrays keep their contents"}}}),
      status_(bank_, {.name = "STATUS",
                      .offset = 0x0c,
                      .access = Access::read_only,
                      .text = "what the unit does",
                      .fields = {{"BUSY", 0, 1, "a descriptor is at work or waits"}, {"ERROR", 1, 1, "INTERRUPT_STATUS.ERROR"}}}),
      queue_base_(bank_, {.name = "QUEUE_BASE",
                          .offset = 0x10,
                          .width = 8,
                          .text = "address of the ring of descriptors, 8-byte aligned; kept while BUSY; a write empties the queue"}),
      queue_size_(bank_, {.name = "QUEUE_SIZE", .offset = 0x18, .text = "descriptors in the ring, 2 to 65536; kept while BUSY; a write empties the queue"}),
      tail_(bank_, {.name = "TAIL", .offset = 0x1c, .text = "doorbell: index of the first free slot; the queue is empty where HEAD = TAIL"}),
      head_(bank_, {.name = "HEAD",
                    .offset = 0x20,
                    .access = Access::read_only,
                    .text = "index of the next descriptor to be completed; advances when its status is in memory"}),
      interrupt_status_(bank_, {.name = "INTERRUPT_STATUS",
                                .offset = 0x24,
                                .access = Access::write_one_to_clear,
                                .text = "what happened; write 1 to clear",
                                .fields = {{"DONE", 0, 1, "a descriptor with SPINVP_PIM_INTERRUPT completed"},
                                           {"ERROR", 1, 1, "a descriptor failed"},
                                           {"IDLE", 2, 1, "the queue ran empty"}}}),
      interrupt_enable_(bank_, {.name = "INTERRUPT_ENABLE",
                                .offset = 0x28,
                                .text = "which of them drive the interrupt line",
                                .fields = {{"DONE", 0, 1, ""}, {"ERROR", 1, 1, ""}, {"IDLE", 2, 1, ""}}}),
      error_index_(bank_, {.name = "ERROR_INDEX", .offset = 0x2c, .access = Access::read_only, .text = "slot of the last failed descriptor"}),
      error_status_(bank_,
                    {.name = "ERROR_STATUS", .offset = 0x30, .access = Access::read_only, .text = "its status (enum spinvp_pim_status); 0: none since reset"}),
      completed_(bank_,
                 {.name = "COMPLETED", .offset = 0x34, .access = Access::read_only, .text = "descriptors completed since reset, failed ones included (wraps)"}),
      subarrays_(bank_,
                 {.name = "SUBARRAYS", .offset = 0x38, .access = Access::read_only, .reset = geometry_.subarrays, .text = "subarrays", .synchronise = false}),
      lanes_(bank_,
             {.name = "LANES", .offset = 0x3c, .access = Access::read_only, .reset = geometry_.lanes, .text = "lanes of a subarray", .synchronise = false}),
      words_(bank_,
             {.name = "WORDS", .offset = 0x40, .access = Access::read_only, .reset = geometry_.words, .text = "32-bit words of a lane", .synchronise = false}),
      mac_time_(bank_, {.name = "MAC_TIME",
                        .offset = 0x88,
                        .access = Access::read_only,
                        .reset = timing_.time_of(engine_.arithmetic->steps(ArithmeticOperation::multiply_accumulate, std::nullopt)).ps(),
                        .text = "picoseconds of a multiply-accumulate in which every lane has its own factors",
                        .synchronise = false}),
      shared_mac_time_(bank_, {.name = "SHARED_MAC_TIME",
                               .offset = 0x8c,
                               .access = Access::read_only,
                               .reset = timing_.time_of(engine_.arithmetic->steps(ArithmeticOperation::multiply_accumulate, typical_shared_factor)).ps(),
                               .text = "picoseconds of one whose second factor is shared by the lanes and has three of four significand bits set",
                               .synchronise = false}),
      step_reads_(bank_, {.name = "STEP_READS",
                          .offset = 0x48,
                          .width = 8,
                          .access = Access::read_only,
                          .text = "row reads so far, in half steps, once for all subarrays in lockstep"}),
      step_writes_(bank_, {.name = "STEP_WRITES", .offset = 0x50, .width = 8, .access = Access::read_only, .text = "row writes so far, in half steps"}),
      step_searches_(bank_,
                     {.name = "STEP_SEARCHES", .offset = 0x58, .width = 8, .access = Access::read_only, .text = "content searches so far, in half steps"}),
      step_nors_(bank_,
                 {.name = "STEP_NORS", .offset = 0x80, .width = 8, .access = Access::read_only, .text = "NOR steps and initialisations so far, in half steps"}),
      macs_(bank_, {.name = "MACS", .offset = 0x60, .width = 8, .access = Access::read_only, .text = "lane multiply-accumulates of completed commands"}),
      busy_cycles_(bank_, {.name = "BUSY_CYCLES", .offset = 0x68, .width = 8, .access = Access::read_only, .text = "clock cycles with a descriptor at work"}),
      array_cycles_(bank_,
                    {.name = "ARRAY_CYCLES",
                     .offset = 0x70,
                     .width = 8,
                     .access = Access::read_only,
                     .text = "clock cycles that the arrays worked for each completed descriptor, in sum: descriptors that work at the same time count each"}),
      stall_cycles_(bank_, {.name = "STALL_CYCLES",
                            .offset = 0x78,
                            .width = 8,
                            .access = Access::read_only,
                            .text = "clock cycles from start to completion in which a descriptor's arrays waited, in the same sum"}),
      commands_(declare_counter("commands")),
      failed_(declare_counter("failed_commands")),
      lane_macs_(declare_counter("lane_macs")),
      loaded_bytes_(declare_counter("loaded_bytes")),
      stored_bytes_(declare_counter("stored_bytes")),
      window_reads_(declare_counter("window_read_bytes")),
      window_writes_(declare_counter("window_write_bytes")),
      logic_write_failures_(declare_counter("logic_write_failures")),
      logic_read_disturbs_(declare_counter("logic_read_disturbs")),
      wrong_results_(declare_counter("logic_wrong_results")),
      row_writes_(declare_counter("row_writes")),
      worst_row_writes_(declare_counter("worst_row_writes")),
      lifetime_s_(declare_counter("lifetime_s")) {
  store_.set_wear(&wear_);
  window_socket_.register_b_transport(this, &PimController::window_transport);
  window_socket_.register_transport_dbg(this, &PimController::window_debug);
  add_window({"arrays", &window_socket_, geometry_.window_bytes(), nullptr, config.window_base});
  add_master(master_);
  set_interrupt(line_);
  declare_energy();
  bind_registers();
  SC_HAS_PROCESS(PimController);
  SC_THREAD(serve);
  for (std::uint64_t i = 0; i < config_.command_window; ++i) {
    workers_.push_back(std::make_unique<Worker>(master_, this->name()));
    sc_core::sc_spawn([this, worker = workers_.back().get()] { work(*worker); }, sc_core::sc_gen_unique_name("worker"));
  }
}

void PimController::bind_registers() {
  control_.on_write([this](std::uint64_t, std::uint64_t now_value) {
    control_.set(now_value & 1);
    if ((now_value & 2) != 0) drop_everything();
    work_.notify(sc_core::SC_ZERO_TIME);
  });
  const auto status = [this] { return std::uint64_t{busy_now() ? 1u : 0u} | (interrupt_status_.get() & interrupt_error); };
  status_.on_read(status);
  status_.on_peek([status](unsigned) { return status(); });
  queue_base_.on_write([this](std::uint64_t old, std::uint64_t value) {
    if (busy_now() || value % 8 != 0) {
      log_guest_error("QUEUE_BASE {:#x} is refused: {}", value, busy_now() ? "a descriptor is at work or waits" : "allowed is a multiple of 8");
      queue_base_.set(old);
    }
    if (!busy_now()) restart_queue();
  });
  queue_size_.on_write([this](std::uint64_t old, std::uint64_t value) {
    if (busy_now() || value < 2 || value > most_descriptors) {
      log_guest_error("QUEUE_SIZE {} is refused: {}", value, busy_now() ? "a descriptor is at work or waits" : "allowed is 2 to 65536");
      queue_size_.set(old);
    }
    if (!busy_now()) restart_queue();
  });
  tail_.on_write([this](std::uint64_t old, std::uint64_t value) { ring(old, value); });
  interrupt_status_.on_write([this](std::uint64_t, std::uint64_t) { update_line(); });
  interrupt_enable_.on_write([this](std::uint64_t, std::uint64_t) { update_line(); });
  const auto cycles = [this](Register& reg, auto span) {
    reg.on_read([this, span] { return span() / clock().period(); });
    reg.on_peek([this, span](unsigned) { return span() / clock().period(); });
  };
  cycles(busy_cycles_, [this] { return busy_time(); });
  cycles(array_cycles_, [this] { return array_time_; });
  cycles(stall_cycles_, [this] { return stall_time_; });
}

void PimController::describe_state(StateArchive& archive) {
  RegisterDevice::describe_state(archive);
  store_.describe_state(archive);
  wear_.describe_state(archive);
  engine_.arithmetic->describe_state(archive);
  archive.item("faults_before", faults_before_);
  archive.item("slot_regions", slot_regions_);
  archive.item("busy_time", busy_time_);
  archive.item("array_time", array_time_);
  archive.item("stall_time", stall_time_);
  window_calendar_.describe_state(archive);
  if (!archive.reading()) return;
  if (queue_size_.get() > most_descriptors) throw core::InputError("snapshot: item 'QUEUE_SIZE': no queue is so long");
  slot_regions_.resize(queue_size_.get());
  next_slot_ = head_.get();
  update_line();
}

std::string PimController::unsettled() const {
  const bool worker_busy = std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->job != nullptr; });
  return busy_now() || worker_busy ? "a descriptor is at work or waits" : "";
}

std::vector<OutputFile> PimController::at_end(SimTime end) {
  const Wear::Row worst = wear_.most_written();
  row_writes_.value = wear_.total();
  worst_row_writes_.value = worst.writes;
  const Constant endurance = endurance_of(config_);
  const double lifetime = worst.writes == 0 ? 0 : endurance.value / static_cast<double>(worst.writes) * end.seconds();
  lifetime_s_.value = lifetime >= 1.8e19 ? ~std::uint64_t{0} : static_cast<std::uint64_t>(lifetime);
  if (worst.writes == 0) return {};
  return {{std::string(name()) + "_wear.csv", wear_.csv()}};
}

void PimController::on_reset() {
  RegisterDevice::on_reset();
  drop_everything();
}

void PimController::on_power_state(PowerState, PowerState to) {
  if (to == PowerState::off) drop_everything();
  if (to == PowerState::on) work_.notify(sc_core::SC_ZERO_TIME);
}

void PimController::restart_queue() {
  head_.set(0);
  tail_.set(0);
  next_slot_ = 0;
  slot_regions_.assign(queue_size_.get(), no_region);
}

void PimController::drop_everything() {
  ++life_;
  jobs_.clear();
  window_.clear();
  dropped_.notify(sc_core::SC_ZERO_TIME);
  restart_queue();
  for (Register* r : {&interrupt_status_, &error_index_, &error_status_, &completed_, &step_reads_, &step_writes_, &step_searches_, &step_nors_, &macs_})
    r->reset();
  busy_time_ = array_time_ = stall_time_ = SimTime();
  busy_since_ = now();
  window_calendar_.clear();
  update_line();
}

void PimController::ring(std::uint64_t old_tail, std::uint64_t new_tail) {
  const std::uint64_t size = queue_size_.get();
  if (new_tail >= size) {
    tail_.set(old_tail);
    fail(new_tail, bad_queue, fmt::format("TAIL is beyond the ring of {}", size));
    return;
  }
  for (std::uint64_t slot = old_tail; slot != new_tail; slot = (slot + 1) % size) slot_regions_[slot] = simulation().regions.current();
  work_.notify(sc_core::SC_ZERO_TIME);
}

void PimController::raise(std::uint64_t bits) {
  interrupt_status_.set(interrupt_status_.get() | bits);
  update_line();
}

void PimController::fail(std::uint64_t index, std::uint32_t status, const std::string& why) {
  error_index_.set(index);
  error_status_.set(status);
  failed_ += 1;
  log_guest_error("descriptor {}: status {}: {}", index, status, why);
  raise(interrupt_error);
}

void PimController::count_faults() {
  if (engine_.faults == nullptr) return;
  const FaultyEngine::Counters& now_counters = engine_.faults->counters();
  logic_write_failures_ += now_counters.write_failures - faults_before_.write_failures;
  logic_read_disturbs_ += now_counters.read_disturbs - faults_before_.read_disturbs;
  wrong_results_ += now_counters.wrong_results - faults_before_.wrong_results;
  faults_before_ = now_counters;
}

namespace {
const DeviceRegistration registration =
    register_device<PimController, PimConfig>("pim", "processing-in-memory: fp32 arithmetic in SOT-MRAM subarrays, one lane a column");
}

}  // namespace spinvp::pim
