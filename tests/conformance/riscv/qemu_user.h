// Runs an executable on Debian's qemu-riscv64 and takes what it writes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace spinvp::conformance {

struct Ending {
  std::vector<std::uint8_t> output;
  std::string trouble;  // empty: it exited with 0
};

// `qemu` is a program on the PATH or a path. No QEMU: an exception of core::FileError.
Ending run_on_qemu(const std::string& qemu, const std::string& elf);

}  // namespace spinvp::conformance
