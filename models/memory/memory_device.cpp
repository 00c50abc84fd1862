#include "models/memory/memory_device.h"

#include <cstring>

namespace spinvp::memory {

using core::SimTime;

MemoryDevice::MemoryDevice(const sc_core::sc_module_name& name, core::Simulation& simulation, std::string_view type, std::uint64_t size, bool guest_writes)
    : Device(name, simulation, type),
      storage_(size, this->name()),
      guest_writes_(guest_writes),
      memory_socket_("memory"),
      reads_(declare_counter("reads")),
      writes_(declare_counter("writes")),
      read_bytes_(declare_counter("read_bytes")),
      write_bytes_(declare_counter("write_bytes")),
      transactions_([this](tlm::tlm_generic_payload& payload) { return take(payload, core::now()); },
                    [this](tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
                      return memory_socket_->nb_transport_bw(payload, phase, delay);
                    }) {
  memory_socket_.register_nb_transport_fw(this, &MemoryDevice::nb_transport_fw);
  memory_socket_.register_b_transport(this, &MemoryDevice::b_transport);
  memory_socket_.register_transport_dbg(this, &MemoryDevice::transport_dbg);
  memory_socket_.register_get_direct_mem_ptr(this, &MemoryDevice::get_direct_mem_ptr);
  add_window({"memory", &memory_socket_, size});
}

const char* MemoryDevice::problem(const tlm::tlm_generic_payload& payload, tlm::tlm_response_status& status) const {
  status = tlm::TLM_GENERIC_ERROR_RESPONSE;
  if (!running()) return "the memory is not powered or not clocked";
  status = tlm::TLM_COMMAND_ERROR_RESPONSE;
  if (!payload.is_read() && !payload.is_write()) return "neither a read nor a write";
  if (payload.is_write() && !guest_writes_) return "the memory is read-only";
  status = tlm::TLM_GENERIC_ERROR_RESPONSE;
  const core::Transfer& t = core::transfer_of(payload);
  if (t.phantom ? t.hops != nullptr : payload.get_data_ptr() == nullptr && payload.get_data_length() > 0) return "no values travel with it";
  status = tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr) return "byte enables are not supported";
  status = tlm::TLM_BURST_ERROR_RESPONSE;
  if (payload.get_streaming_width() != 0 && payload.get_streaming_width() < payload.get_data_length()) return "streaming is not supported";
  status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  const std::uint64_t address = payload.get_address(), length = payload.get_data_length();
  // A stride beyond the memory could wrap the span around; two rows can never lie so far apart.
  const bool strided = t.row_bytes != 0 && t.row_bytes < length;
  if (strided && t.stride > size()) return "the rows lie further apart than the memory is long";
  if (strided && t.stride != 0 && core::divide_up(length, t.row_bytes) - 1 > size() / t.stride) return "outside the memory";
  if (length > size() || address >= size() || core::span_of(payload) > size() - address) return "outside the memory";
  return nullptr;
}

tlm::tlm_sync_enum MemoryDevice::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  return transactions_.forward(payload, phase, delay);
}

void MemoryDevice::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const SimTime now = core::now();
  delay = core::to_sc(take(payload, now + core::from_sc(delay)) - now);
}

SimTime MemoryDevice::take(tlm::tlm_generic_payload& payload, SimTime at) {
  const core::Transfer& t = core::transfer_of(payload);
  tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
  if (const char* why = problem(payload, status); why != nullptr) {
    payload.set_response_status(status);
    log_guest_error("{} of {} bytes at offset {:#x} by {} (pc {:#x}): {}", payload.is_read() ? "read" : "write", payload.get_data_length(),
                    payload.get_address(), t.initiator, t.pc, why);
    return at;
  }
  status = tlm::TLM_OK_RESPONSE;
  const bool write = payload.is_write();
  if (t.hops != nullptr && direct_allowed(payload.get_address(), payload.get_data_length(), write)) {
    core::for_each_run(payload, [&](std::uint64_t address, std::uint8_t* data, std::uint64_t length) {
      if (write)
        std::memcpy(storage_.write(address, length), data, length);
      else
        std::memcpy(data, storage_.read(address), length);
    });
    payload.set_dmi_allowed(true);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    t.hops->push_back(this);
    return at;
  }
  if (t.phantom)
    pass_phantom(payload, at);
  else
    core::for_each_run(payload, [&](std::uint64_t address, std::uint8_t* data, std::uint64_t length) {
      const auto response = write ? store_bytes(address, data, length, at) : load_bytes(address, data, length, at);
      if (status == tlm::TLM_OK_RESPONSE) status = response;
    });
  payload.set_dmi_allowed(direct_allowed(payload.get_address(), payload.get_data_length(), write));
  payload.set_response_status(status);
  (write ? writes_ : reads_) += 1;
  (write ? write_bytes_ : read_bytes_) += payload.get_data_length();
  return serve(payload, at);
}

tlm::tlm_response_status MemoryDevice::load_bytes(std::uint64_t address, std::uint8_t* data, std::uint64_t length, SimTime) {
  std::memcpy(data, storage_.read(address), length);
  return tlm::TLM_OK_RESPONSE;
}

tlm::tlm_response_status MemoryDevice::store_bytes(std::uint64_t address, const std::uint8_t* data, std::uint64_t length, SimTime) {
  std::memcpy(storage_.write(address, length), data, length);
  return tlm::TLM_OK_RESPONSE;
}

void MemoryDevice::restore_page(std::uint64_t page, std::span<const std::uint8_t> bytes) {
  const std::uint64_t address = page * Storage::page_bytes;
  std::memcpy(storage_.write(address, bytes.size()), bytes.data(), bytes.size());
  contents_replaced(address, bytes.size());
}

unsigned MemoryDevice::transport_dbg(tlm::tlm_generic_payload& payload) {
  const std::uint64_t address = payload.get_address();
  if (address >= size() || (!payload.is_read() && !payload.is_write())) return 0;
  const std::uint64_t length = std::min<std::uint64_t>(payload.get_data_length(), size() - address);
  if (payload.is_write()) {
    std::memcpy(storage_.write(address, length), payload.get_data_ptr(), length);
    contents_replaced(address, length);
  } else {
    return static_cast<unsigned>(peek_bytes(address, payload.get_data_ptr(), length));
  }
  return static_cast<unsigned>(length);
}

std::uint64_t MemoryDevice::peek_bytes(std::uint64_t address, std::uint8_t* data, std::uint64_t length) const {
  std::memcpy(data, storage_.read(address), length);
  return length;
}

bool MemoryDevice::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  const std::uint64_t address = payload.get_address();
  dmi.init();
  dmi.allow_none();
  if (address >= size() || !running()) {
    dmi.set_start_address(0);
    dmi.set_end_address(size() - 1);
    return false;
  }
  const std::uint64_t start = address - address % Storage::chunk_bytes, length = std::min(Storage::chunk_bytes, size() - start);
  DirectGrant grant = direct_grant(address, start, start + length - 1);
  grant.write = grant.write && guest_writes_;
  dmi.set_start_address(grant.first);
  dmi.set_end_address(grant.last);
  if (!grant.read && !grant.write) return false;
  dmi.set_dmi_ptr(storage_.write(grant.first, grant.last - grant.first + 1));
  dmi.set_granted_access(grant.read && grant.write ? tlm::tlm_dmi::DMI_ACCESS_READ_WRITE
                         : grant.read              ? tlm::tlm_dmi::DMI_ACCESS_READ
                                                   : tlm::tlm_dmi::DMI_ACCESS_WRITE);
  if (std::vector<core::DirectHop*>* hops = core::transfer_of(payload).hops; hops != nullptr) hops->push_back(this);
  return !payload.is_write() || grant.write;
}

SimTime MemoryDevice::settle(const core::AccessTally& tally, core::RegionId region, SimTime from, SimTime to) {
  if (tally.empty()) return SimTime();
  reads_ += tally.reads;
  writes_ += tally.writes;
  read_bytes_ += tally.read_bytes;
  write_bytes_ += tally.write_bytes;
  return serve_direct(tally, region, from, std::max(from, to));
}

void MemoryDevice::revoke_direct(std::uint64_t first, std::uint64_t last) {
  // Before the simulation starts there is nobody who could hold a pointer, and no bound socket.
  const bool started = (sc_core::sc_get_status() & (sc_core::SC_START_OF_SIMULATION | sc_core::SC_RUNNING | sc_core::SC_PAUSED | sc_core::SC_STOPPED)) != 0;
  if (started) memory_socket_->invalidate_direct_mem_ptr(first, last);
}

void MemoryDevice::on_power_state(core::PowerState from, core::PowerState to) {
  if (from == core::PowerState::on) revoke_direct(0, size() - 1);
  if (to != core::PowerState::off || power_loss_ == PowerLoss::keeps) return;
  // Each loss leaves another pattern: the seed's low bits count them.
  storage_.scramble(simulation().seed() * 0x100000001b3u + ++power_losses_, power_loss_ == PowerLoss::scrambles_all);
  contents_replaced(0, size());
}

void MemoryDevice::describe_state(core::StateArchive& archive) {
  Component::describe_state(archive);
  archive.item("power_losses", power_losses_);
  storage_.describe_state(archive);
  if (archive.reading()) contents_replaced(0, size());
}

}  // namespace spinvp::memory
