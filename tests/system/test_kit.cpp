// The kit that `cmake --install` makes, outside the source tree, and the pages of docs/tutorials/ about it: each page is followed command by command, in a copy of
// its files, and must print what it shows; "..." stands for what may differ.
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/system/program.h"

namespace spinvp::test {

namespace {

namespace fs = std::filesystem;

const std::string tutorials = SPINVP_DOCS_FOLDER "/tutorials/";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

// A user: a home, and in it a folder with a project.
class User {
 public:
  explicit User(const std::string& project) {
    fs::copy(tutorials + project, home_.path("project"));
    setenv("HOME", home_.path("").c_str(), 1);
  }
  // As typed into a shell, in the project's folder.
  static std::vector<std::string> typed(const std::string& command) { return {"-c", "exec 2>&1; cd ~/project && " + command}; }
  [[nodiscard]] Outcome run(const std::string& command) const { return run_program("/bin/bash", typed(command)); }
  void install() const {
    const Outcome outcome = run("cmake --install " SPINVP_BUILD_FOLDER " --prefix ~/spinvp");
    INFO(outcome.out);
    REQUIRE(outcome.status == 0);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return home_.path(name); }

 private:
  Scratch home_;
};

// What a command printed; the lines that a page shows must come in it in this order.
class Printed {
 public:
  void begin(std::string text) {
    text_ = std::move(text);
    at_ = 0;
  }
  void add(const std::string& text) { text_ += text; }
  void expect(const std::string& line) {
    for (std::size_t begin = 0; begin <= line.size();) {
      const std::size_t end = std::min(line.find("...", begin), line.size());
      const std::string piece = line.substr(begin, end - begin);
      const std::size_t found = text_.find(piece, at_);
      INFO("'" << piece << "' of '" << line << "' is not in: " << text_.substr(at_));
      REQUIRE(found != std::string::npos);
      at_ = found + piece.size();
      begin = end + 3;
    }
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

class Page {
 public:
  Page(const std::string& name, const User& user) : user_(user), lines_(contents(tutorials + name)) {}

  void follow() {
    for (std::string line; std::getline(lines_, line);) {
      if (line.starts_with("```")) fenced_ = !fenced_;
      if (fenced_ || !line.starts_with("    ")) continue;
      line = replaced(line.substr(4), "3333", port_);
      if (line.starts_with("$ "))
        type(line.substr(2));
      else if (!line.starts_with("(gdb) "))
        printed_.expect(line);
    }
    if (waiting_) CHECK(waiting_->finish().status == 0);
  }

 private:
  void type(const std::string& command) {
    if (command.find(" --gdb ") != std::string::npos) return start(command);
    if (command.starts_with("gdb-multiarch")) return debug(command);
    const Outcome outcome = user_.run(replaced(command, "cmake --install build", "cmake --install " SPINVP_BUILD_FOLDER));
    INFO(command << ": " << outcome.out);
    REQUIRE(outcome.status == 0);
    printed_.begin(outcome.out);
  }
  // Any free port in place of the one shown.
  void start(const std::string& command) {
    const std::string words = "target remote 127.0.0.1:";
    waiting_ = std::make_unique<Running>(User::typed("exec " + replaced(command, "3333", "0")), "/bin/bash");
    waiting_->await(words);
    waiting_->await("\n");
    port_ = waiting_->shown();
    port_ = port_.substr(port_.find(words) + words.size());
    port_ = port_.substr(0, port_.find('\n'));
    printed_.begin(waiting_->shown());
  }
  // With all that the page types at GDB's prompt, in batch mode; then the run it debugged has ended, too.
  void debug(std::string command) {
    command += " -nx -batch -iex 'set style enabled off'";
    const auto here = lines_.tellg();
    for (std::string line; std::getline(lines_, line);)
      if (line.starts_with("    (gdb) ")) command += " -ex '" + replaced(line.substr(10), "3333", port_) + "'";
    lines_.clear();
    lines_.seekg(here);
    printed_.begin(user_.run(command).out);
    const Outcome ended = waiting_->finish();
    waiting_.reset();
    CHECK(ended.status == 0);
    printed_.add(ended.out);
  }

  const User& user_;
  std::istringstream lines_;
  Printed printed_;
  std::unique_ptr<Running> waiting_;
  std::string port_ = "3333";
  bool fenced_ = false;
};

void check_files(const std::string& name) {
  const std::string page = contents(tutorials + name + ".md");
  for (const fs::directory_entry& file : fs::directory_iterator(tutorials + name)) {
    INFO(file.path() << ": run tools/fill-tutorial.sh");
    CHECK(page.find("\n" + contents(file.path().string()) + "```\n") != std::string::npos);
  }
}

const std::string configure = "cmake -S . -B build -G Ninja -DCMAKE_PREFIX_PATH=~/spinvp ";

}  // namespace

TEST_CASE("The page about a first firmware is built and run from an installed kit, and prints what it shows") {
  check_files("first-firmware");
  const User user("first-firmware");
  Page("first-firmware.md", user).follow();
}

TEST_CASE("The page about debugging is followed in two terminals and shows what they show") {
  const User user("first-firmware");
  user.install();
  Page("debug-firmware.md", user).follow();
}

TEST_CASE("The page about an interrupt handler is built and run from an installed kit, and prints what it shows") {
  check_files("add-an-interrupt-handler");
  const User user("add-an-interrupt-handler");
  user.install();
  Page("add-an-interrupt-handler.md", user).follow();
}

TEST_CASE("An installed program has its apps, wherever the prefix is moved to") {
  const User user("first-firmware");
  user.install();
  fs::rename(user.path("spinvp"), user.path("moved"));
  CHECK(user.run("~/moved/bin/spinvp list apps").out == spinvp({"list", "apps"}).out);
  const Outcome outcome = user.run("cmake -S . -B build -G Ninja -DCMAKE_PREFIX_PATH=~/moved && cmake --build build --target run_first");
  INFO(outcome.out);
  CHECK(outcome.status == 0);
  CHECK(fs::exists(user.path("project/build/first.out/report.json")));
}

TEST_CASE("A host project builds firmware beside its own code, of several folders and with options of its own") {
  const User user("first-firmware");
  user.install();
  (void)user.run("mkdir app shared");
  std::ofstream(user.path("project/CMakeLists.txt")) << "cmake_minimum_required(VERSION 3.25)\nproject(mixed LANGUAGES C)\nfind_package(spinvp REQUIRED)\n"
                                                        "file(WRITE ${CMAKE_BINARY_DIR}/host.c \"int main(void) { return 0; }\")\n"
                                                        "add_executable(host ${CMAKE_BINARY_DIR}/host.c)\nadd_subdirectory(app)\n";
  std::ofstream(user.path("project/app/CMakeLists.txt")) << "spinvp_add_firmware(mine main.c ../shared/seven.c start.S INCLUDES ../shared OPTIONS -DEIGHT=8)\n";
  std::ofstream(user.path("project/app/main.c")) << "#include \"seven.h\"\nint six(void);\nint main(void) { return six() + seven() + EIGHT; }\n";
  std::ofstream(user.path("project/app/start.S")) << ".globl six\nsix: li a0, 6\n ret\n";
  std::ofstream(user.path("project/shared/seven.h")) << "int seven(void);\n";
  std::ofstream(user.path("project/shared/seven.c")) << "#include \"seven.h\"\nint seven(void) { return 7; }\n";
  const Outcome built = user.run(configure + "&& cmake --build build");
  INFO(built.out);
  REQUIRE(built.status == 0);
  CHECK(user.run("~/spinvp/bin/spinvp run -q --firmware build/app/mine.elf --out out").status == 21);
  // A header that changes is seen.
  std::ofstream(user.path("project/shared/seven.h")) << "int seven(void);\n#undef EIGHT\n#define EIGHT 9\n";
  REQUIRE(user.run("cmake --build build").status == 0);
  CHECK(user.run("~/spinvp/bin/spinvp run -q --firmware build/app/mine.elf --out out").status == 22);
}

TEST_CASE("What the kit does not find or not take, it says in a line") {
  const User user("first-firmware");
  user.install();
  const std::string no_search = "-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF -DCMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH=OFF -DCMAKE_MAKE_PROGRAM=$(command -v ninja) ";
  Outcome outcome = user.run(configure + no_search);
  INFO(outcome.out);
  CHECK(outcome.status != 0);
  CHECK(outcome.out.find("\n  no riscv64-unknown-elf-gcc: apt install gcc-riscv64-unknown-elf\n") != std::string::npos);
  outcome = user.run("rm -r build; " + configure + "-DSPINVP_RISCV_GCC=/usr/bin/echo");
  INFO(outcome.out);
  CHECK(outcome.status != 0);
  CHECK(outcome.out.find("\n  no picolibc.specs: apt install picolibc-riscv64-unknown-elf\n") != std::string::npos);
  (void)user.run("sed -i s/main.c/main.cpp/ CMakeLists.txt");
  outcome = user.run("rm -r build; " + configure);
  CHECK(outcome.status != 0);
  CHECK(outcome.out.find("\n  spinvp_add_firmware(first): main.cpp: allowed are .c and .S\n") != std::string::npos);
}

}  // namespace spinvp::test
