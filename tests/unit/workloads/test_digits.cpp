#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "models/core/error.h"
#include "workloads/datasets/digits.h"

using namespace spinvp;
using namespace spinvp::workloads;

namespace {

std::uint64_t sum_over(const std::vector<std::uint8_t>& bytes) {
  std::uint64_t sum = 0;
  for (const std::uint8_t byte : bytes) sum = sum * 31 + byte;
  return sum;
}

std::array<std::size_t, 10> histogram(const std::vector<std::uint8_t>& labels) {
  std::array<std::size_t, 10> counts{};
  for (const std::uint8_t label : labels) ++counts.at(label);
  return counts;
}

}  // namespace

TEST_CASE("The default data set has 4096 and 512 images with balanced labels in shuffled order") {
  const Dataset set = draw_digits();
  REQUIRE(set.train_count() == 4096);
  REQUIRE(set.test_count() == 512);
  CHECK(set.train_images.size() == 4096 * 784);
  CHECK(set.test_images.size() == 512 * 784);
  for (const std::size_t count : histogram(set.train_labels)) CHECK((count == 409 || count == 410));
  for (const std::size_t count : histogram(set.test_labels)) CHECK((count == 51 || count == 52));
  // Shuffled: a label equals the one before it as often as chance has it, 409 times, give or take 4 * sqrt(4096 * 0.1 * 0.9) = 77.
  std::size_t equal = 0;
  for (std::size_t i = 1; i < set.train_count(); ++i) equal += set.train_labels[i] == set.train_labels[i - 1];
  CHECK(equal > 332);
  CHECK(equal < 486);
}

TEST_CASE("The images have the same bytes on every host and compiler") {
  // Recorded with gcc 12 -O2 on x86-64, and found again with clang 16 and with gcc -O3 -march=native (FMA, AVX-512).
  const Dataset set = draw_digits();
  CHECK(sum_over(set.train_images) == 0xe8ecd7cfde6977c1u);
  CHECK(sum_over(set.test_images) == 0x89de559e60e4f2f0u);
}

TEST_CASE("A longer set begins with the images of a shorter one when the labels agree, and another seed draws others") {
  CHECK(draw_digit(3, 77) == draw_digit(3, 77));
  CHECK(draw_digit(3, 77) != draw_digit(3, 78));
  CHECK(draw_digits({20, 10, 1, {}}).train_images != draw_digits({20, 10, 2, {}}).train_images);
  const Dataset set = draw_digits({20, 20, 1, {}});
  CHECK(set.train_images != set.test_images);
}

TEST_CASE("Every image carries ink, and mostly blank paper") {
  const Dataset set = draw_digits({500, 10, 3, {}});
  for (std::size_t i = 0; i < set.train_count(); ++i) {
    const auto image = set.train_images.begin() + static_cast<std::ptrdiff_t>(i * image_pixels);
    const auto dark = std::count_if(image, image + image_pixels, [](std::uint8_t pixel) { return pixel > 100; });
    const auto blank = std::count(image, image + image_pixels, 0);
    REQUIRE(dark > 12);    // the shortest pen stroke, a thin 1, is 15 pixels long less what its slant and grain take
    REQUIRE(blank > 392);  // half of the image
  }
}

TEST_CASE("The digits are not trivial: the nearest mean image is wrong on more than one in twenty") {
  const Dataset set = draw_digits();
  std::array<std::array<double, image_pixels>, 10> mean{};
  const auto counts = histogram(set.train_labels);
  for (std::size_t i = 0; i < set.train_count(); ++i)
    for (std::size_t p = 0; p < image_pixels; ++p)
      mean[set.train_labels[i]][p] += static_cast<double>(set.train_images[i * image_pixels + p]) / static_cast<double>(counts[set.train_labels[i]]);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < set.test_count(); ++i) {
    std::array<double, 10> distance{};
    for (std::size_t label = 0; label < 10; ++label)
      for (std::size_t p = 0; p < image_pixels; ++p) {
        const double difference = static_cast<double>(set.test_images[i * image_pixels + p]) - mean[label][p];
        distance[label] += difference * difference;
      }
    wrong += std::min_element(distance.begin(), distance.end()) - distance.begin() != set.test_labels[i];
  }
  CHECK(wrong > 512 / 20);
  CHECK(wrong < 512 / 2);  // nor are they a lottery
}

TEST_CASE("A pixel's value is exact: 128 times it and 32 more is the byte") {
  for (int pixel = 0; pixel < 256; ++pixel) REQUIRE(static_cast<double>(pixel_value(static_cast<std::uint8_t>(pixel))) * 128 + 32 == pixel);
  CHECK(float_images(std::vector<std::uint8_t>{0, 32, 160}) == std::vector<float>{-0.25f, 0.0f, 1.0f});
}

TEST_CASE("A count of 0 or above a million is refused in one line") {
  CHECK_THROWS_AS(draw_digits({0, 10, 1, {}}), core::InputError);
  CHECK_THROWS_WITH(draw_digits({10, 1'000'001, 1, {}}), "digits: 1000001 images asked for, allowed are 1 to 1000000");
}

TEST_CASE("A contact sheet is a PGM of the right size, black ink on white") {
  const auto file = std::filesystem::temp_directory_path() / "spinvp_test_contact_sheet.pgm";
  std::vector<std::uint8_t> images(2 * image_pixels, 0);
  images[image_pixels] = 255;  // the top left pixel of the second image
  write_contact_sheet(file, images, 1, 2);
  std::ifstream in(file, std::ios::binary);
  std::string kind;
  std::size_t width = 0, height = 0, most = 0;
  in >> kind >> width >> height >> most;
  in.get();
  const std::string pixels{std::istreambuf_iterator<char>(in), {}};
  std::filesystem::remove(file);
  CHECK(kind == "P5");
  CHECK(width == 2 * 28 + 3);
  CHECK(height == 28 + 2);
  CHECK(most == 255);
  REQUIRE(pixels.size() == width * height);
  CHECK(static_cast<unsigned char>(pixels[width + 1]) == 255);
  CHECK(static_cast<unsigned char>(pixels[width + 1 + 29]) == 0);
  CHECK_THROWS_AS(write_contact_sheet("/nowhere/sheet.pgm", images, 1, 2), core::FileError);
}
