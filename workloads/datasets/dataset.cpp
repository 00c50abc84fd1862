#include "workloads/datasets/dataset.h"

#include <fstream>

#include "models/core/error.h"

namespace spinvp::workloads {

std::vector<float> float_images(std::span<const std::uint8_t> images) {
  std::vector<float> values(images.size());
  for (std::size_t i = 0; i < images.size(); ++i) values[i] = pixel_value(images[i]);
  return values;
}

void write_contact_sheet(const std::filesystem::path& file, std::span<const std::uint8_t> images, std::size_t rows, std::size_t columns) {
  constexpr std::size_t pitch = image_side + 1;
  constexpr std::uint8_t line_grey = 192;
  const std::size_t width = columns * pitch + 1;
  const std::size_t height = rows * pitch + 1;
  std::vector<std::uint8_t> picture(width * height, line_grey);
  for (std::size_t image = 0; image < rows * columns && (image + 1) * image_pixels <= images.size(); ++image) {
    const std::size_t left = (image % columns) * pitch + 1;
    const std::size_t top = (image / columns) * pitch + 1;
    for (std::size_t pixel = 0; pixel < image_pixels; ++pixel)
      picture[(top + pixel / image_side) * width + left + pixel % image_side] = static_cast<std::uint8_t>(255 - images[image * image_pixels + pixel]);
  }
  std::ofstream out(file, std::ios::binary);
  out << "P5\n" << width << ' ' << height << "\n255\n";
  out.write(reinterpret_cast<const char*>(picture.data()), static_cast<std::streamsize>(picture.size()));
  out.close();
  if (!out) throw core::FileError(file.string() + ": cannot be written, a writable path is needed");
}

}  // namespace spinvp::workloads
