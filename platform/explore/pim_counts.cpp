#include "platform/explore/pim_counts.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/abi/counter_hash.h"
#include "platform/explore/pim_values.h"

namespace spinvp::platform {

namespace {

using pim::CellEvent;

constexpr std::uint64_t sample_seed = 2026;
constexpr unsigned sample_octaves = 4;  // magnitudes from 2^-4 to just below 2^4

// Random bits 64 at a time, the n-th the same on every machine.
class Dice {
 public:
  explicit Dice(std::uint64_t stream) : seed_(spinvp_counter_hash(sample_seed, stream)) {}
  std::uint64_t bits(unsigned n) { return n == 0 ? 0 : spinvp_counter_hash(seed_, counter_++) >> (64 - n); }
  std::uint64_t below(std::uint64_t n) { return spinvp_counter_hash(seed_, counter_++) % n; }

 private:
  std::uint64_t seed_, counter_ = 0;
};

std::uint64_t sample_float(Dice& dice, pim::FloatFormat format) {
  // Narrow exponents have fewer octaves around 1.
  const unsigned octaves = std::min<unsigned>(sample_octaves, static_cast<unsigned>(format.bias()));
  const std::uint64_t exponent = static_cast<std::uint64_t>(format.bias()) - octaves + dice.below(2 * octaves);
  return (dice.bits(1) != 0 ? format.sign_bit() : 0) | exponent << format.mantissa_bits | dice.bits(format.mantissa_bits);
}

LaneOperands sample(Dice& dice, const PimOperation& operation) {
  if (operation.is_integer()) {
    const OperandBits bits = operand_bits(operation);
    return {dice.bits(bits.a), dice.bits(bits.b), 0};
  }
  if (const auto* conversion = std::get_if<FloatConversion>(&operation.kind)) return {sample_float(dice, conversion->from), 0, 0};
  const pim::FloatFormat format = operation.arithmetic.format;
  return {sample_float(dice, format), sample_float(dice, format), sample_float(dice, format)};
}

std::vector<LaneOperands> samples(std::uint64_t stream, const PimOperation& operation, std::optional<std::uint64_t> scalar) {
  Dice dice(stream);
  std::vector<LaneOperands> lanes(sample_lanes);
  for (LaneOperands& lane : lanes) {
    lane = sample(dice, operation);
    if (operation.scalar) lane.b = *scalar;
  }
  return lanes;
}

LaneEvents per_lane(const pim::CellEvents& events, unsigned lanes) {
  LaneEvents mean;
  mean.flips_known = true;
  for (std::size_t i = 0; i < mean.counts.size(); ++i) mean.counts[i] = static_cast<double>(events.counts[i]) / lanes;
  // A row step is one for all lanes.
  mean[CellEvent::row_step] *= lanes;
  return mean;
}

double halves(std::uint64_t count) { return static_cast<double>(count) / 2; }

}  // namespace

const char* name_of(CountsKind kind) { return kind == CountsKind::published ? "published" : "microprogram"; }

double total(const pim::StepCounts& s) { return halves(s.reads + s.writes + s.searches + s.nors + s.inits); }

std::optional<OperationCounts> published_counts(const pim::LogicFamily& family, const PimOperation& operation, bool full_array) {
  const auto published = published_count_of(family, operation, full_array);
  if (!published) return std::nullopt;
  OperationCounts counts;
  counts.kind = CountsKind::published;
  counts.steps = published->steps;
  if (published->work_cells != 0) counts.cells = {{3 * operation.arithmetic.format.bits(), published->work_cells}};
  counts.source = published->source;
  counts.set_cells = published->set_cells;
  LaneEvents& events = counts.events;
  const pim::StepCounts& cells = published->cells;
  events[CellEvent::read_cell] = halves(cells.reads);
  events[CellEvent::write_cell] = halves(cells.writes);
  events[CellEvent::nor_cell] = halves(cells.nors);
  events[CellEvent::init_cell] = halves(cells.inits);
  // A content search of the closed forms compares an exponent difference.
  events[CellEvent::search_cell] = halves(cells.searches) * operation.arithmetic.format.exponent_bits;
  // Each driven cell of a lane lies in a row of its own.
  events[CellEvent::row_step] = events[CellEvent::read_cell] + events[CellEvent::write_cell] + events[CellEvent::nor_cell] + events[CellEvent::init_cell] +
                                events[CellEvent::search_cell];
  return counts;
}

std::uint64_t longest_scalar(const PimOperation& operation) {
  if (!operation.is_integer()) return operation.arithmetic.format.one() | operation.arithmetic.format.mantissa_mask();
  const unsigned bits = operand_bits(operation).b;
  return bits == 0 ? 0 : ~std::uint64_t{0} >> (64 - bits);
}

OperationCounts executed_counts(const pim::LogicFamily& family, const PimOperation& operation, std::optional<std::uint64_t> scalar) {
  const pim::MicroProgram program = program_of(family, operation);
  if (operation.scalar && !scalar) scalar = longest_scalar(operation);
  const std::uint64_t guards = operation.scalar ? guards_of(operation, *scalar) : ~std::uint64_t{0};
  const OperandBits bits = operand_bits(operation);
  OperationCounts counts;
  counts.steps = program.counts(guards);
  counts.sections = program.counts_by_section(guards);
  counts.cells = {{bits.cells(), program.work_rows}};
  ProgramArray array(program, sample_lanes);
  array.load(samples(0, operation, scalar));
  array.run(sample_lanes, guards);
  array.load(samples(1, operation, scalar));
  counts.events = per_lane(array.run(sample_lanes, guards), sample_lanes);
  counts.source = fmt::format("derived: the micro-program's steps; cells driven and flipped are means over {} lanes of seeded operands", sample_lanes);
  return counts;
}

}  // namespace spinvp::platform
