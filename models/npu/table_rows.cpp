// Gather and scatter-add: rows of a table by index.
//
// Chunk 0 brings the first indices; every chunk after it the rows that the indices before it name, and the next indices. Rows that follow each other in memory are one burst, as are
// rows at equal distances. A scatter-add reads rows, adds, and writes them back; a chunk that needs a row of an earlier one waits until that is stored. Phantom indices are drawn (models/abi/counter_hash.h), as far from each other as real ones.
#include <algorithm>
#include <array>
#include <cstring>

#include "models/abi/counter_hash.h"
#include "models/core/units.h"
#include "models/npu/stream_kernel.h"

namespace spinvp::npu {

using core::divide_up;

namespace {

class TableRows : public StreamKernel {
 public:
  TableRows(const VectorJob& job, const VectorUnit& unit)
      : StreamKernel(unit, std::max(job.rows * 4, job.rows * job.columns * bytes_of(job.format))),
        job_(job),
        row_bytes_(job.columns * bytes_of(job.format)),
        at_once_(std::max<std::uint64_t>(1, unit_.chunk_bytes / std::max<std::uint64_t>(4, row_bytes_))) {}
  [[nodiscard]] std::uint64_t chunks() const override { return 1 + groups(); }

  std::optional<std::string> loaded(std::uint64_t index, const std::vector<Bytes>& in) override {
    if (index + 1 == mine().last) return std::nullopt;
    std::vector<std::uint64_t>& rows = indices_[index % slots];
    const Bytes& bytes = in.back();
    rows.resize(bytes.size() / 4);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::int32_t value = 0;
      std::memcpy(&value, bytes.data() + 4 * i, 4);
      const std::int64_t row = value < 0 ? value + static_cast<std::int64_t>(job_.table_rows) : value;
      if (row < 0 || row >= static_cast<std::int64_t>(job_.table_rows))
        return "index " + std::to_string(value) + " of row " + std::to_string(index * at_once_ + i) + " is not one of the " + std::to_string(job_.table_rows) +
               " rows";
      rows[i] = static_cast<std::uint64_t>(row);
    }
    return std::nullopt;
  }

 protected:
  VectorJob job_;
  std::uint64_t row_bytes_, at_once_;

  [[nodiscard]] std::uint64_t groups() const { return divide_up(job_.rows, at_once_); }
  // Chunk `index` > 0 deals with the rows of group index - 1.
  [[nodiscard]] std::uint64_t first_row(std::uint64_t index) const { return (index - 1) * at_once_; }
  [[nodiscard]] std::uint64_t rows_of(std::uint64_t group) const { return group < groups() ? std::min(at_once_, job_.rows - group * at_once_) : 0; }
  // None after the last chunk.
  [[nodiscard]] Stream indices_after(std::uint64_t index) const { return {job_.aux + index * at_once_ * 4, index + 1 == mine().last ? 0 : rows_of(index) * 4}; }
  [[nodiscard]] std::uint64_t elements(std::uint64_t index) const { return rows_of(index - 1) * job_.columns; }

  // Rows of the table that chunk `index` names.
  [[nodiscard]] std::vector<std::uint64_t> named(std::uint64_t index) const {
    if (!job_.phantom) return indices_[(index - 1) % slots];
    std::vector<std::uint64_t> rows(rows_of(index - 1));
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = spinvp_counter_hash(0, first_row(index) + i) % job_.table_rows;
    return rows;
  }
  [[nodiscard]] Stream table_stream(std::uint64_t table, const std::vector<std::uint64_t>& rows) const {
    Stream stream;
    for (const std::uint64_t row : rows) append(stream.pieces, table + row * row_bytes_, row_bytes_);
    return stream;
  }

 private:
  // Indices of the chunks under way: the one whose indices come next, the three that are loaded or computed before it, and the one that is stored.
  static constexpr std::size_t slots = 8;
  std::array<std::vector<std::uint64_t>, slots> indices_;
};

class Gather : public TableRows {
 public:
  using TableRows::TableRows;
  [[nodiscard]] std::uint64_t pieces() const override { return groups(); }
  // The one before its first group brings that one's indices.
  [[nodiscard]] Range chunks_of(Range pieces) const override { return {pieces.first, pieces.last + 1}; }
  [[nodiscard]] Chunk chunk(std::uint64_t index) const override {
    Chunk c;
    if (index > mine().first) {
      c.inputs.push_back(table_stream(job_.a, named(index)));
      c.outputs.emplace_back(job_.c + first_row(index) * row_bytes_, rows_of(index - 1) * row_bytes_);
      c.operations = elements(index);
      c.cycles = divide_up(c.operations, unit_.lanes);
    }
    c.inputs.push_back(indices_after(index));
    return c;
  }
  std::optional<std::string> compute(std::uint64_t index, const std::vector<Bytes>& in, std::vector<Bytes>& out) override {
    if (index > mine().first) out[0] = in[0];
    return std::nullopt;
  }
};

class ScatterAdd : public TableRows {
 public:
  using TableRows::TableRows;
  [[nodiscard]] std::uint64_t stored_before(std::uint64_t index) const override {
    if (index < 2) return 0;
    // Chunk index - 3 and earlier ones are stored when this one is to be loaded: two are computed ahead of the store, and two loaded ahead of that.
    const std::vector<std::uint64_t> mine = distinct(index);
    for (std::uint64_t earlier = index - 1; earlier >= 1 && earlier + 4 > index; --earlier)
      for (const std::uint64_t row : distinct(earlier))
        if (std::binary_search(mine.begin(), mine.end(), row)) return earlier + 1;
    return 0;
  }
  [[nodiscard]] Chunk chunk(std::uint64_t index) const override {
    Chunk c;
    if (index > 0) {
      const Stream table = table_stream(job_.c, distinct(index));
      c.inputs.emplace_back(job_.a + first_row(index) * row_bytes_, rows_of(index - 1) * row_bytes_);
      c.inputs.push_back(table);
      c.outputs.push_back(table);
      c.operations = elements(index);
      c.cycles = divide_up(c.operations, unit_.lanes);
    }
    c.inputs.push_back(indices_after(index));
    return c;
  }
  std::optional<std::string> compute(std::uint64_t index, const std::vector<Bytes>& in, std::vector<Bytes>& out) override {
    if (index == 0) return std::nullopt;
    out[0] = in[1];
    const std::vector<std::uint64_t> rows = named(index), held = distinct(index);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto place = static_cast<std::uint64_t>(std::lower_bound(held.begin(), held.end(), rows[i]) - held.begin()) * job_.columns;
      for (std::uint64_t j = 0; j < job_.columns; ++j) {
        const float sum = load_element(job_.format, out[0], place + j) + load_element(job_.format, in[0], i * job_.columns + j);
        store_element(job_.format, out[0], place + j, canonical(sum));
      }
    }
    return std::nullopt;
  }

 private:
  // Ascending: each row of the table is read and written once a chunk.
  [[nodiscard]] std::vector<std::uint64_t> distinct(std::uint64_t index) const {
    std::vector<std::uint64_t> rows = named(index);
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
  }
};

}  // namespace

std::unique_ptr<StreamKernel> make_gather(const VectorJob& job, const VectorUnit& unit) { return std::make_unique<Gather>(job, unit); }
std::unique_ptr<StreamKernel> make_scatter_add(const VectorJob& job, const VectorUnit& unit) { return std::make_unique<ScatterAdd>(job, unit); }

}  // namespace spinvp::npu
