#include "models/peripherals/markers.h"

#include <algorithm>
#include <array>
#include <bit>

namespace spinvp::peripherals {

const core::Schema& MarkersConfig::schema() {
  static const core::Schema schema = core::Schema::of<MarkersConfig>();
  return schema;
}

Markers::Markers(const sc_core::sc_module_name& name, core::Simulation& simulation, const MarkersConfig&)
    : RegisterDevice(name, simulation, "markers", 0x1000),
      name_address_(bank_, {.name = "NAME_ADDRESS", .offset = 0x00, .width = 8, .text = "address of a NUL-terminated name of at most 63 characters"}),
      open_(bank_, {.name = "OPEN",
                    .offset = 0x08,
                    .access = core::Access::write_only,
                    .text = "any write opens the region of that name inside the innermost open one"}),
      close_(bank_, {.name = "CLOSE", .offset = 0x0c, .access = core::Access::write_only, .text = "any write closes the innermost region"}),
      depth_(bank_, {.name = "DEPTH", .offset = 0x10, .access = core::Access::read_only, .text = "number of open regions"}),
      step_(bank_, {.name = "STEP", .offset = 0x14, .text = "number of the training step that LOSS belongs to"}),
      loss_(bank_, {.name = "LOSS", .offset = 0x18, .text = "loss of the step, fp32; a write reports it"}),
      accuracy_(bank_, {.name = "ACCURACY", .offset = 0x1c, .text = "accuracy as a fraction from 0 to 1, fp32; a write reports it"}),
      time_(bank_, {.name = "TIME_NS", .offset = 0x20, .width = 8, .access = core::Access::read_only, .text = "simulated time in nanoseconds"}),
      bus_("bus") {
  add_master(bus_);
  open_.on_write([this](std::uint64_t, std::uint64_t) { open(); });
  close_.on_write([this](std::uint64_t, std::uint64_t) { close(); });
  const auto depth = [this](unsigned) -> std::uint64_t { return this->simulation().regions.depth() + too_deep_; };
  depth_.on_read_at(depth);
  depth_.on_peek(depth);
  loss_.on_write([this](std::uint64_t, std::uint64_t bits) {
    const auto loss = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    core::Simulation& s = this->simulation();
    s.training.loss.push_back(loss);
    if (s.on_progress) s.on_progress(step_.get(), loss, core::now());
  });
  accuracy_.on_write([this](std::uint64_t, std::uint64_t bits) {
    const auto accuracy = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (accuracy >= 0 && accuracy <= 1)
      this->simulation().training.accuracy = accuracy;
    else
      log_guest_error("accuracy {} is not a fraction from 0 to 1", accuracy);
  });
  const auto time = [](unsigned) { return core::now().ps() / 1000; };
  time_.on_read_at(time);
  time_.on_peek(time);
}

void Markers::open() {
  const std::string region = region_name(name_address_.get());
  if (too_deep_ == 0 && simulation().regions.open(region, core::now())) return;
  ++too_deep_;
  log_guest_error("region '{}' is not opened: too many regions are open or known; its time goes to '{}'", region,
                  simulation().regions.path(simulation().regions.current()));
}

void Markers::close() {
  if (too_deep_ > 0)
    --too_deep_;
  else if (!simulation().regions.close(core::now()))
    log_guest_error("no region is open to be closed");
}

std::string Markers::region_name(std::uint64_t address) {
  std::array<std::uint8_t, longest_name + 1> text{};
  std::size_t got = peek(address, text.data(), text.size());
  // The string may lie at the very end of a memory, where the long read is refused.
  if (got == 0)
    while (got < text.size() && peek(address + got, &text[got], 1) == 1)
      if (text[got++] == 0) break;
  const auto read_end = text.begin() + static_cast<std::ptrdiff_t>(std::min(got, text.size()));
  const auto end = std::find(text.begin(), read_end, std::uint8_t{0});
  std::string name(text.begin(), end);
  if (name.empty() || end == read_end) {
    log_guest_error("no region name at {:#x}: a string of 1 to {} characters ending in NUL is needed", address, longest_name);
    return "(bad name)";
  }
  for (char& c : name)
    if (c < 0x20 || c > 0x7e || c == '/') c = '_';
  return name;
}

std::size_t Markers::peek(std::uint64_t address, std::uint8_t* data, std::size_t length) {
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(static_cast<unsigned>(length));
  payload.set_streaming_width(static_cast<unsigned>(length));
  return bus_->transport_dbg(payload);
}

void Markers::on_reset() {
  RegisterDevice::on_reset();
  // Firmware starts anew: what it left open is closed.
  simulation().regions.close_all(core::now());
  too_deep_ = 0;
}

void Markers::describe_state(core::StateArchive& archive) {
  RegisterDevice::describe_state(archive);
  archive.item("too_deep", too_deep_);
}

static const core::DeviceRegistration registration =
    core::register_device<Markers, MarkersConfig>("markers", "named regions and training metrics, written by firmware");

}  // namespace spinvp::peripherals
