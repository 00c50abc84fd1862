// What goes wrong before a simulation starts. Guest errors are never exceptions: they are bus responses, traps and status registers.
#pragma once

#include <stdexcept>
#include <string>

namespace spinvp::core {

// Exit statuses of the program that are not the guest's own (docs/getting-started.md).
enum class ExitStatus : int {
  ok = 0,
  usage = 64,
  bad_input = 65,
  internal = 70,
  io = 74,
  crash = 75,
  time_limit = 76,
  deadlock = 77,
  interrupted = 130,
};

// Wrong input from the user: one line `where: what is wrong, what is allowed`. Thrown anywhere, caught once at the verb.
class InputError : public std::runtime_error {
 public:
  explicit InputError(const std::string& line, ExitStatus status = ExitStatus::bad_input) : std::runtime_error(line), status_(status) {}
  [[nodiscard]] ExitStatus status() const { return status_; }

 private:
  ExitStatus status_;
};

// A file that cannot be read or written (status 74).
class FileError : public InputError {
 public:
  explicit FileError(const std::string& line) : InputError(line, ExitStatus::io) {}
};

}  // namespace spinvp::core
