#include "platform/soc/host_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/core/error.h"

namespace spinvp::platform {

namespace {

// Where a path leads: the folder of its last name, and that name. `folder` is below zero for -errno.
class Place {
 public:
  Place(int root, const std::string& path) : folder(::fcntl(root, F_DUPFD_CLOEXEC, 0)) { walk(path); }
  ~Place() {
    if (folder >= 0) ::close(folder);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  int folder;
  std::string name;

  // 0: a regular file; -ENOENT: nothing; else -errno.
  [[nodiscard]] int regular() const {
    struct stat about {};
    if (::fstatat(folder, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) return -errno;
    return S_ISREG(about.st_mode) ? 0 : -EACCES;
  }

 private:
  void walk(const std::string& path) {
    if (folder < 0) return refuse(errno);
    if (path.find('\0') != std::string::npos) return refuse(EINVAL);
    std::size_t at = 0;
    for (;;) {
      const std::size_t slash = path.find('/', at);
      name = path.substr(at, slash == std::string::npos ? std::string::npos : slash - at);
      if (name.empty() || name == "." || name == "..") return refuse(EACCES);
      if (slash == std::string::npos) return;
      const int next = ::openat(folder, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (next < 0) return refuse(errno == ENOTDIR || errno == ELOOP ? EACCES : errno);
      ::close(folder);
      folder = next;
      at = slash + 1;
    }
  }
  void refuse(int error) {
    if (folder >= 0) ::close(folder);
    folder = -error;
  }
};

}  // namespace

HostFolder::HostFolder(const std::string& path) : root_(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  if (root_ < 0) throw core::FileError(fmt::format("--host-dir {}: {}; allowed is a folder", path, std::strerror(errno)));
}

HostFolder::~HostFolder() { ::close(root_); }

int HostFolder::open(const std::string& path, Mode mode, bool update) {
  const Place place(root_, path);
  if (place.folder < 0) return place.folder;
  // Looked at before, so that nothing but a file is ever opened, and after, for what was put there in between.
  const int found = place.regular();
  if (found != 0 && !(found == -ENOENT && mode != Mode::read)) return found;
  int flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  flags |= update ? O_RDWR : mode == Mode::read ? O_RDONLY : O_WRONLY;
  if (mode != Mode::read) flags |= O_CREAT;
  if (mode == Mode::append) flags |= O_APPEND;
  const int file = ::openat(place.folder, place.name.c_str(), flags, 0644);
  if (file < 0) return errno == ELOOP ? -EACCES : -errno;
  struct stat about {};
  const auto give_up = [&](int error) {
    ::close(file);
    return -error;
  };
  if (::fstat(file, &about) != 0) return give_up(errno);
  if (!S_ISREG(about.st_mode)) return give_up(EACCES);
  if (mode == Mode::write && ::ftruncate(file, 0) != 0) return give_up(errno);
  return file;
}

void HostFolder::close(int file) { ::close(file); }

std::int64_t HostFolder::read(int file, void* data, std::size_t size) {
  const ssize_t got = ::read(file, data, size);
  return got < 0 ? -errno : got;
}

std::int64_t HostFolder::write(int file, const void* data, std::size_t size) {
  const bool append = (::fcntl(file, F_GETFL) & O_APPEND) != 0;
  const off_t at = ::lseek(file, 0, append ? SEEK_END : SEEK_CUR);
  if (at < 0) return -errno;
  if (static_cast<std::uint64_t>(at) >= most_bytes) return -EFBIG;
  const ssize_t done = ::write(file, data, std::min<std::uint64_t>(size, most_bytes - static_cast<std::uint64_t>(at)));
  return done < 0 ? -errno : done;
}

std::int64_t HostFolder::seek(int file, std::uint64_t position) {
  if (position > most_bytes) return -EINVAL;
  return ::lseek(file, static_cast<off_t>(position), SEEK_SET) < 0 ? -errno : 0;
}

std::int64_t HostFolder::length(int file) {
  struct stat about {};
  return ::fstat(file, &about) != 0 ? -errno : about.st_size;
}

int HostFolder::remove(const std::string& path) {
  const Place place(root_, path);
  if (place.folder < 0) return place.folder;
  if (const int found = place.regular(); found != 0) return found;
  return ::unlinkat(place.folder, place.name.c_str(), 0) != 0 ? -errno : 0;
}

int HostFolder::rename(const std::string& from, const std::string& to) {
  const Place source(root_, from), target(root_, to);
  if (source.folder < 0) return source.folder;
  if (target.folder < 0) return target.folder;
  if (const int found = source.regular(); found != 0) return found;
  if (const int found = target.regular(); found != 0 && found != -ENOENT) return found;
  return ::renameat(source.folder, source.name.c_str(), target.folder, target.name.c_str()) != 0 ? -errno : 0;
}

}  // namespace spinvp::platform
