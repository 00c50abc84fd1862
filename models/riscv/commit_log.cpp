#include "models/riscv/commit_log.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "models/riscv/csr_name.h"

namespace spinvp::riscv {

std::string commit_line(const Executed& instruction) {
  using File = Executed::RegisterWrite::File;
  std::string line =
      fmt::format("core{:4}: {} 0x{:016x} (0x{:0{}x})", instruction.hart, instruction.privilege, instruction.pc, instruction.word, 2 * instruction.length);
  const auto out = std::back_inserter(line);
  // Registers by number; of one number x before f before CSR.
  std::vector<Executed::RegisterWrite> registers(instruction.registers.begin(), instruction.registers.begin() + instruction.register_count);
  std::sort(registers.begin(), registers.end(), [](const auto& a, const auto& b) { return a.number != b.number ? a.number < b.number : a.file < b.file; });
  for (auto written = registers.begin(); written != registers.end(); ++written)
    if (written->file == File::csr)
      fmt::format_to(out, " c{}_{} 0x{:016x}", written->number, csr_name(written->number), written->value);
    else
      fmt::format_to(out, " {}{:<2} 0x{:016x}", written->file == File::integer ? 'x' : 'f', written->number, written->value);
  for (unsigned n = 0; n < instruction.memory_count; ++n) {
    const Executed::MemoryAccess& access = instruction.memory[n];
    fmt::format_to(out, " mem 0x{:016x}", access.address);
    if (access.write) fmt::format_to(out, " 0x{:0{}x}", access.value, 2 * access.size);
  }
  line += '\n';
  return line;
}

}  // namespace spinvp::riscv
