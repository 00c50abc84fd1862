#include "platform/commands/apps.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/core/fields.h"
#include "platform/soc/elf_image.h"

namespace spinvp::platform {

namespace fs = std::filesystem;

fs::path program_folder() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::current_path() : self.parent_path();
}

fs::path app_folder() {
  const fs::path beside = program_folder() / "firmware";
  const fs::path installed = program_folder().parent_path() / "share/spinvp/firmware";
  std::error_code error;
  return !fs::is_directory(beside, error) && fs::is_directory(installed, error) ? installed : beside;
}

std::vector<std::string> app_names() {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(app_folder(), error))
    if (entry.path().extension() == ".elf") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string app_about(const std::string& name) {
  constexpr std::size_t longest = 200;
  const fs::path file = app_file(name);
  const ElfImage image = read_elf(file.string(), file.filename().string());
  const auto at = image.symbol("spinvp_about");
  if (!at) return {};
  for (const ElfImage::Segment& segment : image.segments) {
    if (*at < segment.address || *at - segment.address >= segment.bytes.size()) continue;
    const std::string text = segment.bytes.substr(*at - segment.address, longest);
    return text.substr(0, text.find('\0'));
  }
  return {};
}

fs::path app_file(const std::string& name) {
  const std::vector<std::string> names = app_names();
  if (std::find(names.begin(), names.end(), name) != names.end()) return app_folder() / (name + ".elf");
  if (names.empty())
    throw core::InputError(fmt::format("--app {}: there are no apps in {}; build the firmware, or name an ELF with --firmware", name, app_folder().string()));
  const std::string near = core::nearest(name, names);
  throw core::InputError(
      fmt::format("--app {}: there is no such app{}; allowed: {}", name, near.empty() ? "" : "; nearest is '" + near + "'", fmt::join(names, ", ")));
}

}  // namespace spinvp::platform
