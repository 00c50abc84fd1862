#include "models/pim/logic_faults.h"

#include <algorithm>

#include "models/abi/counter_hash.h"
#include "models/abi/elementary.h"

namespace spinvp::pim {

namespace {

constexpr std::uint64_t write_stream = 0x77, read_stream = 0x72, residue_stream = 0x65, stuck_stream = 0x73;

bool drives(const Step& step) {
  switch (step.kind) {
    case StepKind::read:
    case StepKind::search: return false;
    case StepKind::combine: return step.d != no_row;
    default: return true;
  }
}
bool senses(const Step& step) { return step.kind == StepKind::read || step.kind == StepKind::search || step.kind == StepKind::combine; }

// Probability that a checked write fails: both tries.
double effective(const FaultRates& rates) { return rates.check_and_repeat ? rates.write_failure * rates.write_failure : rates.write_failure; }

}  // namespace

FaultClock::FaultClock(double rate, std::uint64_t seed) : rate_(rate), seed_(spinvp_counter_hash(seed, 0)), wait_(0) { wait_ = draw(); }

std::uint64_t FaultClock::draw() {
  if (rate_ <= 0) return ~std::uint64_t{0} >> 1;
  if (rate_ >= 1) return 0;
  // u in (0, 1], 24 bits: the longest distance is 16.6 mean ones. ln(1 - p) = -(p + p^2/2 + p^3/3 + ...).
  const float u = static_cast<float>((spinvp_counter_hash(seed_, drawn_++) >> 40) + 1) * 0x1p-24f;
  double log_keep = 0, power = rate_;
  for (int k = 1; k <= 60; ++k, power *= rate_) log_keep -= power / k;
  const double distance = static_cast<double>(spinvp_log_f32(u)) / log_keep;
  return distance > 9e18 ? static_cast<std::uint64_t>(9e18) : static_cast<std::uint64_t>(distance < 0 ? 0 : distance);
}

void FaultClock::describe_state(core::StateArchive& archive) {
  archive.item("fault_drawn", drawn_);
  archive.item("fault_wait", wait_);
}

FaultyEngine::FaultyEngine(std::unique_ptr<ArithmeticEngine> engine, std::shared_ptr<ProgramSet> programs, const FaultRates& rates, const Geometry& geometry)
    : engine_(std::move(engine)),
      programs_(std::move(programs)),
      rates_(rates),
      writes_(effective(rates), spinvp_counter_hash(rates.seed, write_stream)),
      reads_(rates.read_disturb, spinvp_counter_hash(rates.seed, read_stream)) {
  if (rates.stuck_cells <= 0) return;
  // Cells in the order subarray, row, lane; which ones and at what bit follows from the seed.
  FaultClock stuck(rates.stuck_cells, spinvp_counter_hash(rates.seed, stuck_stream));
  const std::uint64_t rows = programs_->rows();
  std::uint64_t found = 0;
  stuck.pass(std::uint64_t{geometry.subarrays} * rows * geometry.lanes, [&](std::uint64_t cell) {
    const auto lane = static_cast<std::uint32_t>(cell % geometry.lanes), subarray = static_cast<std::uint32_t>(cell / geometry.lanes / rows);
    const bool bit = (spinvp_counter_hash(rates.seed ^ stuck_stream, found++) & 1u) != 0;
    stuck_[{subarray, lane}].push_back({static_cast<Row>(cell / geometry.lanes % rows), bit});
  });
  counters_.stuck_cells = found;
}

FaultyEngine::Sites FaultyEngine::sites_of(const RunnableProgram& program, std::uint64_t guards) {
  Sites s;
  const auto& steps = program.program().steps;
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    if (steps[i].guard != Step::no_guard && ((guards >> steps[i].guard) & 1u) == 0) continue;
    if (drives(steps[i])) s.writes.push_back(i);
    if (senses(steps[i])) s.reads.push_back(i);
  }
  return s;
}

StepCounts FaultyEngine::with_checks(StepCounts s) const {
  if (!rates_.check_and_repeat) return s;
  return s + StepCounts{s.writes + s.nors + s.inits, s.writes, 0, s.nors, s.inits};
}

template <typename Execute>
Work FaultyEngine::with_faults(const RunnableProgram& program, std::uint64_t guards, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                               Execute&& execute) {
  const MicroProgram& steps = program.program();
  constexpr std::uint64_t unguarded = ~std::uint64_t{0};
  Sites once;
  if (guards != unguarded) once = sites_of(program, guards);
  Sites& kept = guards == unguarded ? sites_[&program] : once;
  if (kept.writes.empty()) kept = sites_of(program, guards);
  const Sites& where = kept;
  // Cells lane by lane; a checked write is one more cell sensed.
  std::map<std::uint32_t, std::vector<StepFault>> hit;  // by lane of the range
  writes_.pass(where.writes.size() * range.count, [&](std::uint64_t cell) {
    ++counters_.write_failures;
    hit[static_cast<std::uint32_t>(cell / where.writes.size())].push_back({where.writes[cell % where.writes.size()], StepFault::Kind::write_failure});
  });
  const std::size_t sensed = where.reads.size() + (rates_.check_and_repeat ? where.writes.size() : 0);
  reads_.pass(sensed * range.count, [&](std::uint64_t cell) {
    ++counters_.read_disturbs;
    const std::size_t at = cell % sensed;
    // The check of a write senses the row just written: a disturb there is as a failed write.
    const StepFault fault = at < where.reads.size() ? StepFault{where.reads[at], StepFault::Kind::read_disturb}
                                                    : StepFault{where.writes[at - where.reads.size()], StepFault::Kind::write_failure};
    hit[static_cast<std::uint32_t>(cell / sensed)].push_back(fault);
  });
  for (auto at = stuck_.lower_bound({range.subarray, range.first}); at != stuck_.end() && at->first.first == range.subarray; ++at) {
    if (at->first.second >= range.first + range.count) break;
    hit[at->first.second - range.first];
  }

  struct Lane {
    std::uint32_t lane;
    std::uint64_t result;
  };
  std::vector<Lane> results;
  constexpr Placement at = ProgramSet::placement;
  for (auto& [lane, faults] : hit) {
    std::stable_sort(faults.begin(), faults.end(), [](const StepFault& a, const StepFault& b) { return a.step < b.step; });
    LaneMachine machine(steps, programs_->rows());
    for (unsigned row = at.work; row < programs_->rows(); row += 64)
      machine.put(row, std::min(64u, programs_->rows() - row), spinvp_counter_hash(rates_.seed ^ residue_stream, residues_++));
    machine.put(at.a, steps.a_rows, store.lanes(range, words.source_a)[lane]);
    if (steps.b_rows != 0) machine.put(at.b, steps.b_rows, store.lanes(range, words.source_b)[lane]);
    machine.put(at.d, steps.d_rows, store.lanes(range, words.destination)[lane]);
    const auto stuck = stuck_.find({range.subarray, range.first + lane});
    machine.run(guards, faults, stuck == stuck_.end() ? std::span<const StuckCell>() : stuck->second);
    results.push_back({lane, machine.get(at.d, steps.d_rows)});
  }
  Work work = execute();
  const auto destination = store.lanes(range, words.destination);
  for (const Lane& r : results) {
    ++counters_.lanes_computed_again;
    if (destination[r.lane] == static_cast<std::uint32_t>(r.result)) continue;
    ++counters_.wrong_results;
    destination[r.lane] = static_cast<std::uint32_t>(r.result);
  }
  if (rates_.check_and_repeat) {
    // Every driven row is read back, and driven again where the check found a difference: time for both, energy for the reading.
    const StepCounts s = work.steps;
    work.steps = with_checks(s);
    work.events[CellEvent::read_cell] += work.events[CellEvent::write_cell] + work.events[CellEvent::nor_cell] + work.events[CellEvent::init_cell];
    work.events[CellEvent::row_step] += s.writes + s.nors + s.inits;
  }
  return work;
}

Work FaultyEngine::execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                           std::optional<std::uint32_t> scalar) {
  const std::uint64_t guards = programs_->guards(scalar);
  return with_faults(programs_->program(operation, scalar.has_value()), guards, store, range, words,
                     [&] { return engine_->execute(operation, store, range, words, scalar); });
}

Work FaultyEngine::convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) {
  return with_faults(programs_->conversion(from, to), ~std::uint64_t{0}, store, range, words, [&] { return engine_->convert(from, to, store, range, words); });
}

void FaultyEngine::describe_state(core::StateArchive& archive) {
  engine_->describe_state(archive);
  writes_.describe_state(archive);
  reads_.describe_state(archive);
  archive.item("fault_residues", residues_);
  archive.item("fault_counters", counters_);
}

}  // namespace spinvp::pim
