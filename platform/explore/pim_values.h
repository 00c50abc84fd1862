// Values through the step-by-step engine: operands into the columns of a subarray, the micro-program run on it, results out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/pim/subarray.h"
#include "platform/explore/pim_operation.h"

namespace spinvp::platform {

struct LaneOperands {
  std::uint64_t a = 0, b = 0, d = 0;
};

// A result of up to 128 bits (integer products are twice as wide as their operands).
struct LaneResult {
  std::uint64_t low = 0, high = 0;
  friend bool operator==(const LaneResult&, const LaneResult&) = default;
};

// A subarray with one program at its first rows, for up to `lanes` lanes.
class ProgramArray {
 public:
  ProgramArray(const pim::MicroProgram& program, unsigned lanes);
  void load(std::span<const LaneOperands> lanes);
  // In the first `lanes` lanes. `guards`: as guards_of() of a scalar, all open if not given.
  pim::CellEvents run(unsigned lanes, std::uint64_t guards = ~std::uint64_t{0});
  [[nodiscard]] std::vector<LaneResult> results(unsigned lanes) const;
  [[nodiscard]] unsigned lanes() const { return array_.columns(); }

 private:
  pim::Placement placement_;
  pim::RunnableProgram program_;
  pim::Subarray array_;
};

// What each lane computes. Where b is a scalar, the lanes that share one run together.
std::vector<LaneResult> evaluate(const pim::LogicFamily& family, const PimOperation& operation, const std::vector<LaneOperands>& operands);

// The operands of a file: a line `hexA hexB [hexD]` each, as many as the operation reads (the accumulator may be left out: +0); empty lines and what follows # are
// skipped. Throws core::FileError, core::InputError.
std::vector<LaneOperands> read_operands(const std::string& path, const PimOperation& operation);

// Nothing if the text is no hex number of at most `bits` bits, without prefix.
std::optional<std::uint64_t> hex_value(std::string_view text, unsigned bits);
// Upper-case hex of the full width.
std::string hex(const LaneResult& result, unsigned bits);

}  // namespace spinvp::platform
