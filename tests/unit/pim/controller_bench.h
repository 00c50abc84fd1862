// A PIM device on a bench: a memory with a known latency a burst on its bus port; register and window ports in the hands of the test, an SC_THREAD.
#pragma once

#include <catch2/catch.hpp>

#include <cstring>
#include <functional>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "models/pim/pim_controller.h"

namespace bench {

using namespace spinvp;
using core::SimTime;

enum Register : std::uint64_t {
  ID = 0x00,
  CONTROL = 0x08,
  STATUS = 0x0c,
  QUEUE_BASE = 0x10,
  QUEUE_SIZE = 0x18,
  TAIL = 0x1c,
  HEAD = 0x20,
  INTERRUPT_STATUS = 0x24,
  INTERRUPT_ENABLE = 0x28,
  ERROR_INDEX = 0x2c,
  ERROR_STATUS = 0x30,
  COMPLETED = 0x34,
  SUBARRAYS = 0x38,
  LANES = 0x3c,
  WORDS = 0x40,
  STEP_READS = 0x48,
  STEP_WRITES = 0x50,
  STEP_SEARCHES = 0x58,
  MACS = 0x60,
  BUSY_CYCLES = 0x68,
  ARRAY_CYCLES = 0x70,
  STALL_CYCLES = 0x78
};

constexpr std::uint64_t memory_base = 0x80000000, memory_size = 4 << 20, ring_base = memory_base + 0x300000;
constexpr std::uint32_t ring_size = 16;

struct Line : core::InterruptSink {
  bool level = false;
  int rises = 0;
  void set_level(unsigned, bool now) override {
    if (now && !level) ++rises;
    level = now;
  }
};

// Four subarrays of 256 x 64 unless told otherwise: 256 lanes of 8 words. Steps and cells are the closed forms of the SOT paper, so that tests can derive them.
inline pim::PimConfig small() {
  pim::PimConfig config;
  config.subarrays = 4, config.rows = 256, config.lanes = 64;
  config.counts = "published", config.device = "prenat-2016";
  return config;
}

class Bench : public sc_core::sc_module {
 public:
  explicit Bench(const pim::PimConfig& config = small(), const sc_core::sc_module_name& name = "bench")
      : sc_module(name), pim("pim", simulation, config), registers_("registers"), window_("window"), memory_("memory"), bytes(memory_size) {
    simulation.log().set_level(spdlog::level::off);
    registers_.bind(*pim.windows()[0].socket);
    window_.bind(*pim.windows()[1].socket);
    pim.masters()[0]->bind(memory_);
    memory_.register_b_transport(this, &Bench::serve);
    pim.interrupt()->bind(line, 0);
    SC_HAS_PROCESS(Bench);
    SC_THREAD(go);
  }

  // For a second bench beside the one that runs: its own thread has nothing to do.
  void idle() {
    body_ = [] {};
    stops_ = false;
  }
  // Runs the body as an initiator; ends when it returns.
  void run(std::function<void()> body) {
    body_ = std::move(body);
    sc_core::sc_start();
    CHECK(ended_);
  }

  std::uint64_t read(std::uint64_t offset, unsigned width = 4) {
    std::uint64_t value = 0;
    CHECK(move(registers_, tlm::TLM_READ_COMMAND, offset, &value, width) == tlm::TLM_OK_RESPONSE);
    return value;
  }
  void write(std::uint64_t offset, std::uint64_t value, unsigned width = 4) { CHECK(try_write(offset, value, width) == tlm::TLM_OK_RESPONSE); }
  tlm::tlm_response_status try_write(std::uint64_t offset, std::uint64_t value, unsigned width = 4) {
    return move(registers_, tlm::TLM_WRITE_COMMAND, offset, &value, width);
  }
  // Without time or side effect.
  std::uint64_t peek(std::uint64_t offset, unsigned width = 4) {
    std::uint64_t value = 0;
    tlm::tlm_generic_payload payload;
    fill(payload, tlm::TLM_READ_COMMAND, offset, &value, width);
    CHECK(registers_->transport_dbg(payload) == width);
    return value;
  }

  // The window. `delay` gives the time that the access took.
  tlm::tlm_response_status window(tlm::tlm_command command, std::uint64_t offset, void* data, unsigned length, SimTime* delay = nullptr,
                                  std::uint64_t row_bytes = 0, std::uint64_t stride = 0) {
    tlm::tlm_generic_payload payload;
    core::Transfer transfer;
    transfer.row_bytes = row_bytes, transfer.stride = stride;
    fill(payload, command, offset, data, length);
    payload.set_extension(&transfer);
    sc_core::sc_time time = sc_core::SC_ZERO_TIME;
    window_->b_transport(payload, time);
    payload.clear_extension(&transfer);
    if (delay != nullptr) *delay = core::from_sc(time);
    return payload.get_response_status();
  }
  unsigned window_debug(tlm::tlm_command command, std::uint64_t offset, void* data, unsigned length) {
    tlm::tlm_generic_payload payload;
    fill(payload, command, offset, data, length);
    return window_->transport_dbg(payload);
  }

  void start_queue(std::uint64_t enable = 7) {
    write(QUEUE_BASE, ring_base, 8);
    write(QUEUE_SIZE, ring_size);
    write(INTERRUPT_ENABLE, enable);
    write(CONTROL, 1);
  }
  // Puts the descriptor into the next slot and rings; returns the slot.
  std::uint32_t submit(const spinvp_pim_descriptor& d) {
    const auto slot = static_cast<std::uint32_t>(peek(TAIL));
    std::memcpy(at(ring_base + slot * sizeof d), &d, sizeof d);
    write(TAIL, (slot + 1) % ring_size);
    return slot;
  }
  std::uint32_t status_of(std::uint32_t slot) { return word(ring_base + slot * sizeof(spinvp_pim_descriptor) + 8); }
  // Submits, waits until the queue is empty and returns the status.
  std::uint32_t execute(const spinvp_pim_descriptor& d) {
    const std::uint32_t slot = submit(d);
    while ((peek_status() & 1) != 0) sc_core::wait(100, sc_core::SC_NS);
    return status_of(slot);
  }
  std::uint64_t peek_status() { return peek(STATUS); }

  std::uint8_t* at(std::uint64_t address) { return &bytes[address - memory_base]; }
  std::uint32_t word(std::uint64_t address) {
    std::uint32_t x = 0;
    std::memcpy(&x, at(address), 4);
    return x;
  }
  void set_word(std::uint64_t address, std::uint32_t x) { std::memcpy(at(address), &x, 4); }
  std::uint32_t& lane(std::uint64_t flat, std::uint32_t w) {
    const std::uint32_t lanes = pim.store().geometry().lanes;
    return pim.store().plane(static_cast<std::uint32_t>(flat / lanes), w)[flat % lanes];
  }

  core::Simulation simulation;
  pim::PimController pim;
  Line line;
  SimTime burst_latency;  // each burst takes this
  struct Burst {
    bool write;
    std::uint64_t address, bytes, row_bytes, stride;
    core::RegionId region;
  };
  std::vector<Burst> bursts;

 private:
  tlm_utils::simple_initiator_socket<Bench> registers_, window_;
  tlm_utils::simple_target_socket<Bench> memory_;

 public:
  std::vector<std::uint8_t> bytes;

 private:
  std::function<void()> body_;
  bool ended_ = false, stops_ = true;

  void go() {
    body_();
    ended_ = true;
    if (stops_) sc_core::sc_stop();
  }
  static void fill(tlm::tlm_generic_payload& payload, tlm::tlm_command command, std::uint64_t address, void* data, unsigned length) {
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(length);
    payload.set_streaming_width(length);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  }
  tlm::tlm_response_status move(tlm_utils::simple_initiator_socket<Bench>& socket, tlm::tlm_command command, std::uint64_t offset, void* data, unsigned width) {
    tlm::tlm_generic_payload payload;
    fill(payload, command, offset, data, width);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload, delay);
    return payload.get_response_status();
  }
  void serve(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const core::Transfer& t = core::transfer_of(payload);
    bursts.push_back({payload.is_write(), payload.get_address(), payload.get_data_length(), t.row_bytes, t.stride, t.region});
    const std::uint64_t address = payload.get_address(), span = core::span_of(payload);
    if (address < memory_base || span > memory_size || address - memory_base > memory_size - span) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    core::for_each_run(payload, [&](std::uint64_t from, std::uint8_t* data, std::uint64_t length) {
      if (payload.is_read())
        std::memcpy(data, at(from), length);
      else
        std::memcpy(at(from), data, length);
    });
    delay += core::to_sc(burst_latency);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

// Descriptors.
inline spinvp_pim_descriptor lanes(std::uint32_t operation, std::uint32_t first, std::uint32_t count, std::uint16_t destination = 0, std::uint16_t a = 1,
                                   std::uint16_t b = 2) {
  spinvp_pim_descriptor d{};
  d.operation = operation;
  d.first_lane = first, d.lane_count = count;
  d.destination = destination, d.source_a = a, d.source_b = b;
  return d;
}
inline spinvp_pim_descriptor box(spinvp_pim_descriptor d, std::uint64_t address, std::array<std::uint32_t, 4> extent, std::array<std::int32_t, 4> stride) {
  d.address = address;
  for (int i = 0; i < 4; ++i) d.extent[i] = extent[i], d.stride[i] = stride[i];
  return d;
}

}  // namespace bench
