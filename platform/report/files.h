// Files as the program reads and writes them: whole, with one line about what went wrong, and never half-written.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace spinvp::platform {

// The whole file. Throws core::FileError (status 74) `path: cannot be read: why`.
std::string read_file(const std::filesystem::path& path);

// Writes under a temporary name beside it and renames: a reader sees the old file or the new one. Throws core::FileError.
void write_file(const std::filesystem::path& path, std::string_view content);

// XXH3, 64 bits, as 16 lower-case hexadecimal digits after `xxh3:`.
std::string content_hash(std::string_view content);

}  // namespace spinvp::platform
