#include "models/core/state.h"

#include <cstring>

#include "models/core/error.h"

namespace spinvp::core {

void StateArchive::raw(std::string_view name, void* data, std::size_t length) {
  // Each item: name length, name, data length, data.
  const auto put = [this](const void* from, std::size_t n) {
    const auto* p = static_cast<const std::uint8_t*>(from);
    bytes_.insert(bytes_.end(), p, p + n);
  };
  const std::uint64_t name_length = name.size(), data_length = length;
  if (!reading_) {
    put(&name_length, sizeof name_length);
    put(name.data(), name.size());
    put(&data_length, sizeof data_length);
    put(data, length);
    return;
  }
  const auto fail = [&](const std::string& what) { throw InputError("snapshot: item '" + std::string(name) + "': " + what); };
  std::uint64_t stored = 0;
  const auto need = [&](std::uint64_t n) {
    if (bytes_.size() - position_ < n) fail("the snapshot ends here");
  };
  need(sizeof stored);
  std::memcpy(&stored, &bytes_[position_], sizeof stored);
  position_ += sizeof stored;
  need(stored);
  const std::string_view found(reinterpret_cast<const char*>(bytes_.data() + position_), stored);
  if (found != name) fail("the snapshot holds '" + std::string(found) + "' in its place");
  position_ += stored;
  need(sizeof stored);
  std::memcpy(&stored, &bytes_[position_], sizeof stored);
  position_ += sizeof stored;
  if (stored != data_length) fail("has " + std::to_string(stored) + " bytes in the snapshot, " + std::to_string(data_length) + " here");
  need(stored);
  if (length != 0) std::memcpy(data, bytes_.data() + position_, length);
  position_ += stored;
}

void StateArchive::shape(std::string_view name, std::uint64_t count) {
  std::uint64_t stored = count;
  item(name, stored);
  if (stored != count)
    throw InputError("snapshot: item '" + std::string(name) + "': " + std::to_string(stored) + " in the snapshot, " + std::to_string(count) + " here");
}

void StateArchive::expect(std::string_view name, std::uint64_t count, std::uint64_t each) const {
  if (count > (bytes_.size() - position_) / each)
    throw InputError("snapshot: item '" + std::string(name) + "': " + std::to_string(count) + " elements do not fit the snapshot");
}

void StateArchive::item(std::string_view name, std::string& value) {
  std::vector<char> characters(value.begin(), value.end());
  item(name, characters);
  if (reading_) value.assign(characters.begin(), characters.end());
}

}  // namespace spinvp::core
