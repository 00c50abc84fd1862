// The folder of semihosting: what it gives, and that nothing leads out of it.
#include <catch2/catch.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/core/error.h"
#include "platform/soc/host_folder.h"

using spinvp::platform::HostFolder;
using Mode = HostFolder::Mode;
namespace fs = std::filesystem;

namespace {

// outer/secret, outer/inner: the folder is inner.
struct Tree {
  fs::path outer;
  Tree() {
    std::string name = (fs::temp_directory_path() / "spinvp-host-XXXXXX").string();
    outer = mkdtemp(name.data());
    fs::create_directories(outer / "inner/sub");
    std::ofstream(outer / "secret") << "secret";
    std::ofstream(outer / "inner/plain") << "plain";
  }
  ~Tree() { fs::remove_all(outer); }
  [[nodiscard]] std::string text(const char* name) const {
    std::ifstream in(outer / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

}  // namespace

TEST_CASE("files are made, written, read, sought, measured, renamed and removed") {
  const Tree tree;
  HostFolder folder((tree.outer / "inner").string());
  const int out = folder.open("sub/new", Mode::write, true);
  REQUIRE(out >= 0);
  CHECK(folder.write(out, "hello", 5) == 5);
  CHECK(folder.length(out) == 5);
  CHECK(folder.seek(out, 1) == 0);
  char text[8] = {};
  CHECK(folder.read(out, text, sizeof text) == 4);
  CHECK(std::string(text) == "ello");
  folder.close(out);
  const int more = folder.open("sub/new", Mode::append, false);
  CHECK(folder.write(more, "!", 1) == 1);
  folder.close(more);
  CHECK(tree.text("inner/sub/new") == "hello!");
  CHECK(folder.rename("sub/new", "moved") == 0);
  CHECK(tree.text("inner/moved") == "hello!");
  CHECK(folder.remove("moved") == 0);
  CHECK(folder.open("moved", Mode::read, false) == -ENOENT);
}

TEST_CASE("no name leads outside the folder") {
  const Tree tree;
  HostFolder folder((tree.outer / "inner").string());
  fs::create_symlink("../secret", tree.outer / "inner/link");
  fs::create_symlink("..", tree.outer / "inner/up");
  fs::create_symlink("/", tree.outer / "inner/sub/root");
  fs::create_symlink(tree.outer / "made", tree.outer / "inner/dangling");
  const std::string secret = (tree.outer / "secret").string();
  for (const std::string& name : {std::string("../secret"), std::string("sub/../../secret"), std::string("./../secret"), secret, "/" + secret,
                                  std::string("link"), std::string("up/secret"), "sub/root" + secret, std::string("dangling"), std::string(""),
                                  std::string("/"), std::string("."), std::string(".."), std::string("sub//x"), std::string("plain/"),
                                  std::string("plain\0x", 7), std::string(5000, 'a'), std::string("/proc/self/fd/0"), std::string("plain/x")})
    for (const Mode mode : {Mode::read, Mode::write, Mode::append}) {
      CAPTURE(name);
      CHECK(folder.open(name, mode, true) < 0);
      CHECK(folder.rename("plain", name) < 0);
      CHECK(folder.rename(name, "taken") < 0);
      CHECK(folder.remove(name) < 0);
    }
  CHECK(tree.text("secret") == "secret");
  CHECK(tree.text("inner/plain") == "plain");
  CHECK_FALSE(fs::exists(tree.outer / "made"));
  CHECK(fs::is_symlink(tree.outer / "inner/link"));
}

TEST_CASE("a folder that becomes a link afterwards leads nowhere") {
  const Tree tree;
  HostFolder folder((tree.outer / "inner").string());
  REQUIRE(folder.open("sub/secret", Mode::read, false) == -ENOENT);
  fs::remove(tree.outer / "inner/sub");
  fs::create_symlink(tree.outer, tree.outer / "inner/sub");
  CHECK(folder.open("sub/secret", Mode::read, false) == -EACCES);
  // The folder itself is the one that was opened, whatever its name becomes.
  fs::rename(tree.outer / "inner", tree.outer / "elsewhere");
  fs::create_symlink("/", tree.outer / "inner");
  CHECK(folder.open("plain", Mode::read, false) >= 0);
}

TEST_CASE("FIFOs, folders and devices are no files") {
  const Tree tree;
  HostFolder folder((tree.outer / "inner").string());
  REQUIRE(mkfifo((tree.outer / "inner/fifo").c_str(), 0600) == 0);
  for (const Mode mode : {Mode::read, Mode::write, Mode::append}) {
    CHECK(folder.open("fifo", mode, false) == -EACCES);
    CHECK(folder.open("sub", mode, false) == -EACCES);
  }
  CHECK(HostFolder("/dev").open("null", Mode::read, false) == -EACCES);
  CHECK(folder.remove("sub") == -EACCES);
}

TEST_CASE("a file cannot grow past its limit") {
  const Tree tree;
  HostFolder folder((tree.outer / "inner").string());
  const int file = folder.open("big", Mode::write, false);
  CHECK(folder.seek(file, HostFolder::most_bytes + 1) == -EINVAL);
  CHECK(folder.seek(file, HostFolder::most_bytes - 1) == 0);
  CHECK(folder.write(file, "ab", 2) == 1);
  CHECK(folder.write(file, "b", 1) == -EFBIG);
  folder.close(file);
}

TEST_CASE("a folder that is none is an error of files") { CHECK_THROWS_AS(HostFolder("/nowhere/at/all"), spinvp::core::FileError); }
