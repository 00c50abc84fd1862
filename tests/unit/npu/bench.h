// A test bench around one NPU: two memories without contention, a ring of descriptors, and a driver thread that plays firmware.
//
// A burst takes latency + bytes / bytes_per_ns; bursts of different initiators do not hinder each other, unless one_dram_channel says so. Addresses outside the two memories answer with an error.
#pragma once

#include <cstring>
#include <functional>
#include <map>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "models/abi/npu.h"
#include "models/npu/npu.h"

namespace spinvp::npu::test {

struct MemoryTiming {
  std::uint64_t latency_ps = 0, ps_per_64_bytes = 0;
  [[nodiscard]] std::uint64_t burst_ps(std::uint64_t bytes) const { return latency_ps + core::divide_up(bytes, 64) * ps_per_64_bytes; }
};

class Bench : public sc_core::sc_module, public core::InterruptSink {
 public:
  static constexpr std::uint64_t dram_base = 0x8000'0000, onchip_base = 0x20'0000'0000, ring_base = dram_base, heap_base = dram_base + 0x10'0000;
  static constexpr std::uint64_t ring_size = 8;
  static constexpr std::uint64_t id_at = 0x000, control = 0x008, status = 0x00c, queue_base = 0x010, queue_size = 0x018, tail = 0x01c, head = 0x020,
                                 interrupt_status = 0x024, interrupt_enable = 0x028, error_index = 0x02c, error_status = 0x030, completed = 0x034,
                                 scratch_base = 0x038, scratch_size = 0x040, busy_cycles = 0x048, compute_cycles = 0x050, macs = 0x060;

  core::Simulation simulation;
  MemoryTiming dram, onchip;
  std::uint64_t transactions = 0, onchip_reads = 0;
  double poll_us = 1;                                  // how often the driver looks whether the NPU is idle
  bool phantom_space = false;                          // phantoms may lie anywhere below the on-chip memory
  bool one_dram_channel = false;                       // its bursts queue
  std::uint64_t write_extra_ps = 0;                    // that a write takes longer than a read
  std::vector<std::pair<bool, core::SimTime>> levels;  // of the interrupt line
  std::function<void(const tlm::tlm_generic_payload&)> on_burst;

  explicit Bench(const NpuConfig& config = {}, std::uint64_t dram_bytes = 64 << 20, std::uint64_t onchip_bytes = 64 << 20,
                 const sc_core::sc_module_name& name = "bench")
      : sc_module(name), npu("npu", simulation, config), dram_(dram_bytes), onchip_(onchip_bytes), driver_("driver") {
    simulation.log().set_level(spdlog::level::off);
    for (tlm::tlm_initiator_socket<>* master : npu.masters()) {
      auto& target = targets_.emplace_back(std::make_unique<Target>(sc_core::sc_gen_unique_name("target")));
      master->bind(*target);
      target->register_b_transport(this, &Bench::b_transport);
    }
    driver_.bind(*npu.windows()[0].socket);
    npu.interrupt()->bind(*this, 0);
    sc_core::sc_spawn([this] {
      if (body_) body_();
      sc_core::sc_stop();
    });
  }

  // Runs `body` as firmware until it returns.
  void run(std::function<void()> body) {
    body_ = std::move(body);
    sc_core::sc_start();
  }

  // --- what firmware can do ---
  tlm::tlm_response_status access(bool write, std::uint64_t offset, void* data, unsigned bytes) {
    tlm::tlm_generic_payload payload;
    payload.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload.set_address(offset);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay;
    driver_->b_transport(payload, delay);
    return payload.get_response_status();
  }
  void write(std::uint64_t offset, std::uint64_t value, unsigned bytes = 4) { access(true, offset, &value, bytes); }
  std::uint64_t read(std::uint64_t offset, unsigned bytes = 4) {
    std::uint64_t value = 0;
    access(false, offset, &value, bytes);
    return value;
  }
  void start(std::uint64_t size = ring_size) {
    write(queue_base, ring_base, 8);
    write(queue_size, size);
    write(control, 1);
  }
  [[nodiscard]] static spinvp_npu_descriptor& descriptor(Bench& bench, std::uint64_t slot) {
    return *reinterpret_cast<spinvp_npu_descriptor*>(bench.at(ring_base + slot * sizeof(spinvp_npu_descriptor)));
  }
  // Puts `d` into the next slot and rings; returns the slot.
  std::uint64_t post(const spinvp_npu_descriptor& d) {
    const std::uint64_t slot = read(tail);
    descriptor(*this, slot) = d;
    write(tail, (slot + 1) % read(queue_size));
    return slot;
  }
  void wait_idle() {
    while ((read(status) & 1) != 0) sc_core::wait(poll_us, sc_core::SC_US);
  }
  std::uint32_t execute(const spinvp_npu_descriptor& d) {
    const std::uint64_t slot = post(d);
    wait_idle();
    return descriptor(*this, slot).status;
  }

  // --- memory, without simulated time ---
  [[nodiscard]] std::uint8_t* at(std::uint64_t address) {
    if (address >= onchip_base) return &onchip_.at(address - onchip_base);
    return &dram_.at(address - dram_base);
  }
  // A fresh place in DRAM or on chip (behind the default scratch region), 64-byte aligned plus `skew`.
  std::uint64_t allocate(std::uint64_t bytes, bool on_chip = false, std::uint64_t skew = 0) {
    std::uint64_t& next = on_chip ? onchip_next_ : dram_next_;
    const std::uint64_t address = next + skew;
    next += (bytes + skew + 63) / 64 * 64;
    static_cast<void>(at(next));  // throws where the memory ends
    return address;
  }
  void free_all() {
    dram_next_ = heap_base;
    onchip_next_ = onchip_base + (16 << 20);
  }
  void fill(std::uint64_t address, const void* data, std::uint64_t bytes) { std::memcpy(at(address), data, bytes); }

  Npu npu;

 private:
  std::vector<std::uint8_t> dram_, onchip_;
  std::uint64_t dram_next_ = heap_base, onchip_next_ = onchip_base + (16 << 20);
  using Target = tlm_utils::simple_target_socket<Bench>;
  std::vector<std::unique_ptr<Target>> targets_;  // one for each core
  tlm_utils::simple_initiator_socket<Bench> driver_;
  std::function<void()> body_;
  core::SimTime dram_free_;

  void set_level(unsigned, bool level) override { levels.emplace_back(level, core::now()); }

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    ++transactions;
    if (on_burst) on_burst(payload);
    const core::Transfer& transfer = core::transfer_of(payload);
    const bool chip = payload.get_address() >= onchip_base;
    auto& memory = chip ? onchip_ : dram_;
    const std::uint64_t base = chip ? onchip_base : dram_base, length = payload.get_data_length();
    const bool anywhere = phantom_space && transfer.phantom && !chip;
    if (!anywhere && (payload.get_address() < base || length == 0 || length > core::longest_burst || core::span_of(payload) > memory.size() ||
                      payload.get_address() - base > memory.size() - core::span_of(payload))) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    if (!transfer.phantom)
      core::for_each_run(payload, [&](std::uint64_t address, unsigned char* data, std::uint64_t bytes) {
        if (payload.is_read())
          std::memcpy(data, &memory[address - base], bytes);
        else
          std::memcpy(&memory[address - base], data, bytes);
      });
    if (transfer.job != nullptr) {
      auto& t = *transfer.job;
      (payload.is_read() ? (chip ? t.onchip_read_bytes : t.dram_read_bytes) : (chip ? t.onchip_write_bytes : t.dram_write_bytes)) += length;
    }
    const core::SimTime span = core::SimTime::ps((chip ? onchip : dram).burst_ps(length) + (payload.is_write() ? write_extra_ps : 0));
    if (one_dram_channel && !chip) {
      dram_free_ = std::max(dram_free_, core::now()) + span;
      delay += core::to_sc(dram_free_ - core::now());
    } else {
      delay += core::to_sc(span);
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

}  // namespace spinvp::npu::test
