// How the ten digits are written: strokes of a pen in a box 100 wide and 100 high, y downwards. Drawn for this project.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace spinvp::workloads {

// One movement of the pen from where it is to (x, y): lifted, straight, or a quadratic Bezier curve with one control point.
struct PenMove {
  enum class Kind : std::uint8_t { lift, line, curve };
  Kind kind;
  int x, y;
  int control_x = 0, control_y = 0;
};

// The ways in which people write `digit` (0..9): at least one, each starting with a lift.
[[nodiscard]] std::span<const std::span<const PenMove>> digit_glyphs(std::size_t digit);

}  // namespace spinvp::workloads
