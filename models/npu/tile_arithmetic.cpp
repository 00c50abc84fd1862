#include "models/npu/tile_arithmetic.h"

#include <algorithm>
#include <cstring>

namespace spinvp::npu {

namespace {

// What the host unfolds at a time: a panel of columns over a stretch of k that stays in its second cache while groups of rows pass.
constexpr std::uint64_t panel_columns = 480, panel_depth = 256, group_rows = 96;

// Neighbouring outputs of one product: `count` packed ones from `packed` on, the first of them output (m, n), the others follow along m or n (MatrixJob::m_is_position).
struct OutputRun {
  std::uint64_t packed, m, n, count;
};
template <typename Use>
void for_each_output_run(const MatrixJob& job, Range products, Range m, Range n, std::uint64_t product, Use&& use) {
  const Region all = job.c_region(products, m, n), mine = job.c_region({product, product + 1}, m, n);
  std::uint64_t packed = 0, position = 0;
  std::size_t next = 0;
  for (const Slice& slice : all.slices) {
    const std::uint64_t run = slice.units.size();
    if (next < mine.slices.size() && slice.image == mine.slices[next].image) {
      const std::uint64_t count = mine.slices[next].units.size(), skipped = mine.slices[next].units.first - slice.units.first;
      for (std::uint64_t channel = 0; channel < mine.channels.size(); ++channel) {
        const std::uint64_t at = packed + (mine.channels.first - all.channels.first + channel) * run + skipped;
        use(job.m_is_position() ? OutputRun{at, position, channel, count} : OutputRun{at, channel, position, count});
      }
      position += count;
      ++next;
    }
    packed += run * all.channels.size();
  }
}

// Moves what dropout keeps of the terms `ks` of a block together; element (o, k) lies at o * outer_stride + k * k_stride.
std::size_t pack_kept(const DropPattern& drop, Range ks, float* block, std::size_t outer, std::size_t outer_stride, std::size_t k_stride) {
  std::size_t kept = 0;
  for (std::uint64_t k = ks.first; k < ks.last; ++k) {
    if (drop.drops(k)) continue;
    const std::size_t from = k - ks.first;
    if (from != kept)
      for (std::size_t o = 0; o < outer; ++o) block[o * outer_stride + kept * k_stride] = block[o * outer_stride + from * k_stride];
    ++kept;
  }
  return kept;
}

float load(Format format, std::span<const std::uint8_t> packed, std::uint64_t index) {
  if (format == Format::fp32) {
    float value = 0;
    std::memcpy(&value, packed.data() + 4 * index, 4);
    return value;
  }
  std::uint16_t bits = 0;
  std::memcpy(&bits, packed.data() + 2 * index, 2);
  return widen(bits);
}

}  // namespace

std::span<std::uint8_t> bytes_in(std::vector<float>& values, std::uint64_t bytes) {
  const std::uint64_t floats = (bytes + sizeof(float) - 1) / sizeof(float);
  if (values.size() < floats) values.resize(floats);
  return {reinterpret_cast<std::uint8_t*>(values.data()), bytes};
}

std::vector<std::uint8_t> rounded(Format format, std::span<const float> values) {
  std::vector<std::uint8_t> packed(values.size() * bytes_of(format));
  if (packed.empty()) return packed;
  if (format == Format::fp32) {
    std::memcpy(packed.data(), values.data(), packed.size());
    return packed;
  }
  constexpr std::size_t group = 64;
  for (std::size_t done = 0; done < values.size(); done += group) {
    const std::size_t count = std::min(group, values.size() - done);
    std::uint16_t bits[group];
    for (std::size_t i = 0; i < count; ++i) bits[i] = narrow(values[done + i]);
    std::memcpy(packed.data() + 2 * done, bits, 2 * count);
  }
  return packed;
}

void widen_in_place(Format format, std::vector<float>& values, std::uint64_t elements) {
  if (format == Format::fp32) return;
  if (values.size() < elements) values.resize(elements);
  // From the last one down: a widened element never overwrites one that is still to be read.
  const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
  constexpr std::uint64_t group = 64;
  std::uint64_t left = elements;
  while (left > 0) {
    const std::uint64_t count = left % group == 0 ? group : left % group;
    std::uint16_t bits[group];
    std::memcpy(bits, bytes + 2 * (left - count), 2 * count);
    left -= count;
    for (std::uint64_t i = 0; i < count; ++i) values[left + i] = widen(bits[i]);
  }
}

void OutputTile::start(const MatrixJob& job, const Step& step) {
  products_ = step.products;
  m_ = step.m;
  n_ = step.n;
  const std::uint64_t over_n = m_.size() * padded_width(n_.size()), over_m = n_.size() * padded_width(m_.size());
  // On a tie as the output lies in memory.
  columns_are_m_ = over_m == over_n ? job.m_is_position() : over_m < over_n;
  // Each column of a sparse b keeps other k: only outputs of one column can share a vector.
  if (job.options.sparse()) columns_are_m_ = true;
  stride_ = padded_width(columns_are_m_ ? m_.size() : n_.size());
  sums_.assign(products_.size() * product_stride(), 0.0f);
}

void OutputTile::start_at(const MatrixJob& job, const Step& step, std::span<const std::uint8_t> packed) {
  start(job, step);
  for (std::uint64_t product = products_.first; product < products_.last; ++product) {
    float* sums = sums_.data() + (product - products_.first) * product_stride();
    for_each_output_run(job, products_, m_, n_, product, [&](const OutputRun& run) {
      const std::size_t step_along = job.m_is_position() ? m_stride() : n_stride();
      float* to = sums + run.m * m_stride() + run.n * n_stride();
      for (std::uint64_t i = 0; i < run.count; ++i) to[i * step_along] = load(job.format, packed, run.packed + i);
    });
  }
}

void OutputTile::add_sparse(const MatrixJob& job, const Step& step, const Block& a, const Block& b, UnfoldBuffers& buffers, ChainUnit unit) {
  const SparsePattern pattern = job.sparsity();
  const std::uint64_t depth_at_once = panel_depth / pattern.group * pattern.group;
  for (std::uint64_t product = products_.first; product < products_.last; ++product) {
    float* sums = sums_.data() + (product - products_.first) * product_stride();
    for (std::uint64_t k = step.k.first; k < step.k.last; k += depth_at_once) {
      const Range ks{k, std::min(k + depth_at_once, step.k.last)};
      const std::size_t depth = ks.size(), row_stride = padded_stride(depth);
      for (std::uint64_t j = m_.first; j < m_.last; j += panel_columns) {
        const Range js{j, std::min(j + panel_columns, m_.last)};
        const std::size_t column_stride = padded_stride(js.size());
        if (buffers.columns.size() < depth * column_stride) buffers.columns.resize(depth * column_stride);
        job.a.expand(a.values.data(), a.region, job.a.is_shared() ? 0 : product, js, ks, buffers.columns.data(), 1, column_stride);
        for (std::uint64_t i = n_.first; i < n_.last; i += group_rows) {
          const Range is{i, std::min(i + group_rows, n_.last)};
          if (buffers.rows.size() < is.size() * row_stride) buffers.rows.resize(is.size() * row_stride);
          job.b.expand(b.values.data(), b.region, job.b.is_shared() ? 0 : product, is, ks, buffers.rows.data(), row_stride, 1);
          for (std::uint64_t n = is.first; n < is.last; ++n) {
            keep_largest(pattern, buffers.rows.data() + (n - is.first) * row_stride, depth, buffers.kept);
            run_kept_chain(buffers.kept, buffers.columns.data(), column_stride, sums + (n - n_.first) * stride_ + (j - m_.first), js.size(), unit);
          }
        }
      }
    }
  }
}

void OutputTile::add(const MatrixJob& job, const Step& step, const Block& a, const Block& b, UnfoldBuffers& buffers, ChainUnit unit) {
  if (job.options.sparse()) return add_sparse(job, step, a, b, buffers, unit);
  // The operand of the vectorised index becomes [k][column]; the other keeps the order in which it unfolds fastest.
  const Operand& along = columns_are_m_ ? job.a : job.b;
  const Operand& across = columns_are_m_ ? job.b : job.a;
  const Block& along_block = columns_are_m_ ? a : b;
  const Block& across_block = columns_are_m_ ? b : a;
  const Range columns = columns_are_m_ ? m_ : n_, rows = columns_are_m_ ? n_ : m_;
  const bool rows_by_k = !across.k_is_position();  // [k][row]
  const DropPattern drop = job.dropout();
  for (std::uint64_t product = products_.first; product < products_.last; ++product) {
    const std::uint64_t along_product = along.is_shared() ? 0 : product, across_product = across.is_shared() ? 0 : product;
    float* sums = sums_.data() + (product - products_.first) * product_stride();
    for (std::uint64_t k = step.k.first; k < step.k.last; k += panel_depth) {
      const Range ks{k, std::min(k + panel_depth, step.k.last)};
      const std::size_t depth = ks.size();
      for (std::uint64_t j = columns.first; j < columns.last; j += panel_columns) {
        const Range js{j, std::min(j + panel_columns, columns.last)};
        const std::size_t column_stride = padded_stride(js.size());
        // What lies beyond the wanted columns is read but never kept: it only has to be memory of ours.
        if (buffers.columns.size() < depth * column_stride) buffers.columns.resize(depth * column_stride);
        along.expand(along_block.values.data(), along_block.region, along_product, js, ks, buffers.columns.data(), 1, column_stride);
        std::size_t terms = depth;
        if (drop.k) terms = pack_kept(drop, ks, buffers.columns.data(), js.size(), 1, column_stride);
        for (std::uint64_t i = rows.first; i < rows.last; i += group_rows) {
          const Range is{i, std::min(i + group_rows, rows.last)};
          const std::size_t row_stride = rows_by_k ? 1 : padded_stride(depth), k_stride = rows_by_k ? is.size() : 1;
          if (buffers.rows.size() < padded_stride(depth) * is.size()) buffers.rows.resize(padded_stride(depth) * is.size());
          across.expand(across_block.values.data(), across_block.region, across_product, is, ks, buffers.rows.data(), row_stride, k_stride);
          if (drop.k) pack_kept(drop, ks, buffers.rows.data(), is.size(), row_stride, k_stride);
          run_chain({sums + (i - rows.first) * stride_ + (j - columns.first), stride_, buffers.rows.data(), row_stride, k_stride, buffers.columns.data(),
                     column_stride, is.size(), js.size(), terms},
                    unit);
        }
      }
    }
  }
}

std::vector<float> OutputTile::finish(const MatrixJob& job, std::span<const float> bias) const {
  std::vector<float> packed(products_.size() * m_.size() * n_.size());
  const bool along_m = job.m_is_position();
  const DropPattern drop = job.dropout();
  const bool drops = drop.m || drop.n;
  const std::size_t step_along = along_m ? m_stride() : n_stride();
  for (std::uint64_t product = products_.first; product < products_.last; ++product) {
    const float* sums = sums_.data() + (product - products_.first) * product_stride();
    const float* my_bias = bias.empty() ? nullptr : bias.data() + product * job.bias_step + n_.first;
    for_each_output_run(job, products_, m_, n_, product, [&](const OutputRun& run) {
      const float* from = sums + run.m * m_stride() + run.n * n_stride();
      float* to = packed.data() + run.packed;
      const std::size_t bias_step = along_m ? 0 : 1;
      for (std::uint64_t i = 0; i < run.count; ++i) {
        float value = from[i * step_along];
        if (drops && (drop.drops_m(m_.first + run.m + (along_m ? i : 0)) || drop.drops_n(n_.first + run.n + (along_m ? 0 : i)))) value = 0;
        if (my_bias != nullptr) value = value + my_bias[run.n + i * bias_step];
        if (job.relu) value = value > 0.0f ? value : 0.0f;
        to[i] = canonical(value);
      }
    });
  }
  return packed;
}

}  // namespace spinvp::npu
