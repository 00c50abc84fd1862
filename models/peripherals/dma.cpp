#include "models/peripherals/dma.h"

#include <cstddef>
#include <cstring>

#include "models/peripherals/dma_copy.h"

namespace spinvp::peripherals {

using core::Access;
using core::SimTime;

namespace {

const std::vector<core::RegisterField>& interrupt_fields() {
  static const std::vector<core::RegisterField> fields = {{"DESCRIPTOR", 0, 1, "a descriptor that asked for it is done"},
                                                          {"CHAIN", 1, 1, "a chain ended: well, aborted or in an error"},
                                                          {"ERROR", 2, 1, "a chain ended in an error"}};
  return fields;
}

// Where the value of a field comes from: the schema's word for its default, the configuration otherwise.
std::string source_of(const char* field, double value) {
  const core::FieldInfo& info = *DmaConfig::schema().find(field);
  return std::get<double>(info.default_value) == value ? info.notes.source : "assumed: set in the configuration";
}

}  // namespace

const core::Schema& DmaConfig::schema() {
  static const core::Schema schema =
      core::Schema::of<DmaConfig>()
          .field("clock", &DmaConfig::clock, {.least = 1e6, .most = 1e11, .unit = "Hz", .text = "clock of the engine"})
          .field("setup_cycles", &DmaConfig::setup_cycles,
                 {.most = 1e6, .source = "assumed: decode and address set-up of one descriptor", .text = "cycles to decode a descriptor"})
          .field("longest_chain", &DmaConfig::longest_chain,
                 {.least = 1, .most = 1e9, .text = "descriptors after which a chain is taken for a loop and ends in an error"})
          .field("energy_per_byte", &DmaConfig::energy_per_byte,
                 {.least = 0,
                  .unit = "pJ",
                  .source = "assumed: a write and a read of an 8 KiB buffer at 10 pJ per 64 bits in 45 nm (Horowitz, ISSCC 2014), times 0.3 for 22 nm",
                  .text = "energy of the engine itself per byte moved"})
          .field("static_power", &DmaConfig::static_power,
                 {.least = 0,
                  .unit = "mW",
                  .source = "assumed: leakage of a 4 KiB buffer and its control; half of it in retention",
                  .text = "static power while powered"});
  return schema;
}

Dma::Dma(const sc_core::sc_module_name& name, core::Simulation& simulation, const DmaConfig& config)
    : RegisterDevice(name, simulation, "dma", 0x1000, config.clock),
      config_(config),
      descriptor_(bank_, {.name = "DESCRIPTOR", .offset = 0x00, .width = 8, .text = "address of the first descriptor of a chain, a multiple of 8"}),
      control_(bank_, {.name = "CONTROL",
                       .offset = 0x08,
                       .access = Access::write_only,
                       .text = "doorbell",
                       .fields = {{"START", 0, 1, "starts the chain at DESCRIPTOR; ignored while busy"},
                                  {"ABORT", 1, 1, "stops the running chain at its next burst"}}}),
      status_(bank_, {.name = "STATUS",
                      .offset = 0x0c,
                      .access = Access::read_only,
                      .text = "of the running or the last chain",
                      .fields = {{"BUSY", 0, 1, "a chain is running"},
                                 {"DONE", 1, 1, "the last chain ended well"},
                                 {"ERROR", 2, 1, "the last chain ended in an error"},
                                 {"ABORTED", 3, 1, "the last chain was aborted"},
                                 {"CODE", 8, 8, "of the error, as in the descriptor's status"}}}),
      interrupt_(bank_, {.name = "INTERRUPT",
                         .offset = 0x10,
                         .access = Access::write_one_to_clear,
                         .text = "what happened since it was cleared",
                         .fields = interrupt_fields()}),
      enable_(bank_, {.name = "ENABLE", .offset = 0x14, .text = "which bits of INTERRUPT raise the interrupt", .fields = interrupt_fields()}),
      completed_(bank_, {.name = "COMPLETED", .offset = 0x18, .width = 8, .access = Access::read_only, .text = "descriptors done since reset"}),
      error_address_(
          bank_,
          {.name = "ERROR_ADDRESS", .offset = 0x20, .width = 8, .access = Access::read_only, .text = "address of the burst or of the descriptor that failed"}),
      bytes_(bank_, {.name = "BYTES", .offset = 0x28, .width = 8, .access = Access::read_only, .text = "bytes moved since reset"}),
      bus_("bus"),
      master_(bus_, this->name()),
      byte_moved_(declare_event("byte_moved", "dma copy", config.energy_per_byte, source_of("energy_per_byte", config.energy_per_byte.si()))),
      chains_(declare_counter("chains")),
      descriptors_done_(declare_counter("descriptors")),
      bytes_moved_(declare_counter("bytes")),
      errors_(declare_counter("errors")) {
  add_master(bus_);
  set_interrupt(line_);
  declare_static(config.static_power, config.static_power, config.static_power * 0.5, core::Power(), source_of("static_power", config.static_power.si()));
  control_.on_write([this](std::uint64_t, std::uint64_t value) { control(value); });
  interrupt_.on_write([this](std::uint64_t, std::uint64_t) { update(); });
  enable_.on_write([this](std::uint64_t, std::uint64_t value) {
    enable_.set(value & 7);
    update();
  });
  sc_core::sc_spawn([this] { run(); }, "engine");
}

void Dma::control(std::uint64_t value) {
  control_.set(0);
  if ((value & 2) != 0) {
    abort_ = working();
    return;
  }
  if ((value & 1) == 0) return;
  if (working()) return log_guest_error("START is ignored: a chain is running");
  start();
}

void Dma::start() {
  status_.set(0);
  status_.set_field("BUSY", 1);
  abort_ = false;
  started_ = true;
  start_address_ = descriptor_.get();
  start_region_ = simulation().regions.current();
  start_time_ = core::now();
  doorbell_.notify();
}

void Dma::run() {
  for (;;) {
    while (!started_) sc_core::wait(doorbell_);
    started_ = false;
    Chain chain{{"copy", "dma", start_region_, start_time_, start_time_, 0, 0, 0, {}}, epoch_};
    in_chain_ = true;
    finish(chain, run_chain(chain));
    in_chain_ = false;
  }
}

Dma::End Dma::run_chain(Chain& chain) {
  const SimTime waited_before = master_.waited();
  End end = End::well;
  for (std::uint64_t address = start_address_, next = 0;; address = next) {
    end = chain.descriptors == config_.longest_chain
              ? fail(chain, SPINVP_DMA_BAD_DESCRIPTOR, address, fmt::format("the chain has more than {} descriptors: a loop?", config_.longest_chain))
              : run_descriptor(chain, address, next);
    if (end != End::well || next == 0) break;
  }
  chain.record.stall_cycles = (master_.waited() - waited_before) / clock().period();
  return end;
}

Dma::End Dma::run_descriptor(Chain& chain, std::uint64_t address, std::uint64_t& next) {
  if (address == 0 || address % 8 != 0) return fail(chain, SPINVP_DMA_BAD_DESCRIPTOR, address, "a descriptor's address is a multiple of 8 and not 0");
  spinvp_dma_descriptor descriptor;
  std::array<std::uint8_t, sizeof descriptor> raw{};
  const core::RegionId region = chain.record.region;
  const auto fetched = master_.read(address, raw, region, &chain.record.tally);
  if (const End end = check(chain); end != End::well) return end;
  if (fetched != tlm::TLM_OK_RESPONSE) return fail(chain, SPINVP_DMA_BUS_ERROR, address, "the descriptor cannot be read");
  std::memcpy(&descriptor, raw.data(), sizeof descriptor);
  if (config_.setup_cycles > 0) sc_core::wait(core::to_sc(clock().cycles(config_.setup_cycles)));
  chain.record.compute_cycles += config_.setup_cycles;
  if (const End end = check(chain); end != End::well) return end;

  End end = End::well;
  std::uint32_t status = SPINVP_DMA_DONE;
  if (const std::string problem = problem_of(descriptor); !problem.empty()) {
    end = fail(chain, status = SPINVP_DMA_BAD_DESCRIPTOR, address, problem);
  } else {
    end = copy(chain, descriptor);
    if (end == End::error) status = SPINVP_DMA_BUS_ERROR;
  }
  if (end == End::aborted || end == End::reset) return end;

  std::array<std::uint8_t, sizeof status> word{};
  std::memcpy(word.data(), &status, sizeof status);
  const auto written = master_.write(address + offsetof(spinvp_dma_descriptor, status), word, region, &chain.record.tally);
  if (chain.epoch != epoch_) return End::reset;
  if (end == End::well && written != tlm::TLM_OK_RESPONSE)
    return fail(chain, SPINVP_DMA_BUS_ERROR, master_.failed_address(), "the status cannot be written back");
  if (end != End::well) return end;

  ++chain.descriptors;
  descriptors_done_ += 1;
  completed_.set(completed_.get() + 1);
  if ((descriptor.flags & SPINVP_DMA_INTERRUPT) != 0) raise("DESCRIPTOR");
  next = descriptor.next;
  return check(chain);
}

Dma::End Dma::copy(Chain& chain, const spinvp_dma_descriptor& d) {
  CopyPlan plan(d, core::ordinary_burst);
  while (const auto piece = plan.next()) {
    const SimTime begin = core::now();
    const auto place = [&](std::uint64_t base, std::int64_t stride) { return base + piece->first_row * static_cast<std::uint64_t>(stride) + piece->offset; };
    for (const auto& [direction, base, stride] :
         {std::tuple{Direction::read, d.source, d.source_stride}, std::tuple{Direction::write, d.destination, d.destination_stride}}) {
      const auto response = move(chain, direction, place(base, stride), stride, piece->rows, piece->row_bytes);
      if (const End end = check(chain); end != End::well) return end;
      if (response != tlm::TLM_OK_RESPONSE)
        return fail(chain, SPINVP_DMA_BUS_ERROR, master_.failed_address(),
                    direction == Direction::read ? "the source cannot be read" : "the destination cannot be written");
    }
    simulation().energy.spend_over(byte_moved_, piece->bytes(), chain.record.region, begin, core::now(), &chain.record.tally);
    bytes_.set(bytes_.get() + piece->bytes());
    bytes_moved_ += piece->bytes();
  }
  return End::well;
}

tlm::tlm_response_status Dma::move(Chain& chain, Direction direction, std::uint64_t address, std::int64_t stride, std::uint64_t rows, std::uint64_t row_bytes) {
  const auto burst = [&](std::uint64_t from, std::span<std::uint8_t> data, core::BusMaster::Shape shape) {
    const core::RegionId region = chain.record.region;
    return direction == Direction::read ? master_.read(from, data, region, &chain.record.tally, shape)
                                        : master_.write(from, data, region, &chain.record.tally, shape);
  };
  const std::span<std::uint8_t> data(buffer_.data(), rows * row_bytes);
  if (rows == 1) return burst(address, data, {0, 0});
  if (is_one_burst(stride, row_bytes)) return burst(address, data, {row_bytes, static_cast<std::uint64_t>(stride)});
  for (std::uint64_t row = 0; row < rows; ++row) {
    const auto response = burst(address + row * static_cast<std::uint64_t>(stride), data.subspan(row * row_bytes, row_bytes), {0, 0});
    if (response != tlm::TLM_OK_RESPONSE || check(chain) != End::well) return response;
  }
  return tlm::TLM_OK_RESPONSE;
}

Dma::End Dma::fail(const Chain& chain, std::uint32_t code, std::uint64_t address, const std::string& what) {
  log_guest_error("descriptor {} of the chain at {:#x}, address {:#x}: {}", chain.descriptors, start_address_, address, what);
  status_.set_field("CODE", code);
  error_address_.set(address);
  return End::error;
}

void Dma::finish(Chain& chain, End end) {
  chain.record.end = core::now();
  add_busy(chain.record.end - chain.record.start);
  chains_ += 1;
  simulation().kernels.push_back(chain.record);
  if (end == End::reset) return;  // the registers are those of the new epoch
  status_.set_field("BUSY", 0);
  switch (end) {
    case End::well: status_.set_field("DONE", 1); break;
    case End::aborted: status_.set_field("ABORTED", 1); break;
    default: errors_ += 1; status_.set_field("ERROR", 1);
  }
  if (end == End::error) raise("ERROR");
  raise("CHAIN");
}

void Dma::raise(const char* field) {
  interrupt_.set_field(field, 1);
  update();
}

void Dma::on_reset() {
  RegisterDevice::on_reset();
  ++epoch_;
  started_ = abort_ = false;
  update();
}

void Dma::describe_state(core::StateArchive& archive) {
  RegisterDevice::describe_state(archive);
  if (archive.reading()) update();
}

static const core::DeviceRegistration registration = core::register_device<Dma, DmaConfig>("dma", "copies 2-D strided blocks along a chain of descriptors");

}  // namespace spinvp::peripherals
