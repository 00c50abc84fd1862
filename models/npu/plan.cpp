#include "models/npu/plan.h"

#include <algorithm>
#include <array>

#include "models/core/units.h"

namespace spinvp::npu {

using core::divide_up;

namespace {

// Slots start at these steps, so that bursts do not straddle words of the memory.
constexpr std::uint64_t slot_alignment = 64;
std::uint64_t aligned(std::uint64_t bytes) { return divide_up(bytes, slot_alignment) * slot_alignment; }

class Planner {
 public:
  Planner(const MatrixJob& job, const PlanLimits& limits) : job_(job), limits_(limits), shape_(job.shape) {
    const bool os = limits.dataflow == Dataflow::output_stationary;
    unit_m_ = limits.dataflow == Dataflow::input_stationary ? limits.array.columns : limits.array.rows;
    unit_n_ = limits.array.columns;
    if (os) {
      // Whole kernels where k runs over taps: cutting one would load its channel twice.
      for (const Operand* operand : {&job.a, &job.b})
        if (operand->is_windows() && !operand->k_is_position()) unit_k_ = operand->shape().taps();
      if (unit_k_ == 1) unit_k_ = 16;
    } else {
      unit_k_ = limits.array.rows;
    }
  }

  std::optional<Plan> make() {
    tile_ = {std::min(unit_m_, shape_.m), std::min(unit_n_, shape_.n), shape_.k};
    if (!shrink_to_fit()) return std::nullopt;
    // Tiles that had to be made smaller than the array stay as they are.
    if (tile_.m >= std::min(unit_m_, shape_.m) && tile_.n >= std::min(unit_n_, shape_.n)) {
      if (limits_.dataflow == Dataflow::output_stationary) {
        chunk();
        if (tile_.k == shape_.k) grow();
      } else {
        stream();
      }
    }
    Plan plan = arrange();
    if (plan.tiles() > most_steps || plan.chunks() > most_steps || plan.steps() > most_steps) return std::nullopt;
    return plan;
  }

 private:
  const MatrixJob& job_;
  const PlanLimits& limits_;
  const ProductShape shape_;
  ProductShape tile_;
  std::uint64_t unit_m_ = 1, unit_n_ = 1, unit_k_ = 1;

  [[nodiscard]] std::uint64_t a_bytes(ProductShape t) const { return aligned(job_.a.most_bytes(t.m, t.k)); }
  [[nodiscard]] std::uint64_t b_bytes(ProductShape t) const { return aligned(job_.b.most_bytes(t.n, t.k)); }
  [[nodiscard]] std::uint64_t c_bytes(ProductShape t) const { return aligned(t.m * t.n * bytes_of(job_.format)); }
  [[nodiscard]] std::uint64_t a_blocks(ProductShape t) const { return divide_up(shape_.m, t.m) * divide_up(shape_.k, t.k); }
  [[nodiscard]] std::uint64_t b_blocks(ProductShape t) const { return divide_up(shape_.n, t.n) * divide_up(shape_.k, t.k); }
  [[nodiscard]] std::uint64_t tiles(ProductShape t) const { return divide_up(shape_.m, t.m) * divide_up(shape_.n, t.n); }

  // Double buffers for what is not in place; a single one where there is but one block.
  [[nodiscard]] std::uint64_t least_scratch(ProductShape t) const {
    std::uint64_t bytes = 0;
    if (!limits_.a_in_place) bytes += std::min<std::uint64_t>(2, a_blocks(t)) * a_bytes(t);
    if (!limits_.b_in_place) bytes += std::min<std::uint64_t>(2, b_blocks(t)) * b_bytes(t);
    if (!limits_.c_in_place) bytes += std::min<std::uint64_t>(2, tiles(t)) * c_bytes(t);
    return bytes;
  }
  [[nodiscard]] bool fits(ProductShape t) const {
    const bool sums_fit = limits_.dataflow == Dataflow::output_stationary || t.m * t.n * sizeof(float) <= limits_.accumulator_bytes;
    return sums_fit && least_scratch(t) <= limits_.scratch_bytes;
  }

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
      } else if (limits_.dataflow == Dataflow::output_stationary && tile_.k > 1) {
        tile_.k = divide_up(tile_.k, 2);
      } else {
        return false;
      }
    }
    return true;
  }

  // A long sum over one fold: cut so that the array starts before all of it is there.
  void chunk() {
    while (a_bytes(tile_) + b_bytes(tile_) > 2 * limits_.tile_bytes) {
      const std::uint64_t shorter = half(tile_.k, unit_k_);
      if (shorter >= tile_.k) break;
      tile_.k = shorter;
    }
  }

  bool try_tile(ProductShape larger) {
    larger = {std::min(larger.m, shape_.m), std::min(larger.n, shape_.n), std::min(larger.k, shape_.k)};
    if (!fits(larger)) return false;
    tile_ = larger;
    return true;
  }
  bool try_aim(ProductShape larger) { return std::max({a_bytes(larger), b_bytes(larger), c_bytes(larger)}) <= limits_.tile_bytes && try_tile(larger); }

  // By doubling, then by single units.
  void grow() {
    while (tile_.m < shape_.m && try_aim({2 * tile_.m, tile_.n, tile_.k})) {}
    while (tile_.m < shape_.m && try_aim({tile_.m + unit_m_, tile_.n, tile_.k})) {}
    while (tile_.n < shape_.n && try_aim({tile_.m, 2 * tile_.n, tile_.k})) {}
    while (tile_.n < shape_.n && try_aim({tile_.m, tile_.n + unit_n_, tile_.k})) {}
  }

  // One extent streams past the stationary operand, and every cut of it costs a refill of the array: as long as fits, at the expense of k and the other one.
  void stream() {
    const bool along_m = limits_.dataflow == Dataflow::weight_stationary;
    const std::uint64_t k = std::min(unit_k_, shape_.k), whole = along_m ? shape_.m : shape_.n, now = along_m ? tile_.m : tile_.n;
    for (std::uint64_t extent = whole; extent > now; extent = divide_up(extent, 2))
      if (try_tile(along_m ? ProductShape{extent, std::min(unit_n_, shape_.n), k} : ProductShape{std::min(unit_m_, shape_.m), extent, k})) break;
    while (tile_.k < shape_.k && a_bytes({tile_.m, tile_.n, 2 * tile_.k}) + b_bytes({tile_.m, tile_.n, 2 * tile_.k}) <= 2 * limits_.tile_bytes &&
           try_tile({tile_.m, tile_.n, 2 * tile_.k})) {}
  }

  // Bytes that loads move for one loop order and number of slots.
  [[nodiscard]] std::uint64_t traffic(bool n_outside, std::uint64_t a_slots, std::uint64_t b_slots) const {
    const std::uint64_t chunks = divide_up(shape_.k, tile_.k), tiles_m = divide_up(shape_.m, tile_.m), tiles_n = divide_up(shape_.n, tile_.n);
    const auto passes = [chunks](std::uint64_t slots, std::uint64_t own_tiles, std::uint64_t other_tiles, bool outside) {
      // Loaded once if all of it stays, or if it is the outer operand and one strip of it stays.
      if (slots >= own_tiles * chunks || (outside && slots >= chunks)) return std::uint64_t{1};
      return other_tiles;
    };
    std::uint64_t bytes = 0;
    if (!limits_.a_in_place) bytes += job_.a.tensor().bytes() * passes(a_slots, tiles_m, tiles_n, !n_outside);
    if (!limits_.b_in_place) bytes += job_.b.tensor().bytes() * passes(b_slots, tiles_n, tiles_m, n_outside);
    return bytes;
  }

  Plan arrange() {
    Plan best;
    std::uint64_t best_traffic = ~std::uint64_t{0};
    for (const bool n_outside : {false, true})
      for (const bool b_first : {true, false}) {
        Plan p;
        p.shape = shape_;
        p.tile = tile_;
        p.n_outside = n_outside;
        p.a = {limits_.a_in_place ? 0 : std::min<std::uint64_t>(2, a_blocks(tile_)), a_bytes(tile_), 0};
        p.b = {limits_.b_in_place ? 0 : std::min<std::uint64_t>(2, b_blocks(tile_)), b_bytes(tile_), 0};
        p.c = {limits_.c_in_place ? 0 : std::min<std::uint64_t>(2, tiles(tile_)), c_bytes(tile_), 0};
        std::uint64_t spare = limits_.scratch_bytes - least_scratch(tile_);
        const std::uint64_t chunks = p.chunks();
        const auto widen = [&spare, chunks](Slots& slots, std::uint64_t blocks) {
          if (slots.count == 0) return;
          // All blocks, or two strips, or one.
          for (const std::uint64_t wanted : {blocks, 2 * chunks, chunks})
            if (wanted > slots.count && wanted <= blocks && (wanted - slots.count) <= spare / slots.bytes) {
              spare -= (wanted - slots.count) * slots.bytes;
              slots.count = wanted;
              return;
            }
        };
        if (b_first) widen(p.b, b_blocks(tile_));
        widen(p.a, a_blocks(tile_));
        if (!b_first) widen(p.b, b_blocks(tile_));
        const std::uint64_t moved = traffic(n_outside, p.a.count, p.b.count);
        if (moved < best_traffic) {
          best_traffic = moved;
          best = p;
        }
      }
    best.a.offset = 0;
    best.b.offset = best.a.count * best.a.bytes;
    best.c.offset = best.b.offset + best.b.count * best.b.bytes;
    best.scratch_used = best.c.offset + best.c.count * best.c.bytes;
    return best;
  }
};

}  // namespace

Step Plan::step(std::uint64_t index) const {
  Step s;
  s.tile = index / chunks();
  s.chunk = index % chunks();
  s.tile_m = n_outside ? s.tile % tiles_m() : s.tile / tiles_n();
  s.tile_n = n_outside ? s.tile / tiles_m() : s.tile % tiles_n();
  s.m = {s.tile_m * tile.m, std::min(shape.m, (s.tile_m + 1) * tile.m)};
  s.n = {s.tile_n * tile.n, std::min(shape.n, (s.tile_n + 1) * tile.n)};
  s.k = {s.chunk * tile.k, std::min(shape.k, (s.chunk + 1) * tile.k)};
  s.first_chunk = s.chunk == 0;
  s.last_chunk = s.k.last == shape.k;
  return s;
}

std::optional<Plan> plan(const MatrixJob& job, const PlanLimits& limits) { return Planner(job, limits).make(); }

}  // namespace spinvp::npu
