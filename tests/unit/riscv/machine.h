// An interpreter with a megabyte of memory and one device word, for tests without SystemC.
#pragma once

#include <cstring>
#include <vector>

#include "models/riscv/interpreter.h"
#include "tests/unit/riscv/assembler.h"

namespace spinvp::riscv::test {

inline constexpr u64 ram_base = 0x80000000, ram_size = 1 << 20, device_word = 0x10000000, code_base = ram_base, data_base = ram_base + 0x10000;

class Machine : private MemoryPort {
 public:
  explicit Machine(const CycleTable& cycles = {}, u64 hart_id = 0, const CacheShapes& caches = {}) : ram(ram_size), hart(*this, hart_id, cycles, caches) {}

  std::vector<u8> ram;
  // Accesses below `upper_base`, and from there on: two memories, as it were.
  DirectTally tally, upper_tally;
  u64 upper_base = ram_base + ram_size;
  bool direct_allowed = true, grants_more_than_the_page = true;
  unsigned port_accesses = 0;  // to memory, but through the port
  unsigned device_loads = 0, device_stores = 0;
  u64 device_value = 0, time_value = 0;
  std::uint32_t device_cycles = 0;
  std::uint32_t line_cycles = 0;
  std::function<void()> on_device;  // called inside each device access
  Interpreter hart;

  void put(Program& program) {
    const auto bytes = program.finish();
    std::memcpy(&ram.at(program.base() - ram_base), bytes.data(), bytes.size());
  }
  // Loads the program, starts at its base and runs until `stop` instructions' worth of wfi, crash or the limit.
  Stop start(Program& program, u64 limit = 1000000) {
    put(program);
    hart.reset(program.base());
    return hart.run({.cycles = limit});
  }
  [[nodiscard]] u64 word(u64 address, unsigned size = 8) const {
    u64 value = 0;
    std::memcpy(&value, &ram.at(address - ram_base), size);
    return value;
  }
  void set_word(u64 address, u64 value, unsigned size = 8) { std::memcpy(&ram.at(address - ram_base), &value, size); }

 private:
  static bool in_ram(u64 address, unsigned size) { return address >= ram_base && address - ram_base <= ram_size - size; }
  static std::size_t log2(unsigned size) { return size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3; }
  DirectTally& tally_of(u64 address) { return address < upper_base ? tally : upper_tally; }
  bool is_device(u64 address) {
    if (address / 8 != device_word / 8) return false;
    if (on_device) on_device();
    return true;
  }

  PortAccess load(u64 address, unsigned size) override {
    PortAccess result;
    if (in_ram(address, size)) {
      ++port_accesses;
      ++tally_of(address).reads[log2(size)];
      return {true, word(address, size), 0};
    }
    if (!is_device(address)) return {};
    ++device_loads;
    return {true, device_value, device_cycles};
  }
  PortAccess store(u64 address, unsigned size, u64 value) override {
    if (in_ram(address, size)) {
      ++port_accesses;
      ++tally_of(address).writes[log2(size)];
      set_word(address, value, size);
      return {true, 0, 0};
    }
    if (!is_device(address)) return {};
    ++device_stores;
    device_value = value;
    return {true, 0, device_cycles};
  }
  bool fetch(u64 address, u8* bytes, unsigned length) override {
    if (!in_ram(address, length)) return false;
    std::memcpy(bytes, &ram[address - ram_base], length);
    return true;
  }
  std::optional<DirectPage> direct(u64 page) override {
    if (!direct_allowed || !in_ram(page, page_bytes)) return std::nullopt;
    DirectPage granted{&ram[page - ram_base], true, true, &tally_of(page)};
    if (!grants_more_than_the_page) return granted;
    const bool upper = page >= upper_base;
    granted.first = upper ? upper_base : ram_base;
    granted.last = upper ? ram_base + (ram_size - 1) : upper_base - 1;
    return granted;
  }
  bool cacheable(u64 address) override { return in_ram(address, 1); }
  std::uint32_t move_line(u64, u64, bool) override { return line_cycles; }
  u64 time() override { return time_value; }
};

// Sets mtvec to the label `handler`.
inline Program& with_handler(Program& program) { return program.la(t0, "handler")(csrw(0x305, t0)); }
// mstatus.FS = dirty.
inline Program& with_float(Program& program) { return program({lui(t0, 6), csrrs(zero, 0x300, t0)}); }

}  // namespace spinvp::riscv::test
