#include "models/pim/lane_operations.h"

#include <algorithm>
#include <bit>

namespace spinvp::pim {

namespace {
constexpr unsigned word_bits = 32;

// A word read and written in `lanes` lanes.
Work moved(std::uint64_t lanes, std::uint64_t flips) {
  Work work = Work::rows_read(word_bits, lanes);
  work.then(Work::rows_written(word_bits, lanes, flips));
  return work;
}
}  // namespace

Work LaneOperations::run(const Command& c) {
  network_.begin();
  const WordOperands words{c.destination, c.source_a, c.source_b};
  switch (c.operation) {
    case SPINVP_PIM_MULTIPLY: return arithmetic(ArithmeticOperation::multiply, c, words);
    case SPINVP_PIM_ADD: return arithmetic(ArithmeticOperation::add, c, words);
    case SPINVP_PIM_SUBTRACT: return arithmetic(ArithmeticOperation::subtract, c, words);
    case SPINVP_PIM_MULTIPLY_ACCUMULATE: return arithmetic(ArithmeticOperation::multiply_accumulate, c, words);
    case SPINVP_PIM_COMPARE: return arithmetic(ArithmeticOperation::compare, c, words);
    case SPINVP_PIM_MAXIMUM: return arithmetic(ArithmeticOperation::maximum, c, words);
    case SPINVP_PIM_RELU: return arithmetic(ArithmeticOperation::relu, c, {c.destination, c.source_a, c.source_a});
    case SPINVP_PIM_CONVERT: return convert(c);
    case SPINVP_PIM_COPY: return copy(c, c.destination, c.source_a);
    case SPINVP_PIM_BROADCAST: return broadcast(c);
    case SPINVP_PIM_MOVE_FROM: return move_from(c, c.destination);
    case SPINVP_PIM_ADD_FROM: {
      const std::uint32_t landing = store_.work_word(0);
      Work work = move_from(c, landing);
      work.then(arithmetic(ArithmeticOperation::add, c, {c.destination, c.destination, landing}));
      return work;
    }
    case SPINVP_PIM_REDUCE: return reduce(c);
    default: return {};
  }
}

Work LaneOperations::arithmetic(ArithmeticOperation operation, const Command& c, const WordOperands& words) {
  Work work;
  for_each_subarray(store_.geometry(), c.first_lane, c.lane_count,
                    [&](const LaneRange& range, std::uint64_t) { work.beside(engine_.execute(operation, store_, range, words)); });
  return work;
}

Work LaneOperations::convert(const Command& c) {
  Work work;
  for_each_subarray(store_.geometry(), c.first_lane, c.lane_count, [&](const LaneRange& range, std::uint64_t) {
    work.beside(engine_.convert(c.from, c.to, store_, range, {c.destination, c.source_a, c.source_a}));
  });
  return work;
}

Work LaneOperations::copy(const Command& c, std::uint32_t destination, std::uint32_t source) {
  Work work;
  for_each_subarray(store_.geometry(), c.first_lane, c.lane_count, [&](const LaneRange& range, std::uint64_t) {
    work.beside(moved(range.count, store_.write(range, destination, store_.lanes(range, source))));
  });
  return work;
}

Work LaneOperations::broadcast(const Command& c) {
  Work work;
  for_each_subarray(store_.geometry(), c.first_lane, c.lane_count, [&](const LaneRange& range, std::uint64_t) {
    work.beside(Work::rows_written(word_bits, range.count, store_.fill(range, c.destination, c.scalar)));
  });
  return work;
}

Work LaneOperations::move_from(const Command& c, std::uint32_t destination) {
  if (c.distance == 0) return copy(c, destination, c.source_a);
  const Geometry& geometry = store_.geometry();
  const std::int64_t hop = c.distance / static_cast<std::int64_t>(geometry.lanes);
  std::vector<LaneRange> targets;
  for_each_subarray(geometry, c.first_lane, c.lane_count, [&](const LaneRange& range, std::uint64_t) { targets.push_back(range); });
  // All sources are sent before any destination is written: take them in the order in which no source is overwritten before it was read.
  if (hop < 0) std::ranges::reverse(targets);
  Work work;
  for (const LaneRange& to : targets) {
    const LaneRange from{static_cast<std::uint32_t>(to.subarray + hop), to.first, to.count};
    network_.send(from.subarray, to.subarray, std::uint64_t{to.count} * word_bits);
    work.events += moved(to.count, store_.write(to, destination, store_.lanes(from, c.source_a))).events;
  }
  // A subarray cannot send and receive at once: then the transfer has two phases.
  const std::uint64_t span = targets.size(), far = static_cast<std::uint64_t>(hop < 0 ? -hop : hop);
  const std::uint64_t phases = far < span ? 2 : 1;
  work.steps = published::transfer(word_bits) * phases;
  return work;
}

Work LaneOperations::reduce(const Command& c) {
  if (c.count == 1) return copy(c, c.destination, c.source_a);
  // Two work words: the partial sums, and what arrived from the lane at the level's distance. Only lanes that are a multiple of twice the distance are driven;
  // the engine is called on all lanes of the group's range, its cells are counted for the driven ones.
  const std::uint32_t partial = store_.work_word(0), arrived = store_.work_word(1);
  Work work;
  for_each_subarray(store_.geometry(), c.first_lane, c.lane_count, [&](const LaneRange& range, std::uint64_t) {
    Work here;
    // The host's bookkeeping: which cells of the work words flip here is not counted, half of them are taken to.
    std::ranges::copy(store_.lanes(range, c.source_a), store_.lanes(range, partial).begin());
    // The partial sums are packed to the front of the range, so that the engine works on exactly the driven lanes.
    std::uint32_t sums = range.count;
    for (std::uint32_t distance = 1; distance < c.count; distance *= 2) {
      sums /= 2;
      const auto even = store_.lanes(range, partial), odd = store_.lanes(range, arrived);
      for (std::uint32_t i = 0; i < sums; ++i) odd[i] = even[2 * i + 1];
      for (std::uint32_t i = 0; i < sums; ++i) even[i] = even[2 * i];
      here.then(moved(sums, std::uint64_t{word_bits / 2} * sums));
      here.then(engine_.execute(ArithmeticOperation::add, store_, {range.subarray, range.first, sums}, {partial, partial, arrived}));
    }
    const auto result = store_.lanes(range, partial);
    const auto destination = store_.lanes(range, c.destination);
    for (std::uint32_t group = 0; group < sums; ++group) destination[std::size_t{group} * c.count] = result[group];
    work.beside(here);
  });
  return work;
}

}  // namespace spinvp::pim
