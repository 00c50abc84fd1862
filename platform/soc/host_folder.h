// The one folder of the host that semihosting may reach, and nothing outside it.
//
// A path is relative: names between slashes, none of them empty, `.` or `..`. Each folder on the way is opened by its name from the one before, without following a
// symbolic link (O_NOFOLLOW), so a link that appears in between leads nowhere either; the last name must be a regular file or, where the mode creates, nothing yet.
// Devices, FIFOs, sockets, folders and links are refused with EACCES. A file grows to `most_bytes` at most.
#pragma once

#include <string>

#include "models/riscv/semihosting.h"

namespace spinvp::platform {

class HostFolder : public riscv::HostFiles {
 public:
  static constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;

  // Throws core::FileError if it is no folder.
  explicit HostFolder(const std::string& path);
  ~HostFolder() override;
  HostFolder(const HostFolder&) = delete;
  HostFolder& operator=(const HostFolder&) = delete;

  int open(const std::string& path, Mode mode, bool update) override;
  void close(int file) override;
  std::int64_t read(int file, void* data, std::size_t size) override;
  std::int64_t write(int file, const void* data, std::size_t size) override;
  std::int64_t seek(int file, std::uint64_t position) override;
  std::int64_t length(int file) override;
  int remove(const std::string& path) override;
  int rename(const std::string& from, const std::string& to) override;

 private:
  int root_;
};

}  // namespace spinvp::platform
