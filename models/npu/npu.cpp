#include "models/npu/npu.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "models/core/error.h"
#include "models/npu/vector_execution.h"
#include "models/npu/vector_partition.h"
#include "models/technology/array_model.h"
#include "models/technology/logic.h"

namespace spinvp::npu {

using core::Access;
using core::SimTime;

namespace {

const std::vector<core::RegisterField> interrupt_fields = {{"DONE", 0, 1, "a descriptor with SPINVP_NPU_INTERRUPT is done"},
                                                           {"ERROR", 1, 1, "a descriptor failed, or a doorbell lay outside the ring"},
                                                           {"IDLE", 2, 1, "the ring ran empty"}};

// The macro that stands for the operand buffer: an SRAM bank of the array model, scaled from the next power of two where the capacity is none. None: nothing.
std::optional<technology::MemoryDataSheet> operand_buffer_sheet(const NpuConfig& config) {
  const std::uint64_t bytes = config.operand_buffer.value;
  if (bytes == 0) return std::nullopt;
  const std::uint64_t least = 4096;  // 64 words
  return technology::modelled_memory_data_sheet(technology::MemoryTechnology::sram, std::max(least, std::bit_ceil(bytes))).with_capacity(bytes);
}

EnergyEvents declare_energy(core::Simulation& simulation, core::ComponentId id, const NpuConfig& config,
                            const std::optional<technology::MemoryDataSheet>& buffer) {
  namespace t = technology;
  const t::LogicEnergies& table = *t::find_logic_table(config.logic_node);
  const auto declare = [&](const char* event, const char* activity, const t::PricedEnergy& price) {
    return simulation.energy.declare(id, event, activity, price.each, price.source);
  };
  using F = t::NumberFormat;
  const char* none = "derived: there is no operand buffer";
  EnergyEvents events = {declare("mac_fp32", "multiply-accumulate", t::multiply_accumulate(table, F::fp32)),
                         declare("mac_bf16", "multiply-accumulate", t::multiply_accumulate(table, F::bf16)),
                         declare("operand_fp32", "array operands", t::scratch_access(table, 32)),
                         declare("operand_bf16", "array operands", t::scratch_access(table, 16)),
                         declare("vector_fp32", "vector arithmetic", t::vector_operation(table, F::fp32, t::add(table, F::fp32))),
                         declare("vector_bf16", "vector arithmetic", t::vector_operation(table, F::bf16, t::add(table, F::bf16))),
                         declare("elementary_function", "vector arithmetic", t::elementary_function(table)),
                         declare("divide", "vector arithmetic", t::divide(table, F::fp32)),
                         declare("buffer_read", "operand buffer", buffer ? t::PricedEnergy{buffer->read_energy, buffer->source} : t::PricedEnergy{{}, none}),
                         declare("buffer_write", "operand buffer", buffer ? t::PricedEnergy{buffer->write_energy, buffer->source} : t::PricedEnergy{{}, none}),
                         declare("accumulator", "accumulators", t::scratch_access(table, 32)),
                         declare_sparse_energy(simulation, id, config.logic_node, config.sparse_group)};
  if (config.mac_granule != 0) {
    events.sum_fp32 = declare("sum_fp32", "multiply-accumulate", t::add(table, F::fp32));
    events.brick_fp32 = declare("brick_product_fp32", "multiply-accumulate", brick_product(table, Format::fp32, config.mac_granule));
    events.brick_bf16 = declare("brick_product_bf16", "multiply-accumulate", brick_product(table, Format::bf16, config.mac_granule));
  }
  if (config.rebuild_lanes != 0) events.rebuild = declare("rebuild_shift_add", "weight rebuilding", shift_and_add(table));
  return events;
}

std::vector<std::unique_ptr<NpuCore>> make_cores(core::Component& owner, std::uint64_t count, sc_core::sc_event& part_over) {
  std::vector<std::unique_ptr<NpuCore>> cores;
  for (unsigned i = 0; i < count; ++i) cores.push_back(std::make_unique<NpuCore>(owner, i, part_over));
  for (const auto& core : cores) {
    std::vector<JobContext*> peers;
    for (const auto& other : cores)
      if (other != core) peers.push_back(&other->context);
    core->context.set_peers(std::move(peers));
  }
  return cores;
}

}  // namespace

Npu::Npu(const sc_core::sc_module_name& name, core::Simulation& simulation, const NpuConfig& config)
    : RegisterDevice(name, simulation, "npu", register_bytes, config.clock),
      config_(config),
      id_(bank_, {.name = "ID", .offset = 0x000, .access = Access::read_only, .reset = 0x55504e53, .text = "the letters SNPU"}),
      version_(bank_, {.name = "VERSION",
                       .offset = 0x004,
                       .access = Access::read_only,
                       .reset = 0x00010000,
                       .text = "version of registers and descriptors",
                       .fields = {{"MINOR", 0, 16, "additions"}, {"MAJOR", 16, 16, "changes of meaning"}}}),
      control_(bank_, {.name = "CONTROL",
                       .offset = 0x008,
                       .text = "starts and stops the queue",
                       .fields = {{"ENABLE", 0, 1, "descriptors are taken from the queue"},
                                  {"RESET", 1, 1, "write 1: drops the running job and the queue, clears errors and counts; reads 0"}}}),
      status_(bank_, {.name = "STATUS",
                      .offset = 0x00c,
                      .access = Access::read_only,
                      .text = "what it does",
                      .fields = {{"BUSY", 0, 1, "a descriptor is at work or waits"}, {"ERROR", 1, 1, "as INTERRUPT_STATUS.ERROR"}}}),
      queue_base_(
          bank_,
          {.name = "QUEUE_BASE", .offset = 0x010, .width = 8, .text = "address of the ring of descriptors; refused while busy; sets HEAD and TAIL to 0"}),
      queue_size_(bank_, {.name = "QUEUE_SIZE", .offset = 0x018, .text = "descriptors in the ring, 2 to 65536; refused while busy; sets HEAD and TAIL to 0"}),
      tail_(bank_, {.name = "TAIL", .offset = 0x01c, .text = "doorbell: index of the first free slot, below QUEUE_SIZE"}),
      head_(bank_, {.name = "HEAD",
                    .offset = 0x020,
                    .access = Access::read_only,
                    .text = "index of the next descriptor to be completed; the ring is empty where it equals TAIL"}),
      interrupt_status_(
          bank_, {.name = "INTERRUPT_STATUS", .offset = 0x024, .access = Access::write_one_to_clear, .text = "what happened", .fields = interrupt_fields}),
      interrupt_enable_(bank_, {.name = "INTERRUPT_ENABLE", .offset = 0x028, .text = "which of them drive the interrupt line", .fields = interrupt_fields}),
      error_index_(bank_, {.name = "ERROR_INDEX", .offset = 0x02c, .access = Access::read_only, .text = "slot of the last failed descriptor"}),
      error_status_(bank_, {.name = "ERROR_STATUS",
                            .offset = 0x030,
                            .access = Access::read_only,
                            .text = "its status (enum spinvp_npu_status), or 6: a doorbell outside the ring; 0: none"}),
      completed_(bank_, {.name = "COMPLETED", .offset = 0x034, .access = Access::read_only, .text = "descriptors completed since reset, failed ones included"}),
      scratch_base_(bank_, {.name = "SCRATCH_BASE",
                            .offset = 0x038,
                            .width = 8,
                            .reset = config.scratch_base,
                            .text = "on-chip memory for tiles; taken over at the next descriptor"}),
      scratch_size_(bank_, {.name = "SCRATCH_SIZE", .offset = 0x040, .width = 8, .reset = config.scratch_size.value, .text = "its size in bytes"}),
      busy_cycles_(bank_, {.name = "BUSY_CYCLES", .offset = 0x048, .width = 8, .access = Access::read_only, .text = "cycles of completed jobs"}),
      compute_cycles_(
          bank_, {.name = "COMPUTE_CYCLES", .offset = 0x050, .width = 8, .access = Access::read_only, .text = "of these the array or the vector unit worked"}),
      stall_cycles_(bank_, {.name = "STALL_CYCLES", .offset = 0x058, .width = 8, .access = Access::read_only, .text = "of these neither did"}),
      macs_(bank_, {.name = "MACS", .offset = 0x060, .width = 8, .access = Access::read_only, .text = "multiply-accumulates of completed jobs"}),
      array_(bank_, {.name = "ARRAY",
                     .offset = 0x068,
                     .access = Access::read_only,
                     .reset = config.rows | config.columns << 16,
                     .text = "the systolic array",
                     .fields = {{"ROWS", 0, 16, "rows"}, {"COLUMNS", 16, 16, "columns"}}}),
      lanes_(
          bank_,
          {.name = "VECTOR_LANES", .offset = 0x06c, .access = Access::read_only, .reset = config.vector_lanes, .text = "elements a cycle of the vector unit"}),
      core_count_(bank_, {.name = "CORES",
                          .offset = 0x070,
                          .access = Access::read_only,
                          .reset = config.cores,
                          .text = "cores that share a job; ARRAY and VECTOR_LANES are of one"}),
      cores_(make_cores(*this, config.cores, part_over_)),
      queue_bus_(cores_.front()->bus, this->name()),
      buffer_sheet_(operand_buffer_sheet(config)),
      events_(declare_energy(simulation, id(), config, buffer_sheet_)),
      unit_(best_chain_unit()),
      jobs_done_(declare_counter("jobs_done")),
      jobs_failed_(declare_counter("jobs_failed")),
      folds_(declare_counter("folds")),
      tiles_(declare_counter("steps")),
      array_elements_(declare_counter("array_operand_elements")),
      vector_operations_(declare_counter("vector_operations")) {
  for (const auto& core : cores_) add_master(core->bus);
  for (std::size_t i = 0; cores_.size() > 1 && i < cores_.size(); ++i)
    core_counters_.push_back({declare_counter(fmt::format("core{}_compute_cycles", i)), declare_counter(fmt::format("core{}_waiting_cycles", i))});
  set_interrupt(line_);
  const auto count = static_cast<double>(config.cores), elements = static_cast<double>(config.rows * config.columns) * count;
  const core::Power leakage = config.element_leakage * elements, clocked = config.element_clock * elements;
  const core::Power buffer = buffer_sheet_ ? buffer_sheet_->leakage * count : core::Power();
  declare_static(leakage + clocked + buffer, leakage + buffer, leakage * 0.3 + buffer, core::Power(),
                 "derived: element_leakage (+ element_clock while on; 0.3 of it in retention) times the processing elements of all cores, and their operand "
                 "buffers' leakage (" +
                     (buffer_sheet_ ? buffer_sheet_->source : "none") + ")");
  const double selected = config.sparse_group == 0 ? 0 : static_cast<double>(config.sparse_group - 1);
  set_area((config.element_area + config.selector_area * selected) * elements + (buffer_sheet_ ? buffer_sheet_->area * count : core::Area()),
           "derived: element_area and (sparse_group - 1) selector_area times the processing elements of all cores, and their operand buffers (array model)");

  status_.on_read([this] { return std::uint64_t{busy()} | interrupt_status_.field("ERROR") << 1; });
  status_.on_peek([this](unsigned) { return std::uint64_t{busy()} | interrupt_status_.field("ERROR") << 1; });
  control_.on_write([this](std::uint64_t, std::uint64_t value) { write_control(value); });
  queue_base_.on_write([this](std::uint64_t old_value, std::uint64_t) { write_queue(queue_base_, old_value, "QUEUE_BASE"); });
  queue_size_.on_write([this](std::uint64_t old_value, std::uint64_t value) {
    if (value >= 2 && value <= most_descriptors) return write_queue(queue_size_, old_value, "QUEUE_SIZE");
    queue_size_.set(old_value);
    log_guest_error("QUEUE_SIZE = {} refused: 2 to {} descriptors", value, most_descriptors);
  });
  tail_.on_write([this](std::uint64_t old_value, std::uint64_t value) { ring(old_value, value); });
  interrupt_status_.on_write([this](std::uint64_t, std::uint64_t) { update_line(); });
  interrupt_enable_.on_write([this](std::uint64_t, std::uint64_t) { update_line(); });

  sc_core::sc_spawn_options options;
  sc_core::sc_spawn([this] { sequence(); }, sc_core::sc_gen_unique_name("sequencer"), &options);
}

void Npu::describe_state(core::StateArchive& archive) {
  RegisterDevice::describe_state(archive);
  archive.item("doorbell_regions", doorbell_regions_);
  if (!archive.reading()) return;
  if (queue_size_.get() > most_descriptors) throw core::InputError("snapshot: item 'QUEUE_SIZE': no queue is so long");
  doorbell_regions_.resize(queue_size_.get());
  for (core::Register* shape : {&array_, &lanes_}) shape->reset();  // of this device, which may be another
  update_line();
}

std::string Npu::unsettled() const { return working_ || busy() ? "a descriptor is at work or waits" : ""; }

// --- registers ---

bool Npu::busy() const { return (working_ && working_epoch_ == epoch_) || head_.get() != tail_.get(); }
bool Npu::has_work() const { return running() && control_.field("ENABLE") != 0 && head_.get() != tail_.get(); }

void Npu::write_control(std::uint64_t value) {
  control_.set(value & 1);
  if ((value & 2) != 0) {
    drop_work();
    clear_queue();
    for (core::Register* reg : {&interrupt_status_, &error_index_, &error_status_, &completed_, &busy_cycles_, &compute_cycles_, &stall_cycles_, &macs_})
      reg->reset();
    update_line();
  }
  doorbell_.notify(sc_core::SC_ZERO_TIME);
}

void Npu::write_queue(core::Register& reg, std::uint64_t old_value, const char* name) {
  if (busy()) {
    log_guest_error("{} = {:#x} refused: descriptors are at work", name, reg.get());
    reg.set(old_value);
    return;
  }
  clear_queue();
}

void Npu::clear_queue() {
  head_.set(0);
  tail_.set(0);
  doorbell_regions_.assign(queue_size_.get(), core::no_region);
}

void Npu::ring(std::uint64_t old_tail, std::uint64_t tail) {
  const std::uint64_t size = queue_size_.get();
  if (tail >= size) {
    tail_.set(old_tail);
    report_error(tail, bad_queue, fmt::format("the doorbell's slot is not below QUEUE_SIZE = {}", size));
    return;
  }
  for (std::uint64_t slot = old_tail; slot != tail; slot = (slot + 1) % size) doorbell_regions_[slot] = simulation().regions.current();
  doorbell_.notify(sc_core::SC_ZERO_TIME);
}

void Npu::report_error(std::uint64_t slot, std::uint32_t status, const std::string& message) {
  log_guest_error("descriptor {}: status {}: {}", slot, status, message);
  error_index_.set(slot);
  error_status_.set(status);
  raise("ERROR");
}

void Npu::raise(const char* field) {
  interrupt_status_.set_field(field, 1);
  update_line();
}

void Npu::update_line() { line_.set((interrupt_status_.get() & interrupt_enable_.get()) != 0); }

void Npu::drop_work() {
  ++epoch_;
  for (const auto& core : cores_) core->context.cancel();
}

void Npu::on_reset() {
  drop_work();
  RegisterDevice::on_reset();
  clear_queue();
  update_line();
}

void Npu::on_power_state(core::PowerState, core::PowerState to) {
  if (to == core::PowerState::off) {
    drop_work();
    clear_queue();
    line_.set(false);
  }
  for (const auto& core : cores_) core->context.power_changed();
  doorbell_.notify(sc_core::SC_ZERO_TIME);
}

// --- sequencer ---

void Npu::sequence() {
  while (true) {
    while (!has_work()) sc_core::wait(doorbell_);
    working_ = true;
    working_epoch_ = epoch_;
    run_descriptor();
    working_ = false;
  }
}

void Npu::run_descriptor() {
  const std::uint64_t epoch = epoch_, slot = head_.get();
  if (slot >= queue_size_.get() || tail_.get() >= queue_size_.get() || doorbell_regions_.size() != queue_size_.get()) {
    // Only a debugger or a foreign snapshot can bring this about.
    report_error(slot, bad_queue, "HEAD or TAIL lies outside the ring: the queue is emptied");
    return clear_queue();
  }
  const core::RegionId region = doorbell_regions_[slot];
  const SimTime start = core::now();
  const std::uint64_t address = queue_base_.get() + slot * sizeof(spinvp_npu_descriptor);
  spinvp_npu_descriptor descriptor{};
  std::array<std::uint8_t, sizeof descriptor> bytes{};
  for (const auto& core : cores_) core->context.begin(region);
  Job job;
  Refusal refusal;
  const bool fetched = queue_bus_.read(address, bytes, region, &context().totals.tally) == tlm::TLM_OK_RESPONSE;
  sc_core::wait(core::to_sc(clock().cycles(config_.dispatch_cycles)));
  // Where a reset or a loss of power came in between, nothing of this descriptor may have an effect any more.
  if (epoch != epoch_ || !context().proceed()) return;
  if (fetched) {
    std::memcpy(&descriptor, bytes.data(), sizeof descriptor);
    if (auto checked = check(descriptor, config_.limits())) {
      job = *checked;
      execute(job, region, refusal);
    } else {
      job.name = name_of_operation(descriptor.operation);
      refusal = checked.error();
    }
  } else {
    refusal = {SPINVP_NPU_BAD_ADDRESS, fmt::format("no descriptor can be read at {:#x}", address)};
  }
  if (epoch != epoch_) return;
  if (fetched) {
    const std::uint32_t status = refusal.status != 0 ? refusal.status : static_cast<std::uint32_t>(SPINVP_NPU_DONE);
    std::array<std::uint8_t, 4> word{};
    std::memcpy(word.data(), &status, 4);
    const auto written = queue_bus_.write(address + offsetof(spinvp_npu_descriptor, status), word, region, &context().totals.tally);
    if (written != tlm::TLM_OK_RESPONSE && refusal.status == 0)
      refusal = {SPINVP_NPU_BAD_ADDRESS, fmt::format("its status cannot be written at {:#x}", address)};
    if (epoch != epoch_) return;
  }
  complete(slot, job, refusal, region, start);
}

JobTotals Npu::totals() const {
  JobTotals sum = cores_.front()->context.totals;
  for (std::size_t i = 1; i < cores_.size(); ++i) {
    const JobTotals& t = cores_[i]->context.totals;
    sum.tally.dram_read_bytes += t.tally.dram_read_bytes;
    sum.tally.dram_write_bytes += t.tally.dram_write_bytes;
    sum.tally.onchip_read_bytes += t.tally.onchip_read_bytes;
    sum.tally.onchip_write_bytes += t.tally.onchip_write_bytes;
    sum.tally.energy_j += t.tally.energy_j;
    sum.macs += t.macs;
    sum.folds += t.folds;
    sum.steps += t.steps;
    sum.operand_elements += t.operand_elements;
    sum.vector_operations += t.vector_operations;
    sum.compute_cycles = std::max(sum.compute_cycles, t.compute_cycles);
  }
  return sum;
}

void Npu::complete(std::uint64_t slot, const Job& job, const Refusal& refusal, core::RegionId region, SimTime start) {
  const JobTotals totals = this->totals();
  const SimTime end = core::now();
  const std::uint64_t cycles = (end - start) / clock().period(), stalls = cycles > totals.compute_cycles ? cycles - totals.compute_cycles : 0;
  if (job.work.index() != 0) simulation().kernels.push_back({job.name, "npu", region, start, end, totals.macs, totals.compute_cycles, stalls, totals.tally});
  add_busy(end - start);
  folds_ += totals.folds;
  tiles_ += totals.steps;
  array_elements_ += totals.operand_elements;
  vector_operations_ += totals.vector_operations;
  busy_cycles_.set(busy_cycles_.get() + cycles);
  compute_cycles_.set(compute_cycles_.get() + totals.compute_cycles);
  stall_cycles_.set(stall_cycles_.get() + stalls);
  macs_.set(macs_.get() + totals.macs);
  completed_.set(completed_.get() + 1);
  head_.set((slot + 1) % queue_size_.get());
  if (refusal.status != 0) {
    jobs_failed_ += 1;
    report_error(slot, refusal.status, fmt::format("{}: {}", job.name, refusal.message));
  } else {
    jobs_done_ += 1;
    if (job.interrupt) raise("DONE");
  }
  if (head_.get() == tail_.get()) raise("IDLE");
}

bool Npu::on_chip(std::uint64_t address, std::uint64_t bytes) const {
  const std::uint64_t offset = address - config_.onchip_base;
  return address >= config_.onchip_base && offset < config_.onchip_size.value && bytes <= config_.onchip_size.value - offset;
}

Npu::Executions Npu::prepare(const MatrixJob& asked, core::RegionId region, Refusal& refusal) {
  MatrixJob job = asked;
  if (job.epilogue_at != 0) {
    job.epilogue = fetch_map(job.epilogue_at, MapUse::epilogue, region, refusal);
    // While the program came, a reset may have come as well.
    if (job.epilogue == nullptr || !context().proceed()) return {};
    if (const auto wrong = epilogue_fits(*job.epilogue, job.c.tensor())) {
      refusal = *wrong;
      return {};
    }
  }
  if (job.options.compressed != 0) {
    job.weights = fetch_weights(job.b.tensor(), job.format, region, refusal);
    if (!job.weights || !context().proceed()) return {};
  }
  MatrixSetup setup;
  PlanLimits& limits = setup.limits;
  limits = config_.plan_limits();
  limits.a_in_place = on_chip(job.a.tensor().address, job.a.tensor().bytes());
  // What is rebuilt stands nowhere but in scratch.
  limits.b_in_place = !job.weights && on_chip(job.b.tensor().address, job.b.tensor().bytes());
  limits.c_in_place = on_chip(job.c.tensor().address, job.c.tensor().bytes());
  setup.rebuild_lanes = config_.rebuild_lanes;
  const auto parts = divide(divisible(job, limits.a_in_place, limits.b_in_place, limits.c_in_place), config_.core_setup());
  if (!parts) {
    refusal = {SPINVP_NPU_BAD_SHAPE, parts.error()};
    return {};
  }
  limits.scratch_bytes = scratch_share(scratch_size_.get(), parts->size());
  setup.events = events_;
  setup.vector_unit = config_.vector_unit();
  setup.unit = unit_;
  Executions executions;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const MatrixJob mine = part_of(job, (*parts)[i]);
    setup.scratch_base = scratch_base_.get() + i * limits.scratch_bytes;
    const auto tiles = plan(mine, limits);
    if (!tiles) {
      refusal = {SPINVP_NPU_NO_SPACE, fmt::format("no tile fits into {} bytes of scratch", limits.scratch_bytes)};
      return {};
    }
    const auto overlaps = [&](std::uint64_t address, std::uint64_t bytes) {
      return address < setup.scratch_base + tiles->scratch_used && setup.scratch_base < address + bytes;
    };
    if (setup.scratch_base + tiles->scratch_used < setup.scratch_base ||
        (tiles->scratch_used > 0 && (overlaps(job.a.tensor().address, job.a.tensor().bytes()) || overlaps(job.b.tensor().address, job.b.tensor().bytes()) ||
                                     overlaps(job.c.tensor().address, job.c.tensor().bytes())))) {
      refusal = {SPINVP_NPU_BAD_ADDRESS,
                 fmt::format("an operand lies in the scratch that the job needs: {} bytes from {:#x}", tiles->scratch_used, setup.scratch_base)};
      return {};
    }
    NpuCore& core = *cores_[i];
    core.context.set_phantom(job.phantom);
    executions.push_back(std::make_unique<MatrixExecution>(core.context, mine, *tiles, setup, core.storage));
  }
  return executions;
}

std::shared_ptr<const MapProgram> Npu::fetch_map(std::uint64_t address, MapUse use, core::RegionId region, Refusal& refusal) {
  std::array<std::uint8_t, sizeof(spinvp_npu_map)> bytes{};
  if (queue_bus_.read(address, bytes, region, &context().totals.tally) != tlm::TLM_OK_RESPONSE) {
    refusal = {SPINVP_NPU_BAD_ADDRESS, fmt::format("no map program can be read at {:#x}", address)};
    return nullptr;
  }
  auto program = decode_map(bytes, use, config_.job_limit);
  if (program) return std::make_shared<const MapProgram>(std::move(*program));
  refusal = program.error();
  return nullptr;
}

std::optional<WeightRebuild> Npu::fetch_weights(const Tensor& b, Format format, core::RegionId region, Refusal& refusal) {
  std::array<std::uint8_t, sizeof(spinvp_npu_weights)> bytes{};
  if (queue_bus_.read(b.address, bytes, region, &context().totals.tally) != tlm::TLM_OK_RESPONSE) {
    refusal = {SPINVP_NPU_BAD_ADDRESS, fmt::format("no compressed weights can be read at {:#x}", b.address)};
    return std::nullopt;
  }
  const Tensor elements{b.address, b.images, b.channels, b.units * b.unit_bytes / bytes_of(format), bytes_of(format)};
  const auto weights = check_weights(bytes, elements);
  if (weights) return WeightRebuild(*weights, b.address, format);
  refusal = weights.error();
  return std::nullopt;
}

Npu::Executions Npu::prepare(const VectorJob& job, core::RegionId region, Refusal& refusal) {
  VectorJob whole = job;
  if (job.operation == SPINVP_NPU_MAP || job.operation == SPINVP_NPU_REDUCE) {
    whole.program = fetch_map(job.aux, job.operation == SPINVP_NPU_MAP ? MapUse::map : MapUse::reduction, region, refusal);
    // While the program came, a reset may have come as well.
    if (whole.program == nullptr || !context().proceed()) return {};
    whole.format = Format::fp32;  // of its arithmetic
  }
  Executions executions;
  for (auto& kernel : stream_kernels(whole, config_.vector_unit(), config_.cores)) {
    NpuCore& core = *cores_[executions.size()];
    core.context.set_phantom(job.phantom);
    executions.push_back(std::make_unique<VectorExecution>(core.context, std::move(kernel), whole.format, events_));
  }
  return executions;
}

bool Npu::execute(const Job& job, core::RegionId region, Refusal& refusal) {
  Executions parts;
  if (const auto* matrix = std::get_if<MatrixJob>(&job.work))
    parts = prepare(*matrix, region, refusal);
  else if (const auto* vector = std::get_if<VectorJob>(&job.work))
    parts = prepare(*vector, region, refusal);
  else
    return true;
  if (parts.empty()) return false;
  run_parts(std::move(parts));
  if (context().failure() != 0) refusal = {context().failure(), context().message()};
  return refusal.status == 0;
}

void Npu::run_parts(Executions parts) {
  const std::size_t at_work = parts.size();
  const SimTime start = core::now();
  for (std::size_t i = 0; i < at_work; ++i) cores_[i]->start(std::move(parts[i]));
  cores_.front()->run_first_stage();
  while (std::any_of(cores_.begin(), cores_.end(), [](const auto& core) { return core->at_work(); })) sc_core::wait(part_over_);
  for (std::size_t i = 0; i < at_work; ++i) cores_[i]->finish();
  for (std::size_t i = 0; i < core_counters_.size(); ++i) {
    core_counters_[i].compute += cores_[i]->context.totals.compute_cycles;
    core_counters_[i].waiting += (core::now() - (i < at_work ? cores_[i]->end() : start)) / clock().period();
  }
}

namespace {
const core::DeviceRegistration registration =
    core::register_device<Npu, NpuConfig>("npu", "neural processing unit: systolic array, vector unit, command queue");
}

}  // namespace spinvp::npu
