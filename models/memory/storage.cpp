#include "models/memory/storage.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <sys/mman.h>

#include "models/core/error.h"
#include "models/core/units.h"

namespace spinvp::memory {

namespace {
// 64 well-mixed bits of a seed and a position (SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
std::uint64_t mixed(std::uint64_t seed, std::uint64_t position) {
  std::uint64_t bits = seed + (position + 1) * 0x9e3779b97f4a7c15u;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
  return bits ^ (bits >> 31);
}
}  // namespace

Storage::Storage(std::uint64_t size, const std::string& owner) : size_(size), bytes_(nullptr) {
  // Not reserved: the host backs a page when it is first written.
  void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw core::InputError(fmt::format("{}: this machine cannot map {} bytes of memory, a smaller size is needed", owner, size));
  bytes_ = static_cast<std::uint8_t*>(mapped);
  touched_.resize(core::divide_up(size, chunk_bytes));
}

Storage::~Storage() { ::munmap(bytes_, size_); }

std::uint64_t Storage::chunk_length(std::uint64_t chunk) const { return std::min(chunk_bytes, size_ - chunk * chunk_bytes); }

std::uint8_t* Storage::write(std::uint64_t offset, std::uint64_t length) {
  if (length > 0)
    for (std::uint64_t chunk = offset / chunk_bytes; chunk <= (offset + length - 1) / chunk_bytes; ++chunk) touched_[chunk] = true;
  return bytes_ + offset;
}

std::uint64_t Storage::touched_bytes() const {
  std::uint64_t sum = 0;
  for (std::uint64_t chunk = 0; chunk < touched_.size(); ++chunk)
    if (touched_[chunk]) sum += chunk_length(chunk);
  return sum;
}

void Storage::scramble(std::uint64_t seed, bool everything) {
  const std::uint64_t start = mixed(seed, 0);
  for (std::uint64_t chunk = 0; chunk < touched_.size(); ++chunk) {
    if (!touched_[chunk] && !everything) continue;
    touched_[chunk] = true;
    const std::uint64_t base = chunk * chunk_bytes, length = chunk_length(chunk);
    for (std::uint64_t offset = 0; offset < length; offset += 8) {
      const std::uint64_t bits = mixed(start, base + offset);
      std::memcpy(bytes_ + base + offset, &bits, std::min<std::uint64_t>(8, length - offset));
    }
  }
}

void Storage::clear() {
  ::madvise(bytes_, size_, MADV_DONTNEED);  // private anonymous pages read as zero again
  std::fill(touched_.begin(), touched_.end(), false);
}

void Storage::describe_state(core::StateArchive& archive) {
  std::vector<std::uint64_t> pages;
  std::vector<std::uint8_t> contents;
  if (!archive.reading())
    for_each_page([&](std::uint64_t page, std::span<const std::uint8_t> bytes) {
      pages.push_back(page);
      contents.insert(contents.end(), bytes.begin(), bytes.end());
    });
  std::vector<std::uint8_t> touched(touched_.begin(), touched_.end());
  archive.shape("chunks", touched.size());
  archive.item("touched", touched);
  archive.item("pages", pages);
  archive.item("contents", contents);
  if (!archive.reading()) return;
  clear();
  std::uint64_t position = 0;
  for (const std::uint64_t page : pages) {
    if (page >= core::divide_up(size_, page_bytes) || contents.size() - position < page_length(page))
      throw core::InputError(fmt::format("saved state: page {} does not fit a memory of {} bytes", page, size_));
    std::memcpy(write(page * page_bytes, page_length(page)), contents.data() + position, page_length(page));
    position += page_length(page);
  }
  touched.resize(touched_.size());
  for (std::uint64_t chunk = 0; chunk < touched.size(); ++chunk)
    if (touched[chunk] != 0) touched_[chunk] = true;
}

}  // namespace spinvp::memory
