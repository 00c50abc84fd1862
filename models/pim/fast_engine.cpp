#include "models/pim/fast_engine.h"

#include <algorithm>

#include "models/core/error.h"
#include "models/pim/float_value.h"

namespace spinvp::pim {

FastEngine::FastEngine(std::shared_ptr<ProgramSet> programs, VectorWidth width)
    : programs_(std::move(programs)),
      values_(programs_->arithmetic(), width),
      width_(std::min(width, widest_vectors())),
      aside_(programs_->rows(), sample_lanes) {}

namespace {

constexpr std::uint32_t operations = 7;

std::uint32_t index_of(FloatFormat format) {
  constexpr FloatFormat named[] = {fp32, fp16, bf16};
  const auto* at = std::find(std::begin(named), std::end(named), format);
  if (at == std::end(named)) throw core::InputError("pim: a conversion of " + name_of(format) + ", allowed are fp32, fp16 and bf16");
  return static_cast<std::uint32_t>(at - std::begin(named));
}

// Cells driven whatever the values.
std::uint64_t driven(const CellEvents& fixed) { return fixed[CellEvent::write_cell] + fixed[CellEvent::nor_cell] + fixed[CellEvent::init_cell]; }

// events x part / whole, rounded.
std::int64_t share(std::uint64_t events, std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<std::int64_t>((events * part + whole / 2) / whole);
}

constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15;  // its multiples' upper bits are spread evenly

}  // namespace

std::uint64_t FastEngine::Base::of(CellEvent event) const {
  switch (event) {
    case CellEvent::write_flip:
    case CellEvent::nor_flip:
    case CellEvent::init_flip: return driven;
    default: return lanes;
  }
}

bool FastEngine::wants_sample(const Statistics& s, const RunnableProgram& program, const LaneRange& range) {
  // The first executions are all sampled: an estimate needs some.
  if (s.samples < first_samples) return true;
  // Longer programs are sampled more rarely, so that samples do not cost more than the values do; a young estimate is made better first, an old one needs less. The interval varies, so
  // that no loop of commands keeps in step with it.
  constexpr std::uint64_t young = 96, old = 16 * young;
  // A sample of few lanes costs what one of many does, but says less.
  const bool few = range.count <= 64;
  const std::uint64_t mean = 512 * std::max<std::uint64_t>(16, program.operations().size() / 32) * std::min(s.samples, few ? young : old) / young;
  const std::uint64_t interval = mean / 2 + (mean * (s.samples * golden_ratio >> 32) >> 32);
  const std::uint64_t often = few ? 4 : 1;
  return s.since.lanes * sample_lanes * often >= interval * std::min(range.count, sample_lanes);
}

bool FastEngine::watches(const LaneRange& range) const {
  const LaneRange& w = watch_.lanes;
  return watch_.left != 0 && range.subarray == w.subarray && range.first <= w.first && w.first + w.count <= range.first + range.count;
}

CellEvents FastEngine::run_aside(const RunnableProgram& program, SubarrayStore& store, const LaneRange& lanes, const WordOperands& words,
                                 std::uint64_t guards) {
  constexpr Placement at = ProgramSet::placement;
  const MicroProgram& steps = program.program();
  aside_.load_words(at.a, steps.a_rows, 0, store.lanes(lanes, words.source_a));
  if (steps.b_rows != 0) aside_.load_words(at.b, steps.b_rows, 0, store.lanes(lanes, words.source_b));
  aside_.load_words(at.d, steps.d_rows, 0, store.lanes(lanes, words.destination));
  return aside_.run(program, 0, lanes.count, guards, width_);
}

void FastEngine::measure(Statistics& s, const RunnableProgram& program, SubarrayStore& store, const LaneRange& lanes, const WordOperands& words,
                         std::uint64_t guards) {
  CellEvents events = run_aside(program, store, lanes, words, guards);
  const CellEvents fixed = program.fixed_events(guards, lanes.count);
  const Base base{lanes.count, driven(fixed)};
  for (std::size_t i = 0; i < cell_event_kinds; ++i) {
    const auto event = static_cast<CellEvent>(i);
    events[event] -= fixed[event];
    // The lanes between the two samples took the mean of both; they were charged the first.
    if (s.samples != 0)
      s.due[i] += (share(events[event], s.since.of(event), base.of(event)) - share(s.events[event], s.since.of(event), s.sample.of(event))) / 2;
  }
  s.sample = base, s.events = events, s.since = {};
  ++s.samples;
}

void FastEngine::watch(std::uint32_t kind, const RunnableProgram& program, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                       std::uint64_t guards) {
  constexpr std::uint32_t most_measured = 8, patience = 128;
  Statistics& s = statistics_[kind];
  if (watches(range)) {
    measure(s, program, store, watch_.lanes, words, guards);
    watch_.left = kind == watch_.kind && s.samples >= first_samples ? 0 : watch_.left - 1;
    return;
  }
  if (watch_.left != 0 && --watch_.patience == 0) watch_.left = 0;
  if (!wants_sample(s, program, range)) return;
  if (watch_.left != 0 && s.samples != 0) return;
  // A different stretch of the range each time.
  const unsigned count = std::min(range.count, sample_lanes), places = range.count / count;
  const LaneRange lanes{range.subarray, range.first + static_cast<unsigned>(s.samples % places) * count, count};
  // Without any sample yet, this one has to do; the work rows of a subarray start as those aside.
  if (s.samples == 0)
    measure(s, program, store, lanes, words, guards);
  else
    run_aside(program, store, lanes, words, guards);
  watch_ = {lanes, kind, most_measured, patience};
}

Work FastEngine::charge(std::uint32_t kind, const RunnableProgram& program, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                        std::uint64_t guards) {
  watch(kind, program, store, range, words, guards);
  Statistics& s = statistics_[kind];
  Work work{program.counts(guards), program.fixed_events(guards, range.count)};
  const Base base{range.count, driven(work.events)};
  for (std::size_t i = 0; i < cell_event_kinds; ++i) {
    const auto event = static_cast<CellEvent>(i);
    s.due[i] += share(s.events[event], base.of(event), s.sample.of(event));
    // What was charged too much is settled when there is something to settle it with.
    if (s.due[i] <= 0) continue;
    work.events[event] += static_cast<std::uint64_t>(s.due[i]);
    s.due[i] = 0;
  }
  s.since.lanes += base.lanes, s.since.driven += base.driven;
  return work;
}

Work FastEngine::execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                         std::optional<std::uint32_t> scalar) {
  const RunnableProgram& program = programs_->program(operation, scalar.has_value());
  // Before the values: the sample sees what the destination held.
  const std::uint64_t guards = programs_->guards(scalar);
  const std::uint32_t factor = !scalar ? 0 : guards != 0 ? 1 : 2;
  const Work work = charge(factor * operations + static_cast<std::uint32_t>(operation), program, store, range, words, guards);
  values_.run(operation, store.lanes(range, words.destination).data(), store.lanes(range, words.source_a).data(), store.lanes(range, words.source_b).data(),
              range.count);
  return work;
}

Work FastEngine::convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) {
  const RunnableProgram& program = programs_->conversion(from, to);
  const Work work = charge(3 * operations + 3 * index_of(from) + index_of(to), program, store, range, words, ~std::uint64_t{0});
  FloatArithmetic target = programs_->arithmetic();
  target.format = to;
  const auto source = store.lanes(range, words.source_a), destination = store.lanes(range, words.destination);
  for (std::size_t i = 0; i < source.size(); ++i) destination[i] = static_cast<std::uint32_t>(pim::convert(source[i], from, target));
  return work;
}

void FastEngine::describe_state(core::StateArchive& archive) {
  archive.item("statistics", statistics_);
  archive.item("watch", watch_);
  const auto cells = aside_.cells();
  archive.raw("aside", cells.data(), cells.size_bytes());
}

}  // namespace spinvp::pim
