#include "models/pim/logic_faults.h"

#include <algorithm>

#include "models/abi/counter_hash.h"
#include "models/core/units.h"

namespace spinvp::pim {

namespace {

constexpr std::uint64_t write_stream = 0x77, read_stream = 0x72, residue_stream = 0x65, stuck_stream = 0x73;
constexpr std::uint64_t all_guards = ~std::uint64_t{0};

// Probability that a checked write fails: both tries.
double effective(const FaultRates& rates) { return rates.check_and_repeat ? rates.write_failure * rates.write_failure : rates.write_failure; }

}  // namespace

FaultyEngine::FaultyEngine(std::unique_ptr<ArithmeticEngine> engine, std::shared_ptr<ProgramSet> programs, const FaultRates& rates, const Geometry& geometry)
    : engine_(std::move(engine)),
      programs_(std::move(programs)),
      rates_(rates),
      writes_(effective(rates), spinvp_counter_hash(rates.seed, write_stream)),
      reads_(rates.read_disturb, spinvp_counter_hash(rates.seed, read_stream)) {
  if (rates.stuck_cells <= 0) return;
  // Cells in the order subarray, row, lane; which ones and at what bit follows from the seed.
  core::FaultClock stuck(rates.stuck_cells, spinvp_counter_hash(rates.seed, stuck_stream));
  const std::uint64_t rows = programs_->rows();
  std::uint64_t found = 0;
  stuck.pass(std::uint64_t{geometry.subarrays} * rows * geometry.lanes, [&](std::uint64_t cell) {
    const auto lane = static_cast<std::uint32_t>(cell % geometry.lanes), subarray = static_cast<std::uint32_t>(cell / geometry.lanes / rows);
    const bool bit = (spinvp_counter_hash(rates.seed ^ stuck_stream, found++) & 1u) != 0;
    stuck_[{subarray, lane}].push_back({static_cast<Row>(cell / geometry.lanes % rows), bit});
  });
  counters_.stuck_cells = found;
}

FaultSites::FaultSites(const MicroProgram& program) : shares_(1) {
  for (std::uint32_t i = 0; i < program.steps.size(); ++i) {
    const Step& step = program.steps[i];
    const std::size_t share = step.guard == Step::no_guard ? 0 : 1 + std::size_t{step.guard};
    if (shares_.size() <= share) shares_.resize(share + 1);
    const std::size_t driven = driven_rows(program, step).size(), sensed = sensed_rows(program, step).size();
    for (std::uint32_t cell = 0; cell < driven; ++cell) driven_.push_back({i, cell, step.guard});
    for (std::uint32_t cell = 0; cell < sensed; ++cell) sensed_.push_back({i, cell, step.guard});
    shares_[share].driven += driven;
    shares_[share].sensed += sensed;
  }
}

FaultSites::Cells FaultSites::count(std::uint64_t guards) const {
  Cells cells = shares_[0];
  for (std::size_t guard = 0; guard + 1 < shares_.size(); ++guard)
    if (((guards >> guard) & 1u) != 0) cells.driven += shares_[guard + 1].driven, cells.sensed += shares_[guard + 1].sensed;
  return cells;
}

const FaultSites::Site& FaultSites::pick(const std::vector<Site>& sites, std::uint64_t index, std::uint64_t guards) {
  if (guards == all_guards) return sites[index];
  for (const Site& site : sites)
    if ((site.guard == Step::no_guard || ((guards >> site.guard) & 1u) != 0) && index-- == 0) return site;
  return sites.back();  // not reached: index is below count()
}

const FaultSites& FaultyEngine::sites_of(const RunnableProgram& program) const {
  const auto found = sites_.find(&program);
  return found != sites_.end() ? found->second : sites_.emplace(&program, FaultSites(program.program())).first->second;
}

FaultyEngine::Faults FaultyEngine::draw(const FaultSites& sites, std::uint64_t guards, const LaneRange& range) {
  using Kind = StepFault::Kind;
  Faults hit;
  const FaultSites::Cells cells = sites.count(guards);
  // Cells lane by lane. The check of a row is one more cell sensed.
  writes_.pass(cells.driven * range.count, [&](std::uint64_t cell) {
    const FaultSites::Site& site = sites.driven(cell % cells.driven, guards);
    hit[static_cast<std::uint32_t>(cell / cells.driven)].push_back({site.step, site.cell, Kind::write_failure});
  });
  const std::uint64_t sensed = cells.sensed + (rates_.check_and_repeat ? cells.driven : 0);
  reads_.pass(sensed * range.count, [&](std::uint64_t cell) {
    const std::uint64_t at = cell % sensed;
    const bool check = at >= cells.sensed;
    const FaultSites::Site& site = check ? sites.driven(at - cells.sensed, guards) : sites.sensed(at, guards);
    hit[static_cast<std::uint32_t>(cell / sensed)].push_back({site.step, site.cell, check ? Kind::check_disturb : Kind::read_disturb});
  });
  for (auto at = stuck_.lower_bound({range.subarray, range.first}); at != stuck_.end() && at->first.first == range.subarray; ++at) {
    if (at->first.second >= range.first + range.count) break;
    hit[at->first.second - range.first];
  }
  for (auto& [lane, faults] : hit) std::ranges::stable_sort(faults, {}, &StepFault::step);
  return hit;
}

FaultyEngine::Lane FaultyEngine::compute(const MicroProgram& steps, std::uint64_t guards, SubarrayStore& store, const LaneRange& range, std::uint32_t lane,
                                         const WordOperands& words, std::span<const StepFault> faults) {
  constexpr Placement at = ProgramSet::placement;
  LaneMachine machine(steps, programs_->rows());
  for (unsigned row = at.work; row < programs_->rows(); row += 64)
    machine.put(row, std::min(64u, programs_->rows() - row), spinvp_counter_hash(rates_.seed ^ residue_stream, residues_++));
  machine.put(at.a, steps.a_rows, store.lanes(range, words.source_a)[lane]);
  machine.put(at.b, steps.b_rows, store.lanes(range, words.source_b)[lane]);
  machine.put(at.d, steps.d_rows, store.lanes(range, words.destination)[lane]);
  const auto found = stuck_.find({range.subarray, range.first + lane});
  const std::span<const StuckCell> stuck = found == stuck_.end() ? std::span<const StuckCell>() : found->second;
  const std::uint64_t a_before = machine.get(at.a, steps.a_rows), b_before = machine.get(at.b, steps.b_rows);
  const LaneMachine::Struck struck = machine.run(guards, faults, stuck);
  counters_.write_failures += struck.writes;
  counters_.read_disturbs += struck.reads;
  // Programs write no operand, so what changed in one was disturbed, or stuck in its window.
  std::uint64_t a_flips = a_before ^ machine.get(at.a, steps.a_rows), b_flips = b_before ^ machine.get(at.b, steps.b_rows);
  for (const StuckCell& cell : stuck) {
    if (cell.row < at.b) a_flips &= ~(std::uint64_t{1} << cell.row);
    if (cell.row >= at.b && cell.row < at.d) b_flips &= ~(std::uint64_t{1} << (cell.row - at.b));
  }
  return {static_cast<std::uint32_t>(machine.get(at.d, steps.d_rows)), static_cast<std::uint32_t>(a_flips), static_cast<std::uint32_t>(b_flips)};
}

template <typename Execute>
Work FaultyEngine::with_faults(const RunnableProgram& program, std::uint64_t guards, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                               Execute&& execute) {
  const FaultSites& sites = sites_of(program);
  const Faults hit = draw(sites, guards, range);
  std::vector<std::pair<std::uint32_t, Lane>> results;
  for (const auto& [lane, faults] : hit) results.emplace_back(lane, compute(program.program(), guards, store, range, lane, words, faults));
  Work work = execute();
  const auto a = store.lanes(range, words.source_a), b = store.lanes(range, words.source_b), destination = store.lanes(range, words.destination);
  for (const auto& [lane, faulty] : results) {
    ++counters_.lanes_computed_again;
    // Before the result, which takes the place of an operand that is the destination.
    if (words.source_a != words.destination) a[lane] ^= faulty.a_flips;
    if (words.source_b != words.destination) b[lane] ^= faulty.b_flips;
    if (destination[lane] == faulty.result) continue;
    ++counters_.wrong_results;
    destination[lane] = faulty.result;
  }
  if (rates_.check_and_repeat) charge_checks(work, program, guards, range.count);
  return work;
}

StepCounts FaultyEngine::checks(const StepCounts& s, const RunnableProgram& program, std::uint64_t guards) const {
  const bool executed = s == program.counts(guards);  // else published
  return {executed ? 2 * sites_of(program).count(guards).driven : s.writes + s.nors + s.inits, s.writes, 0, s.nors, s.inits};
}

void FaultyEngine::charge_checks(Work& work, const RunnableProgram& program, std::uint64_t guards, std::uint64_t lanes) const {
  CellEvents& events = work.events;
  const bool executed = work.steps == program.counts(guards);
  const std::uint64_t published_cells = events[CellEvent::write_cell] + events[CellEvent::nor_cell] + events[CellEvent::init_cell];
  const StepCounts added = checks(work.steps, program, guards);
  work.steps += added;
  events[CellEvent::row_step] += core::divide_up(added.reads, 2);
  events[CellEvent::read_cell] += executed ? added.reads / 2 * lanes : published_cells;
}

StepCounts FaultyEngine::steps(ArithmeticOperation operation, std::optional<std::uint32_t> scalar) const {
  const StepCounts s = engine_->steps(operation, scalar);
  if (!rates_.check_and_repeat) return s;
  return s + checks(s, programs_->program(operation, scalar.has_value()), programs_->guards(scalar));
}

Work FaultyEngine::execute(ArithmeticOperation operation, SubarrayStore& store, const LaneRange& range, const WordOperands& words,
                           std::optional<std::uint32_t> scalar) {
  return with_faults(programs_->program(operation, scalar.has_value()), programs_->guards(scalar), store, range, words,
                     [&] { return engine_->execute(operation, store, range, words, scalar); });
}

Work FaultyEngine::convert(FloatFormat from, FloatFormat to, SubarrayStore& store, const LaneRange& range, const WordOperands& words) {
  return with_faults(programs_->conversion(from, to), all_guards, store, range, words, [&] { return engine_->convert(from, to, store, range, words); });
}

void FaultyEngine::describe_state(core::StateArchive& archive) {
  engine_->describe_state(archive);
  writes_.describe_state(archive);
  reads_.describe_state(archive);
  archive.item("fault_residues", residues_);
  archive.item("fault_counters", counters_);
}

}  // namespace spinvp::pim
