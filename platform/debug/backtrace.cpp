#include "platform/debug/backtrace.h"

#include <fmt/format.h>

namespace spinvp::platform {

namespace {

constexpr unsigned ra = 1, sp = 2, s0 = 8;

bool is_link(std::uint64_t reg) { return reg == 1 || reg == 5; }

// The encodings of calls: jal and jalr with a link register, c.jalr (volume I, chapters 2.5 and 16.4).
bool is_long_call(std::uint64_t word) {
  const std::uint64_t opcode = word & 0x7f;
  return (opcode == 0x6f || (opcode == 0x67 && (word >> 12 & 7) == 0)) && is_link(word >> 7 & 31);
}
// Of a jal.
std::uint64_t jump_offset(std::uint64_t word) {
  const std::uint64_t offset = (word >> 21 & 0x3ff) << 1 | (word >> 20 & 1) << 11 | (word >> 12 & 0xff) << 12 | (word >> 31 & 1) << 20;
  return offset - ((offset & 1u << 20) << 1);
}
bool is_short_call(std::uint64_t half) { return (half & 0xf07f) == 0x9002 && (half >> 7 & 31) != 0; }

}  // namespace

Backtrace::Backtrace(const Symbols& symbols, const HartState& hart) : symbols_(symbols), hart_(hart), x_(hart.x) { walk(); }

bool Backtrace::follows_call(std::uint64_t address) const {
  if (address % 2 != 0 || address < 4) return false;
  const auto half = hart_.read(address - 2, 2), low = hart_.read(address - 4, 2);
  if (half && is_short_call(*half)) return true;
  return half && low && is_long_call(*half << 16 | *low);
}

bool Backtrace::ends_at(std::uint64_t place) const {
  for (const std::uint64_t root : {hart_.entry, hart_.trap_vector}) {
    const NamedRange* function = symbols_.function_at(root);
    if (function != nullptr && function->holds(place)) return true;
  }
  return false;
}

// The caller's address, with its registers in x_; nothing: no rules. 0: there is no caller.
std::optional<std::uint64_t> Backtrace::by_rules(std::uint64_t place) {
  const auto rules = symbols_.frame_rules(place);
  if (!rules) return std::nullopt;
  const std::uint64_t cfa = x_[rules->cfa_register] + static_cast<std::uint64_t>(rules->cfa_offset);
  std::array<std::uint64_t, 32> caller = x_;
  for (unsigned reg = 1; reg < 32; ++reg) {
    const FrameRules::Rule& rule = rules->registers[reg];
    if (rule.kind == FrameRules::Kind::undefined && reg == ra) return 0;
    if (rule.kind != FrameRules::Kind::in_memory) continue;
    const auto value = hart_.read(cfa + static_cast<std::uint64_t>(rule.offset), 8);
    if (!value) return 0;
    caller[reg] = *value;
  }
  caller[sp] = cfa;
  x_ = caller;
  return x_[ra];
}

bool Backtrace::follows_call_of(std::uint64_t address, std::uint64_t place) const {
  const auto half = hart_.read(address - 2, 2), low = hart_.read(address - 4, 2);
  const NamedRange* function = symbols_.function_at(place);
  if (address % 2 != 0 || !half || !low || function == nullptr) return false;
  const std::uint64_t word = *half << 16 | *low;
  return (word & 0x7f) == 0x6f && is_link(word >> 7 & 31) && function->holds(address - 4 + jump_offset(word));
}

std::optional<std::uint64_t> Backtrace::by_guess(std::uint64_t place, bool innermost) {
  if (innermost && follows_call(x_[ra])) return x_[ra];
  if (const auto sure = up_the_stack([&](std::uint64_t address) { return follows_call_of(address, place); })) return sure;
  return up_the_stack([&](std::uint64_t address) { return follows_call(address); });
}

std::optional<std::uint64_t> Backtrace::up_the_stack(const std::function<bool(std::uint64_t)>& fits) {
  // A frame pointer that lies a little above the stack pointer.
  constexpr std::uint64_t largest_frame = 1u << 20;
  if (x_[s0] % 8 == 0 && x_[s0] > x_[sp] && x_[s0] - x_[sp] < largest_frame) {
    const auto link = hart_.read(x_[s0] - 8, 8), pointer = hart_.read(x_[s0] - 16, 8);
    if (link && pointer && fits(*link)) {
      x_[sp] = x_[s0];
      x_[s0] = *pointer;
      return *link;
    }
  }
  constexpr unsigned most_words = 512;
  for (unsigned i = 0; i < most_words; ++i) {
    const std::uint64_t at = (x_[sp] & ~std::uint64_t{7}) + 8 * i;
    const auto word = hart_.read(at, 8);
    if (!word) break;
    if (!fits(*word)) continue;
    x_[sp] = at + 8;
    return *word;
  }
  return std::nullopt;
}

void Backtrace::walk() {
  std::uint64_t pc = hart_.pc;
  frames_.push_back({pc, x_[sp], false});
  // Without code at pc (a jump to nowhere) the caller is where ra says.
  if (!hart_.read(pc, 2)) {
    if (!follows_call(x_[ra])) return;
    pc = x_[ra];
    frames_.push_back({pc, x_[sp], false});
  }
  while (true) {
    const bool innermost = frames_.size() == 1;
    const std::uint64_t place = innermost ? pc : pc - 1;  // a call at a function's end returns behind it
    if (ends_at(place)) return;
    const std::uint64_t old_sp = x_[sp];
    auto caller = by_rules(place);
    const bool guessed = !caller;
    if (!caller) caller = by_guess(place, innermost);
    if (!caller || *caller == 0 || x_[sp] < old_sp) return;
    if (*caller == pc && x_[sp] == old_sp) return;
    // The stack is not what it should be: better no frame than a wrong one.
    if (!follows_call(*caller)) return;
    if (frames_.size() == most_frames) {
      cut_ = true;
      return;
    }
    pc = *caller;
    frames_.push_back({pc, x_[sp], guessed});
  }
}

std::vector<std::string> Backtrace::lines(const std::string& indent) const {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < frames_.size(); ++i) {
    const StackFrame& frame = frames_[i];
    const std::uint64_t place = i == 0 ? frame.pc : frame.pc - 1;
    const NamedRange* function = symbols_.function_at(place);
    lines.push_back(fmt::format("{}#{:<2} {:#010x}{} {}", indent, i, frame.pc, frame.guessed ? " ?" : "",
                                function != nullptr ? symbols_.code_text(place) : "(no function)"));
  }
  if (cut_) lines.push_back(indent + "... more frames");
  return lines;
}

}  // namespace spinvp::platform
