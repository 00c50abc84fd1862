// The output folder: what is ours is overwritten, what is not is left alone, and no reader sees half a file.
#include <filesystem>
#include <fstream>

#include <unistd.h>
#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "platform/report/files.h"
#include "platform/report/output_folder.h"

using namespace spinvp;
namespace fs = std::filesystem;

namespace {

// A new folder that is gone at the end.
struct Scratch {
  fs::path path = fs::temp_directory_path() / ("spinvp-test-" + std::to_string(getpid()));
  Scratch() { fs::create_directories(path); }
  ~Scratch() { fs::remove_all(path); }
};

void put(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

std::size_t files_in(const fs::path& folder) { return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator())); }

}  // namespace

TEST_CASE("A new folder, with its parents, and an empty one are taken, and taken again later") {
  const Scratch scratch;
  const fs::path nested = scratch.path / "a" / "b";
  platform::OutputFolder(nested).write("x.txt", "1");
  platform::OutputFolder(nested).write("x.txt", "2");
  CHECK(platform::read_file(nested / "x.txt") == "2");
  fs::create_directories(scratch.path / "empty");
  CHECK_NOTHROW(platform::OutputFolder(scratch.path / "empty"));
}

TEST_CASE("A folder that holds somebody else's file is refused and not touched") {
  const Scratch scratch;
  put(scratch.path / "keep.txt", "mine");
  CHECK_THROWS_AS(platform::OutputFolder(scratch.path), core::FileError);
  CHECK(files_in(scratch.path) == 1);
  put(scratch.path / "report.json", "{\"schema\": \"other/1\"}");
  CHECK_THROWS_AS(platform::OutputFolder(scratch.path), core::FileError);
}

TEST_CASE("A report of ours makes a folder ours, even without the marker") {
  const Scratch scratch;
  put(scratch.path / "report.json", "{\n \"schema\": \"spinvp-report/1\"\n}");
  CHECK_NOTHROW(platform::OutputFolder(scratch.path));
}

TEST_CASE("A file in place of the folder, and a place where nothing can be made, are refused") {
  const Scratch scratch;
  put(scratch.path / "file", "");
  CHECK_THROWS_AS(platform::OutputFolder(scratch.path / "file"), core::FileError);
  CHECK_THROWS_AS(platform::OutputFolder(scratch.path / "file" / "below"), core::FileError);
  CHECK_THROWS_AS(platform::OutputFolder("/proc/none"), core::FileError);
}

TEST_CASE("A growing file appears when it is complete and leaves no trace when it is not") {
  const Scratch scratch;
  const platform::OutputFolder folder(scratch.path / "out");
  {
    platform::GrowingFile file(folder, "uart.log");
    file.stream() << "hello";
    CHECK_FALSE(fs::exists(folder.path() / "uart.log"));
  }
  CHECK(files_in(folder.path()) == 1);  // the marker
  platform::GrowingFile file(folder, "uart.log");
  file.stream() << "hello";
  file.complete();
  CHECK(platform::read_file(folder.path() / "uart.log") == "hello");
  CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("The hash of a content is XXH3 with 64 bits") {
  CHECK(platform::content_hash("") == "xxh3:2d06800538d394c2");  // the value that the xxHash specification gives for no bytes and seed 0
  CHECK(platform::content_hash("a") != platform::content_hash("b"));
}
