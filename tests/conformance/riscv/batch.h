// Several programs in one Linux executable: each loads its registers from its window, runs, and writes them back; at the end one `write` puts all windows to
// standard output, and the process exits with 0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "program.h"

namespace spinvp::conformance {

struct Batch {
  static constexpr std::uint64_t code_base = 0x400000;
  std::vector<std::uint8_t> memory;  // from code_base on: code, then at data_base the windows
  std::uint64_t data_base = 0;

  explicit Batch(const std::vector<Program>& programs);
  // A static RV64 executable with one segment that may be read, written and run.
  [[nodiscard]] std::string elf() const;
};

inline constexpr std::uint64_t write_call = 64, exit_call = 93;  // of Linux on RISC-V, in a7

}  // namespace spinvp::conformance
