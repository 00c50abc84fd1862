// The folder that a run writes. It belongs to `run` once `run` has written it: a hidden marker file or a report of ours in it says so. A folder with anything
// else in it is never touched.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

namespace spinvp::platform {

class OutputFolder {
 public:
  // Creates the folder, or takes one that is empty or ours, and marks it. Throws core::FileError (status 74) otherwise.
  explicit OutputFolder(std::filesystem::path path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Whole or not at all, as write_file().
  void write(const std::string& name, std::string_view content) const;
  // The same for content that is too large for memory.
  void write(const std::string& name, const std::function<void(std::ostream&)>& produce) const;

 private:
  std::filesystem::path path_;
};

// A file that grows while the simulation runs and gets its name when it is complete; without that, it leaves no trace.
class GrowingFile {
 public:
  // Throws core::FileError.
  GrowingFile(const OutputFolder& folder, const std::string& name);
  ~GrowingFile();
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  [[nodiscard]] std::ostream& stream() { return stream_; }
  // Gives it its name. Throws core::FileError.
  void complete();

 private:
  std::filesystem::path final_, temporary_;
  std::ofstream stream_;
};

}  // namespace spinvp::platform
