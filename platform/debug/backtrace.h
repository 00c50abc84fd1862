// Who called whom, from a hart's registers and its stack.
//
// A frame is unwound by the compiler's call frame information (.debug_frame, the only kind that bare-metal RISC-V files have). Without it, in this order: the return address
// register of the innermost frame, where a call stands before the address it holds; the frame pointer chain (s0, with ra at s0-8 and the caller's s0 at s0-16); the first word up the
// stack that looks like a return address; a direct call of this very function is looked for first. These are guesses and are marked with `?`. The walk ends in the function of the entry, in a trap's entry, after `most_frames`, or where nothing fits.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "platform/debug/symbols.h"

namespace spinvp::platform {

struct StackFrame {
  std::uint64_t pc = 0, sp = 0;
  bool guessed = false;
};

// What the walk starts from and reads.
struct HartState {
  std::uint64_t pc = 0;
  std::array<std::uint64_t, 32> x{};
  std::uint64_t entry = 0, trap_vector = 0;  // their functions call nobody back
  // Little-endian words of the given size (2, 4, 8); nothing where no memory is.
  std::function<std::optional<std::uint64_t>(std::uint64_t address, unsigned size)> read;
};

class Backtrace {
 public:
  static constexpr std::size_t most_frames = 64;

  Backtrace(const Symbols& symbols, const HartState& hart);
  [[nodiscard]] const std::vector<StackFrame>& frames() const { return frames_; }
  // "#0  0x80000010 conv (kernels.c:12)" and so on, each with `indent` before it.
  [[nodiscard]] std::vector<std::string> lines(const std::string& indent = "") const;

 private:
  const Symbols& symbols_;
  const HartState& hart_;
  std::vector<StackFrame> frames_;
  std::array<std::uint64_t, 32> x_{};  // of the frame under way
  bool cut_ = false;

  void walk();
  bool ends_at(std::uint64_t place) const;
  std::optional<std::uint64_t> by_rules(std::uint64_t place);
  std::optional<std::uint64_t> by_guess(std::uint64_t place, bool innermost);
  std::optional<std::uint64_t> up_the_stack(const std::function<bool(std::uint64_t)>& fits);
  // Whether a call stands right before this address.
  bool follows_call(std::uint64_t address) const;
  // Whether that is a direct call of the function around `place`.
  bool follows_call_of(std::uint64_t address, std::uint64_t place) const;
};

}  // namespace spinvp::platform
