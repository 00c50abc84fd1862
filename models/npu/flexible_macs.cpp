#include "models/npu/flexible_macs.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include "models/core/units.h"
#include "models/npu/product_options.h"

namespace spinvp::npu {

using core::divide_up;

namespace {

std::uint64_t bricks_of(Format format, std::uint64_t granule) {
  const std::uint64_t side = divide_up(significant_bits(format), granule);
  return side * side;
}

}  // namespace

tl::expected<FlexibleMac, Refusal> flexible_mac(const spinvp_npu_descriptor& product, std::uint64_t granule) {
  const ProductOptions options = ProductOptions::of(product.count);
  const unsigned most = significant_bits(Format::fp32);
  for (const unsigned bits : {unsigned{options.bits_a}, unsigned{options.bits_b}}) {
    if (bits == 0) continue;
    if (granule == 0)
      return tl::unexpected(
          Refusal{SPINVP_NPU_BAD_OPERATION, fmt::format("{} significant bits, this NPU's multipliers are of one piece (mac_granule 0)", bits)});
    if (bits < fewest_bits || bits > most)
      return tl::unexpected(Refusal{SPINVP_NPU_BAD_OPERATION, fmt::format("{} significant bits, allowed are {} to {}, or 0", bits, fewest_bits, most)});
  }
  FlexibleMac mac;
  if (granule == 0) return mac;
  const auto format = static_cast<Format>(product.format);
  const unsigned whole = significant_bits(format);
  const auto narrowed = [whole](unsigned bits) { return bits >= whole ? 0 : bits; };
  mac.bits_a = narrowed(options.bits_a);
  mac.bits_b = narrowed(options.bits_b);
  // A weight gradient's A is dy, the descriptor's b.
  if (product.operation == SPINVP_NPU_CONV_WEIGHT_GRADIENT) std::swap(mac.bits_a, mac.bits_b);
  const auto side = [&](unsigned bits) { return divide_up(bits == 0 ? whole : bits, granule); };
  mac.bricks = side(mac.bits_a) * side(mac.bits_b);
  mac.terms = bricks_of(format, granule) / mac.bricks;
  return mac;
}

void round_significands(std::span<float> values, unsigned bits) {
  const unsigned whole = significant_bits(Format::fp32);
  if (bits == 0 || bits >= whole) return;
  const unsigned dropped = whole - bits;
  const std::uint32_t under_half = (1u << (dropped - 1)) - 1, kept = ~((1u << dropped) - 1);
  for (float& value : values) {
    // As in narrow(): just under half, plus one where the kept part is odd, carries exactly when nearest even rounds up.
    const auto word = std::bit_cast<std::uint32_t>(value);
    const float rounded = std::bit_cast<float>((word + under_half + ((word >> dropped) & 1)) & kept);
    value = value == value ? rounded : canonical_nan;
  }
}

technology::PricedEnergy brick_product(const technology::LogicEnergies& table, Format format, std::uint64_t granule) {
  const auto number = format == Format::bf16 ? technology::NumberFormat::bf16 : technology::NumberFormat::fp32;
  const std::uint64_t bricks = bricks_of(format, granule);
  const technology::PricedEnergy whole = technology::multiply(table, number);
  const double bytes_joined = 2 * static_cast<double>(granule) / 8;
  return {whole.each * (1 / static_cast<double>(bricks)) + table.int8_add * bytes_joined,
          fmt::format("derived: 1/{} of a multiplication and {} bits of 8-bit additions that join it to the sum; {}", bricks, 2 * granule, whole.source)};
}

}  // namespace spinvp::npu
