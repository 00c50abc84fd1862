#include "models/npu/partition.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/core/units.h"

namespace spinvp::npu {

using core::divide_up;

namespace {

// So many equal parts, or as even as whole units allow.
std::vector<Range> cut(std::uint64_t extent, std::uint64_t parts, std::uint64_t unit = 1) {
  const std::uint64_t units = divide_up(extent, unit);
  std::vector<Range> ranges;
  for (std::uint64_t i = 0; i < parts; ++i) ranges.push_back({i * units / parts * unit, std::min(extent, (i + 1) * units / parts * unit)});
  return ranges;
}

std::vector<Part> grid(const std::vector<Range>& products, const std::vector<Range>& m, const std::vector<Range>& n) {
  std::vector<Part> parts;
  for (const Range& p : products)
    for (const Range& rows : m)
      for (const Range& columns : n) parts.push_back({p, rows, columns});
  return parts;
}

std::uint64_t unit_of_m(const CoreSetup& s) {
  return s.dataflow == Dataflow::output_stationary ? s.array.rows : s.dataflow == Dataflow::input_stationary ? s.array.columns : 1;
}
std::uint64_t unit_of_n(const CoreSetup& s) { return s.dataflow == Dataflow::input_stationary ? 1 : s.array.columns; }

std::vector<Part> best(const Divisible& job, const CoreSetup& s) {
  const ProductShape& shape = job.shape;
  const std::uint64_t unit_m = unit_of_m(s), unit_n = unit_of_n(s), units_m = divide_up(shape.m, unit_m), units_n = divide_up(shape.n, unit_n);
  std::uint64_t least_cycles = ~std::uint64_t{0}, least_bytes = 0, p = 1, m = 1, n = 1;
  for (std::uint64_t parts = 1; parts <= s.cores; ++parts)
    for (std::uint64_t of_products = 1; of_products <= parts; ++of_products)
      for (std::uint64_t of_m = 1; of_products * of_m <= parts; ++of_m) {
        const std::uint64_t of_n = parts / (of_products * of_m);
        if (of_products * of_m * of_n != parts || of_products > job.products || of_m > units_m || of_n > units_n) continue;
        const ProductShape longest{std::min(shape.m, divide_up(units_m, of_m) * unit_m), std::min(shape.n, divide_up(units_n, of_n) * unit_n), shape.k};
        const std::uint64_t cycles = fold_law(s.dataflow, s.array, longest, s.fold_cost).cycles(divide_up(job.products, of_products));
        const std::uint64_t bytes = job.a_bytes * of_n + job.b_bytes * of_m * (job.b_shared ? of_products : 1);
        if (cycles > least_cycles || (cycles == least_cycles && bytes >= least_bytes)) continue;
        least_cycles = cycles;
        least_bytes = bytes;
        p = of_products;
        m = of_m;
        n = of_n;
      }
  return grid(cut(job.products, p), cut(shape.m, m, unit_m), cut(shape.n, n, unit_n));
}

}  // namespace

Partition partition_of(std::string_view name) {
  if (name == "batch") return Partition::batch;
  if (name == "channels") return Partition::channels;
  if (name == "rows") return Partition::rows;
  return Partition::automatic;
}

const char* name_of(Partition partition) {
  switch (partition) {
    case Partition::batch: return "batch";
    case Partition::channels: return "channels";
    case Partition::rows: return "rows";
    default: return "auto";
  }
}

Divisible divisible(const MatrixJob& job) {
  Divisible d;
  d.shape = job.shape;
  d.shape.k = divide_up(job.sparsity().kept(job.shape.k), job.mac.terms);  // as an array takes it
  d.products = job.products;
  d.sums_batch = job.b.is_windows();  // only a weight gradient's are
  d.grouped = job.a.is_windows() || d.sums_batch;
  if (job.a.is_windows()) d.images = job.a.tensor().images;
  d.b_shared = job.b.is_shared();
  d.a_bytes = job.a.bytes();
  d.b_bytes = job.b.bytes();
  return d;
}

tl::expected<std::vector<Part>, std::string> divide(const Divisible& job, const CoreSetup& s) {
  const std::uint64_t cores = s.cores;
  const std::vector<Range> products{{0, job.products}}, m{{0, job.shape.m}}, n{{0, job.shape.n}};
  if (cores == 1) return grid(products, m, n);
  const auto refuse = [&](const char* partition, const std::string& what) {
    return tl::unexpected(
        fmt::format("partition {}: {} do not divide by {} cores; allowed are multiples of {}, or partition auto", partition, what, cores, cores));
  };
  switch (s.partition) {
    case Partition::batch:
      if (job.sums_batch) break;
      if (!job.grouped && job.products > 1) {
        if (job.products % cores != 0) return refuse("batch", fmt::format("{} products", job.products));
        return grid(cut(job.products, cores), m, n);
      }
      if (job.images > 0) {
        if (job.images % cores != 0) return refuse("batch", fmt::format("{} images", job.images));
        return grid(products, cut(job.shape.m, cores), n);
      }
      if (job.shape.m % cores != 0) return refuse("batch", fmt::format("{} rows of a single product", job.shape.m));
      return grid(products, cut(job.shape.m, cores), n);
    case Partition::channels: {
      if (!job.grouped || job.products == 1) {
        if (job.shape.n % cores != 0) return refuse("channels", fmt::format("{} columns", job.shape.n));
        return grid(products, m, cut(job.shape.n, cores));
      }
      if (job.products % cores == 0) return grid(cut(job.products, cores), m, n);
      if (cores % job.products == 0 && job.shape.n % (cores / job.products) == 0)
        return grid(cut(job.products, job.products), m, cut(job.shape.n, cores / job.products));
      return refuse("channels", fmt::format("{} groups of {} columns", job.products, job.shape.n));
    }
    case Partition::rows:
      if (job.shape.m % cores != 0) return refuse("rows", fmt::format("{} rows", job.shape.m));
      return grid(products, cut(job.shape.m, cores), n);
    case Partition::automatic: break;
  }
  return best(job, s);
}

std::uint64_t cycles_of(const std::vector<Part>& parts, std::uint64_t k, const CoreSetup& s) {
  std::uint64_t longest = 0;
  for (const Part& part : parts)
    longest = std::max(longest, fold_law(s.dataflow, s.array, {part.m.size(), part.n.size(), k}, s.fold_cost).cycles(part.products.size()));
  return longest;
}

MatrixJob part_of(const MatrixJob& job, const Part& part) {
  if (part == Part{{0, job.products}, {0, job.shape.m}, {0, job.shape.n}}) return job;
  const Range k{0, job.shape.k};
  MatrixJob mine = job;
  mine.a = job.a.part(part.products, part.m, k);
  mine.b = job.b.part(job.b.is_shared() ? Range{0, 1} : part.products, part.n, k);
  mine.c = job.c.part(part.products, part.n, part.m);
  mine.shape = {part.m.size(), part.n.size(), job.shape.k};
  mine.products = part.products.size();
  mine.first = {part.products.first, part.m.first, part.n.first};
  if (job.bias != 0) mine.bias += (part.products.first * job.bias_step + part.n.first) * bytes_of(job.format);
  return mine;
}

}  // namespace spinvp::npu
