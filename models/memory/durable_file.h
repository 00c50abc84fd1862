// A file that is replaced as a whole: whoever looks, and whenever the program or the machine stops, finds the old content or the new one.
//
// Content goes to a temporary file in the same folder; complete() makes it durable (fsync), gives it the name (rename) and makes the folder's entry durable.
// Without complete() the temporary file is removed. A process that is killed leaves the temporary file `.NAME.PID` behind, which nobody reads. A symbolic link
// is followed: what it points to is replaced. Folders, devices and pipes are refused.
//
// Throws core::FileError (status 74), `path: cannot be written: why`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace spinvp::memory {

class DurableFile {
 public:
  // `before_step` is called before each system call: where a test stops the process.
  explicit DurableFile(const std::filesystem::path& path, std::function<void()> before_step = {});
  ~DurableFile();
  DurableFile(const DurableFile&) = delete;
  DurableFile& operator=(const DurableFile&) = delete;

  void write(std::span<const std::uint8_t> bytes);
  // Little-endian.
  void write_u32(std::uint32_t value) { write_number(value, 4); }
  void write_u64(std::uint64_t value) { write_number(value, 8); }
  // XXH3, 64 bits, of what was written so far.
  [[nodiscard]] std::uint64_t digest() const;
  void complete();

 private:
  struct Hash;
  std::filesystem::path path_, temporary_;
  std::function<void()> before_step_;
  std::unique_ptr<Hash> hash_;
  std::vector<std::uint8_t> buffer_;
  int descriptor_ = -1;
  void write_number(std::uint64_t value, unsigned bytes);
  void flush();
  void step() const {
    if (before_step_) before_step_();
  }
  [[noreturn]] void fail() const;
};

}  // namespace spinvp::memory
