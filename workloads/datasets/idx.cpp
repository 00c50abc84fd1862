#include "workloads/datasets/idx.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "models/core/error.h"

namespace spinvp::workloads {
namespace {

constexpr std::uint32_t images_magic = 0x00000803;
constexpr std::uint32_t labels_magic = 0x00000801;
constexpr std::uint32_t most_items = 1'000'000;

// A file read through zlib, which passes files that are not gzipped through unchanged.
class ByteFile {
 public:
  explicit ByteFile(std::filesystem::path path) : path_(std::move(path)), file_(gzopen(path_.c_str(), "rb"), gzclose) {
    if (!file_) throw core::FileError(path_.string() + ": cannot be opened (" + std::strerror(errno) + "), a readable file is needed");
  }

  [[noreturn]] void refuse(const std::string& what) const { throw core::InputError(path_.string() + ": " + what); }

  std::uint32_t big_endian_word() {
    std::array<std::uint8_t, 4> bytes{};
    if (read(bytes) != bytes.size()) refuse("ends inside its header, an idx header is needed");
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
  }

  // Exactly `size` bytes, and nothing behind them.
  std::vector<std::uint8_t> rest(std::size_t size) {
    constexpr std::size_t chunk = 1 << 20;
    std::vector<std::uint8_t> bytes;
    while (bytes.size() < size) {
      const std::size_t had = bytes.size();
      bytes.resize(std::min(size, had + chunk));
      const std::size_t got = read(std::span(bytes).subspan(had));
      if (got < bytes.size() - had) refuse("truncated: " + std::to_string(had + got) + " bytes of data, its header announces " + std::to_string(size));
    }
    std::array<std::uint8_t, 1> surplus{};
    if (read(surplus) != 0) refuse("longer than the " + std::to_string(size) + " bytes of data that its header announces");
    return bytes;
  }

 private:
  std::size_t read(std::span<std::uint8_t> to) {
    const int got = gzread(file_.get(), to.data(), static_cast<unsigned>(to.size()));
    int error = Z_OK;
    const char* reason = gzerror(file_.get(), &error);
    // A gzip stream that stops early reads short with Z_BUF_ERROR instead of failing.
    if (got < 0 || (error != Z_OK && error != Z_STREAM_END)) {
      if (error == Z_ERRNO) throw core::FileError(path_.string() + ": cannot be read (" + std::strerror(errno) + "), a readable file is needed");
      refuse(std::string("damaged gzip data (") + reason + "), a whole gzip or plain idx file is needed");
    }
    return static_cast<std::size_t>(got);
  }

  std::filesystem::path path_;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
};

std::string hexadecimal(std::uint32_t word) {
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(word >> shift) & 15];
  return text;
}

void check_magic(ByteFile& file, std::uint32_t wanted, const char* kind) {
  const std::uint32_t magic = file.big_endian_word();
  if (magic != wanted) file.refuse("magic number " + hexadecimal(magic) + ", idx " + kind + " start with " + hexadecimal(wanted));
}

std::uint32_t checked_count(ByteFile& file) {
  const std::uint32_t count = file.big_endian_word();
  if (count == 0 || count > most_items) file.refuse("announces " + std::to_string(count) + " items, allowed are 1 to " + std::to_string(most_items));
  return count;
}

std::vector<std::uint8_t> read_images(const std::filesystem::path& path) {
  ByteFile file(path);
  check_magic(file, images_magic, "images");
  const std::uint32_t count = checked_count(file);
  const std::uint32_t rows = file.big_endian_word();
  const std::uint32_t columns = file.big_endian_word();
  if (rows != image_side || columns != image_side) file.refuse("images of " + std::to_string(rows) + " x " + std::to_string(columns) + ", allowed is 28 x 28");
  return file.rest(count * image_pixels);
}

std::vector<std::uint8_t> read_labels(const std::filesystem::path& path, std::size_t images) {
  ByteFile file(path);
  check_magic(file, labels_magic, "labels");
  const std::uint32_t count = checked_count(file);
  if (count != images) file.refuse(std::to_string(count) + " labels for " + std::to_string(images) + " images, allowed is one label an image");
  auto labels = file.rest(count);
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= label_count) file.refuse("label " + std::to_string(labels[i]) + " at item " + std::to_string(i) + ", allowed are 0 to 9");
  return labels;
}

// `part` is train or t10k, `kind` images-idx3 or labels-idx1.
std::optional<std::filesystem::path> find_file(const std::filesystem::path& directory, const std::string& part, const std::string& kind) {
  std::string dotted = kind;
  std::replace(dotted.begin(), dotted.end(), '-', '.');
  for (const char* prefix : {"", "mnist-"})
    for (const std::string& name : {kind, dotted})
      for (const char* ending : {"-ubyte", "-ubyte.gz"}) {
        std::error_code error;
        auto path = directory / (prefix + part + '-' + name + ending);
        if (std::filesystem::exists(path, error)) return path;
      }
  return std::nullopt;
}

struct Split {
  std::vector<std::uint8_t> images, labels;
};

// Nothing when neither file of the part is there.
std::optional<Split> read_split(const std::filesystem::path& directory, const std::string& part) {
  const auto images = find_file(directory, part, "images-idx3");
  const auto labels = find_file(directory, part, "labels-idx1");
  if (!images && !labels) return std::nullopt;
  for (const auto& [found, kind] : {std::pair{images, "images-idx3"}, std::pair{labels, "labels-idx1"}})
    if (!found) throw core::FileError((directory / (part + '-' + kind + "-ubyte")).string() + ": not there (nor with .gz), images and labels are needed");
  Split split;
  split.images = read_images(*images);
  split.labels = read_labels(*labels, split.images.size() / image_pixels);
  return split;
}

}  // namespace

Dataset read_idx_directory(const std::filesystem::path& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) throw core::FileError(directory.string() + ": not a folder, a folder with MNIST idx files is needed");
  auto test = read_split(directory, "t10k");
  auto train = read_split(directory, "train");
  if (!test) throw core::FileError((directory / "t10k-images-idx3-ubyte").string() + ": not there (nor with .gz), the t10k files are needed to test");

  Dataset set;
  if (train) {
    set = {std::move(train->images), std::move(train->labels), std::move(test->images), std::move(test->labels), {}};
    set.note =
        "idx files of " + directory.string() + ": " + std::to_string(set.train_count()) + " images to train, " + std::to_string(set.test_count()) + " to test";
    return set;
  }
  const std::size_t images = test->labels.size();
  const std::size_t to_train = images * 4 / 5;
  if (to_train == 0) throw core::InputError(directory.string() + ": 1 image and no train files, at least 2 images are needed to split them");
  const auto label_border = test->labels.begin() + static_cast<std::ptrdiff_t>(to_train);
  const auto pixel_border = test->images.begin() + static_cast<std::ptrdiff_t>(to_train * image_pixels);
  set.train_labels.assign(test->labels.begin(), label_border);
  set.test_labels.assign(label_border, test->labels.end());
  set.train_images.assign(test->images.begin(), pixel_border);
  set.test_images.assign(pixel_border, test->images.end());
  set.note = "idx files of " + directory.string() + ": no train files there, so the t10k images are split: first 80 % (" + std::to_string(to_train) +
             ") to train, last 20 % (" + std::to_string(images - to_train) + ") to test";
  return set;
}

}  // namespace spinvp::workloads
