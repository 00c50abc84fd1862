// How many banks of a memory a demand takes: for its bandwidth, and for its capacity.
//
//   banks = max(ceil(read / read bandwidth of a bank), ceil(write / write bandwidth of a bank), ceil(bytes / bytes of a bank))
// A bank's bandwidth is its word over its cycle, from its data sheet (models/technology/array_model.h). Reads and writes are taken to fall on different banks or different times; `one_port` counts
// banks that do one of the two at a time, where both come at once: ceil(read / read bandwidth + write / write bandwidth).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/technology/memory_sheet.h"

namespace spinvp::platform {

struct BankDemand {
  technology::MemoryDataSheet sheet;
  std::uint64_t read_banks = 0, write_banks = 0, one_port = 0;

  [[nodiscard]] std::uint64_t bandwidth_banks() const { return read_banks > write_banks ? read_banks : write_banks; }
  [[nodiscard]] std::uint64_t banks(std::uint64_t bytes) const;
};

BankDemand bank_demand(const technology::MemoryDataSheet& sheet, double read_bytes_per_second, double written_bytes_per_second);

}  // namespace spinvp::platform
