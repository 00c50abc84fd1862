#include "platform/soc/snapshot_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <fmt/format.h>
#include <xxhash.h>
#include <zlib.h>

#include "models/core/error.h"
#include "models/memory/durable_file.h"
#include "platform/report/files.h"

namespace spinvp::platform {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view magic = "SPINVPSS";
constexpr std::uint64_t format = 1, format_bytes = 4, checksum_bytes = 8;
// Memories hold long runs of the same bytes: more effort gains little and takes ten times as long.
constexpr int compression_level = 1;
// No stream of zlib's grows by more.
constexpr std::uint64_t most_expansion = 1032;

std::span<const std::uint8_t> bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

class Reader {
 public:
  Reader(std::string_view bytes, const std::string& path) : bytes_(bytes), path_(path) {}
  [[noreturn]] void refuse(const std::string& what) const {
    throw core::InputError(fmt::format("{}: {}; allowed is a snapshot that `spinvp run --snapshot` wrote", path_, what));
  }
  std::string_view take(std::uint64_t length) {
    if (length > bytes_.size()) refuse("its parts are longer than the file");
    const std::string_view part = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return part;
  }
  std::uint64_t number(unsigned length) {
    std::uint64_t value = 0;
    const std::string_view part = take(length);
    for (unsigned i = 0; i < length; ++i) value |= std::uint64_t{static_cast<std::uint8_t>(part[i])} << (8 * i);
    return value;
  }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  const std::string& path_;
};

// Before the rest is read: a device or a pipe may have no end, and a disk image given by mistake is long.
void check_head(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) || std::filesystem::is_directory(path, error)) return;  // read_file() says why
  if (!std::filesystem::is_regular_file(path, error)) throw core::FileError(fmt::format("{}: cannot be read: it is no regular file", path));
  std::array<char, magic.size() + format_bytes> head{};
  std::ifstream file(path, std::ios::binary);
  if (!file) return;
  file.read(head.data(), head.size());
  Reader reader(std::string_view(head.data(), head.size()), path);
  if (reader.take(magic.size()) != magic) reader.refuse("is no snapshot");
  if (const std::uint64_t found = reader.number(format_bytes); found != format)
    reader.refuse(fmt::format("has format {}, this program reads format {}", found, format));
}

std::vector<std::uint8_t> compressed(const std::vector<std::uint8_t>& state) {
  uLongf length = compressBound(state.size());
  std::vector<std::uint8_t> packed(length);
  if (compress2(packed.data(), &length, state.data(), state.size(), compression_level) != Z_OK) throw std::bad_alloc();
  packed.resize(length);
  return packed;
}

// "/devices/dram/size" -> "devices.dram.size", and the top level's name is gone.
std::string name_of(const std::string& pointer) {
  std::string name = pointer.substr(1);
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

}  // namespace

std::uint64_t write_snapshot_file(const std::string& path, const SnapshotFile& snapshot) {
  const std::string about = Json{{"identity", snapshot.identity}, {"facts", snapshot.facts}}.dump();
  const std::vector<std::uint8_t> packed = compressed(snapshot.state);
  memory::DurableFile file(path);
  file.write(bytes_of(magic));
  file.write_u32(format);
  file.write_u64(about.size());
  file.write(bytes_of(about));
  file.write_u64(snapshot.state.size());
  file.write_u64(packed.size());
  file.write(packed);
  file.write_u64(file.digest());
  file.complete();
  return magic.size() + format_bytes + 3 * 8 + about.size() + packed.size() + checksum_bytes;
}

SnapshotFile read_snapshot_file(const std::string& path) {
  check_head(path);
  const std::string content = read_file(path);
  Reader reader(content, path);
  if (content.size() < magic.size() + format_bytes + checksum_bytes) reader.refuse("is no snapshot");
  reader.take(magic.size() + format_bytes);
  Reader end(std::string_view(content).substr(content.size() - checksum_bytes), path);
  if (end.number(checksum_bytes) != XXH3_64bits(content.data(), content.size() - checksum_bytes)) reader.refuse("is damaged: its checksum does not fit");
  const Json about = Json::parse(reader.take(reader.number(8)), nullptr, false);
  const auto has = [&about](const char* part) { return about.contains(part) && about[part].is_object() && !about[part].empty(); };
  if (!has("identity") || !has("facts")) reader.refuse("does not say what it belongs to");
  const std::uint64_t length = reader.number(8);
  const std::string_view packed = reader.take(reader.number(8));
  if (length / most_expansion > packed.size()) reader.refuse("is damaged: so little cannot hold so much");
  SnapshotFile snapshot{about["identity"], about["facts"], std::vector<std::uint8_t>(length)};
  uLongf unpacked = length;
  if (uncompress(snapshot.state.data(), &unpacked, reinterpret_cast<const Bytef*>(packed.data()), packed.size()) != Z_OK || unpacked != length)
    reader.refuse("is damaged: its state cannot be unpacked");
  reader.number(checksum_bytes);
  if (!reader.empty()) reader.refuse("has more bytes than parts");
  return snapshot;
}

std::vector<std::string> differences(const Json& saved, const Json& here) {
  std::vector<std::string> found;
  const Json there_flat = saved.flatten(), here_flat = here.flatten();
  const auto text = [](const Json& flat, const std::string& key) { return flat.contains(key) ? flat[key].dump() : std::string("not there"); };
  const auto compare = [&](const std::string& key) {
    const std::string mine = text(here_flat, key), theirs = text(there_flat, key);
    if (mine != theirs) found.push_back(fmt::format("{} is {} here, {} in the snapshot", name_of(key), mine, theirs));
  };
  for (const auto& [key, value] : here_flat.items()) compare(key);
  for (const auto& [key, value] : there_flat.items())
    if (!here_flat.contains(key)) compare(key);
  return found;
}

}  // namespace spinvp::platform
