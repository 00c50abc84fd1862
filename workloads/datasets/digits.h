// Digits that the project draws itself, so that the main job needs no download: strokes written by a slightly different hand
// each time, shifted, turned, slanted, thick or thin, with noise of the paper, anti-aliased into 28 x 28 grey pixels.
//
// Every image is a function of (seed, set, index) by a counter-based generator, and drawing uses only + - * / and square
// roots, which IEEE 754 rounds correctly: the bytes are the same on every host. No libm function is on the path; a rotation is
// (1 - t^2, 2 t) / (1 + t^2). Labels are balanced (counts differ by at most one) and stored in shuffled order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workloads/datasets/dataset.h"

namespace spinvp::workloads {

// How far hands and scanners differ. Lengths are in pixels; a range is drawn from uniformly. The defaults are set so that
// the LeNet of the main job learns them quickly, yet not trivially (figures: workloads/README.md).
// Noise leaves most of the paper blank, on purpose: a max-pool over blank paper is an exact tie, which every engine breaks the same
// way, where noise everywhere gives thousands of near ties that the last bit of a sum decides.
struct DigitStyle {
  double height_least = 15.0, height_most = 20.5;  // of the box the digit is written in
  double aspect_least = 0.50, aspect_most = 0.78;  // width over height
  double turn_most = 0.08;                         // tangent of half the rotation angle: 0.08 is 9 degrees
  double slant_most = 0.16;                        // shear: sideways pixels per pixel of height
  double shift_most = 1.5;                         // off the centre, each way
  double wobble_most = 0.035;                      // of each point of the strokes, in box widths
  double radius_least = 0.7, radius_most = 1.5;    // half the pen's width
  double ink_least = 0.65;                         // darkness of the pen, up to 1
  double grain = 0.12;                             // standard deviation of the darkness from pixel to pixel, where there is ink
  double speck_share = 0.03;                       // of all pixels: dust
  double speck_most = 0.6;                         // darkness of a speck, up to
};

struct DigitOptions {
  std::size_t train_count = 4096;
  std::size_t test_count = 512;
  std::uint64_t seed = 1;
  DigitStyle style;
};

// Throws core::InputError when a count is 0 or above one million.
[[nodiscard]] Dataset draw_digits(const DigitOptions& options = {});

// One image of `label` (0..9); `stream` is any number: equal numbers give equal images.
[[nodiscard]] std::vector<std::uint8_t> draw_digit(std::size_t label, std::uint64_t stream, const DigitStyle& style = {});

}  // namespace spinvp::workloads
