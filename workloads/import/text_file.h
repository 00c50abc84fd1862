// Reads what a network's file holds.
#pragma once

#include <filesystem>
#include <string>

namespace spinvp::workloads {

// Throws core::FileError.
std::string read_text_file(const std::filesystem::path& path);

}  // namespace spinvp::workloads
