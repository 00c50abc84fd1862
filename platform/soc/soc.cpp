#include "platform/soc/soc.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/memory/memory_device.h"

namespace spinvp::platform {

// A bus initiator of its own. When everything is bound and no process has run yet, it tells the devices of the platform, resets all and writes what is to be loaded:
// before that neither debug accesses nor events work.
class Soc::Loader : public sc_core::sc_module {
 public:
  Loader(const sc_core::sc_module_name& name, Soc& soc) : sc_module(name), bus("bus"), soc_(soc) {}

  tlm_utils::simple_initiator_socket<Loader> bus;
  std::vector<Placement> to_write;
  std::optional<ElfImage> image;

  bool write(std::uint64_t address, const std::string& bytes) {
    constexpr std::size_t chunk = 1u << 20;  // a payload's length has 32 bits
    std::string copy;
    for (std::size_t done = 0; done < bytes.size(); done += chunk) {
      copy = bytes.substr(done, chunk);
      tlm::tlm_generic_payload payload;
      payload.set_command(tlm::TLM_WRITE_COMMAND);
      payload.set_address(address + done);
      payload.set_data_ptr(reinterpret_cast<unsigned char*>(copy.data()));
      payload.set_data_length(static_cast<unsigned>(copy.size()));
      payload.set_streaming_width(static_cast<unsigned>(copy.size()));
      if (bus->transport_dbg(payload) != copy.size()) return false;
    }
    return true;
  }

  // A target answers up to its end: what is behind is asked for again.
  std::string read(std::uint64_t address, std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
      tlm::tlm_generic_payload payload;
      payload.set_command(tlm::TLM_READ_COMMAND);
      payload.set_address(address + done);
      payload.set_data_ptr(reinterpret_cast<unsigned char*>(bytes.data() + done));
      payload.set_data_length(static_cast<unsigned>(size - done));
      payload.set_streaming_width(static_cast<unsigned>(size - done));
      const unsigned moved = bus->transport_dbg(payload);
      if (moved == 0) break;
      done += moved;
    }
    bytes.resize(done);
    return bytes;
  }

 private:
  Soc& soc_;
  void start_of_simulation() override {
    soc_.announce_platform();
    for (core::Component* component : soc_.simulation_.components) component->reset();
    for (const Placement& placement : to_write)
      if (!write(placement.address, placement.bytes)) throw std::logic_error(fmt::format("the memory at {:#x} takes no debug writes", placement.address));
    to_write.clear();
    if (image) soc_.point_harts_at(*image);
  }
};

Soc::Soc(core::Simulation& simulation, const PlatformConfig& config) : simulation_(simulation) {
  simulation.energy.set_power_bin(core::SimTime::from(config.platform.power_bin));
  interconnect_ = std::make_unique<interconnect::Interconnect>("interconnect", simulation, config.interconnect, config.transport);
  build_harts(config);
  for (const DeviceConfig& device : config.devices) build_device(device);
  for (const Instance& instance : devices_)
    if (auto* memory = dynamic_cast<memory::MemoryDevice*>(instance.device.get())) memory->set_accepted_transactions(config.transport.accepted);
  wire_interrupts();
  loader_ = std::make_unique<Loader>("loader", *this);
  interconnect_->bind_initiator(loader_->bus);
}

Soc::~Soc() = default;

void Soc::announce_platform() {
  core::PlatformView view;
  view.components = simulation_.components;
  for (const auto& hart : harts_) view.harts.push_back(hart.get());
  for (const Instance& instance : devices_) {
    instance.device->on_platform(view);
    if (const auto clock = instance.device->wall_clock())
      for (const auto& hart : harts_) hart->set_time_source(clock);
  }
}

void Soc::build_harts(const PlatformConfig& config) {
  riscv::HartConfig hart_config = config.hart;
  hart_config.dmi = hart_config.dmi && !config.transport.approximately_timed();
  for (std::uint64_t id = 0; id < config.harts.count; ++id) {
    auto& hart = harts_.emplace_back(std::make_unique<riscv::Hart>(fmt::format("hart{}", id).c_str(), simulation_, hart_config, id));
    interconnect_->bind_initiator(hart->bus);
    hart->set_console([this](std::string_view text) { guest_text(text); });
  }
}

void Soc::build_device(const DeviceConfig& config) {
  Instance instance{&config, nullptr};
  try {
    instance.device = core::device_types().at(config.placement.type).make(config.name.c_str(), simulation_, config.values);
    const auto& windows = instance.device->windows();
    for (const core::Device::Window& window : windows) {
      const std::string name = windows.size() == 1 ? config.name : config.name + "." + window.name;
      interconnect_->add_target(*window.socket, base_of(instance, window), window.size, name, config.placement.link());
    }
  } catch (const core::InputError& error) {
    throw core::InputError(fmt::format("{}: device '{}': {}", config.where.text(), config.name, error.what()), error.status());
  }
  for (tlm::tlm_initiator_socket<>* master : instance.device->masters()) interconnect_->bind_initiator(*master, config.placement.link());
  devices_.push_back(std::move(instance));
}

void Soc::wire_interrupts() {
  core::InterruptSink* controller = nullptr;
  for (const Instance& instance : devices_)
    if (controller == nullptr) controller = instance.device->interrupt_controller();
  for (const Instance& instance : devices_) {
    const std::uint64_t irq = instance.config->placement.irq;
    if (irq == 0) {
      const auto* memory = dynamic_cast<const memory::MemoryDevice*>(instance.device.get());
      if (const char* field = memory != nullptr ? memory->interrupt_needed_by() : nullptr; field != nullptr)
        throw core::InputError(fmt::format("{}: device '{}' has {}, but irq 0; allowed is a number of the interrupt controller", instance.config->where.text(),
                                           instance.config->name, field));
      continue;
    }
    const auto refuse = [&](const std::string& what) {
      throw core::InputError(
          fmt::format("{}: device '{}' has irq {}, but {}; allowed is irq: 0", instance.config->where.text(), instance.config->name, irq, what));
    };
    if (instance.device->interrupt() == nullptr) refuse("its type has no interrupt");
    if (controller == nullptr) refuse("there is no interrupt controller");
    instance.device->interrupt()->bind(*controller, static_cast<unsigned>(irq));
  }
}

std::vector<MemoryRange> Soc::memories() const {
  std::vector<MemoryRange> memories;
  for (const Instance& instance : devices_)
    for (const core::Device::Window& window : instance.device->windows())
      if (window.bank == nullptr) memories.push_back({instance.config->name, instance.config->placement.type, base_of(instance, window), window.size});
  return memories;
}

void Soc::load(const ElfImage& image, std::vector<Placement> more) {
  check_fits(image, memories());
  // Memories begin as zeros: what a segment has beyond its bytes in the file needs no write.
  for (const ElfImage::Segment& segment : image.segments) loader_->to_write.push_back({segment.address, segment.bytes});
  for (Placement& placement : more) loader_->to_write.push_back(std::move(placement));
  loader_->image = image;
}

void Soc::point_harts_at(const ElfImage& image) {
  const auto tohost = image.symbol("tohost");
  for (const auto& hart : harts_) {
    hart->set_entry(image.entry);
    if (tohost) hart->watch_tohost(*tohost, image.symbol("fromhost").value_or(0));
  }
}

void Soc::guest_text(std::string_view text) {
  if (!simulation_.on_console) return;
  for (const char c : text) simulation_.on_console(c);
}

bool Soc::write(std::uint64_t address, const std::string& bytes) { return loader_->write(address, bytes); }

std::string Soc::read(std::uint64_t address, std::size_t size) { return loader_->read(address, size); }

std::optional<std::uint64_t> Soc::read_number(std::uint64_t address, unsigned size) {
  const std::string bytes = read(address, size);
  if (bytes.size() != size) return std::nullopt;
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), size);
  return value;
}

std::string Soc::place_of(std::uint64_t address) const {
  const interconnect::AddressRange* range = interconnect_->address_map().find(address, 1);
  if (range == nullptr) return "";
  for (const MemoryRange& memory : memories())
    if (memory.holds(address, 1)) return range->name;
  return address == range->base ? range->name : fmt::format("{}+{:#x}", range->name, address - range->base);
}

std::vector<HartMeasure> Soc::settle_harts() {
  std::vector<HartMeasure> measures;
  for (const auto& hart : harts_) {
    hart->settle_all();
    const riscv::Hart::Statistics s = hart->statistics();
    measures.push_back({hart->name(), s.instructions, s.cycles, s.traps, s.wait.seconds()});
  }
  return measures;
}

}  // namespace spinvp::platform
