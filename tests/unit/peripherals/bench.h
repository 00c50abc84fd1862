// What the tests of devices share: an initiator in the place of a hart, a memory with real bytes and a known delay per burst, and a sink that notes interrupts.
#pragma once

#include <catch2/catch.hpp>

#include <cstring>
#include <map>
#include <optional>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>

#include "models/core/device.h"

namespace spinvp::test {

using namespace spinvp::core;

// Levels and announcements of a hart's (or any) lines, with the time at which each level came.
struct LineProbe : InterruptSink {
  struct Change {
    unsigned index;
    bool level;
    SimTime at;
  };
  std::map<unsigned, bool> level;
  std::map<unsigned, SimTime> announced;
  std::vector<Change> changes;
  void set_level(unsigned index, bool l) override {
    if (const auto known = level.find(index); (known == level.end() ? false : known->second) != l) changes.push_back({index, l, now()});
    level[index] = l;
  }
  void announce_rise(unsigned index, SimTime when) override { announced[index] = when; }
};

// A memory of `size` bytes at address `base`; each burst takes `per_burst` plus `per_byte` for each byte. Bursts that touch `broken` fail.
struct Memory : sc_core::sc_module {
  tlm_utils::simple_target_socket<Memory> socket{"socket"};
  std::uint64_t base;
  std::vector<std::uint8_t> bytes;
  SimTime per_burst, per_byte;
  std::optional<std::uint64_t> broken;
  std::uint64_t reads = 0, writes = 0, strided = 0, debug_reads = 0;
  std::function<void()> on_burst;

  Memory(const sc_core::sc_module_name& name, std::uint64_t at, std::uint64_t size, SimTime burst = SimTime(), SimTime byte = SimTime())
      : sc_module(name), base(at), bytes(size), per_burst(burst), per_byte(byte) {
    socket.register_b_transport(this, &Memory::b_transport);
    socket.register_transport_dbg(this, &Memory::transport_dbg);
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (on_burst) on_burst();
    const std::uint64_t address = payload.get_address(), span = span_of(payload);
    if (address < base || address - base >= bytes.size() || span > bytes.size() - (address - base) ||
        (broken && *broken >= address && *broken < address + span)) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    ++(payload.is_read() ? reads : writes);
    if (span != payload.get_data_length()) ++strided;
    for_each_run(payload, [&](std::uint64_t at, std::uint8_t* data, std::uint64_t length) {
      if (payload.is_read())
        std::memcpy(data, &bytes[at - base], length);
      else
        std::memcpy(&bytes[at - base], data, length);
    });
    delay += to_sc(per_burst + per_byte * payload.get_data_length());
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) {
    ++debug_reads;
    const std::uint64_t address = payload.get_address();
    if (address < base || address - base >= bytes.size()) return 0;
    const std::uint64_t length = std::min<std::uint64_t>(payload.get_data_length(), bytes.size() - (address - base));
    std::memcpy(payload.get_data_ptr(), &bytes[address - base], length);
    return static_cast<unsigned>(length);
  }
  template <typename T>
  void put(std::uint64_t address, const T& value) {
    std::memcpy(&bytes[address - base], &value, sizeof value);
  }
  template <typename T>
  T get(std::uint64_t address) const {
    T value;
    std::memcpy(&value, &bytes[address - base], sizeof value);
    return value;
  }
};

// The place of the hart: calls `body` in a process; read and write expect an OK response unless said otherwise.
struct Bench : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Bench> bus{"bus"};
  Device& device;
  SimTime used;  // delay that the accesses returned so far

  Bench(const sc_core::sc_module_name& name, Device& d) : sc_module(name), device(d) { bus.bind(*d.windows().at(0).socket); }

  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t offset, std::uint8_t* data, std::uint64_t length, SimTime local = SimTime()) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(offset);
    payload.set_data_ptr(data);
    payload.set_data_length(static_cast<unsigned>(length));
    payload.set_streaming_width(static_cast<unsigned>(length));
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay = to_sc(local);
    bus->b_transport(payload, delay);
    used += from_sc(delay);
    return payload.get_response_status();
  }
  template <typename T = std::uint32_t>
  T read(std::uint64_t offset) {
    T value{};
    REQUIRE(access(tlm::TLM_READ_COMMAND, offset, reinterpret_cast<std::uint8_t*>(&value), sizeof value) == tlm::TLM_OK_RESPONSE);
    return value;
  }
  template <typename T = std::uint32_t>
  void write(std::uint64_t offset, T value) {
    REQUIRE(access(tlm::TLM_WRITE_COMMAND, offset, reinterpret_cast<std::uint8_t*>(&value), sizeof value) == tlm::TLM_OK_RESPONSE);
  }
  template <typename T = std::uint32_t>
  T peek(std::uint64_t offset) {
    T value{};
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(offset);
    payload.set_data_ptr(reinterpret_cast<std::uint8_t*>(&value));
    payload.set_data_length(sizeof value);
    REQUIRE(bus->transport_dbg(payload) == sizeof value);
    return value;
  }

  // Runs the simulation until `body` has ended (and nothing is left to happen).
  void run(std::function<void()> body) {
    bool ended = false;
    sc_core::sc_spawn([&ended, body = std::move(body)] {
      body();
      ended = true;
    });
    sc_core::sc_start();
    REQUIRE(ended);
  }
};

inline void wait_for(SimTime t) { sc_core::wait(to_sc(t)); }

// State of `from` given to `to` (or back to itself).
inline void copy_state(Device& from, Device& to) {
  StateArchive out;
  from.describe_state(out);
  StateArchive in(out.bytes());
  to.describe_state(in);
}

}  // namespace spinvp::test
