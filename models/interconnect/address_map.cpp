#include "models/interconnect/address_map.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/core/error.h"

namespace spinvp::interconnect {

namespace {
std::string text_of(const AddressRange& range) { return fmt::format("{} ({:#x} to {:#x})", range.name, range.base, range.last()); }

// The first range whose base lies above the address.
template <typename Ranges>
auto above(Ranges& ranges, std::uint64_t address) {
  return std::upper_bound(ranges.begin(), ranges.end(), address, [](std::uint64_t a, const AddressRange& r) { return a < r.base; });
}
}  // namespace

void AddressMap::add(AddressRange range) {
  if (range.size == 0) throw core::InputError(fmt::format("address map: {} at {:#x} is empty, a range holds at least one byte", range.name, range.base));
  if (range.last() < range.base)
    throw core::InputError(fmt::format("address map: {} at {:#x} of {:#x} bytes reaches beyond 2^64", range.name, range.base, range.size));
  const auto next = above(ranges_, range.base);
  const auto refuse = [&](const AddressRange& other) {
    throw core::InputError(fmt::format("address map: {} overlaps {}, ranges must be apart", text_of(range), text_of(other)));
  };
  if (next != ranges_.end() && next->base <= range.last()) refuse(*next);
  if (next != ranges_.begin() && std::prev(next)->last() >= range.base) refuse(*std::prev(next));
  ranges_.insert(next, std::move(range));
}

const AddressRange* AddressMap::find(std::uint64_t address, std::uint64_t span) const {
  const auto next = above(ranges_, address);
  if (next == ranges_.begin()) return nullptr;
  const AddressRange& range = *std::prev(next);
  const std::uint64_t offset = address - range.base;
  if (offset >= range.size || span > range.size - offset) return nullptr;
  return &range;
}

}  // namespace spinvp::interconnect
