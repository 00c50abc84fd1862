#include "models/npu/fold_arithmetic.h"

#include <cstring>

namespace spinvp::npu {

namespace {

// The packed bytes as floats; bf16 is widened into `wide`.
const float* as_floats(Format format, const std::vector<float>& data, std::uint64_t elements, std::vector<float>& wide) {
  if (format == Format::fp32) return data.data();
  if (wide.size() < elements) wide.resize(elements);
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  for (std::uint64_t i = 0; i < elements; ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, bytes + 2 * i, 2);
    wide[i] = widen(bits);
  }
  return wide.data();
}

// For each element of the packed c_region(m, n): use(index in packed order, m - first, n - first).
template <typename Use>
void for_each_output(const MatrixJob& job, Range m, Range n, Use&& use) {
  const Region region = job.c_region(m, n);
  std::uint64_t packed = 0, position = 0;
  for (const Slice& slice : region.slices) {
    for (std::uint64_t channel = 0; channel < region.channels.size(); ++channel)
      for (std::uint64_t i = 0; i < slice.units.size(); ++i, ++packed) {
        if (job.m_is_position)
          use(packed, position + i, channel);
        else
          use(packed, channel, position + i);
      }
    position += slice.units.size();
  }
}

}  // namespace

std::span<std::uint8_t> bytes_in(std::vector<float>& buffer, std::uint64_t bytes) {
  const std::uint64_t floats = (bytes + sizeof(float) - 1) / sizeof(float);
  if (buffer.size() < floats) buffer.resize(floats);
  return {reinterpret_cast<std::uint8_t*>(buffer.data()), bytes};
}

void OutputBlock::start(const MatrixJob& job, Range m, Range n) {
  m_ = m;
  n_ = n;
  const std::uint64_t over_n = m.size() * padded_width(n.size()), over_m = n.size() * padded_width(m.size());
  // On a tie as the output lies in memory.
  columns_are_m_ = over_m == over_n ? job.m_is_position : over_m < over_n;
  stride_ = padded_width(columns_are_m_ ? m.size() : n.size());
  sums_.assign((columns_are_m_ ? n.size() : m.size()) * stride_, 0.0f);
}

void OutputBlock::start_at(const MatrixJob& job, Range m, Range n, std::span<const std::uint8_t> packed) {
  start(job, m, n);
  for_each_output(job, m, n, [&](std::uint64_t index, std::uint64_t i, std::uint64_t j) {
    float value = 0;
    if (job.format == Format::fp32) {
      std::memcpy(&value, packed.data() + 4 * index, 4);
    } else {
      std::uint16_t bits = 0;
      std::memcpy(&bits, packed.data() + 2 * index, 2);
      value = widen(bits);
    }
    sums_[i * m_stride() + j * n_stride()] = value;
  });
}

void OutputBlock::add(const MatrixJob& job, const Fold& fold, const Region& a_region, const Region& b_region, FoldBuffers& buffers, ChainUnit unit) {
  const std::uint64_t element = bytes_of(job.format);
  const float* a = as_floats(job.format, buffers.a_data, a_region.bytes(job.a.tensor()) / element, buffers.a_wide);
  const float* b = as_floats(job.format, buffers.b_data, b_region.bytes(job.b.tensor()) / element, buffers.b_wide);
  // The operand of the vectorised index becomes [k][column]; the other keeps the order in which it unfolds fastest.
  const Operand& along = columns_are_m_ ? job.a : job.b;
  const Operand& across = columns_are_m_ ? job.b : job.a;
  const Range columns = columns_are_m_ ? fold.m : fold.n, rows = columns_are_m_ ? fold.n : fold.m;
  const std::size_t depth = fold.k.size(), column_stride = padded_stride(columns.size());
  const bool rows_by_k = !across.k_is_position();  // [k][row]

  // What lies beyond the wanted columns is read but never kept: it only has to be memory of ours.
  if (buffers.columns.size() < depth * column_stride) buffers.columns.resize(depth * column_stride);
  if (buffers.rows.size() < depth * rows.size()) buffers.rows.resize(depth * rows.size());
  along.expand(columns_are_m_ ? a : b, columns_are_m_ ? a_region : b_region, columns, fold.k, buffers.columns.data(), 1, column_stride);
  const std::size_t row_stride = rows_by_k ? 1 : depth, k_stride = rows_by_k ? rows.size() : 1;
  across.expand(columns_are_m_ ? b : a, columns_are_m_ ? b_region : a_region, rows, fold.k, buffers.rows.data(), row_stride, k_stride);

  run_chain({sums_.data(), stride_, buffers.rows.data(), row_stride, k_stride, buffers.columns.data(), column_stride, rows.size(), columns.size(), depth},
            unit);
}

std::vector<std::uint8_t> OutputBlock::finish(const MatrixJob& job, std::span<const float> bias) const {
  const std::uint64_t element = bytes_of(job.format);
  std::vector<std::uint8_t> packed(m_.size() * n_.size() * element);
  for_each_output(job, m_, n_, [&](std::uint64_t index, std::uint64_t i, std::uint64_t j) {
    float value = sums_[i * m_stride() + j * n_stride()];
    if (!bias.empty()) value = value + bias[n_.first + j];
    if (job.relu) value = value > 0.0f ? value : 0.0f;
    if (job.format == Format::fp32) {
      value = canonical(value);
      std::memcpy(packed.data() + 4 * index, &value, 4);
    } else {
      const std::uint16_t bits = narrow(value);
      std::memcpy(packed.data() + 2 * index, &bits, 2);
    }
  });
  return packed;
}

}  // namespace spinvp::npu
