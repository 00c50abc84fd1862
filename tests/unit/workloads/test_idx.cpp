#include <unistd.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "models/core/error.h"
#include "workloads/datasets/idx.h"

using namespace spinvp;
using namespace spinvp::workloads;

namespace {

std::string big_endian(std::uint32_t word) {
  return {static_cast<char>(word >> 24), static_cast<char>(word >> 16 & 255), static_cast<char>(word >> 8 & 255), static_cast<char>(word & 255)};
}

std::string images_file(std::uint32_t count, std::uint32_t side = 28) {
  std::string pixels;
  for (std::uint32_t i = 0; i < count * side * side; ++i) pixels += static_cast<char>(i * 7 + i / 784);
  return big_endian(0x803) + big_endian(count) + big_endian(side) + big_endian(side) + pixels;
}

std::string labels_file(const std::string& labels) { return big_endian(0x801) + big_endian(static_cast<std::uint32_t>(labels.size())) + labels; }

// A folder of its own for each test, gone at its end.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("spinvp_test_idx_" + std::to_string(getpid()))) { std::filesystem::create_directory(path_); }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, const std::string& bytes) const { std::ofstream(path_ / name, std::ios::binary) << bytes; }
  void write_gzipped(const std::string& name, const std::string& bytes) const {
    const gzFile file = gzopen((path_ / name).c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write_test_pair(std::uint32_t count = 10) const {
    write("t10k-images-idx3-ubyte", images_file(count));
    write("t10k-labels-idx1-ubyte", labels_file(std::string(count, '\3')));
  }

  // The one line of the refusal, without the folder's path, and its status.
  [[nodiscard]] std::pair<std::string, int> refusal() const {
    try {
      (void)read_idx_directory(path_);
    } catch (const core::InputError& error) {
      const std::string line = error.what();
      const std::string folder = path_.string() + '/';
      CHECK(line.find('\n') == std::string::npos);
      return {line.starts_with(folder) ? line.substr(folder.size()) : line, static_cast<int>(error.status())};
    }
    return {"accepted", 0};
  }

 private:
  std::filesystem::path path_;
};

using Refusal = std::pair<std::string, int>;

}  // namespace

TEST_CASE("Plain and gzipped files of both parts are read alike") {
  const Folder folder;
  folder.write("train-images-idx3-ubyte", images_file(3));
  folder.write_gzipped("train-labels-idx1-ubyte.gz", labels_file(std::string{'\7', '\0', '\11'}));
  folder.write_gzipped("t10k-images-idx3-ubyte.gz", images_file(2));
  folder.write("t10k-labels.idx1-ubyte", labels_file(std::string{'\1', '\2'}));
  const Dataset set = read_idx_directory(folder.path());
  CHECK(set.train_labels == std::vector<std::uint8_t>{7, 0, 9});
  CHECK(set.test_labels == std::vector<std::uint8_t>{1, 2});
  REQUIRE(set.train_images.size() == 3 * 784);
  REQUIRE(set.test_images.size() == 2 * 784);
  CHECK(set.train_images[785] == ((785 * 7 + 1) & 255));
  CHECK(set.test_images[1567] == ((1567 * 7 + 1) & 255));
  CHECK(set.note.find("3 images to train, 2 to test") != std::string::npos);
}

TEST_CASE("Without train files the t10k images are split: first 80 % to train, last 20 % to test, and the note says so") {
  const Folder folder;
  folder.write("mnist-t10k-images-idx3-ubyte", images_file(10));
  folder.write("mnist-t10k-labels-idx1-ubyte", labels_file(std::string{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  const Dataset set = read_idx_directory(folder.path());
  CHECK(set.train_labels == std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(set.test_labels == std::vector<std::uint8_t>{8, 9});
  CHECK(set.test_images.front() == ((8 * 784 * 7 + 8) & 255));
  CHECK(set.note.find("first 80 % (8) to train, last 20 % (2) to test") != std::string::npos);
}

TEST_CASE("A missing folder or file is status 74 and named") {
  const Folder folder;
  CHECK_THROWS_AS(read_idx_directory(folder.path() / "nowhere"), core::FileError);
  CHECK(folder.refusal() == Refusal{"t10k-images-idx3-ubyte: not there (nor with .gz), the t10k files are needed to test", 74});
  folder.write("t10k-images-idx3-ubyte", images_file(2));
  CHECK(folder.refusal() == Refusal{"t10k-labels-idx1-ubyte: not there (nor with .gz), images and labels are needed", 74});
}

TEST_CASE("A malformed images file is status 65, its name and the reason") {
  const Folder folder;
  folder.write_test_pair();
  const auto refused = [&](const std::string& bytes) {
    folder.write("t10k-images-idx3-ubyte", bytes);
    return folder.refusal();
  };
  const std::string name = "t10k-images-idx3-ubyte: ";
  const std::string whole = images_file(10);
  CHECK(refused(whole).first == "accepted");
  CHECK(refused("") == Refusal{name + "ends inside its header, an idx header is needed", 65});
  CHECK(refused(whole.substr(0, 10)) == Refusal{name + "ends inside its header, an idx header is needed", 65});
  CHECK(refused("hello, world, this is no idx file") == Refusal{name + "magic number 0x68656c6c, idx images start with 0x00000803", 65});
  CHECK(refused(whole.substr(0, 1000)) == Refusal{name + "truncated: 984 bytes of data, its header announces 7840", 65});
  CHECK(refused(whole + "x") == Refusal{name + "longer than the 7840 bytes of data that its header announces", 65});
  CHECK(refused(images_file(10, 20)) == Refusal{name + "images of 20 x 20, allowed is 28 x 28", 65});
  CHECK(refused(images_file(0)) == Refusal{name + "announces 0 items, allowed are 1 to 1000000", 65});
  CHECK(refused(big_endian(0x803) + "\xff\xff\xff\xff" + whole.substr(8)) == Refusal{name + "announces 4294967295 items, allowed are 1 to 1000000", 65});
}

TEST_CASE("Labels that do not fit their images are status 65") {
  const Folder folder;
  folder.write_test_pair();
  const auto refused = [&](const std::string& bytes) {
    folder.write("t10k-labels-idx1-ubyte", bytes);
    return folder.refusal();
  };
  const std::string name = "t10k-labels-idx1-ubyte: ";
  CHECK(refused(labels_file(std::string(9, '\0'))) == Refusal{name + "9 labels for 10 images, allowed is one label an image", 65});
  CHECK(refused(labels_file(std::string(9, '\0') + '\12')) == Refusal{name + "label 10 at item 9, allowed are 0 to 9", 65});
  CHECK(refused(images_file(10)) == Refusal{name + "magic number 0x00000803, idx labels start with 0x00000801", 65});
}

TEST_CASE("A gzip file that is cut or damaged is status 65") {
  const Folder folder;
  folder.write_test_pair();
  std::filesystem::remove(folder.path() / "t10k-images-idx3-ubyte");
  const std::string name = "t10k-images-idx3-ubyte.gz";
  folder.write_gzipped(name, images_file(10));
  const std::string whole = folder.read(name);
  CHECK(folder.refusal().first == "accepted");
  for (const std::size_t length : {whole.size() / 2, whole.size() - 4}) {
    folder.write(name, whole.substr(0, length));
    const auto [line, status] = folder.refusal();
    CHECK(status == 65);
    CHECK(line.starts_with(name + ": "));
  }
  std::string damaged = whole;
  damaged[whole.size() - 6] = static_cast<char>(damaged[whole.size() - 6] ^ 1);  // in the checksum
  folder.write(name, damaged);
  CHECK(folder.refusal().second == 65);
}

TEST_CASE("Real MNIST files are read if SPINVP_MNIST_DIR names their folder") {
  const char* directory = std::getenv("SPINVP_MNIST_DIR");
  if (directory == nullptr) {
    WARN("skipped: SPINVP_MNIST_DIR does not name a folder with MNIST's idx files");
    return;
  }
  const Dataset set = read_idx_directory(directory);
  CHECK(set.train_count() + set.test_count() >= 10'000);
  CHECK(set.train_images.size() == set.train_count() * 784);
}
