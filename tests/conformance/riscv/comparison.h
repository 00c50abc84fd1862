// Runs programs on both and says which end differently; makes a difference small.
#pragma once

#include <string>
#include <vector>

#include "program.h"

namespace spinvp::conformance {

class Comparison {
 public:
  explicit Comparison(std::string qemu) : qemu_(std::move(qemu)) {}

  // True for each program whose end state differs. Instructions that the hart executed are added up.
  std::vector<bool> differing(const std::vector<Program>& programs);
  // The program without all items that the difference does not need.
  Program shrink(Program program);
  // What differs at the end, one line each: `x7: hart 0000000000000001, qemu 0000000000000000`.
  std::vector<std::string> differences(const Program& program);

  [[nodiscard]] std::uint64_t instructions() const { return instructions_; }

 private:
  std::string qemu_;
  std::uint64_t instructions_ = 0;
  bool one_differs(const Program& program);
};

}  // namespace spinvp::conformance
