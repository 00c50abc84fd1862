#include "models/pim/subarray.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>

#include "models/pim/row_kernels.h"

namespace spinvp::pim {

namespace {

using kernels::Code;
static_assert(sizeof(RunnableProgram::Operation) == sizeof(kernels::OperationView) && sizeof(KeyedRow) == sizeof(kernels::RowBit));

constexpr unsigned vector_columns = 512, vector_words = vector_columns / 64, most_columns = 8 * vector_columns;

Code code_of(StepKind kind) {
  switch (kind) {
    case StepKind::write_copy: return kernels::code_copy;
    case StepKind::write_and: return kernels::code_and;
    case StepKind::write_or: return kernels::code_or;
    case StepKind::write_xor: return kernels::code_xor;
    case StepKind::set: return kernels::code_set;
    case StepKind::reset: return kernels::code_reset;
    case StepKind::nor: return kernels::code_nor;
    case StepKind::search: return kernels::code_search;
    case StepKind::combine: return kernels::code_combine;
    case StepKind::read: break;
  }
  return kernels::code_latch;
}

using Operation = RunnableProgram::Operation;

bool is_write_of_latch(StepKind kind) {
  return kind == StepKind::write_copy || kind == StepKind::write_and || kind == StepKind::write_or || kind == StepKind::write_xor;
}

// The row whose contents the latch holds, where that follows from the program alone.
class LatchedRow {
 public:
  // no_row: the latch may hold what is in no row any more, or another row by the guards.
  [[nodiscard]] Row source_of(const Step& write) const { return guard_ == Step::no_guard || guard_ == write.guard ? row_ : no_row; }
  void take(const MicroProgram& program, const Step& step) {
    if (step.kind == StepKind::read) {
      row_ = step.a, guard_ = step.guard;
      return;
    }
    if (step.d == row_) row_ = no_row;
    if (step.kind == StepKind::set || step.kind == StepKind::reset)
      for (const KeyedRow& entry : program.list_of(step))
        if (entry.row == row_) row_ = no_row;
  }

 private:
  Row row_ = no_row;
  std::uint8_t guard_ = Step::no_guard;
};

// Whether every write can take the row that was read in place of the latch, as in the programs of all our families.
bool latch_follows_rows(const MicroProgram& program) {
  LatchedRow latched;
  bool reads = false, combines = false;
  for (const Step& step : program.steps) {
    if (is_write_of_latch(step.kind) && latched.source_of(step) == no_row) return false;
    latched.take(program, step);
    reads = reads || step.kind == StepKind::read;
    combines = combines || step.kind == StepKind::combine;
  }
  return !(reads && combines);
}

// A write of the latch itself: a combination of the destination's row with it.
Operation from_latch(Operation write) {
  constexpr std::uint8_t row = 0xaa, latch = 0xf0;  // truth tables over a + 2 b + 4 latch
  switch (write.code) {
    case kernels::code_copy: write.f = latch; break;
    case kernels::code_and: write.f = row & latch; break;
    case kernels::code_or: write.f = row | latch; break;
    default: write.f = row ^ latch; break;
  }
  write.code = kernels::code_combine;
  write.a = write.d;
  write.g = latch;
  return write;
}

// p ^= c, c ^= a, c |= p, p ^= a, c ^= p, all masked alike and under one guard.
bool is_full_add(std::span<const Operation> o) {
  if (o.size() < 5) return false;
  const std::array codes{kernels::code_xor, kernels::code_xor, kernels::code_or, kernels::code_xor, kernels::code_xor};
  for (std::size_t i = 0; i < 5; ++i)
    if (o[i].code != codes[i] || o[i].masked != o[0].masked || o[i].guard != o[0].guard) return false;
  const auto p = o[0].d, c = o[0].a, a = o[1].a;
  return p != c && p != a && c != a && o[1].d == c && o[2].d == c && o[2].a == p && o[3].d == p && o[3].a == a && o[4].d == c && o[4].a == p;
}

// Adds a step's count, and the cells that it drives in one lane unless it is masked.
void add_step(const MicroProgram& program, const Step& step, StepCounts& counts, CellEvents& events) {
  counts += program.count_of(step);
  const std::uint64_t lane = step.masked ? 0 : 1;
  std::uint64_t& rows = events[CellEvent::row_step];
  switch (step.kind) {
    case StepKind::read:
      events[CellEvent::read_cell] += 1;
      rows += 1;
      break;
    case StepKind::search:
      events[CellEvent::search_cell] += step.list_size;
      rows += step.list_size;
      break;
    case StepKind::set:
    case StepKind::reset:
      events[program.init_is_write ? CellEvent::write_cell : CellEvent::init_cell] += lane * step.list_size;
      rows += step.list_size;
      break;
    case StepKind::nor:
      events[CellEvent::nor_cell] += lane;
      rows += 1;
      break;
    case StepKind::combine: {
      const std::uint64_t sensed = (step.a != no_row ? 1u : 0u) + (step.b != no_row && step.b != step.a ? 1u : 0u);
      events[CellEvent::read_cell] += sensed;
      rows += sensed;
      if (step.d != no_row) {
        events[CellEvent::write_cell] += lane;
        rows += 1;
      }
      break;
    }
    default:
      events[CellEvent::write_cell] += lane;
      rows += 1;
      break;
  }
}

// Transposes 32 x 32 bits: bit j of word i becomes bit i of word j.
void transpose(std::uint32_t x[32]) {
  std::uint32_t mask = 0x0000ffffu;
  for (unsigned j = 16; j != 0; j >>= 1, mask ^= mask << j)
    for (unsigned base = 0; base < 32; base += 2 * j)
      for (unsigned k = base; k < base + j; ++k) {
        const std::uint32_t t = ((x[k] >> j) ^ x[k + j]) & mask;
        x[k] ^= t << j;
        x[k + j] ^= t;
      }
}

}  // namespace

const char* name_of(CellEvent event) {
  static constexpr const char* names[] = {"read_cell", "write_cell", "write_flip", "search_cell", "nor_cell", "nor_flip", "init_cell", "init_flip", "row_step"};
  return names[static_cast<unsigned>(event)];
}

RunnableProgram::RunnableProgram(const MicroProgram& program, const Placement& placement) : program_(place(program, placement)), counts_(program.counts()) {
  const bool by_rows = latch_follows_rows(program_);
  std::vector<Operation> plain;
  LatchedRow latched;
  for (const Step& step : program_.steps) {
    if (by_rows && step.kind == StepKind::read) {
      latched.take(program_, step);
      continue;
    }
    Operation o{code_of(step.kind), step.guard, step.masked, step.f, step.g, step.d, step.a, step.b, step.c, step.list, step.list_size};
    if (is_write_of_latch(step.kind)) {
      if (by_rows)
        o.a = latched.source_of(step);
      else
        o = from_latch(o);
    } else if (step.kind == StepKind::nor) {
      if (o.b == no_row) o.b = o.a;
      if (o.c == no_row) o.c = o.a;
    }
    latched.take(program_, step);
    plain.push_back(o);
  }
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (is_full_add(std::span(plain).subspan(i))) {
      Operation o = plain[i];
      o.code = kernels::code_full_add;
      o.c = plain[i].a;
      o.a = plain[i + 1].a;
      operations_.push_back(o);
      i += 4;
    } else {
      operations_.push_back(plain[i]);
    }
  }
  for (const Step& step : program_.steps) {
    const std::size_t at = step.guard == Step::no_guard ? 0 : 1 + std::size_t{step.guard};
    if (shares_.size() <= at) shares_.resize(at + 1);
    add_step(program_, step, shares_[at].counts, shares_[at].events);
  }
  const auto reach = [&](Row first, Row rows) { rows_ = std::max<unsigned>(rows_, first + rows); };
  reach(placement.a, program.a_rows);
  reach(placement.b, program.b_rows);
  reach(placement.d, program.d_rows);
  reach(placement.work, program.work_rows);
}

StepCounts RunnableProgram::counts(std::uint64_t scalar) const {
  StepCounts counts;
  for (std::size_t i = 0; i < shares_.size(); ++i)
    if (i == 0 || ((scalar >> (i - 1)) & 1u) != 0) counts += shares_[i].counts;
  return counts;
}

CellEvents RunnableProgram::fixed_events(std::uint64_t scalar, std::uint64_t lanes) const {
  CellEvents events;
  for (std::size_t i = 0; i < shares_.size(); ++i)
    if (i == 0 || ((scalar >> (i - 1)) & 1u) != 0) events += shares_[i].events;
  for (std::size_t i = 0; i < events.counts.size(); ++i)
    if (i != static_cast<unsigned>(CellEvent::row_step)) events.counts[i] *= lanes;
  return events;
}

void Subarray::Free::operator()(std::uint64_t* p) const { std::free(p); }

Subarray::Subarray(unsigned rows, unsigned columns) : rows_(rows), columns_(columns), stride_((columns + vector_columns - 1) / vector_columns * vector_words) {
  if (columns > most_columns) throw std::length_error("a subarray of more than 4096 columns");
  const std::size_t bytes = std::size_t{rows} * stride_ * sizeof(std::uint64_t);
  cells_.reset(static_cast<std::uint64_t*>(std::aligned_alloc(64, bytes)));
  if (!cells_) throw std::bad_alloc();
  std::memset(cells_.get(), 0, bytes);
}

void Subarray::set_bit(unsigned r, unsigned column, bool value) {
  std::uint64_t& word = row(r)[column / 64];
  const std::uint64_t bit = std::uint64_t{1} << (column % 64);
  word = value ? word | bit : word & ~bit;
}

void Subarray::load_words(unsigned first_row, unsigned bits, unsigned first, std::span<const std::uint32_t> words) {
  // 32 columns at a time, in step with the row's 32-bit halves.
  for (unsigned column = first / 32 * 32; column < first + words.size(); column += 32) {
    std::uint32_t block[32];
    const unsigned from = std::max(column, first), to = std::min<unsigned>(column + 32, static_cast<unsigned>(first + words.size()));
    const bool whole = to - from == 32;
    if (!whole) std::fill(block, block + 32, 0);
    std::memcpy(block + (from - column), words.data() + (from - first), (to - from) * sizeof(std::uint32_t));
    transpose(block);
    const std::uint32_t keep = whole ? 0 : ~(static_cast<std::uint32_t>((std::uint64_t{1} << (to - from)) - 1) << (from - column));
    for (unsigned i = 0; i < bits; ++i) {
      std::uint32_t half;
      char* at = reinterpret_cast<char*>(row(first_row + i).data()) + column / 8;
      std::memcpy(&half, at, sizeof half);
      half = (half & keep) | block[i];
      std::memcpy(at, &half, sizeof half);
    }
  }
}

void Subarray::store_words(unsigned first_row, unsigned bits, unsigned first, std::span<std::uint32_t> words) const {
  for (unsigned column = first / 32 * 32; column < first + words.size(); column += 32) {
    std::uint32_t block[32] = {};
    for (unsigned i = 0; i < bits; ++i) std::memcpy(&block[i], reinterpret_cast<const char*>(row(first_row + i).data()) + column / 8, sizeof block[i]);
    transpose(block);
    const unsigned from = std::max(column, first), to = std::min<unsigned>(column + 32, static_cast<unsigned>(first + words.size()));
    std::memcpy(words.data() + (from - first), block + (from - column), (to - from) * sizeof(std::uint32_t));
  }
}

void Subarray::load_words(unsigned first_row, unsigned bits, unsigned first, std::span<const std::uint64_t> words) {
  std::vector<std::uint32_t> half(words.size());
  for (unsigned shift = 0; shift < bits; shift += 32) {
    std::transform(words.begin(), words.end(), half.begin(), [shift](std::uint64_t word) { return static_cast<std::uint32_t>(word >> shift); });
    load_words(first_row + shift, std::min(bits - shift, 32u), first, half);
  }
}

void Subarray::store_words(unsigned first_row, unsigned bits, unsigned first, std::span<std::uint64_t> words) const {
  std::vector<std::uint32_t> half(words.size());
  std::fill(words.begin(), words.end(), 0);
  for (unsigned shift = 0; shift < bits; shift += 32) {
    store_words(first_row + shift, std::min(bits - shift, 32u), first, half);
    for (std::size_t i = 0; i < words.size(); ++i) words[i] |= std::uint64_t{half[i]} << shift;
  }
}

CellEvents Subarray::run(const RunnableProgram& program, unsigned first, unsigned count, std::uint64_t scalar, VectorWidth width) {
  assert(program.rows() <= rows_ && first + count <= columns_);
  CellEvents events;
  if (count == 0) return events;
  const unsigned first_vector = first / vector_columns, last_vector = (first + count - 1) / vector_columns;
  const unsigned vectors = last_vector - first_vector + 1;
  alignas(64) std::array<std::uint64_t, most_columns / 64> active{};
  const bool all = count == vectors * vector_columns;
  if (!all)
    for (unsigned column = first; column < first + count; ++column) {
      const unsigned at = column - first_vector * vector_columns;
      active[at / 64] |= std::uint64_t{1} << (at % 64);
    }
  const MicroProgram& steps = program.program();
  kernels::Tally tally;
  const kernels::Run run{reinterpret_cast<const kernels::OperationView*>(program.operations().data()),
                         program.operations().size(),
                         reinterpret_cast<const kernels::RowBit*>(program.lists().data()),
                         cells_.get() + std::size_t{first_vector} * vector_words,
                         stride_,
                         vectors,
                         all ? nullptr : active.data(),
                         scalar,
                         steps.init_is_write};
  switch (width) {
    case VectorWidth::portable: kernels::run_portable(run, tally); break;
    case VectorWidth::avx2: kernels::run_avx2(run, tally); break;
    case VectorWidth::avx512: kernels::run_avx512(run, tally); break;
  }
  events = program.fixed_events(scalar, count);
  events[CellEvent::write_flip] += tally.write_flips;
  events[CellEvent::nor_flip] += tally.nor_flips;
  events[CellEvent::init_flip] += tally.init_flips;
  events[CellEvent::write_cell] += tally.masked_writes;
  events[CellEvent::nor_cell] += tally.masked_nors;
  events[CellEvent::init_cell] += tally.masked_inits;
  return events;
}

}  // namespace spinvp::pim
