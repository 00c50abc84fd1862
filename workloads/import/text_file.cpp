#include "workloads/import/text_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "models/core/error.h"

namespace spinvp::workloads {

std::string read_text_file(const std::filesystem::path& path) {
  const auto refuse = [&](const std::string& why) { throw core::FileError(path.string() + ": cannot be read (" + why + "), a readable file is needed"); };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) refuse("it is a folder");
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(std::strerror(errno));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) refuse(std::strerror(errno));
  return text;
}

}  // namespace spinvp::workloads
