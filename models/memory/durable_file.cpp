#include "models/memory/durable_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include "models/core/error.h"

namespace spinvp::memory {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t buffer_bytes = 1u << 20;

fs::path target_of(const fs::path& path) {
  std::error_code error;
  const fs::path target = fs::weakly_canonical(path, error);
  return error ? path : target;
}

}  // namespace

struct DurableFile::Hash {
  XXH3_state_t* state = XXH3_createState();
  Hash() { XXH3_64bits_reset(state); }
  ~Hash() { XXH3_freeState(state); }
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;
};

DurableFile::DurableFile(const fs::path& path, std::function<void()> before_step)
    : path_(target_of(path)), before_step_(std::move(before_step)), hash_(std::make_unique<Hash>()) {
  std::error_code error;
  // The rename would put a regular file in the place of /dev/null.
  if (fs::exists(path_, error) && !fs::is_regular_file(path_, error))
    throw core::FileError(fmt::format("{}: cannot be written: it is {}", path_.string(), fs::is_directory(path_, error) ? "a folder" : "no regular file"));
  temporary_ = path_.parent_path() / fmt::format(".{}.{}", path_.filename().string(), getpid());
  buffer_.reserve(buffer_bytes);
  step();
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail();
}

DurableFile::~DurableFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void DurableFile::fail() const { throw core::FileError(fmt::format("{}: cannot be written: {}", path_.string(), std::strerror(errno))); }

void DurableFile::write(std::span<const std::uint8_t> bytes) {
  XXH3_64bits_update(hash_->state, bytes.data(), bytes.size());
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  if (buffer_.size() >= buffer_bytes) flush();
}

void DurableFile::write_number(std::uint64_t value, unsigned bytes) {
  std::uint8_t little[8];
  for (unsigned i = 0; i < bytes; ++i) little[i] = static_cast<std::uint8_t>(value >> (8 * i));
  write({little, bytes});
}

void DurableFile::flush() {
  for (std::size_t done = 0; done < buffer_.size();) {
    step();
    const ssize_t wrote = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) fail();
    done += static_cast<std::size_t>(wrote);
  }
  buffer_.clear();
}

std::uint64_t DurableFile::digest() const { return XXH3_64bits_digest(hash_->state); }

void DurableFile::complete() {
  flush();
  step();
  if (::fsync(descriptor_) != 0) fail();
  step();
  const int closed = ::close(descriptor_);
  descriptor_ = -1;
  if (closed != 0) fail();
  step();
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail();
  temporary_.clear();
  step();
  // The name is durable when its folder is. A file system without that keeps what it can.
  const fs::path folder = path_.parent_path().empty() ? fs::path(".") : path_.parent_path();
  const int folder_descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_descriptor < 0) return;
  step();
  (void)::fsync(folder_descriptor);
  ::close(folder_descriptor);
}

}  // namespace spinvp::memory
