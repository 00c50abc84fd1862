// Runs a micro-program on lists of operands, a pair (or triple) a lane, as many subarrays one after the other as they fill.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "models/pim/subarray.h"

namespace test {

// The windows apart from each other, in their symbolic order.
inline spinvp::pim::Placement side_by_side(const spinvp::pim::MicroProgram& program) {
  return {.a = 0, .b = program.b_first(), .d = program.d_first(), .work = program.work_first()};
}

class MicroProgramLanes {
 public:
  explicit MicroProgramLanes(const spinvp::pim::MicroProgram& program, unsigned columns = 4096)
      : program_(program), placement_(side_by_side(program)), runnable_(program, placement_), subarray_(runnable_.rows(), columns) {
    if (const auto good = check(program, placement_, runnable_.rows()); !good) throw std::logic_error(good.error());
  }

  // d of each lane. Operands that the program does not have may be empty. Work rows hold what the last run left.
  std::vector<std::uint64_t> run(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b, std::span<const std::uint64_t> d = {},
                                 std::uint64_t scalar = ~std::uint64_t{0}) {
    std::vector<std::uint64_t> results(a.size());
    for (std::size_t first = 0; first < a.size(); first += subarray_.columns()) {
      const auto count = static_cast<unsigned>(std::min<std::size_t>(subarray_.columns(), a.size() - first));
      load(placement_.a, program_.a_rows, a.subspan(first, count));
      if (!b.empty()) load(placement_.b, program_.b_rows, b.subspan(first, count));
      if (!d.empty()) load(placement_.d, program_.d_rows, d.subspan(first, count));
      subarray_.run(runnable_, 0, count, scalar);
      store(placement_.d, program_.d_rows, std::span(results).subspan(first, count));
    }
    return results;
  }

 private:
  // Words of up to 64 bits, as halves.
  void load(unsigned row, unsigned bits, std::span<const std::uint64_t> words) {
    std::vector<std::uint32_t> half(words.size());
    for (unsigned low = 0; low < bits; low += 32) {
      for (std::size_t i = 0; i < words.size(); ++i) half[i] = static_cast<std::uint32_t>(words[i] >> low);
      subarray_.load_words(row + low, std::min(32u, bits - low), 0, half);
    }
  }
  void store(unsigned row, unsigned bits, std::span<std::uint64_t> words) {
    std::vector<std::uint32_t> half(words.size());
    std::fill(words.begin(), words.end(), 0);
    for (unsigned low = 0; low < bits; low += 32) {
      subarray_.store_words(row + low, std::min(32u, bits - low), 0, half);
      for (std::size_t i = 0; i < words.size(); ++i) words[i] |= std::uint64_t{half[i]} << low;
    }
  }

  const spinvp::pim::MicroProgram& program_;
  spinvp::pim::Placement placement_;
  spinvp::pim::RunnableProgram runnable_;
  spinvp::pim::Subarray subarray_;
};

}  // namespace test
