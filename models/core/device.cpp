#include "models/core/device.h"

#include "models/core/register_observer.h"

namespace spinvp::core {

RegisterDevice::RegisterDevice(const sc_core::sc_module_name& name, Simulation& simulation, std::string_view type, std::uint64_t size, Frequency clock,
                               Violation violation)
    : Device(name, simulation, type, clock), bank_(size, violation), port_(*this, bank_) {
  add_window({"registers", &port_.socket(), size, &bank_});
}

void RegisterDevice::describe_state(StateArchive& archive) {
  Component::describe_state(archive);
  bank_.describe_state(archive);
}

Device::RegisterPort::RegisterPort(Device& device, RegisterBank& bank) : device_(device), bank_(bank), socket_("registers") {
  socket_.register_b_transport(this, &RegisterPort::b_transport);
  socket_.register_transport_dbg(this, &RegisterPort::transport_dbg);
}

void Device::RegisterPort::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const std::uint64_t offset = payload.get_address(), length = payload.get_data_length();
  const auto refuse = [&](tlm::tlm_response_status status, const char* why) {
    payload.set_response_status(status);
    if (device_.register_observer_ != nullptr) tell(payload, length, false, now() + from_sc(delay));
    const Transfer& t = transfer_of(payload);
    device_.log_guest_error("{} of {} bytes at offset {:#x} by {} (pc {:#x}): {}", payload.is_read() ? "read" : "write", length, offset, t.initiator, t.pc,
                            why);
  };
  if (!device_.running()) return refuse(tlm::TLM_GENERIC_ERROR_RESPONSE, "the device is not powered or not clocked");
  if (offset >= bank_.size() || length > bank_.size() - offset || span_of(payload) != length)
    return refuse(tlm::TLM_ADDRESS_ERROR_RESPONSE, "outside the device's registers");
  if (payload.get_byte_enable_ptr() != nullptr) return refuse(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE, "byte enables are not supported");
  if (transfer_of(payload).phantom || payload.get_data_ptr() == nullptr)
    return refuse(tlm::TLM_GENERIC_ERROR_RESPONSE, "a register takes values, and none travel with this access");
  const std::span<std::uint8_t> data(payload.get_data_ptr(), length);
  if (delay != sc_core::SC_ZERO_TIME && bank_.synchronises(offset, length)) {
    sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
  }
  const auto result = payload.is_read() ? bank_.read(offset, data) : payload.is_write() ? bank_.write(offset, data) : RegisterBank::Result::ok;
  switch (result) {
    case RegisterBank::Result::ok: payload.set_response_status(tlm::TLM_OK_RESPONSE); break;
    case RegisterBank::Result::no_register: return refuse(tlm::TLM_ADDRESS_ERROR_RESPONSE, "no register there");
    case RegisterBank::Result::not_readable: return refuse(tlm::TLM_COMMAND_ERROR_RESPONSE, "the register is write-only");
    case RegisterBank::Result::not_writable: return refuse(tlm::TLM_COMMAND_ERROR_RESPONSE, "the register is read-only");
  }
  if (device_.register_observer_ != nullptr) tell(payload, length, false, now() + from_sc(delay));
  delay += to_sc(device_.clock().cycles(access_cycles));
}

void Device::RegisterPort::tell(const tlm::tlm_generic_payload& payload, std::uint64_t length, bool debug, SimTime at) const {
  const bool values = payload.get_data_ptr() != nullptr && payload.get_byte_enable_ptr() == nullptr && payload.get_streaming_width() >= length;
  const Transfer& transfer = transfer_of(payload);
  device_.register_observer_->on_access({.device = device_,
                                         .bank = bank_,
                                         .offset = payload.get_address(),
                                         .data = values ? std::span<const std::uint8_t>(payload.get_data_ptr(), length) : std::span<const std::uint8_t>(),
                                         .write = payload.is_write(),
                                         .refused = !debug && payload.get_response_status() != tlm::TLM_OK_RESPONSE,
                                         .debug = debug,
                                         .initiator = transfer.initiator,
                                         .pc = transfer.pc,
                                         .at = at});
}

unsigned Device::RegisterPort::transport_dbg(tlm::tlm_generic_payload& payload) {
  const std::uint64_t offset = payload.get_address();
  if (offset >= bank_.size()) return 0;
  const std::uint64_t length = std::min<std::uint64_t>(payload.get_data_length(), bank_.size() - offset);
  if (payload.is_read())
    bank_.peek(offset, {payload.get_data_ptr(), length});
  else if (payload.is_write())
    bank_.poke(offset, {payload.get_data_ptr(), length});
  if (device_.register_observer_ != nullptr) tell(payload, length, true, now());
  return static_cast<unsigned>(length);
}

namespace {
std::map<std::string, DeviceType>& registry() {
  static std::map<std::string, DeviceType> types;
  return types;
}
}  // namespace

DeviceRegistration::DeviceRegistration(DeviceType type) {
  const std::string name = type.name;
  if (!registry().emplace(name, std::move(type)).second) throw std::logic_error("two device types are called " + name);
}

const std::map<std::string, DeviceType>& device_types() { return registry(); }

}  // namespace spinvp::core
