#include "comparison.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "hart_user.h"
#include "qemu_user.h"

namespace spinvp::conformance {
namespace {

constexpr std::size_t batch_size = 32;

std::uint64_t word_of(const Ending& ending, std::size_t word) {
  std::uint64_t value = 0;
  std::memcpy(&value, &ending.output[8 * word], 8);
  return value;
}

std::string line_of(const std::string& what, std::uint64_t hart, std::uint64_t qemu) {
  char text[120];
  std::snprintf(text, sizeof text, "%s: hart %016llx, qemu %016llx", what.c_str(), static_cast<unsigned long long>(hart),
                static_cast<unsigned long long>(qemu));
  return text;
}

std::string name_of(std::size_t word) {
  if (word < float_word) return "x" + std::to_string(word);
  if (word < fcsr_word) return "f" + std::to_string(word - float_word);
  if (word == fcsr_word) return "fcsr";
  return "memory at base" + std::string(word < 512 ? "" : "+") + std::to_string(static_cast<int>(8 * word) - static_cast<int>(window_before_base));
}

}  // namespace

bool Comparison::one_differs(const Program& program) {
  const Batch batch({program});
  const HartEnding hart = run_on_hart(batch, program.seed);
  const Ending qemu = run_on_qemu(qemu_, batch.elf());
  instructions_ += hart.instructions;
  // A trouble that both have is one of the program, and none of the hart's; drawn programs have none.
  return hart.trouble.empty() != qemu.trouble.empty() || hart.output != qemu.output || !hart.trouble.empty();
}

std::vector<bool> Comparison::differing(const std::vector<Program>& programs) {
  std::vector<bool> result(programs.size());
  for (std::size_t first = 0; first < programs.size(); first += batch_size) {
    const std::vector<Program> part(programs.begin() + static_cast<std::ptrdiff_t>(first),
                                    programs.begin() + static_cast<std::ptrdiff_t>(std::min(first + batch_size, programs.size())));
    const Batch batch(part);
    const HartEnding hart = run_on_hart(batch, part.front().seed);
    const Ending qemu = run_on_qemu(qemu_, batch.elf());
    const std::size_t expected = part.size() * window_size;
    if (hart.trouble.empty() && qemu.trouble.empty() && hart.output.size() == expected && qemu.output.size() == expected) {
      instructions_ += hart.instructions;
      for (std::size_t i = 0; i < part.size(); ++i)
        result[first + i] = std::memcmp(&hart.output[i * window_size], &qemu.output[i * window_size], window_size) != 0;
    } else {
      for (std::size_t i = 0; i < part.size(); ++i) result[first + i] = one_differs(part[i]);
    }
  }
  return result;
}

Program Comparison::shrink(Program program) {
  for (std::size_t chunk = std::max<std::size_t>(program.items.size() / 2, 1);;) {
    std::vector<Program> candidates;
    for (std::size_t at = 0; at < program.items.size(); at += chunk) {
      candidates.push_back(program);
      auto& items = candidates.back().items;
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(at), items.begin() + static_cast<std::ptrdiff_t>(std::min(at + chunk, items.size())));
    }
    const std::vector<bool> still = differing(candidates);
    const auto found = std::find(still.begin(), still.end(), true);
    if (found != still.end())
      program = candidates[static_cast<std::size_t>(found - still.begin())];
    else if (chunk == 1)
      return program;
    else
      chunk /= 2;
    chunk = std::clamp<std::size_t>(chunk, 1, std::max<std::size_t>(program.items.size(), 1));
  }
}

std::vector<std::string> Comparison::differences(const Program& program) {
  const Batch batch({program});
  const HartEnding hart = run_on_hart(batch, program.seed);
  const Ending qemu = run_on_qemu(qemu_, batch.elf());
  std::vector<std::string> lines;
  if (!hart.trouble.empty()) lines.push_back("hart: " + hart.trouble);
  if (!qemu.trouble.empty()) lines.push_back("qemu: " + qemu.trouble);
  if (hart.output.size() != window_size || qemu.output.size() != window_size) return lines;
  for (std::size_t word = 0; word < window_size / 8; ++word)
    if (word_of(hart, word) != word_of(qemu, word)) lines.push_back(line_of(name_of(word), word_of(hart, word), word_of(qemu, word)));
  return lines;
}

}  // namespace spinvp::conformance
