// An initiator that a test drives by hand, and a target that takes a fixed time: for tests of the bus and of memories.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <sstream>
#include <vector>

#include <spdlog/sinks/ostream_sink.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "models/core/simulation.h"
#include "models/core/transport.h"

namespace spinvp::test {

using core::SimTime;

// Puts what a simulation logs into a text.
class LogText {
 public:
  explicit LogText(core::Simulation& simulation) { simulation.log().sinks().push_back(std::make_shared<spdlog::sinks::ostream_sink_mt>(stream_)); }
  [[nodiscard]] bool has(const std::string& text) const { return stream_.str().find(text) != std::string::npos; }
  [[nodiscard]] std::string text() const { return stream_.str(); }

 private:
  std::ostringstream stream_;
};

class BusDriver : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<BusDriver> socket{"socket"};
  core::Transfer transfer;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> revoked;  // ranges of direct access
  bool address_kept = true;

  explicit BusDriver(const sc_core::sc_module_name& name) : sc_module(name) {
    transfer.initiator = "driver";
    socket.register_invalidate_direct_mem_ptr(this, &BusDriver::revoke);
  }

  struct Done {
    tlm::tlm_response_status response;
    SimTime ready;  // kernel time plus the delay that came back
    [[nodiscard]] bool ok() const { return response == tlm::TLM_OK_RESPONSE; }
  };
  Done access(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, std::uint64_t length, SimTime delay = SimTime()) {
    tlm::tlm_generic_payload payload;
    prepare(payload, command, address, data, length);
    sc_core::sc_time annotated = core::to_sc(delay);
    socket->b_transport(payload, annotated);
    address_kept = address_kept && payload.get_address() == address && payload.get_data_length() == length;
    payload.clear_extension(&transfer);
    return {payload.get_response_status(), core::now() + core::from_sc(annotated)};
  }
  Done read(std::uint64_t address, std::uint64_t length, SimTime delay = SimTime()) {
    buffer.resize(std::max(buffer.size(), static_cast<std::size_t>(length)));
    return access(tlm::TLM_READ_COMMAND, address, buffer.data(), length, delay);
  }
  Done write(std::uint64_t address, std::uint64_t length, SimTime delay = SimTime()) {
    buffer.resize(std::max(buffer.size(), static_cast<std::size_t>(length)));
    return access(tlm::TLM_WRITE_COMMAND, address, buffer.data(), length, delay);
  }
  unsigned debug(tlm::tlm_command command, std::uint64_t address, void* data, std::uint64_t length) {
    tlm::tlm_generic_payload payload;
    prepare(payload, command, address, static_cast<std::uint8_t*>(data), length);
    const unsigned moved = socket->transport_dbg(payload);
    payload.clear_extension(&transfer);
    return moved;
  }
  bool direct(std::uint64_t address, tlm::tlm_dmi& dmi, tlm::tlm_command command = tlm::TLM_READ_COMMAND) {
    tlm::tlm_generic_payload payload;
    prepare(payload, command, address, nullptr, 1);
    const bool granted = socket->get_direct_mem_ptr(payload, dmi);
    address_kept = address_kept && payload.get_address() == address;
    payload.clear_extension(&transfer);
    return granted;
  }
  std::vector<std::uint8_t> buffer = std::vector<std::uint8_t>(4096);

 private:
  void revoke(sc_dt::uint64 first, sc_dt::uint64 last) { revoked.emplace_back(first, last); }
  void prepare(tlm::tlm_generic_payload& payload, tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, std::uint64_t length) {
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(data);
    payload.set_data_length(static_cast<unsigned>(length));
    payload.set_streaming_width(static_cast<unsigned>(length));
    payload.set_extension(&transfer);
  }
};

class FixedTarget : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<FixedTarget> socket{"socket"};
  SimTime takes;
  bool waits = false;  // waits the incoming delay out, as devices do
  core::DirectHop* hop = nullptr;
  std::uint64_t last_address = ~0ull;
  SimTime acted;
  tlm::tlm_dmi grant;
  std::array<std::uint8_t, 256> bytes{};

  explicit FixedTarget(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_b_transport(this, &FixedTarget::serve);
    socket.register_transport_dbg(this, &FixedTarget::peek);
    socket.register_get_direct_mem_ptr(this, &FixedTarget::direct);
  }

 private:
  void serve(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    last_address = payload.get_address();
    if (waits) {
      sc_core::wait(delay);
      delay = sc_core::SC_ZERO_TIME;
    }
    acted = core::now() + core::from_sc(delay);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    if (const auto* hops = core::transfer_of(payload).hops; hops != nullptr && hop != nullptr) {
      core::transfer_of(payload).hops->push_back(hop);
      return;
    }
    delay += core::to_sc(takes);
  }
  unsigned peek(tlm::tlm_generic_payload& payload) {
    last_address = payload.get_address();
    return payload.get_data_length();
  }
  bool direct(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
    last_address = payload.get_address();
    dmi = grant;
    if (auto* hops = core::transfer_of(payload).hops; hops != nullptr && hop != nullptr) hops->push_back(hop);
    return true;
  }
};

}  // namespace spinvp::test
