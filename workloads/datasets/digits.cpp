#include "workloads/datasets/digits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "models/abi/counter_hash.h"
#include "models/core/error.h"
#include "workloads/datasets/digit_glyphs.h"

namespace spinvp::workloads {
namespace {

struct Point {
  double x, y;
};

// One stream of numbers; drawing advances the counter, so an image's numbers depend on its stream alone.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t stream) : seed_(spinvp_counter_hash(stream, 0)) {}

  std::uint64_t bits() { return spinvp_counter_hash(seed_, counter_++); }
  double unit() { return static_cast<double>(bits() >> 11) * 0x1p-53; }  // [0, 1), exact
  double between(double least, double most) { return least + (most - least) * unit(); }
  double around_zero(double most) { return between(-most, most); }
  // The multiply-shift reduction: the bias, count / 2^32, does not matter here.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(((bits() >> 32) * count) >> 32); }
  // Sum of four uniform numbers, scaled to mean 0 and variance 1: close enough to a normal number, and it needs no logarithm.
  double normal() {
    constexpr double square_root_of_three = 1.7320508075688772;
    const std::uint64_t four = bits();
    const auto sum = (four & 0xffff) + ((four >> 16) & 0xffff) + ((four >> 32) & 0xffff) + (four >> 48);
    return (static_cast<double>(sum) * 0x1p-16 - 2.0) * square_root_of_three;
  }

 private:
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
};

// From the glyph's box (0..1 each way) to pixels: scale, slant, turn, then shift from the centre of the image.
class Hand {
 public:
  Hand(RandomStream& random, const DigitStyle& style)
      : height_(random.between(style.height_least, style.height_most)),
        width_(height_ * random.between(style.aspect_least, style.aspect_most)),
        slant_(random.around_zero(style.slant_most)),
        half_turn_(random.around_zero(style.turn_most)),
        shift_{random.around_zero(style.shift_most), random.around_zero(style.shift_most)} {}

  [[nodiscard]] Point place(Point in_box) const {
    const double y = (in_box.y - 0.5) * height_;
    const double x = (in_box.x - 0.5) * width_ - slant_ * y;
    const double denominator = 1.0 + half_turn_ * half_turn_;
    const double cosine = (1.0 - half_turn_ * half_turn_) / denominator;
    const double sine = 2.0 * half_turn_ / denominator;
    constexpr double centre = image_side / 2.0;
    return {centre + shift_.x + cosine * x - sine * y, centre + shift_.y + sine * x + cosine * y};
  }

 private:
  double height_, width_, slant_, half_turn_;
  Point shift_;
};

// Distance of every pixel's centre to the nearest stroke, as its square; only pixels that a stroke could reach are touched.
class Paper {
 public:
  explicit Paper(double reach) : reach_(reach) { squared_distance_.fill(far_away); }

  void stroke(Point from, Point to) {
    const auto [left, right] = pixels_between(from.x, to.x);
    const auto [top, bottom] = pixels_between(from.y, to.y);
    for (std::size_t row = top; row < bottom; ++row)
      for (std::size_t column = left; column < right; ++column) {
        double& nearest = squared_distance_[row * image_side + column];
        const Point centre{static_cast<double>(column) + 0.5, static_cast<double>(row) + 0.5};
        nearest = std::min(nearest, squared_distance(centre, from, to));
      }
  }

  [[nodiscard]] double distance(std::size_t pixel) const { return std::sqrt(squared_distance_[pixel]); }

 private:
  static constexpr double far_away = 1e6;

  static double squared_distance(Point point, Point from, Point to) {
    const Point along{to.x - from.x, to.y - from.y};
    const Point offset{point.x - from.x, point.y - from.y};
    const double length_squared = along.x * along.x + along.y * along.y;
    const double projection = offset.x * along.x + offset.y * along.y;
    const double fraction = length_squared > 0.0 ? std::clamp(projection / length_squared, 0.0, 1.0) : 0.0;
    const Point to_stroke{offset.x - fraction * along.x, offset.y - fraction * along.y};
    return to_stroke.x * to_stroke.x + to_stroke.y * to_stroke.y;
  }

  [[nodiscard]] std::pair<std::size_t, std::size_t> pixels_between(double one, double other) const {
    constexpr double side = image_side;
    const double least = std::clamp(std::min(one, other) - reach_, 0.0, side);
    const double most = std::clamp(std::max(one, other) + reach_, 0.0, side);
    return {static_cast<std::size_t>(least), std::min(image_side, static_cast<std::size_t>(most) + 1)};
  }

  double reach_;
  std::array<double, image_pixels> squared_distance_;
};

Point between(Point from, Point to, double fraction) { return {from.x + (to.x - from.x) * fraction, from.y + (to.y - from.y) * fraction}; }

void write_glyph(std::span<const PenMove> glyph, const Hand& hand, double wobble, RandomStream& random, Paper& paper) {
  constexpr int pieces = 6;  // straight pieces a curve: their corners stay under a tenth of a pixel off
  const auto place = [&](int x, int y) { return hand.place({x * 0.01 + random.around_zero(wobble), y * 0.01 + random.around_zero(wobble)}); };
  Point pen{0, 0};
  for (const PenMove& move : glyph) {
    const Point target = place(move.x, move.y);
    if (move.kind == PenMove::Kind::line) paper.stroke(pen, target);
    if (move.kind == PenMove::Kind::curve) {
      const Point control = place(move.control_x, move.control_y);
      Point last = pen;
      for (int piece = 1; piece <= pieces; ++piece) {
        const double fraction = static_cast<double>(piece) / pieces;
        const Point next = between(between(pen, control, fraction), between(control, target, fraction), fraction);
        paper.stroke(last, next);
        last = next;
      }
    }
    pen = target;
  }
}

std::vector<std::uint8_t> shuffled_labels(std::size_t count, std::uint64_t stream) {
  std::vector<std::uint8_t> labels(count);
  for (std::size_t i = 0; i < count; ++i) labels[i] = static_cast<std::uint8_t>(i % label_count);
  RandomStream random(stream);
  for (std::size_t i = count; i > 1; --i) std::swap(labels[i - 1], labels[random.below(i)]);
  return labels;
}

void fill_set(std::vector<std::uint8_t>& images, std::vector<std::uint8_t>& labels, std::size_t count, std::uint64_t stream, const DigitStyle& style) {
  labels = shuffled_labels(count, spinvp_counter_hash(stream, 0));
  images.reserve(count * image_pixels);
  for (std::size_t i = 0; i < count; ++i) {
    const auto image = draw_digit(labels[i], spinvp_counter_hash(stream, i + 1), style);
    images.insert(images.end(), image.begin(), image.end());
  }
}

}  // namespace

std::vector<std::uint8_t> draw_digit(std::size_t label, std::uint64_t stream, const DigitStyle& style) {
  RandomStream random(stream);
  const auto glyphs = digit_glyphs(label);
  const auto glyph = glyphs[random.below(glyphs.size())];
  const Hand hand(random, style);
  const double radius = random.between(style.radius_least, style.radius_most);
  const double ink = random.between(style.ink_least, 1.0);
  Paper paper(radius + 0.5);
  write_glyph(glyph, hand, style.wobble_most, random, paper);

  std::vector<std::uint8_t> image(image_pixels);
  for (std::size_t pixel = 0; pixel < image_pixels; ++pixel) {
    // A pixel is covered in full half a pixel inside the pen's edge and not at all half a pixel outside it.
    const double coverage = std::clamp(radius + 0.5 - paper.distance(pixel), 0.0, 1.0);
    const double grained = coverage * (ink + style.grain * random.normal());
    const double grey = random.unit() < style.speck_share ? std::max(grained, random.unit() * style.speck_most) : grained;
    image[pixel] = static_cast<std::uint8_t>(std::clamp(grey * 255.0 + 0.5, 0.0, 255.0));
  }
  return image;
}

Dataset draw_digits(const DigitOptions& options) {
  constexpr std::size_t most = 1'000'000;
  for (const std::size_t count : {options.train_count, options.test_count})
    if (count == 0 || count > most) throw core::InputError("digits: " + std::to_string(count) + " images asked for, allowed are 1 to 1000000");
  Dataset set;
  const std::uint64_t stream = spinvp_counter_hash(options.seed, 0);
  fill_set(set.train_images, set.train_labels, options.train_count, spinvp_counter_hash(stream, 1), options.style);
  fill_set(set.test_images, set.test_labels, options.test_count, spinvp_counter_hash(stream, 2), options.style);
  set.note = "digits drawn by the project, seed " + std::to_string(options.seed) + ": " + std::to_string(options.train_count) + " to train, " +
             std::to_string(options.test_count) + " to test";
  return set;
}

}  // namespace spinvp::workloads
