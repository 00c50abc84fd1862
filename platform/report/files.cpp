#include "platform/report/files.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include "models/core/error.h"

namespace spinvp::platform {

std::string read_file(const std::filesystem::path& path) {
  const auto fail = [&](const char* why) { throw core::FileError(fmt::format("{}: cannot be read: {}", path.string(), why)); };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) fail("it is a folder");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(errno != 0 ? std::strerror(errno) : "it does not open");
  std::ostringstream content;
  if (file.peek() != std::ifstream::traits_type::eof()) content << file.rdbuf();
  if (file.bad() || content.fail()) fail("an input error");
  return std::move(content).str();
}

void write_file(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path temporary = path.parent_path() / fmt::format(".{}.{}", path.filename().string(), getpid());
  errno = 0;
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path, error);
  if (!file || error) {
    const std::string why = error ? error.message() : errno != 0 ? std::strerror(errno) : "an output error";
    std::filesystem::remove(temporary, error);
    throw core::FileError(fmt::format("{}: cannot be written: {}", path.string(), why));
  }
}

std::string content_hash(std::string_view content) { return fmt::format("xxh3:{:016x}", XXH3_64bits(content.data(), content.size())); }

}  // namespace spinvp::platform
