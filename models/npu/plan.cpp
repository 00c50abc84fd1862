#include "models/npu/plan.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "models/core/units.h"

namespace spinvp::npu {

using core::divide_up;

namespace {

// Slots start at these steps, so that bursts do not straddle words of the memory.
constexpr std::uint64_t slot_alignment = 64;
std::uint64_t aligned(std::uint64_t bytes) { return divide_up(bytes, slot_alignment) * slot_alignment; }
// A job is cut into about so many tiles at least where they can be larger than PlanLimits::tile_bytes; and a long sum is cut where there would be fewer than half as many steps.
constexpr std::uint64_t tiles_of_a_large_job = 64;
// What a byte from the operands' own memory counts beside one between on-chip memory and operand buffer: about what their energies are apart.
constexpr double far_byte = 4;
// What a step counts in such bytes: the latencies of its few bursts, about 100 ns at 128 GB/s.
constexpr double bytes_of_a_step = 12800;

// Extents of a tile, and how many products it covers.
struct Tile {
  std::uint64_t m = 0, n = 0, k = 0, products = 1;
};

class Planner {
 public:
  Planner(const MatrixJob& job, const PlanLimits& limits)
      : job_(job),
        limits_(limits),
        shape_(job.shape),
        sparse_(job.sparsity()),
        drop_(job.dropout()),
        aim_(std::max(limits.tile_bytes, job.bytes() / tiles_of_a_large_job)) {
    // The same plan whatever the phase: what it loads is known before the step.
    drop_.phase = 0;
    unit_m_ = drop_.filling(drop_.m, limits.dataflow == Dataflow::input_stationary ? limits.array.columns : limits.array.rows);
    unit_n_ = drop_.filling(drop_.n, limits.array.columns);
    if (output_stationary()) {
      // Whole kernels where k runs over taps: cutting one would load its channel twice.
      for (const Operand* operand : {&job.a, &job.b})
        if (operand->is_windows() && !operand->k_is_position()) unit_k_ = operand->shape().taps();
      if (unit_k_ == 1) unit_k_ = 16;
      unit_k_ = sparse_.whole_groups(unit_k_);
    } else {
      unit_k_ = drop_.filling(drop_.k, sparse_.whole_folds(limits.array.rows * job.mac.terms));
    }
  }

  std::optional<Plan> make() {
    tile_ = {std::min(unit_m_, shape_.m), std::min(unit_n_, shape_.n), shape_.k, 1};
    if (!shrink_to_fit()) return std::nullopt;
    std::vector<Tile> candidates;
    // Tiles that had to be made smaller than the array stay as they are.
    if (tile_.m >= std::min(unit_m_, shape_.m) && tile_.n >= std::min(unit_n_, shape_.n)) {
      if (output_stationary()) {
        chunk();
        if (tile_.k == shape_.k) candidates = {grown({true, false}), grown({false, true}), grown({true}), grown({false})};
        for (const std::uint64_t most : {aim_, 4 * aim_})
          if (const auto t = accumulating(most)) candidates.push_back(*t);
      } else {
        stream();
      }
      for (Tile& t : candidates) t = several_products(t);
      tile_ = several_products(tile_);
    }
    candidates.push_back(tile_);
    std::optional<Plan> best;
    double least = 0;
    for (const Tile& t : candidates) consider(t, best, least);
    best->drop = job_.dropout();
    if (best->tiles() > most_steps || best->chunks() > most_steps || best->steps() > most_steps) return std::nullopt;
    best->a.offset = 0;
    best->b.offset = best->a.count * best->a.bytes;
    best->c.offset = best->b.offset + best->b.count * best->b.bytes;
    best->scratch_used = best->c.offset + best->c.count * best->c.bytes;
    return best;
  }

 private:
  const MatrixJob& job_;
  const PlanLimits& limits_;
  const ProductShape shape_;
  const SparsePattern sparse_;
  DropPattern drop_;
  const std::uint64_t aim_;
  Tile tile_;
  std::uint64_t unit_m_ = 1, unit_n_ = 1, unit_k_ = 1;

  [[nodiscard]] bool output_stationary() const { return limits_.dataflow == Dataflow::output_stationary; }
  [[nodiscard]] std::uint64_t a_bytes(const Tile& t) const { return aligned(t.products * job_.a.most_bytes(t.m, t.k)); }
  [[nodiscard]] std::uint64_t b_bytes(const Tile& t) const { return aligned((job_.b.is_shared() ? 1 : t.products) * job_.b.most_bytes(t.n, t.k)); }
  [[nodiscard]] std::uint64_t c_bytes(const Tile& t) const { return aligned(t.products * t.m * t.n * bytes_of(job_.format)); }
  [[nodiscard]] std::uint64_t tiles_of_products(const Tile& t) const { return divide_up(job_.products, t.products); }
  [[nodiscard]] std::uint64_t a_blocks(const Tile& t) const { return tiles_of_products(t) * divide_up(shape_.m, t.m) * divide_up(shape_.k, t.k); }
  [[nodiscard]] std::uint64_t b_blocks(const Tile& t) const {
    return (job_.b.is_shared() ? 1 : tiles_of_products(t)) * divide_up(shape_.n, t.n) * divide_up(shape_.k, t.k);
  }
  [[nodiscard]] std::uint64_t tiles(const Tile& t) const { return tiles_of_products(t) * divide_up(shape_.m, t.m) * divide_up(shape_.n, t.n); }

  // Double buffers for what is not in place; a single one where there is but one block.
  [[nodiscard]] std::uint64_t least_scratch(const Tile& t) const {
    std::uint64_t bytes = 0;
    if (!limits_.a_in_place) bytes += std::min<std::uint64_t>(2, a_blocks(t)) * a_bytes(t);
    if (!limits_.b_in_place) bytes += std::min<std::uint64_t>(2, b_blocks(t)) * b_bytes(t);
    if (!limits_.c_in_place) bytes += std::min<std::uint64_t>(2, tiles(t)) * c_bytes(t);
    return bytes;
  }
  [[nodiscard]] bool fits(const Tile& t) const {
    const bool in_array = output_stationary() && (t.k == shape_.k || (t.m <= unit_m_ && t.n <= unit_n_));
    const bool sums_fit = in_array || t.products * t.m * t.n * sizeof(float) <= limits_.accumulator_bytes;
    return sums_fit && least_scratch(t) <= limits_.scratch_bytes;
  }
  // What the operand buffer needs: this step's blocks and the next one's. Where k is not cut and the inner loop passes several tiles, the outer operand's block stays; when it changes,
  // the array waits.
  [[nodiscard]] std::uint64_t to_hold(const Tile& t, bool n_outside) const {
    const std::uint64_t inner_tiles = n_outside ? divide_up(shape_.m, t.m) : divide_up(shape_.n, t.n);
    const auto twice = [](std::uint64_t bytes, std::uint64_t blocks) { return std::min<std::uint64_t>(2, blocks) * bytes; };
    const bool outer_stays = t.k == shape_.k && inner_tiles > 2;
    const std::uint64_t a = n_outside || !outer_stays ? twice(a_bytes(t), a_blocks(t)) : a_bytes(t);
    const std::uint64_t b = !n_outside || !outer_stays ? twice(b_bytes(t), b_blocks(t)) : b_bytes(t);
    return a + b;
  }
  [[nodiscard]] bool both_held(const Tile& t) const { return std::min(to_hold(t, false), to_hold(t, true)) <= limits_.buffer_bytes; }

  static std::uint64_t half(std::uint64_t size, std::uint64_t unit) {
    const std::uint64_t halved = divide_up(size, 2);
    return halved > unit ? divide_up(halved, unit) * unit : (size > unit ? unit : size);
  }

  // First k, in whole units; then the larger of the two blocks, below the size of the array if it must be.
  bool shrink_to_fit() {
    while (!fits(tile_)) {
      const std::uint64_t shorter = half(tile_.k, unit_k_);
      if (shorter < tile_.k) {
        tile_.k = shorter;
      } else if (tile_.m > 1 && (tile_.n == 1 || a_bytes(tile_) >= b_bytes(tile_))) {
        tile_.m = divide_up(tile_.m, 2);
      } else if (tile_.n > 1) {
        tile_.n = divide_up(tile_.n, 2);
      } else if (output_stationary() && tile_.k > sparse_.group) {
        tile_.k = half(tile_.k, sparse_.group);
      } else {
        return false;
      }
    }
    return true;
  }

  // A long sum over one fold: cut so that the array starts before all of it is there, and that the operand buffer holds it.
  void chunk() {
    const auto few_steps = [&] { return tiles(tile_) * divide_up(shape_.k, tile_.k) < tiles_of_a_large_job / 2; };
    while ((a_bytes(tile_) + b_bytes(tile_) > 2 * aim_ && few_steps()) || (limits_.buffer_bytes > 0 && !both_held(tile_))) {
      const std::uint64_t shorter = half(tile_.k, unit_k_);
      if (shorter >= tile_.k) break;
      tile_.k = shorter;
    }
  }

  [[nodiscard]] bool try_tile(Tile& tile, Tile larger) const {
    larger.m = std::min(larger.m, shape_.m);
    larger.n = std::min(larger.n, shape_.n);
    larger.k = std::min(larger.k, shape_.k);
    if (!fits(larger)) return false;
    tile = larger;
    return true;
  }
  [[nodiscard]] bool try_aim(Tile& tile, const Tile& larger) const {
    const auto within = [&](std::uint64_t bytes, std::uint64_t before) { return bytes <= std::max(aim_, before); };
    if (!within(a_bytes(larger), a_bytes(tile)) || !within(b_bytes(larger), b_bytes(tile)) || !within(c_bytes(larger), c_bytes(tile))) return false;
    if (limits_.buffer_bytes > 0 && both_held(tile) && !both_held(larger)) return false;
    return try_tile(tile, larger);
  }

  // By doubling, then by ever smaller parts; one extent (m: true) as far as it goes, then perhaps the other.
  [[nodiscard]] Tile grown(std::initializer_list<bool> along) const {
    Tile t = tile_;
    for (const bool along_m : along) {
      const std::uint64_t unit = along_m ? unit_m_ : unit_n_, whole = along_m ? shape_.m : shape_.n;
      const auto extent = [&] { return along_m ? t.m : t.n; };
      const auto try_extent = [&](std::uint64_t e) { return try_aim(t, along_m ? Tile{e, t.n, t.k, 1} : Tile{t.m, e, t.k, 1}); };
      while (extent() < whole && try_extent(2 * extent())) {}
      for (std::uint64_t more = extent() / unit / 2; more > 0 && extent() < whole; more /= 2) static_cast<void>(try_extent(extent() + more * unit));
    }
    return t;
  }

  // A tile of several folds whose sums wait in the accumulators between chunks of k: large enough outputs to use each operand often, then chunks as long as the blocks allow.
  [[nodiscard]] std::optional<Tile> accumulating(std::uint64_t most_block) const {
    // Of k, so that what is left of it hides the exchange of sums.
    const SparsePattern least_k = drop_.k ? SparsePattern{drop_.period - 1, drop_.period} : sparse_;
    const std::uint64_t least = divide_up(2 * limits_.array.rows * job_.mac.terms * least_k.group, unit_k_ * least_k.keep) * unit_k_;
    if (least >= shape_.k || limits_.buffer_bytes == 0) return std::nullopt;
    Tile t{std::min(unit_m_, shape_.m), std::min(unit_n_, shape_.n), least, 1};
    const auto accept = [&](Tile larger) {
      larger = {std::min(larger.m, shape_.m), std::min(larger.n, shape_.n), std::min(larger.k, shape_.k), 1};
      const bool good = fits(larger) && both_held(larger) && std::max(a_bytes(larger), b_bytes(larger)) <= std::max({most_block, a_bytes(t), b_bytes(t)});
      if (good) t = larger;
      return good;
    };
    if (!accept(t)) return std::nullopt;
    for (bool more = true; more;) {
      more = false;
      const bool m_first = t.m <= t.n;
      for (const bool along_m : {m_first, !m_first}) {
        if (along_m ? t.m >= shape_.m : t.n >= shape_.n) continue;
        more = accept(along_m ? Tile{2 * t.m, t.n, t.k, 1} : Tile{t.m, 2 * t.n, t.k, 1});
        if (more) break;
      }
    }
    if (t.m <= unit_m_ && t.n <= unit_n_) return std::nullopt;  // chunk() knows tiles of one fold
    while (2 * t.k < shape_.k && accept({t.m, t.n, 2 * t.k, 1})) {}
    return t;
  }

  // Whether two products need just what one does twice: not where a core has a slice of each of them, between which lies what belongs to others.
  [[nodiscard]] bool products_adjoin() const {
    if (job_.products == 1) return true;
    const Range m{0, shape_.m}, n{0, shape_.n}, k{0, shape_.k};
    const auto adjoin = [](const Operand& operand, Range outer, Range inner) {
      return operand.is_shared() || operand.region({0, 2}, outer, inner).units() == 2 * operand.region({0, 1}, outer, inner).units();
    };
    return adjoin(job_.a, m, k) && adjoin(job_.b, n, k) && adjoin(job_.c, n, m);
  }

  // Small products come several at a time.
  [[nodiscard]] Tile several_products(Tile t) const {
    if (t.m < shape_.m || t.n < shape_.n || t.k < shape_.k || !products_adjoin()) return t;
    const auto with = [&](std::uint64_t products) { return Tile{t.m, t.n, t.k, std::min(products, job_.products)}; };
    while (t.products < job_.products && try_aim(t, with(2 * t.products))) {}
    for (std::uint64_t more = t.products / 2; more > 0; more /= 2)
      if (t.products < job_.products) static_cast<void>(try_aim(t, with(t.products + more)));
    return t;
  }

  // One extent streams past the stationary operand, and every cut of it costs a refill of the array: as long as fits, at the expense of k and the other one.
  void stream() {
    const bool along_m = limits_.dataflow == Dataflow::weight_stationary;
    const std::uint64_t k = std::min(unit_k_, shape_.k), whole = along_m ? shape_.m : shape_.n, now = along_m ? tile_.m : tile_.n;
    for (std::uint64_t extent = whole; extent > now; extent = divide_up(extent, 2))
      if (try_tile(tile_, along_m ? Tile{extent, std::min(unit_n_, shape_.n), k, 1} : Tile{std::min(unit_m_, shape_.m), extent, k, 1})) break;
    const auto deeper = [&] { return Tile{tile_.m, tile_.n, 2 * tile_.k, 1}; };
    while (tile_.k < shape_.k && a_bytes(deeper()) + b_bytes(deeper()) <= 2 * aim_ && (both_held(deeper()) || !both_held(tile_)) && try_tile(tile_, deeper())) {
    }
  }

  // Bytes that come into a store (scratch, or the operand buffer) which keeps so many blocks of the operand that the outer loop moves along and of the one that the inner loop passes.
  struct Loops {
    std::uint64_t outer_tiles, inner_tiles, group, chunks;
  };
  [[nodiscard]] static double traffic(const Loops& l, double outer_bytes, std::uint64_t outer_kept, double inner_bytes, std::uint64_t inner_kept) {
    const std::uint64_t groups = divide_up(l.inner_tiles, l.group), passed = l.group * l.chunks;
    // The inner operand: once where a group stays; otherwise each pass finds again what still lies there of the one before, since the loop turns round.
    double inner_passes = 1;
    if (inner_kept < passed) {
      const double kept = l.chunks == 1 && inner_kept > 2 ? static_cast<double>(inner_kept - 2) / static_cast<double>(passed) : 0;
      inner_passes = 1 + static_cast<double>(l.outer_tiles - 1) * (1 - kept);
    }
    // The outer one: once a group where the chunks of one tile stay.
    const double outer_passes = static_cast<double>(groups * (outer_kept >= l.chunks ? 1 : l.group));
    return outer_bytes * outer_passes + inner_bytes * inner_passes;
  }

  [[nodiscard]] double cost(const Plan& p, const Tile& t, const StepWork& work) const {
    const Loops loops{p.n_outside ? p.tiles_n() : p.tiles_m(), p.n_outside ? p.tiles_m() : p.tiles_n(), p.group, p.chunks()};
    const double a = static_cast<double>(job_.a.bytes()), b = static_cast<double>(job_.b.bytes());
    const auto of = [&](double a_bytes_moved, std::uint64_t a_kept, double b_bytes_moved, std::uint64_t b_kept) {
      return p.n_outside ? traffic(loops, b_bytes_moved, b_kept, a_bytes_moved, a_kept) : traffic(loops, a_bytes_moved, a_kept, b_bytes_moved, b_kept);
    };
    const double loaded = of(limits_.a_in_place ? 0 : a, p.a.count, limits_.b_in_place ? 0 : b, p.b.count);
    const std::uint64_t outer = (p.n_outside ? b_bytes(t) : a_bytes(t)) * p.chunks(), inner = p.n_outside ? a_bytes(t) : b_bytes(t);
    const bool outer_stays = outer + 2 * inner <= limits_.buffer_bytes;
    const std::uint64_t outer_kept = outer_stays ? p.chunks() : 1, inner_kept = outer_stays ? (limits_.buffer_bytes - outer) / inner : 0;
    double fetched = of(p.hold_a ? a : 0, p.n_outside ? inner_kept : outer_kept, p.hold_b ? b : 0, p.n_outside ? outer_kept : inner_kept);
    if (!p.hold_a) fetched += a * static_cast<double>(p.tiles_n() * work.a_passes);
    if (!p.hold_b) fetched += b * static_cast<double>(p.tiles_m() * work.b_passes);
    // Nothing hides the first blocks' way in and the last tile's way out, each through two memories.
    const auto exposed = static_cast<double>(2 * (a_bytes(t) + b_bytes(t) + c_bytes(t)));
    return far_byte * loaded + fetched + exposed + bytes_of_a_step * static_cast<double>(p.steps());
  }

  void hold(Plan& p, const Tile& t, const StepWork& work) const {
    const std::uint64_t a = std::min<std::uint64_t>(2, a_blocks(t)) * a_bytes(t), b = std::min<std::uint64_t>(2, b_blocks(t)) * b_bytes(t);
    const bool both = to_hold(t, p.n_outside) <= limits_.buffer_bytes, a_alone = a <= limits_.buffer_bytes, b_alone = b <= limits_.buffer_bytes;
    p.hold_a = both || (a_alone && (!b_alone || a * work.a_passes >= b * work.b_passes));
    p.hold_b = both || (b_alone && !p.hold_a);
  }

  // All arrangements of a tile; the best one so far stays.
  void consider(const Tile& t, std::optional<Plan>& best, double& least) const {
    for (const bool n_outside : {false, true}) {
      Plan p;
      p.shape = shape_;
      p.products = job_.products;
      p.tile = {t.m, t.n, t.k};
      p.tile_products = t.products;
      p.b_shared = job_.b.is_shared();
      p.terms = job_.mac.terms;
      p.sparse = sparse_;
      p.drop = drop_;
      p.n_outside = n_outside;
      const Slots a{limits_.a_in_place ? 0 : std::min<std::uint64_t>(2, a_blocks(t)), a_bytes(t), 0};
      const Slots b{limits_.b_in_place ? 0 : std::min<std::uint64_t>(2, b_blocks(t)), b_bytes(t), 0};
      p.c = {limits_.c_in_place ? 0 : std::min<std::uint64_t>(2, tiles(t)), c_bytes(t), 0};
      const StepWork work = work_of(p, limits_, p.step(0));
      hold(p, t, work);
      const std::uint64_t chunks = p.chunks(), inner_tiles = n_outside ? p.tiles_m() : p.tiles_n();
      // Of the outer operand: a double buffer, one tile's chunks, or two tiles'. Of the inner one: all that scratch has room for.
      for (const std::uint64_t outer_wanted : {std::uint64_t{2}, chunks, 2 * chunks}) {
        p.a = a;
        p.b = b;
        std::uint64_t spare = limits_.scratch_bytes - least_scratch(t);
        const auto widen = [&spare](Slots& slots, std::uint64_t wanted) {
          if (slots.count == 0 || wanted <= slots.count) return;
          const std::uint64_t more = std::min(wanted - slots.count, spare / slots.bytes);
          spare -= more * slots.bytes;
          slots.count += more;
        };
        Slots &outer = n_outside ? p.b : p.a, &inner = n_outside ? p.a : p.b;
        widen(outer, std::min(outer_wanted, (n_outside ? p.tiles_n() : p.tiles_m()) * chunks));
        widen(inner, inner_tiles * chunks);
        const std::uint64_t fitting = inner.count / chunks;
        for (const std::uint64_t group : {inner_tiles, fitting > 1 ? std::min(fitting, inner_tiles) : inner_tiles}) {
          p.group = group;
          const double now = cost(p, t, work);
          if (!best || now < least) {
            best = p;
            least = now;
          }
        }
      }
    }
  }
};

}  // namespace

Step Plan::step(std::uint64_t index) const {
  Step s;
  s.tile = index / chunks();
  s.chunk = index % chunks();
  const std::uint64_t of_product = tiles_m() * tiles_n(), grid = s.tile % of_product, products_at = s.tile / of_product;
  const std::uint64_t inner_tiles = n_outside ? tiles_m() : tiles_n(), outer_tiles = n_outside ? tiles_n() : tiles_m();
  const std::uint64_t group_at = grid / (group * outer_tiles), within = grid % (group * outer_tiles), here = std::min(group, inner_tiles - group_at * group);
  const std::uint64_t outer = within / here, along = within % here;
  const std::uint64_t inner = group_at * group + (outer % 2 == 0 ? along : here - 1 - along);
  s.tile_m = n_outside ? inner : outer;
  s.tile_n = n_outside ? outer : inner;
  s.products = {products_at * tile_products, std::min(products, (products_at + 1) * tile_products)};
  s.m = {s.tile_m * tile.m, std::min(shape.m, (s.tile_m + 1) * tile.m)};
  s.n = {s.tile_n * tile.n, std::min(shape.n, (s.tile_n + 1) * tile.n)};
  s.k = {s.chunk * tile.k, std::min(shape.k, (s.chunk + 1) * tile.k)};
  s.first_chunk = s.chunk == 0;
  s.last_chunk = s.k.last == shape.k;
  return s;
}

StepWork work_of(const Plan& plan, const PlanLimits& limits, const Step& step) {
  const std::uint64_t r = limits.array.rows, c = limits.array.columns, m = plan.drop.kept_m(step.m), n = plan.drop.kept_n(step.n),
                      products = step.products.size();
  // Sparsity and dropout along k never meet.
  const auto kept = [&plan](Range of) { return plan.drop.k ? plan.drop.kept_k(of) : plan.sparse.kept(of.size()); };
  const std::uint64_t all_k = plan.drop.kept_k(step.k), k = kept(step.k), whole_k = divide_up(kept({0, plan.shape.k}), plan.terms);  // whole_k: groups of terms
  const bool pipelined = limits.fold_cost == FoldCost::pipelined;
  StepWork work;
  std::uint64_t cycles = 0;  // of a fold
  switch (limits.dataflow) {
    case Dataflow::output_stationary:
      work.a_passes = divide_up(n, c);
      work.b_passes = divide_up(m, r);
      work.folds = work.blocks = work.a_passes * work.b_passes;
      // Filling and draining the array is charged once, with the last chunk.
      cycles = divide_up(kept({0, step.k.last}), plan.terms) - divide_up(kept({0, step.k.first}), plan.terms);
      if (step.last_chunk) cycles += pipelined ? std::max(whole_k, r) - whole_k : r + c - 2;
      break;
    case Dataflow::weight_stationary:
      work.a_passes = work.blocks = divide_up(n, c);
      work.b_passes = 1;
      work.folds = work.blocks * divide_up(k, r * plan.terms);
      cycles = pipelined ? std::max(m, r) : 2 * r + c + m - 2;
      break;
    case Dataflow::input_stationary:
      work.a_passes = 1;
      work.b_passes = work.blocks = divide_up(m, c);
      work.folds = work.blocks * divide_up(k, r * plan.terms);
      cycles = pipelined ? std::max(n, r) : 2 * r + c + n - 2;
      break;
  }
  work.folds *= products;
  work.blocks *= products;
  work.cycles = work.folds * cycles;
  // The first fold of a job takes its full time.
  if (pipelined && step.tile == 0 && step.first_chunk) {
    const ProductShape first{m, n, whole_k};
    work.cycles += fold_law(limits.dataflow, limits.array, first, FoldCost::pipelined).first_fold_extra;
  }
  work.a_elements = products * m * all_k * work.a_passes;
  work.b_elements = products * n * k * work.b_passes;
  work.macs = products * m * n * k;
  work.comparisons = products * n * plan.sparse.comparisons(step.k.size()) * work.b_passes;
  if (limits.dataflow == Dataflow::output_stationary && work.folds > products)
    work.sums_exchanged = products * m * n * ((step.first_chunk ? 0 : 1) + (step.last_chunk ? 0 : 1));
  return work;
}

std::optional<Plan> plan(const MatrixJob& job, const PlanLimits& limits) { return Planner(job, limits).make(); }

}  // namespace spinvp::npu
