#include "program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/unit/platform/elf_writer.h"

namespace spinvp::test {

namespace fs = std::filesystem;

std::size_t Outcome::error_lines() const {
  std::istringstream lines(err);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) ++count;
  return count;
}

Scratch::Scratch() {
  std::string pattern = (fs::temp_directory_path() / "spinvp-system-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
}

Scratch::~Scratch() { fs::remove_all(folder_); }

std::string Scratch::file(const std::string& name, const std::string& content) const {
  std::ofstream(folder_ / name, std::ios::binary) << content;
  return path(name);
}

Running::Running(const std::vector<std::string>& arguments, const std::string& program) {
  int out[2], err[2];
  REQUIRE(pipe2(out, O_CLOEXEC) == 0);
  REQUIRE(pipe2(err, O_CLOEXEC) == 0);
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  process_ = fork();
  REQUIRE(process_ >= 0);
  if (process_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(out[1]);
  close(err[1]);
  out_ = out[0];
  err_ = err[0];
}

void Running::await(const std::string& text) {
  char buffer[4096];
  while (seen_.find(text) == std::string::npos) {
    const ssize_t got = read(out_, buffer, sizeof buffer);
    REQUIRE(got > 0);
    seen_.append(buffer, static_cast<std::size_t>(got));
  }
}

std::string Running::await_error(const std::string& text) {
  char buffer[4096];
  while (error_seen_.find(text) == std::string::npos) {
    const ssize_t got = read(err_, buffer, sizeof buffer);
    REQUIRE(got > 0);
    error_seen_.append(buffer, static_cast<std::size_t>(got));
  }
  return error_seen_;
}

void Running::signal(int number) { kill(process_, number); }

Outcome Running::finish() {
  Outcome outcome;
  outcome.out = seen_;
  outcome.err = error_seen_;
  pollfd ends[2] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    REQUIRE(poll(ends, 2, -1) > 0);
    for (int i = 0; i < 2; ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      char buffer[65536];
      const ssize_t got = read(ends[i].fd, buffer, sizeof buffer);
      if (got > 0)
        (i == 0 ? outcome.out : outcome.err).append(buffer, static_cast<std::size_t>(got));
      else
        ends[i].fd = -1;
    }
  }
  close(out_);
  close(err_);
  int status = 0;
  waitpid(process_, &status, 0);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

Outcome spinvp(const std::vector<std::string>& arguments) { return Running(arguments).finish(); }
Outcome run_program(const std::string& program, const std::vector<std::string>& arguments) { return Running(arguments, program).finish(); }

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

nlohmann::json report(const std::string& folder) { return nlohmann::json::parse(contents(folder + "/report.json")); }

nlohmann::json comparable_report(const std::string& folder) {
  nlohmann::json r = report(folder);
  r.erase("host");
  return r;
}

std::string elf_of(riscv::test::Program program, const std::vector<std::string>& symbols) {
  const auto bytes = program.finish();
  ElfWriter elf;
  elf.segment(dram, std::string(bytes.begin(), bytes.end()), 0x10000);
  for (const std::string& symbol : symbols) elf.symbols.emplace_back(symbol, program.address(symbol));
  return elf.bytes();
}

}  // namespace spinvp::test
