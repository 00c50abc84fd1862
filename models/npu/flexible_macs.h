// Multiply-accumulates of narrower significands, on multipliers made of bricks.
//
// A brick multiplies g x g bits (`mac_granule`); bricks side by side form a wider product, shifted into place and added, as those of Bit Fusion (Sharma et al., ISCA 2018). Significands of ba and bb bits
// take
//   q = ceil(ba / g) ceil(bb / g)  brick products,
// and a processing element has the bricks of one product of the job's whole format, P = ceil(w / g)^2 with w = 24 (fp32) or 8 (bf16). So it takes
//   G = floor(P / q)  consecutive terms of its sum in a cycle,
// and the fold law (fold_law.h) holds with ceil(K / G) in place of K: groups stream past where outputs are stationary, and a fold holds R G values of k where weights or inputs are.
//
// Values: each element of an operand is rounded to its bits (round_significands) where it enters the operand buffer or the array; sums are the fp32 chain over single products, as ever, so results depend neither on
// groups nor on tiles. In memory and in scratch elements stay in their format.
// Energy of a multiply-accumulate: q brick products and one fp32 addition. A brick product is 1/P of a multiplication of the format, and the addition of 2 g bits that joins it to the others: what flexibility
// costs, at full width too.
#pragma once

#include <cstdint>
#include <span>

#include <tl/expected.hpp>

#include "models/abi/npu.h"
#include "models/npu/numbers.h"
#include "models/npu/refusal.h"
#include "models/technology/logic.h"

namespace spinvp::npu {

struct FlexibleMac {
  unsigned bits_a = 0, bits_b = 0;  // of the elements of A and B; 0: all that they have
  std::uint64_t terms = 1;          // G
  std::uint64_t bricks = 0;         // q; 0: the multipliers are of one piece
};

constexpr unsigned significant_bits(Format format) { return format == Format::bf16 ? 8 : 24; }
// Of elements, below which none can be asked for.
inline constexpr unsigned fewest_bits = 2;

// Of a matrix product whose operation and format are known to be good. BAD_OPERATION: bits without bricks, or not 2 to 24.
tl::expected<FlexibleMac, Refusal> flexible_mac(const spinvp_npu_descriptor& product, std::uint64_t granule);

// To nearest even at `bits` significant bits; a subnormal number to the step of the smallest normal one, beyond the largest number: infinity. 0 bits: nothing changes.
void round_significands(std::span<float> values, unsigned bits);

technology::PricedEnergy brick_product(const technology::LogicEnergies& table, Format format, std::uint64_t granule);

}  // namespace spinvp::npu
