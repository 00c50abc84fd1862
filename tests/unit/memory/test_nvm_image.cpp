// Images of non-volatile memory: what they hold, what is refused, and what is left when the writer dies.
#include <catch2/catch.hpp>

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#include <filesystem>
#include <fstream>

#include "models/core/error.h"
#include "models/memory/nvm_image.h"

using namespace spinvp;
using namespace spinvp::memory;
namespace fs = std::filesystem;

namespace {

using Bytes = std::vector<std::uint8_t>;

struct Folder {
  fs::path path;
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "spinvp-nvm-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() { fs::remove_all(path); }
  [[nodiscard]] std::size_t files() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator())); }
};

Bytes contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// 3 MiB and a half page, in which the first and the last page hold something.
struct Memory {
  static constexpr std::uint64_t capacity = (3u << 20) + 2048;
  Storage storage{capacity, "m"};
  NvmMemory memory{"onchip", "sot", capacity, 64};
  explicit Memory(std::uint8_t mark = 1) {
    *storage.write(5, 1) = mark;
    *storage.write(capacity - 1, 1) = 2;
    *storage.write(1u << 20, 1) = 0;  // touched, still zero
  }
  void save(const fs::path& path, std::function<void()> before_step = {}) const {
    DurableFile file(path, std::move(before_step));
    const NvmSource source{memory, &storage};
    write_nvm_image(file, {&source, 1});
    file.complete();
  }
};

Bytes image_bytes() {
  const Folder folder;
  Memory().save(folder.path / "image");
  return contents(folder.path / "image");
}

void put(Bytes& bytes, std::size_t at, std::uint64_t value, unsigned length) {
  for (unsigned i = 0; i < length; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}
// A forger's: with a checksum that fits.
Bytes with(Bytes bytes, std::size_t at, std::uint64_t value, unsigned length) {
  put(bytes, at, value, length);
  put(bytes, bytes.size() - 8, XXH3_64bits(bytes.data(), bytes.size() - 8), 8);
  return bytes;
}

// Where things lie: a header of 24 bytes, name 4 + 6, technology 4 + 3, four numbers, then the pages.
constexpr std::size_t name_at = 24, capacity_at = name_at + 10 + 7, page_bytes_at = capacity_at + 16, count_at = page_bytes_at + 8,
                      first_page_at = count_at + 8, second_page_at = first_page_at + 8 + 4096, checksum_at = second_page_at + 8 + 2048;

}  // namespace

TEST_CASE("an image holds the pages that are not zero and gives them back") {
  const Bytes bytes = image_bytes();
  CHECK(bytes.size() == checksum_at + 8);
  const auto image = read_nvm_image(bytes, "image");
  REQUIRE(image.size() == 1);
  CHECK(image[0].memory == Memory().memory);
  REQUIRE(image[0].pages.size() == 2);
  CHECK(image[0].pages[0].number == 0);
  CHECK(image[0].pages[0].bytes[5] == 1);
  CHECK(image[0].pages[1].number == 768);  // 3 MiB / 4 KiB
  CHECK(image[0].pages[1].bytes.size() == 2048);
  CHECK(image[0].pages[1].bytes[2047] == 2);
  CHECK(image_bytes() == bytes);
}

TEST_CASE("an image that is cut off anywhere, or damaged in any byte, is refused") {
  const Bytes bytes = image_bytes();
  for (std::size_t length = 0; length < bytes.size(); ++length) CHECK_THROWS_AS(read_nvm_image(std::span(bytes).first(length), "image"), core::InputError);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    Bytes damaged = bytes;
    damaged[at] ^= 0x40;
    CHECK_THROWS_AS(read_nvm_image(damaged, "image"), core::InputError);
  }
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK_THROWS_WITH(read_nvm_image(longer, "image"), Catch::StartsWith("image: is too long"));
  CHECK_THROWS_WITH(read_nvm_image(std::span(bytes).first(100), "image"), Catch::StartsWith("image: is cut off after 100 bytes"));
  CHECK_THROWS_WITH(read_nvm_image(Bytes(100, 'x'), "image"), Catch::StartsWith("image: is no image"));
}

TEST_CASE("an image whose parts contradict each other is refused even with a good checksum") {
  const Bytes bytes = image_bytes();
  for (const Bytes& forged :
       {with(bytes, 8, 2, 4), with(bytes, 12, 2, 4), with(bytes, 12, 0, 4), with(bytes, name_at, 0xffffffff, 4), with(bytes, page_bytes_at, 8192, 8),
        with(bytes, count_at, 1, 8), with(bytes, count_at, ~0ull, 8), with(bytes, second_page_at, 769, 8), with(bytes, second_page_at, 0, 8),
        with(bytes, first_page_at, ~0ull, 8), with(bytes, capacity_at, 0, 8)})
    CHECK_THROWS_AS(read_nvm_image(forged, "image"), core::InputError);
  CHECK_NOTHROW(read_nvm_image(with(bytes, 12, 1, 4), "image"));
}

TEST_CASE("an image of other memories is refused with both in the message") {
  const Bytes bytes = image_bytes();
  const auto image = read_nvm_image(bytes, "image");
  const NvmMemory own = Memory().memory;
  CHECK_NOTHROW(check_nvm_image(image, {&own, 1}, "image"));
  for (const NvmMemory& other : {NvmMemory{"other", "sot", own.capacity, 64}, NvmMemory{"onchip", "stt", own.capacity, 64},
                                 NvmMemory{"onchip", "sot", 1u << 20, 64}, NvmMemory{"onchip", "sot", own.capacity, 32}})
    CHECK_THROWS_WITH(check_nvm_image(image, {&other, 1}, "image"),
                      Catch::StartsWith("image: is an image of 'onchip'") && Catch::Contains("'" + other.name + "'"));
  CHECK_THROWS_AS(check_nvm_image(image, {}, "image"), core::InputError);
}

TEST_CASE("a writer that is killed before any of its system calls leaves the old image or the new one") {
  const Folder folder;
  const fs::path path = folder.path / "image";
  const Memory old(1), fresh(9);
  old.save(path);
  const Bytes before = contents(path);
  fresh.save(folder.path / "fresh");
  const Bytes after = contents(folder.path / "fresh");
  unsigned killed = 0, became_new = 0;
  for (bool finished = false; !finished; ++killed) {
    old.save(path);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      unsigned step = 0;
      fresh.save(path, [&] {
        if (step++ == killed) raise(SIGKILL);
      });
      _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    finished = WIFEXITED(status);
    const Bytes found = contents(path);
    CHECK((found == before || found == after));
    CHECK((!finished || found == after));
    if (found == after) ++became_new;
  }
  // open, write, fsync, close and rename find the old one; what comes after the rename, and the whole way, the new one.
  CHECK(killed - became_new == 5);
  CHECK(became_new == 3);
}

TEST_CASE("a disk that takes no more leaves the old image and nothing else") {
  const Folder folder;
  const fs::path path = folder.path / "image";
  Memory(1).save(path);
  const Bytes before = contents(path);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      Memory(9).save(path);
    } catch (const core::FileError&) {
      _exit(7);
    }
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(contents(path) == before);
  CHECK(folder.files() == 1);
  CHECK_THROWS_AS(Memory().save(folder.path / "absent" / "image"), core::FileError);
}

TEST_CASE("an image that is a link is replaced where it points to") {
  const Folder folder;
  Memory(1).save(folder.path / "real");
  fs::create_symlink("real", folder.path / "link");
  Memory(9).save(folder.path / "link");
  CHECK(fs::is_symlink(folder.path / "link"));
  CHECK(read_nvm_image(contents(folder.path / "real"), "real")[0].pages[0].bytes[5] == 9);
}
