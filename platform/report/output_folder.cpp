#include "platform/report/output_folder.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <unistd.h>

#include "models/core/error.h"
#include "platform/report/files.h"

namespace spinvp::platform {

namespace {

namespace fs = std::filesystem;

constexpr const char* marker = ".spinvp-run";

bool is_ours(const fs::path& folder) {
  if (fs::exists(folder / marker)) return true;
  // The schema is the first key of our reports.
  std::ifstream report(folder / "report.json");
  std::string head(64, '\0');
  report.read(head.data(), static_cast<std::streamsize>(head.size()));
  return head.find("\"schema\": \"spinvp-report/") != std::string::npos;
}

}  // namespace

OutputFolder::OutputFolder(fs::path path) : path_(std::move(path)) {
  const auto fail = [&](const std::string& why) { throw core::FileError(fmt::format("{}: {}", path_.string(), why)); };
  try {
    if (fs::exists(path_)) {
      if (!fs::is_directory(path_)) fail("is not a folder; allowed is a new or empty folder, or one that `spinvp run` wrote");
      if (!fs::is_empty(path_) && !is_ours(path_))
        fail("was not written by `spinvp run`, so it is left alone; allowed is a new or empty folder, or one that `spinvp run` wrote");
    } else {
      fs::create_directories(path_);
    }
  } catch (const fs::filesystem_error& error) {
    fail("cannot be made: " + error.code().message());
  }
  write_file(path_ / marker, "This folder was written by `spinvp run` and may be overwritten by it.\n");
}

void OutputFolder::write(const std::string& name, std::string_view content) const { write_file(path_ / name, content); }

void OutputFolder::write(const std::string& name, const std::function<void(std::ostream&)>& produce) const {
  GrowingFile file(*this, name);
  produce(file.stream());
  file.complete();
}

GrowingFile::GrowingFile(const OutputFolder& folder, const std::string& name)
    : final_(folder.path() / name), temporary_(folder.path() / fmt::format(".{}.{}", name, getpid())), stream_(temporary_, std::ios::binary | std::ios::trunc) {
  if (!stream_) throw core::FileError(fmt::format("{}: cannot be written: {}", final_.string(), std::strerror(errno)));
}

GrowingFile::~GrowingFile() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove(temporary_, ignored);
}

void GrowingFile::complete() {
  errno = 0;
  stream_.close();
  std::error_code error;
  if (stream_) fs::rename(temporary_, final_, error);
  if (!stream_ || error) throw core::FileError(fmt::format("{}: cannot be written: {}", final_.string(), error ? error.message() : std::strerror(errno)));
  temporary_.clear();
}

}  // namespace spinvp::platform
