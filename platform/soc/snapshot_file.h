// The file of a snapshot: what it belongs to, and the state of the platform.
//
//   "SPINVPSS", format (4 bytes), length and text of the identity (JSON), length of the state and of what zlib makes of it, that, XXH3 of everything before
//
// All numbers little-endian, lengths of 8 bytes. Files are written under another name and renamed: there is never half a snapshot.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/core/units.h"

namespace spinvp::platform {

struct SnapshotFile {
  // What a run must have in common with the saved one: compared item by item, so that a difference can be named.
  nlohmann::ordered_json identity;
  // What it only should know: marker, time, inputs that may be others.
  nlohmann::ordered_json facts;
  std::vector<std::uint8_t> state;
};

// Returns the file's size. Throws core::FileError.
std::uint64_t write_snapshot_file(const std::string& path, const SnapshotFile& snapshot);
// Throws core::FileError, and core::InputError for anything but a whole snapshot of this format.
SnapshotFile read_snapshot_file(const std::string& path);

// What differs, one text each: `hart.quantum is "1us" here, "10us" in the snapshot`.
std::vector<std::string> differences(const nlohmann::ordered_json& saved, const nlohmann::ordered_json& here);

}  // namespace spinvp::platform
