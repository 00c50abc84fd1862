// Labelled grey images, the form in which every source of training data arrives.
//
// Pixels are bytes, 0 (paper) to 255 (ink), 28 x 28 an image, row by row from the top left. The network sees (pixel - 32) / 128
// as fp32: paper is -0.25, ink up to 1.742, the mean about 0 (MNIST's mean grey is 33, that of the project's digits 28), without
// which gradient descent needs nearly twice the steps (workloads/README.md). Integers and a power of two: the value is exact, so no
// host, firmware or engine can round it differently. Whoever places images in DRAM uses `pixel_value` or `float_images`; the
// order of the images is the order in which training takes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace spinvp::workloads {

inline constexpr std::size_t image_side = 28;
inline constexpr std::size_t image_pixels = image_side * image_side;
inline constexpr std::size_t label_count = 10;

struct Dataset {
  std::vector<std::uint8_t> train_images;  // train_count() * image_pixels
  std::vector<std::uint8_t> train_labels;  // 0..9
  std::vector<std::uint8_t> test_images;
  std::vector<std::uint8_t> test_labels;
  std::string note;  // one line for the log and the report: where the images come from and how they were split

  [[nodiscard]] std::size_t train_count() const { return train_labels.size(); }
  [[nodiscard]] std::size_t test_count() const { return test_labels.size(); }
};

[[nodiscard]] constexpr float pixel_value(std::uint8_t pixel) { return static_cast<float>(pixel - 32) * 0.0078125f; }

// The images as the network reads them: NCHW with one channel, fp32.
[[nodiscard]] std::vector<float> float_images(std::span<const std::uint8_t> images);

// Lays the first rows * columns images out as one picture in binary PGM form (black ink on white, one grey line between).
// Throws core::FileError when the file cannot be written.
void write_contact_sheet(const std::filesystem::path& file, std::span<const std::uint8_t> images, std::size_t rows, std::size_t columns);

}  // namespace spinvp::workloads
