// The firmware apps that come with the program: ELF files in the folder `firmware` beside it, or where `cmake --install` puts them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace spinvp::platform {

// Where this program's file is.
std::filesystem::path program_folder();

// Where its apps are: `firmware` beside it; of an installed program <prefix>/share/spinvp/firmware.
std::filesystem::path app_folder();

// Names of the apps, sorted.
std::vector<std::string> app_names();

// One line about an app: what its ELF has under the symbol `spinvp_about`; empty if it has none.
std::string app_about(const std::string& name);

// The ELF of an app. Throws core::InputError with the list if there is none of that name.
std::filesystem::path app_file(const std::string& name);

}  // namespace spinvp::platform
