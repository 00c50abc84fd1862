// A memory that is settled in sum and a device of one word, behind one socket: all that a hart needs in a test.
#pragma once

#include <cstring>
#include <functional>
#include <vector>

#include <tlm_utils/simple_target_socket.h>

#include "models/core/interrupt.h"
#include "models/core/transport.h"
#include "tests/unit/riscv/machine.h"

namespace spinvp::riscv::test {

class BenchBus : public sc_core::sc_module, public core::DirectHop {
 public:
  explicit BenchBus(const sc_core::sc_module_name& instance) : sc_module(instance), socket("socket"), ram(ram_size) {
    socket.register_b_transport(this, &BenchBus::b_transport);
    socket.register_get_direct_mem_ptr(this, &BenchBus::get_direct_mem_ptr);
    socket.register_transport_dbg(this, &BenchBus::transport_dbg);
  }

  tlm_utils::simple_target_socket<BenchBus> socket;
  std::vector<u8> ram;
  // What the device saw.
  struct DeviceAccess {
    core::SimTime at;
    u64 value;
    bool write;
    core::RegionId region;
    core::AccessTally settled_before;  // direct accesses settled until then
  };
  std::vector<DeviceAccess> device_accesses;
  std::function<void(u64 value)> on_device_write;
  core::SimTime device_time = core::SimTime::ns(7);
  core::SimTime contention;                         // what each settlement answers
  core::SimTime line_time = core::SimTime::ns(40);  // what a line of a cache takes
  unsigned line_reads = 0, line_writes = 0;
  bool allow_dmi = true;
  bool settles = true;  // off: the memory is like a device's, each access ordinary and of device_time
  core::AccessTally total;
  unsigned settlements = 0, transported = 0, grants = 0;

  void put(Program& program) {
    const auto bytes = program.finish();
    std::memcpy(&ram.at(program.base() - ram_base), bytes.data(), bytes.size());
  }
  [[nodiscard]] u64 word(u64 address) const {
    u64 value = 0;
    std::memcpy(&value, &ram.at(address - ram_base), 8);
    return value;
  }
  void revoke() { socket->invalidate_direct_mem_ptr(ram_base, ram_base + ram_size - 1); }

  core::SimTime settle(const core::AccessTally& tally, core::RegionId, core::SimTime from, core::SimTime to) override {
    REQUIRE(from <= to);
    total.reads += tally.reads;
    total.read_bytes += tally.read_bytes;
    total.writes += tally.writes;
    total.write_bytes += tally.write_bytes;
    ++settlements;
    return contention;
  }

 private:
  static bool in_ram(u64 address, u64 length) { return address >= ram_base && address - ram_base + length <= ram_size; }

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const core::Transfer& transfer = core::transfer_of(payload);
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    if (in_ram(payload.get_address(), payload.get_data_length()) && !settles) {
      copy(payload);
      delay += core::to_sc(device_time);
    } else if (in_ram(payload.get_address(), payload.get_data_length())) {
      if (transfer.phantom) {
        ++(payload.is_write() ? line_writes : line_reads);
        delay += core::to_sc(line_time);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        return;
      }
      REQUIRE(transfer.hops != nullptr);
      transfer.hops->push_back(this);
      ++transported;
      copy(payload);
    } else if (payload.get_address() == device_word) {
      u64 value = device_accesses.size();
      if (payload.is_write())
        std::memcpy(&value, payload.get_data_ptr(), payload.get_data_length());
      else
        std::memcpy(payload.get_data_ptr(), &value, payload.get_data_length());
      REQUIRE(delay == sc_core::SC_ZERO_TIME);
      device_accesses.push_back({core::now(), value, payload.is_write(), transfer.region, total});
      delay += core::to_sc(device_time);
      if (payload.is_write() && on_device_write) on_device_write(value);
      payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
  }
  void copy(tlm::tlm_generic_payload& payload) {
    u8* const place = &ram[payload.get_address() - ram_base];
    if (payload.is_read())
      std::memcpy(payload.get_data_ptr(), place, payload.get_data_length());
    else
      std::memcpy(place, payload.get_data_ptr(), payload.get_data_length());
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
    if (!allow_dmi || !settles || !in_ram(payload.get_address(), 1)) return false;
    dmi.set_start_address(ram_base);
    dmi.set_end_address(ram_base + ram_size - 1);
    dmi.set_dmi_ptr(ram.data());
    dmi.allow_read_write();
    ++grants;
    core::transfer_of(payload).hops->push_back(this);
    return true;
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) {
    if (!in_ram(payload.get_address(), payload.get_data_length())) return 0;
    copy(payload);
    return payload.get_data_length();
  }
};

}  // namespace spinvp::riscv::test
