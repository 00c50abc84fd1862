#include "models/memory/nvm_image.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <xxhash.h>

#include "models/core/error.h"
#include "models/core/fields.h"
#include "models/core/units.h"

namespace spinvp::memory {

namespace {

constexpr std::string_view magic = "SPINVPNV";
constexpr std::uint32_t version = 1;
constexpr std::uint64_t header_bytes = 24, checksum_bytes = 8, page_number_bytes = 8;

std::span<const std::uint8_t> bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

struct Extent {
  std::uint64_t pages = 0, bytes = 0;
};
Extent extent_of(const Storage& contents) {
  Extent extent;
  contents.for_each_page([&](std::uint64_t, std::span<const std::uint8_t> bytes) {
    ++extent.pages;
    extent.bytes += page_number_bytes + bytes.size();
  });
  return extent;
}

// Takes bytes from the front as long as there are any.
class Reader {
 public:
  Reader(std::span<const std::uint8_t> bytes, const std::string& file) : bytes_(bytes), file_(file) {}
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  std::span<const std::uint8_t> take(std::uint64_t length) {
    if (length > bytes_.size())
      throw core::InputError(fmt::format("{}: its parts are longer than the file, allowed is an image that `spinvp run` wrote", file_));
    const auto part = bytes_.first(length);
    bytes_ = bytes_.subspan(length);
    return part;
  }
  std::uint64_t number(unsigned length) {
    std::uint64_t value = 0;
    const auto part = take(length);
    for (unsigned i = 0; i < length; ++i) value |= std::uint64_t{part[i]} << (8 * i);
    return value;
  }
  std::string text() {
    const auto part = take(number(4));
    return {part.begin(), part.end()};
  }

 private:
  std::span<const std::uint8_t> bytes_;
  const std::string& file_;
};

// Magic, version, length and checksum; returns the number of memories.
std::uint64_t check_whole(std::span<const std::uint8_t> bytes, const std::string& file) {
  const auto refuse = [&](const std::string& why) { throw core::InputError(fmt::format("{}: {}", file, why)); };
  const auto begin = bytes.first(std::min<std::size_t>(bytes.size(), magic.size()));
  if (!std::equal(begin.begin(), begin.end(), bytes_of(magic).begin())) refuse("is no image of non-volatile memory, allowed is a file that `spinvp run` wrote");
  if (bytes.size() < header_bytes + checksum_bytes) refuse(fmt::format("is cut off after {} bytes, allowed is a whole image", bytes.size()));
  Reader reader(bytes.subspan(magic.size()), file);
  const std::uint64_t found = reader.number(4), memories = reader.number(4), length = reader.number(8);
  if (found != version) refuse(fmt::format("is an image of version {}, allowed is version {}", found, version));
  if (length != bytes.size())
    refuse(fmt::format("is {} {} bytes, allowed is a whole image, of {}", bytes.size() < length ? "cut off after" : "too long with", bytes.size(), length));
  Reader end(bytes.last(checksum_bytes), file);
  const std::uint64_t expected = end.number(8), computed = XXH3_64bits(bytes.data(), bytes.size() - checksum_bytes);
  if (computed != expected)
    refuse(fmt::format("is damaged: its checksum is {:016x}, its bytes give {:016x}; allowed is an image as it was written", expected, computed));
  return memories;
}

NvmSection read_section(Reader& reader, const std::string& file) {
  const auto refuse = [&](const std::string& why) { throw core::InputError(fmt::format("{}: {}, allowed is an image that `spinvp run` wrote", file, why)); };
  NvmSection section;
  NvmMemory& m = section.memory;
  m.name = reader.text();
  m.technology = reader.text();
  m.capacity = reader.number(8);
  m.word_bytes = reader.number(8);
  if (reader.number(8) != Storage::page_bytes) refuse("its pages have a size of their own");
  const std::uint64_t count = reader.number(8), pages = core::divide_up(m.capacity, Storage::page_bytes);
  std::uint64_t next = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t page = reader.number(page_number_bytes);
    if (page < next || page >= pages) refuse(fmt::format("page {} of memory '{}' is out of order or outside it", page, m.name));
    next = page + 1;
    section.pages.push_back({page, reader.take(std::min(Storage::page_bytes, m.capacity - page * Storage::page_bytes))});
  }
  return section;
}

std::string words_for(const NvmMemory& m) {
  return fmt::format("'{}' ({} of {}, words of {} bytes)", m.name, core::bytes_text(m.capacity), m.technology, m.word_bytes);
}

}  // namespace

void write_nvm_image(DurableFile& file, std::span<const NvmSource> sources) {
  std::vector<Extent> extents;
  std::uint64_t length = header_bytes + checksum_bytes;
  for (const NvmSource& s : sources) {
    extents.push_back(extent_of(*s.contents));
    length += 4 + s.memory.name.size() + 4 + s.memory.technology.size() + 4 * 8 + extents.back().bytes;
  }
  file.write(bytes_of(magic));
  file.write_u32(version);
  file.write_u32(static_cast<std::uint32_t>(sources.size()));
  file.write_u64(length);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const NvmMemory& m = sources[i].memory;
    for (const std::string* text : {&m.name, &m.technology}) {
      file.write_u32(static_cast<std::uint32_t>(text->size()));
      file.write(bytes_of(*text));
    }
    for (const std::uint64_t number : {m.capacity, m.word_bytes, Storage::page_bytes, extents[i].pages}) file.write_u64(number);
    sources[i].contents->for_each_page([&](std::uint64_t page, std::span<const std::uint8_t> bytes) {
      file.write_u64(page);
      file.write(bytes);
    });
  }
  file.write_u64(file.digest());
}

std::vector<NvmSection> read_nvm_image(std::span<const std::uint8_t> bytes, const std::string& file) {
  const std::uint64_t memories = check_whole(bytes, file);
  Reader reader(bytes.subspan(header_bytes, bytes.size() - header_bytes - checksum_bytes), file);
  std::vector<NvmSection> image;
  for (std::uint64_t i = 0; i < memories; ++i) image.push_back(read_section(reader, file));
  if (!reader.empty()) throw core::InputError(fmt::format("{}: there is more behind its last memory, allowed is an image that `spinvp run` wrote", file));
  return image;
}

void check_nvm_image(const std::vector<NvmSection>& image, std::span<const NvmMemory> memories, const std::string& file) {
  const auto same = [](const NvmSection& section, const NvmMemory& memory) { return section.memory == memory; };
  if (std::equal(image.begin(), image.end(), memories.begin(), memories.end(), same)) return;
  std::vector<std::string> theirs, ours;
  for (const NvmSection& section : image) theirs.push_back(words_for(section.memory));
  for (const NvmMemory& memory : memories) ours.push_back(words_for(memory));
  throw core::InputError(fmt::format("{}: is an image of {}, allowed is one of this configuration's {}", file,
                                     theirs.empty() ? "no memory" : fmt::format("{}", fmt::join(theirs, ", ")), fmt::join(ours, ", ")));
}

}  // namespace spinvp::memory
