// Runs the built program as a user would, and makes the guests it runs.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/unit/riscv/assembler.h"

namespace spinvp::test {

struct Outcome {
  int status = -1;  // exit status; 128 + n if signal n ended it
  std::string out, err;
  // Lines of stderr that are not empty.
  [[nodiscard]] std::size_t error_lines() const;
};

// A folder that is gone at the end.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  // Writes a file and returns its path.
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path folder_;
};

Outcome spinvp(const std::vector<std::string>& arguments);
// The same of another program.
Outcome run_program(const std::string& program, const std::vector<std::string>& arguments);

// The program while it runs.
class Running {
 public:
  explicit Running(const std::vector<std::string>& arguments, const std::string& program = SPINVP_PROGRAM);
  // Waits until stdout has shown `text`.
  void await(const std::string& text);
  // The same of stderr; returns what it has shown so far.
  std::string await_error(const std::string& text);
  // What stdout has shown so far.
  [[nodiscard]] const std::string& shown() const { return seen_; }
  void signal(int number);
  Outcome finish();

 private:
  pid_t process_;
  int out_, err_;
  std::string seen_, error_seen_;
};

std::string contents(const std::string& path);
nlohmann::json report(const std::string& folder);
// Without the part that may differ between equal runs.
nlohmann::json comparable_report(const std::string& folder);

// An ELF that holds the program at the start of DRAM, with these symbols at its labels.
std::string elf_of(riscv::test::Program program, const std::vector<std::string>& symbols = {});
inline constexpr std::uint64_t dram = 0x80000000;

}  // namespace spinvp::test
