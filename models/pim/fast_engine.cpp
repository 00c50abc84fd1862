#include "models/pim/fast_engine.h"

#include <algorithm>

#include "models/core/error.h"
#include "models/pim/float_value.h"

namespace spinvp::pim {

FastEngine::FastEngine(std::shared_ptr<ProgramSet> programs, VectorWidth width)
    : programs_(std::move(programs)), values_(programs_->arithmetic(), width), width_(width), aside_(programs_->rows(), sample_lanes) {}

namespace {

constexpr std::size_t operations = 7;

std::size_t index_of(FloatFormat format) {
  constexpr FloatFormat named[] = {fp32, fp16, bf16};
  const auto* at = std::find(std::begin(named), std::end(named), format);
  if (at == std::end(named)) throw core::InputError("pim: a conversion of " + name_of(format) + ", allowed are fp32, fp16 and bf16");
  return static_cast<std::size_t>(at - std::begin(named));
}

}  // namespace

void FastEngine::take_sample(const RunnableProgram& program, Statistics& s, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                             std::uint64_t guards) {
  // A different stretch of the range each time.
  const unsigned count = std::min(range.count, sample_lanes);
  const unsigned places = range.count / count;
  const LaneRange part{range.subarray, range.first + static_cast<unsigned>(s.turn++ % places) * count, count};
  constexpr Placement at = ProgramSet::placement;
  const MicroProgram& steps = program.program();
  aside_.load_words(at.a, steps.a_rows, 0, store.lanes(part, words.source_a));
  if (steps.b_rows != 0) aside_.load_words(at.b, steps.b_rows, 0, store.lanes(part, words.source_b));
  aside_.load_words(at.d, steps.d_rows, 0, store.lanes(part, words.destination));
  const CellEvents events = aside_.run(program, 0, count, guards, width_), fixed = program.fixed_events(guards, count);
  Sample& sample = s.ring[s.samples++ % kept_samples];
  sample.lanes = count;
  for (std::size_t i = 0; i < events.counts.size(); ++i) sample.events.counts[i] = events.counts[i] - fixed.counts[i];
}

Work FastEngine::charge(Statistics& s, const RunnableProgram& program, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                        std::uint64_t guards) {
  // Longer programs are sampled more rarely, so that samples cost about as much as the values.
  const std::uint64_t interval = sample_lanes * std::max<std::uint64_t>(16, program.operations().size() / 128);
  s.lanes_since += range.count;
  // The first executions are all sampled: an estimate needs some.
  if (s.samples < 4 || s.lanes_since >= interval) {
    s.lanes_since = 0;
    take_sample(program, s, store, range, words, guards);
  }
  Sample sum;
  for (const Sample& sample : s.ring) sum.lanes += sample.lanes, sum.events += sample.events;
  Work work{program.counts(guards), program.fixed_events(guards, range.count)};
  for (std::size_t i = 0; i < work.events.counts.size(); ++i) work.events.counts[i] += (sum.events.counts[i] * range.count + sum.lanes / 2) / sum.lanes;
  return work;
}

Work FastEngine::execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                         std::optional<std::uint32_t> scalar) {
  const RunnableProgram& program = programs_->program(operation, scalar.has_value());
  // Before the values: the sample sees what the destination held.
  Statistics& s = statistics_[static_cast<std::size_t>(operation) + (scalar ? operations : 0)];
  const Work work = charge(s, program, store, range, words, programs_->guards(scalar));
  values_.run(operation, store.lanes(range, words.destination).data(), store.lanes(range, words.source_a).data(), store.lanes(range, words.source_b).data(),
              range.count);
  return work;
}

Work FastEngine::convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) {
  const RunnableProgram& program = programs_->conversion(from, to);
  Statistics& s = statistics_[2 * operations + 3 * index_of(from) + index_of(to)];
  const Work work = charge(s, program, store, range, words, ~std::uint64_t{0});
  FloatArithmetic target = programs_->arithmetic();
  target.format = to;
  const auto source = store.lanes(range, words.source_a), destination = store.lanes(range, words.destination);
  for (std::size_t i = 0; i < source.size(); ++i) destination[i] = static_cast<std::uint32_t>(pim::convert(source[i], from, target));
  return work;
}

void FastEngine::describe_state(core::StateArchive& archive) {
  archive.item("statistics", statistics_);
  const auto cells = aside_.cells();
  archive.raw("aside", cells.data(), cells.size_bytes());
}

}  // namespace spinvp::pim
