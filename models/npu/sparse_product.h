// N:M sparsity of b on the array: of every M consecutive k of a column of B, from k = 0 on, only the N largest magnitudes take part.
//
// b lies dense in memory and in the operand buffer, as training needs it: its next update is dense, and the other pass prunes it along another index. Selectors stand at the edge of the
// array: they compare magnitudes and send what is kept in, each value with its place in its group (ceil(log2 M) bits). An element of the array takes one kept value a cycle and selects
// its partner of a among M candidates, so that a's paths carry M / N elements a cycle. A product over k then takes the time of one over
//   kept(k) = floor(k / M) N + min(N, k mod M)
// (a last group of less than M keeps up to N): fold law, folds along k and multiply-accumulates are those of kept(k). All of a enters the array, and all of b is read and compared.
//
// Which ones are kept: those whose bits without the sign are the largest integers (so a NaN is larger than any number), of equals the ones with lower k. The selectors find them by N passes
// over a group, M - 1, M - 2, ... comparisons each: N M - N (N + 1) / 2 for a group (here M: what the group has).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/npu/chain.h"

namespace spinvp::npu {

struct SparsePattern {
  std::uint64_t keep = 1, group = 1;  // N of M; 1 of 1: dense
  [[nodiscard]] bool dense() const { return group == 1; }
  // Of the first k terms of a sum.
  [[nodiscard]] std::uint64_t kept(std::uint64_t k) const { return k / group * keep + std::min(keep, k % group); }
  // That choose them.
  [[nodiscard]] std::uint64_t comparisons(std::uint64_t k) const;
  // The least number of k, at least `unit`, that is a multiple of `unit` and whole groups.
  [[nodiscard]] std::uint64_t whole_groups(std::uint64_t unit) const;
  // The least number of k whose kept ones are a multiple of `rows`: where kept k are rows of the array.
  [[nodiscard]] std::uint64_t whole_folds(std::uint64_t rows) const;
};

// What is kept of one column of B: values and their places, ascending.
struct KeptTerms {
  std::vector<float> values;
  std::vector<std::uint32_t> places;
};
// Of `depth` consecutive k, the first of them the first of a group.
void keep_largest(const SparsePattern& pattern, const float* column, std::size_t depth, KeptTerms& kept);

// sums[j] = fma(value[t], terms[place[t]][j], sums[j]) for ascending t: one chain for each of `width` outputs, whatever the width of the host's vectors. Rows of `terms` and sums are
// readable up to padded_width(width).
void run_kept_chain(const KeptTerms& kept, const float* terms, std::size_t stride, float* sums, std::size_t width, ChainUnit unit);

}  // namespace spinvp::npu
