#include "platform/explore/bank_demand.h"

#include <algorithm>
#include <cmath>

#include "models/core/units.h"

namespace spinvp::platform {

std::uint64_t BankDemand::banks(std::uint64_t bytes) const { return std::max(bandwidth_banks(), core::divide_up(bytes, sheet.capacity_bytes)); }

BankDemand bank_demand(const technology::MemoryDataSheet& sheet, double read_bytes_per_second, double written_bytes_per_second) {
  const double read = read_bytes_per_second / sheet.read_bytes_per_second, written = written_bytes_per_second / sheet.write_bytes_per_second;
  const auto whole = [](double banks) { return static_cast<std::uint64_t>(std::ceil(banks)); };
  return {.sheet = sheet, .read_banks = whole(read), .write_banks = whole(written), .one_port = whole(read + written)};
}

}  // namespace spinvp::platform
