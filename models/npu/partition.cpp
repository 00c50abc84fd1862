#include "models/npu/partition.h"

#include <algorithm>
#include <tuple>

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

// Into how many parts each extent is cut, and what that costs.
struct Grid {
  std::uint64_t products = 1, m = 1, n = 1;
  double time = 0, cycles = 0, bytes = 0;
  [[nodiscard]] bool better_than(const Grid& other) const { return std::tie(time, cycles, bytes) < std::tie(other.time, other.cycles, other.bytes); }
};

void predict(Grid& g, const Divisible& job, const ProductShape& longest, const CoreSetup& s) {
  const std::uint64_t most_products = divide_up(job.products, g.products);
  g.cycles = static_cast<double>(fold_law(s.dataflow, s.array, longest, s.fold_cost).cycles(most_products));
  const auto of = [](std::uint64_t part, std::uint64_t whole) { return static_cast<double>(part) / static_cast<double>(whole); };
  const double products = of(most_products, job.products), m = of(longest.m, job.shape.m), n = of(longest.n, job.shape.n);
  const auto a = static_cast<double>(job.a_bytes), b = static_cast<double>(job.b_bytes), c = static_cast<double>(job.c_bytes);
  const double all_a = a * static_cast<double>(g.n), all_b = b * static_cast<double>(g.m * (job.b_shared ? g.products : 1));
  g.bytes = all_a + all_b + c;
  g.time = g.cycles;
  if (s.bytes_per_cycle == 0) return;
  const auto port = [](bool on_chip) { return on_chip ? 1.0 : 3.0; };
  const auto chip = [](bool on_chip) { return on_chip ? 1.0 : 2.0; };
  const double of_a = a * products * m, of_b = b * (job.b_shared ? 1 : products) * n, of_c = c * products * m * n;
  const double through_port = port(job.a_on_chip) * of_a + port(job.b_on_chip) * of_b + port(job.c_on_chip) * of_c;
  const double through_chip = chip(job.a_on_chip) * all_a + chip(job.b_on_chip) * all_b + chip(job.c_on_chip) * c;
  g.time = std::max(g.cycles, std::max(through_port, through_chip) / static_cast<double>(s.bytes_per_cycle));
}

std::vector<Part> best(const Divisible& job, const CoreSetup& s) {
  const ProductShape& shape = job.shape;
  const std::uint64_t unit_m = unit_of_m(s), unit_n = unit_of_n(s), units_m = divide_up(shape.m, unit_m), units_n = divide_up(shape.n, unit_n);
  Grid least;
  predict(least, job, shape, s);
  for (std::uint64_t parts = 2; parts <= s.cores; ++parts)
    for (std::uint64_t products = 1; products <= std::min(parts, job.products); ++products)
      for (std::uint64_t m = 1; products * m <= parts && m <= units_m; ++m) {
        Grid g{products, m, parts / (products * m)};
        if (g.products * g.m * g.n != parts || g.n > units_n) continue;
        predict(g, job, {std::min(shape.m, divide_up(units_m, g.m) * unit_m), std::min(shape.n, divide_up(units_n, g.n) * unit_n), shape.k}, s);
        if (g.better_than(least)) least = g;
      }
  return grid(cut(job.products, least.products), cut(shape.m, least.m, unit_m), cut(shape.n, least.n, unit_n));
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

Divisible divisible(const MatrixJob& job, bool a_on_chip, bool b_on_chip, bool c_on_chip) {
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
  d.c_bytes = job.c.bytes();
  d.a_on_chip = a_on_chip;
  d.b_on_chip = b_on_chip;
  d.c_on_chip = c_on_chip;
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
