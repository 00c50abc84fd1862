// How many significant bits the operands of a network's products have, by part of the run: after the progressive schedule of FracTrain (Fu et al., NeurIPS 2020), narrow at first and wider as the training goes on.
//
//   "0%:6/8 50%:8/8 80%:16/16"     from which part of the steps on: bits of the forward pass / bits of the backward pass
//
// Parts are whole per cent below 100, ascending, the first 0; bits are 2 to those of the widest format. An entry holds from step ceil(part x steps) on; one that a short run passes over has no step. What
// the backward pass computes again of the forward pass has the forward pass's bits, so activations that are recomputed are those that were.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "models/abi/program.h"
#include "workloads/graph/graph.h"

namespace spinvp::workloads {

class PrecisionSchedule {
 public:
  // Without entries: the formats' own bits.
  PrecisionSchedule() = default;
  // Wrong: what is, and what is allowed. An empty text has no entries.
  static tl::expected<PrecisionSchedule, std::string> parse(std::string_view text, unsigned most_bits);

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  // The rows of a run of so many steps, as a program has them.
  [[nodiscard]] std::vector<spinvp_program_precision> rows(std::uint64_t steps) const;

 private:
  struct Entry {
    std::uint64_t percent;
    unsigned forward, backward;
  };
  std::vector<Entry> entries_;
};

// The row in force at a step; rows must not be empty.
const spinvp_program_precision& precision_at(const std::vector<spinvp_program_precision>& rows, std::uint64_t step);

// The attribute of a node that the backward pass has from the forward pass.
inline constexpr const char* recomputed = "recomputed";
// Which of a row's bits the operands of a node's product have.
spinvp_program_bits bits_of(const Node& node);

}  // namespace spinvp::workloads
