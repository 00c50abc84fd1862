// Semihosting: calls by which firmware under a debugger or simulator reaches console, clock, files and exit of the host (RISC-V semihosting specification 0.4,
// which takes operations, parameter blocks and results from Arm's "Semihosting for AArch32 and AArch64", version 3.0).
//
// The call is `slli x0,x0,31; ebreak; srai x0,x0,7`, each of 32 bits, all in one page: a0 names the operation, a1 is its parameter or points to a block of 64-bit
// words, the result comes in a0. Clocks tell simulated time, so a run stays deterministic. What the guest asks for is checked here; what it may do with files is the
// business of HostFiles, without which every file operation fails. Unknown operations, SYS_SYSTEM among them, give -1.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/core/state.h"
#include "models/core/units.h"

namespace spinvp::riscv {

// Files of the host that the guest may reach. Results below zero are -errno.
class HostFiles {
 public:
  enum class Mode { read, write, append };  // write empties the file, write and append create it
  virtual ~HostFiles() = default;
  virtual int open(const std::string& path, Mode mode, bool update) = 0;  // a descriptor; `update`: for reading and writing
  virtual void close(int file) = 0;
  virtual std::int64_t read(int file, void* data, std::size_t size) = 0;
  virtual std::int64_t write(int file, const void* data, std::size_t size) = 0;
  virtual std::int64_t seek(int file, std::uint64_t position) = 0;
  virtual std::int64_t length(int file) = 0;
  virtual int remove(const std::string& path) = 0;
  virtual int rename(const std::string& from, const std::string& to) = 0;
};

class Semihosting {
 public:
  struct Host {
    // Guest memory without time or side effects; false where there is none.
    std::function<bool(std::uint64_t address, void* data, std::size_t size)> read, write;
    std::function<void(std::string_view text)> console;
    // The console's next character, waited for; nothing: its end. May be empty: no input.
    std::function<std::optional<char>()> input;
    // Waits for a character that cannot come: READC knows no end, and the C library takes any answer for a character. May be empty.
    std::function<void()> starve;
    std::function<void(std::uint64_t code)> finish;
    std::function<core::SimTime()> now;
    std::function<void(const std::string& message)> complain;
    HostFiles* files = nullptr;  // outlives the object
    std::string command_line;
  };

  static constexpr std::size_t most_handles = 32;
  static constexpr std::uint64_t longest_path = 1024, longest_text = 1 << 20, ticks_a_second = 1'000'000'000;

  explicit Semihosting(Host host);
  ~Semihosting();
  Semihosting(const Semihosting&) = delete;
  Semihosting& operator=(const Semihosting&) = delete;

  // The three instructions.
  static constexpr std::uint32_t entry_word = 0x01f01013, break_word = 0x00100073, exit_word = 0x40705013;
  // What a0 is afterwards.
  std::uint64_t call(std::uint64_t operation, std::uint64_t parameter);
  // Of the host's file system: what a snapshot cannot hold.
  [[nodiscard]] bool has_open_files() const;
  void describe_state(core::StateArchive& archive);

 private:
  enum class Kind { closed, input, output, features, file };
  struct Handle {
    Kind kind = Kind::closed;
    int file = -1;
    std::uint64_t position = 0;  // in the features
  };
  Host host_;
  std::vector<Handle> handles_;  // by number; 0 is never given
  std::uint64_t error_ = 0;

  std::uint64_t fail(int error);
  // A word of the parameter block; nothing where it cannot be read.
  bool words(std::uint64_t block, std::uint64_t* values, std::size_t count);
  std::optional<std::string> path(std::uint64_t address, std::uint64_t length);
  Handle* handle(std::uint64_t number);
  std::uint64_t open(std::uint64_t block);
  std::uint64_t close(std::uint64_t block);
  std::uint64_t write(std::uint64_t block);
  std::uint64_t read(std::uint64_t block);
  std::int64_t read_some(Handle& from, char* data, std::size_t size);
  std::uint64_t seek(std::uint64_t block);
  std::uint64_t length(std::uint64_t block);
  std::uint64_t temporary_name(std::uint64_t block);
  std::uint64_t command_line(std::uint64_t block);
  std::uint64_t write_text(std::uint64_t address);
  std::uint64_t remove(std::uint64_t block);
  std::uint64_t rename(std::uint64_t block);
  std::uint64_t exit(std::uint64_t block);
  std::uint64_t heap(std::uint64_t block);
};

}  // namespace spinvp::riscv
