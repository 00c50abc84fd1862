// Which target answers an address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace spinvp::interconnect {

struct AddressRange {
  std::uint64_t base = 0, size = 0;
  std::string name;
  std::size_t target = 0;  // the caller's index
  [[nodiscard]] std::uint64_t last() const { return base + (size - 1); }
};

// Ranges never overlap, so a binary search over their bases decodes an address.
class AddressMap {
 public:
  // Throws core::InputError if the range is empty, reaches beyond 2^64 or overlaps another (naming both).
  void add(AddressRange range);
  // The range that holds all of [address, address + span), or null. A span of 0 counts as 1.
  [[nodiscard]] const AddressRange* find(std::uint64_t address, std::uint64_t span = 1) const;
  // By base.
  [[nodiscard]] const std::vector<AddressRange>& ranges() const { return ranges_; }

 private:
  std::vector<AddressRange> ranges_;
};

}  // namespace spinvp::interconnect
