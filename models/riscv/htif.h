// The host-target interface of the RISC-V tests: a store to `tohost` ends the run or writes to the console.
//
// Value 1: pass. Other odd values: failure with code value >> 1. Device 1, command 1 (bits 63:48 = 0x0101): the low byte goes to the console. Even values point
// to a block of eight words {number, arguments...}: number 64 (write) is done, its result stands in word 0 afterwards; others are reported and answered with -1.
// After a request that is not the end, tohost is cleared and fromhost is set to 1.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace spinvp::riscv {

class Htif {
 public:
  struct Host {
    // Guest memory without side effects or time; false where there is none.
    std::function<bool(std::uint64_t address, void* data, std::size_t size)> read, write;
    std::function<void(std::string_view text)> console;
    std::function<void(std::uint64_t code)> finish;
    std::function<void(const std::string& message)> complain;
  };

  // `tohost` as the ELF's symbol says; `fromhost` 0 if it has none.
  Htif(std::uint64_t tohost, std::uint64_t fromhost, Host host) : tohost_(tohost), fromhost_(fromhost), host_(std::move(host)) {}

  [[nodiscard]] std::uint64_t tohost() const { return tohost_; }
  [[nodiscard]] bool watches(std::uint64_t address, unsigned size) const { return address < tohost_ + 8 && tohost_ < address + size; }
  // To be called after a store that `watches`.
  void after_store();

 private:
  std::uint64_t tohost_, fromhost_;
  Host host_;
  void answer();
  void system_call(std::uint64_t block);
};

}  // namespace spinvp::riscv
