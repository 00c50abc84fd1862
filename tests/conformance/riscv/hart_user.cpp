#include "hart_user.h"

#include <cstdio>
#include <cstring>

#include "models/riscv/interpreter.h"

namespace spinvp::conformance {
namespace {

using riscv::PortAccess;
using u64 = std::uint64_t;

// Every trap goes to a page of `wfi`: the hart comes back there, and the host looks what it wants.
constexpr u64 handler = 0x1000;
constexpr std::uint32_t wfi = 0x10500073;
constexpr u64 most_instructions = 50'000'000;  // far more than a batch has

class UserHart : private riscv::MemoryPort {
 public:
  UserHart(const Batch& batch, u64 seed) : random_(seed), memory_(batch.memory), hart_(*this, 0) {
    direct_allowed_ = !random_.one_in(4);
    // Pages that are granted must be whole.
    memory_.resize((memory_.size() + riscv::page_bytes - 1) / riscv::page_bytes * riscv::page_bytes);
    hart_.reset(Batch::code_base);
    hart_.write_csr(riscv::csr_number::mtvec, handler);
    hart_.write_csr(riscv::csr_number::mstatus, riscv::mstatus_bit::fs);
  }

  HartEnding run() {
    // Slices of all sizes: blocks are cut where the cycles end.
    const u64 slice = random_.one_in(2) ? 1 + random_.below(40) : 10000;
    while (ending_.instructions < most_instructions) {
      const riscv::Stop stop = hart_.run({.cycles = slice});
      ending_.instructions = hart_.instructions();
      if (stop == riscv::Stop::budget) continue;
      if (stop != riscv::Stop::wait) return fails("the hart crashed");
      if (!system_call()) return std::move(ending_);
    }
    return fails("does not end");
  }

 private:
  Random random_;
  std::vector<std::uint8_t> memory_;
  riscv::DirectTally tally_;
  bool direct_allowed_ = true;
  riscv::Interpreter hart_;
  HartEnding ending_;

  HartEnding fails(const std::string& why) {
    ending_.trouble = why;
    return std::move(ending_);
  }

  // False: the program has ended, well or not.
  bool system_call() {
    const u64 cause = hart_.read_csr(riscv::csr_number::mcause).value_or(0), pc = hart_.read_csr(riscv::csr_number::mepc).value_or(0);
    const u64 number = hart_.x(17), buffer = hart_.x(11), length = hart_.x(12);
    if (cause == static_cast<u64>(riscv::Cause::ecall_machine) && number == write_call && inside(buffer, length)) {
      const auto from = memory_.begin() + static_cast<std::ptrdiff_t>(buffer - Batch::code_base);
      ending_.output.insert(ending_.output.end(), from, from + static_cast<std::ptrdiff_t>(length));
      hart_.set_x(10, length);
      hart_.set_pc(pc + 4);
      return true;
    }
    if (cause == static_cast<u64>(riscv::Cause::ecall_machine) && number == exit_call) return false;
    char text[120];
    std::snprintf(text, sizeof text, "trap: cause %llu at %#llx, mtval %#llx", static_cast<unsigned long long>(cause), static_cast<unsigned long long>(pc),
                  static_cast<unsigned long long>(hart_.read_csr(riscv::csr_number::mtval).value_or(0)));
    ending_.trouble = text;
    return false;
  }

  [[nodiscard]] bool inside(u64 address, u64 size) const {
    return address >= Batch::code_base && size <= memory_.size() && address - Batch::code_base <= memory_.size() - size;
  }
  std::uint8_t* host(u64 address) { return &memory_[address - Batch::code_base]; }

  PortAccess load(u64 address, unsigned size) override {
    if (!inside(address, size)) return {};
    PortAccess access{.ok = true};
    std::memcpy(&access.value, host(address), size);
    return access;
  }
  PortAccess store(u64 address, unsigned size, u64 value) override {
    if (!inside(address, size)) return {};
    std::memcpy(host(address), &value, size);
    return {.ok = true};
  }
  bool fetch(u64 address, std::uint8_t* bytes, unsigned length) override {
    if (address / riscv::page_bytes == handler / riscv::page_bytes) {
      for (unsigned i = 0; i < length; ++i) bytes[i] = static_cast<std::uint8_t>(wfi >> (8 * ((address + i) % 4)));
      return true;
    }
    if (!inside(address, length)) return false;
    std::memcpy(bytes, host(address), length);
    return true;
  }
  std::optional<riscv::DirectPage> direct(u64 page) override {
    if (!direct_allowed_ || !inside(page, riscv::page_bytes)) return std::nullopt;
    return riscv::DirectPage{host(page), true, true, &tally_, Batch::code_base, Batch::code_base + (memory_.size() - 1)};
  }
  u64 time() override { return 0; }
};

}  // namespace

HartEnding run_on_hart(const Batch& batch, u64 seed) { return UserHart(batch, seed).run(); }

}  // namespace spinvp::conformance
