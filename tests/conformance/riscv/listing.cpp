// The readable form of a program, by the hart's own decoder.
#include <algorithm>
#include <cstdio>

#include "models/riscv/decode.h"
#include "program.h"

namespace spinvp::conformance {
namespace {

constexpr const char* names[] = {
#define SPINVP_X(name, timing) #name,
    SPINVP_RISCV_OPERATIONS(SPINVP_X)
#undef SPINVP_X
};

}  // namespace

std::vector<std::string> listing(const Program& program) {
  const std::vector<std::uint8_t> bytes = program.assemble();
  std::vector<std::string> lines;
  for (std::size_t at = 0; at + 2 <= bytes.size();) {
    std::uint32_t word = bytes[at] | static_cast<std::uint32_t>(bytes[at + 1]) << 8;
    if ((word & 3) == 3 && at + 4 <= bytes.size()) word |= static_cast<std::uint32_t>(bytes[at + 2]) << 16 | static_cast<std::uint32_t>(bytes[at + 3]) << 24;
    const riscv::Instruction i = riscv::decode(word);
    char line[160];
    std::snprintf(line, sizeof line, "%5zx: %0*x%*s %-10s rd=%u rs1=%u rs2=%u rs3=%u rm=%u imm=%d", at, 2 * i.length, i.raw, 2 * (4 - i.length), "",
                  names[static_cast<std::size_t>(i.operation)], i.rd, i.rs1, i.rs2, i.rs3, i.rounding, i.immediate);
    lines.emplace_back(line);
    at += i.length;
  }
  return lines;
}

std::vector<std::string> never_drawn(const std::vector<bool>& drawn) {
  std::vector<std::string> result;
  for (std::size_t o = 0; o < riscv::operation_count; ++o)
    if (!drawn[o]) result.emplace_back(names[o]);
  return result;
}

void mark_operations(const Program& program, std::vector<bool>& drawn) {
  drawn.resize(riscv::operation_count);
  const std::vector<std::uint8_t> bytes = program.assemble();
  for (std::size_t at = 0; at + 2 <= bytes.size();) {
    std::uint32_t word = 0;
    for (std::size_t b = 0; b < 4 && at + b < bytes.size(); ++b) word |= static_cast<std::uint32_t>(bytes[at + b]) << (8 * b);
    const riscv::Instruction i = riscv::decode(word);
    drawn[static_cast<std::size_t>(i.operation)] = true;
    at += i.length;
  }
}

}  // namespace spinvp::conformance
