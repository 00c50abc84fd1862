#include "models/npu/weight_rebuild.h"

#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "models/abi/npu.h"
#include "models/core/units.h"

namespace spinvp::npu {

namespace {

// Bits from the lowest of the first byte on.
class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint32_t take(unsigned count) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i, ++at_) value |= static_cast<std::uint32_t>(bytes_[at_ / 8] >> (at_ % 8) & 1) << i;
    return value;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

float coefficient(std::uint32_t code, unsigned bits) {
  const std::uint32_t nothing = (1u << (bits - 1)) - 1, e = code & nothing;
  if (e == nothing) return 0;
  const float magnitude = std::ldexp(1.0f, -static_cast<int>(e));
  return (code >> (bits - 1)) != 0 ? -magnitude : magnitude;
}

}  // namespace

tl::expected<spinvp_npu_weights, Refusal> check_weights(std::span<const std::uint8_t> header, const Tensor& tensor) {
  spinvp_npu_weights w{};
  std::memcpy(&w, header.data(), sizeof w);
  const auto refuse = [](std::string what) { return tl::unexpected(Refusal{SPINVP_NPU_BAD_SHAPE, "compressed weights: " + std::move(what)}); };
  if (w.rows != tensor.channels || w.units != tensor.units)
    return refuse(fmt::format("{} rows of {} elements, b has {} of {}", w.rows, w.units, tensor.channels, tensor.units));
  if (w.rank < 1 || w.rank > w.slice || w.slice > SPINVP_NPU_MOST_SLICE)
    return refuse(fmt::format("rank {} of a slice of {}, allowed are 1 to the slice, and slices of up to {}", w.rank, w.slice, int{SPINVP_NPU_MOST_SLICE}));
  if (w.kept < 1 || w.kept > w.group || w.group > SPINVP_NPU_MOST_GROUP)
    return refuse(fmt::format("{} pieces of {}, allowed are 1 to the group, and groups of up to {}", w.kept, w.group, int{SPINVP_NPU_MOST_GROUP}));
  if (w.coefficient_bits < SPINVP_NPU_FEWEST_COEFFICIENT_BITS || w.coefficient_bits > SPINVP_NPU_MOST_COEFFICIENT_BITS)
    return refuse(fmt::format("coefficients of {} bits, allowed are {} to {}", w.coefficient_bits, int{SPINVP_NPU_FEWEST_COEFFICIENT_BITS},
                              int{SPINVP_NPU_MOST_COEFFICIENT_BITS}));
  if (w.reserved != 0) return refuse(fmt::format("the reserved word is {}, not 0", w.reserved));
  return w;
}

Range WeightRebuild::groups_of(Range units) const {
  const std::uint64_t each = spinvp_npu_weights_group_units(&weights_);
  return {units.first / each, core::divide_up(units.last, each)};
}

std::vector<Piece> WeightRebuild::pieces(Range rows, Range units) const {
  const std::uint64_t basis = spinvp_npu_weights_basis_bytes(&weights_), each = spinvp_npu_weights_group_bytes(&weights_),
                      row = spinvp_npu_weights_groups(&weights_) * each;
  const std::uint64_t bases_at = address_ + SPINVP_NPU_WEIGHTS_DATA, groups_at = bases_at + weights_.rows * basis;
  const Range groups = groups_of(units);
  std::vector<Piece> pieces;
  append(pieces, bases_at + rows.first * basis, rows.size() * basis);
  for (std::uint64_t r = rows.first; r < rows.last; ++r) append(pieces, groups_at + r * row + groups.first * each, groups.size() * each);
  return pieces;
}

std::uint64_t WeightRebuild::shifts(Range rows, Range units) const {
  return rows.size() * groups_of(units).size() * weights_.kept * weights_.rank * weights_.slice;
}

std::vector<std::uint8_t> WeightRebuild::rebuilt(Range rows, Range units, std::span<const std::uint8_t> bytes) const {
  const std::uint64_t basis = spinvp_npu_weights_basis_bytes(&weights_), each = spinvp_npu_weights_group_bytes(&weights_), slice = weights_.slice;
  const Range groups = groups_of(units);
  std::vector<std::uint8_t> out;
  out.reserve(rows.size() * units.size() * bytes_of(format_));
  std::vector<float> row(groups.size() * spinvp_npu_weights_group_units(&weights_));
  for (std::uint64_t r = 0; r < rows.size(); ++r) {
    const auto of_basis = bytes.subspan(r * basis, basis);
    const int scale = static_cast<std::int8_t>(of_basis[0]);
    row.assign(row.size(), 0.0f);
    for (std::uint64_t g = 0; g < groups.size(); ++g) {
      BitReader reader(bytes.subspan(rows.size() * basis + (r * groups.size() + g) * each, each));
      const std::uint32_t mask = reader.take(weights_.group);
      for (std::uint64_t piece = 0, taken = 0; piece < weights_.group && taken < weights_.kept; ++piece) {
        if ((mask >> piece & 1) == 0) continue;
        ++taken;
        float* to = row.data() + (g * weights_.group + piece) * slice;
        for (std::uint64_t term = 0; term < weights_.rank; ++term) {
          const float c = coefficient(reader.take(weights_.coefficient_bits), weights_.coefficient_bits);
          for (std::uint64_t j = 0; j < slice; ++j) to[j] += c * static_cast<float>(static_cast<std::int8_t>(of_basis[1 + term * slice + j]));
        }
      }
    }
    const std::uint64_t first = units.first - groups.first * spinvp_npu_weights_group_units(&weights_);
    for (std::uint64_t i = 0; i < units.size(); ++i) {
      const float value = std::ldexp(row[first + i], scale);
      if (format_ == Format::bf16) {
        const std::uint16_t half = narrow(value);
        out.insert(out.end(), {static_cast<std::uint8_t>(half), static_cast<std::uint8_t>(half >> 8)});
      } else {
        const auto* first_byte = reinterpret_cast<const std::uint8_t*>(&value);
        out.insert(out.end(), first_byte, first_byte + sizeof value);
      }
    }
  }
  return out;
}

technology::PricedEnergy shift_and_add(const technology::LogicEnergies& table) {
  return {table.int8_add * 4, fmt::format("derived: two 16-bit operations of two 8-bit additions each; {}", table.arithmetic_source)};
}

}  // namespace spinvp::npu
