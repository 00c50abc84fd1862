// The subarray engine against an interpreter that works a cell at a time and follows the table in micro_program.h, on random programs.
#include <catch2/catch.hpp>

#include <random>

#include "models/pim/subarray.h"

using namespace spinvp::pim;

namespace {

using Cells = std::vector<std::vector<bool>>;  // [row][column]

std::vector<VectorWidth> widths_of_this_host() {
  std::vector<VectorWidth> widths{VectorWidth::portable};
  if (widest_vectors() >= VectorWidth::avx2) widths.push_back(VectorWidth::avx2);
  if (widest_vectors() >= VectorWidth::avx512) widths.push_back(VectorWidth::avx512);
  return widths;
}

// What is said of each step in micro_program.h and of each event in cell_events.h, a cell at a time.
class Interpreter {
 public:
  Interpreter(Cells& cells, unsigned first, unsigned count, std::uint64_t scalar)
      : cells_(cells), first_(first), end_(first + count), scalar_(scalar), latch_(cells.front().size()), match_(cells.front().size()) {}

  CellEvents run(const MicroProgram& placed) {
    for (const Step& step : placed.steps)
      if (step.guard == Step::no_guard || ((scalar_ >> step.guard) & 1u) != 0) take(placed, step);
    return events_;
  }

 private:
  void take(const MicroProgram& program, const Step& step) {
    const bool writes_constants = program.init_is_write;
    const auto list = program.list_of(step);
    switch (step.kind) {
      case StepKind::read: ++events_[CellEvent::row_step]; break;
      case StepKind::set:
      case StepKind::reset:
      case StepKind::search: events_[CellEvent::row_step] += list.size(); break;
      case StepKind::combine:
        events_[CellEvent::row_step] += (step.a != no_row ? 1u : 0u) + (step.b != no_row && step.b != step.a ? 1u : 0u) + (step.d != no_row ? 1u : 0u);
        break;
      default: ++events_[CellEvent::row_step]; break;
    }
    for (unsigned column = first_; column < end_; ++column) {
      const bool driven = !step.masked || match_[column];
      const auto drive = [&](Row row, bool value, CellEvent cell, CellEvent flip) {
        if (!driven) return;
        ++events_[cell];
        if (at(row, column) != value) ++events_[flip];
        cells_[row][column] = value;
      };
      const auto write = [&](bool value) { drive(step.d, value, CellEvent::write_cell, CellEvent::write_flip); };
      switch (step.kind) {
        case StepKind::read:
          latch_[column] = at(step.a, column);
          ++events_[CellEvent::read_cell];
          break;
        case StepKind::write_copy: write(latch_[column]); break;
        case StepKind::write_and: write(at(step.d, column) && latch_[column]); break;
        case StepKind::write_or: write(at(step.d, column) || latch_[column]); break;
        case StepKind::write_xor: write(at(step.d, column) != latch_[column]); break;
        case StepKind::set:
        case StepKind::reset:
          for (const KeyedRow& entry : list)
            drive(entry.row, step.kind == StepKind::set, writes_constants ? CellEvent::write_cell : CellEvent::init_cell,
                  writes_constants ? CellEvent::write_flip : CellEvent::init_flip);
          break;
        case StepKind::nor: {
          bool some = false;
          for (const Row row : {step.a, step.b, step.c}) some = some || (row != no_row && at(row, column));
          drive(step.d, at(step.d, column) && !some, CellEvent::nor_cell, CellEvent::nor_flip);
          break;
        }
        case StepKind::search: {
          bool hit = true;
          for (const KeyedRow& entry : list) {
            hit = hit && at(entry.row, column) == entry.bit;
            ++events_[CellEvent::search_cell];
          }
          match_[column] = hit;
          break;
        }
        case StepKind::combine: {
          unsigned index = latch_[column] ? 4 : 0;
          if (step.a != no_row) {
            ++events_[CellEvent::read_cell];
            index += at(step.a, column) ? 1 : 0;
          }
          if (step.b != no_row) {
            if (step.b != step.a) ++events_[CellEvent::read_cell];
            index += at(step.b, column) ? 2 : 0;
          }
          latch_[column] = ((step.g >> index) & 1u) != 0;
          if (step.d != no_row) write(((step.f >> index) & 1u) != 0);
          break;
        }
      }
    }
  }
  [[nodiscard]] bool at(Row row, unsigned column) const { return cells_[row][column]; }

  Cells& cells_;
  unsigned first_, end_;
  std::uint64_t scalar_;
  std::vector<bool> latch_, match_;
  CellEvents events_;
};

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  unsigned below(unsigned bound) { return static_cast<unsigned>(engine_() % bound); }
  bool one_in(unsigned n) { return below(n) == 0; }

 private:
  std::mt19937 engine_;
};

// Whose steps a random program takes: all of them mixed; or, as the families do, no combination and each write right after the read of its source.
enum class Dialect { mixed, in_cell };

// Programs of random steps, each of which check() accepts: a candidate that it refuses is dropped.
MicroProgram random_program(Random& random, unsigned steps, Dialect dialect) {
  MicroProgram program;
  program.name = "random";
  program.a_rows = 2, program.b_rows = 2, program.d_rows = 3, program.work_rows = 4;
  program.reads_d = true;
  program.init_is_write = random.one_in(2);
  const Row first = program.d_first(), rows = program.rows();
  const auto any = [&] { return static_cast<Row>(random.below(rows)); };
  const auto writable = [&] { return static_cast<Row>(first + random.below(rows - first)); };
  const auto list = [&](bool to_write) {
    std::vector<KeyedRow> entries(1 + random.below(3));
    for (KeyedRow& entry : entries) entry = {to_write ? writable() : any(), random.one_in(2)};
    return entries;
  };
  const auto append = [&](Step step, const std::vector<KeyedRow>& entries = {}) {
    step.list = static_cast<std::uint32_t>(program.lists.size()), step.list_size = static_cast<std::uint32_t>(entries.size());
    program.lists.insert(program.lists.end(), entries.begin(), entries.end());
    program.steps.push_back(step);
    if (check(program)) return true;
    program.steps.pop_back();
    program.lists.resize(program.lists.size() - entries.size());
    return false;
  };
  constexpr StepKind writes[] = {StepKind::write_copy, StepKind::write_and, StepKind::write_or, StepKind::write_xor};
  std::uint8_t guard = Step::no_guard;
  while (program.steps.size() < steps) {
    if (random.one_in(6)) guard = random.one_in(2) ? Step::no_guard : static_cast<std::uint8_t>(random.below(3));
    const bool masked = random.one_in(3);
    const auto read = [&](Row a) { return append({.kind = StepKind::read, .guard = guard, .a = a}); };
    const auto write = [&](StepKind kind, Row d) { append({.kind = kind, .masked = masked, .guard = guard, .d = d}); };
    switch (random.below(9)) {
      case 0: read(any()); break;
      case 1:
      case 2: {
        const Row from = any(), to = writable(), also_to = writable();
        const bool was_read = (dialect == Dialect::in_cell || random.one_in(2)) && read(from);
        if (dialect == Dialect::in_cell && !was_read) break;
        write(writes[random.below(4)], to);
        if (dialect == Dialect::mixed || (to != from && random.one_in(2))) write(writes[random.below(4)], also_to);
        break;
      }
      case 3: append({.kind = random.one_in(2) ? StepKind::set : StepKind::reset, .masked = masked, .guard = guard}, list(true)); break;
      case 4:
        append({.kind = StepKind::nor,
                .masked = masked,
                .guard = guard,
                .d = writable(),
                .a = any(),
                .b = random.one_in(3) ? no_row : any(),
                .c = random.one_in(2) ? no_row : any()});
        break;
      case 5: append({.kind = StepKind::search, .guard = guard}, list(false)); break;
      case 6:
      case 7: {
        if (dialect == Dialect::in_cell) break;
        const auto table = [&] { return static_cast<std::uint8_t>(random.below(256)); };
        append({.kind = StepKind::combine,
                .masked = masked,
                .guard = guard,
                .f = table(),
                .g = random.one_in(3) ? std::uint8_t{0xf0} : table(),
                .d = random.one_in(4) ? no_row : writable(),
                .a = random.one_in(4) ? no_row : any(),
                .b = random.one_in(4) ? no_row : any()});
        break;
      }
      default: {
        // The five writes of a full adder, which the engine runs as one; in rows that may coincide, where they are something else.
        const Row p = writable(), c = writable(), a = any();
        const std::pair<Row, std::pair<StepKind, Row>> five[] = {{c, {StepKind::write_xor, p}},
                                                                 {a, {StepKind::write_xor, c}},
                                                                 {p, {StepKind::write_or, c}},
                                                                 {a, {StepKind::write_xor, p}},
                                                                 {p, {StepKind::write_xor, c}}};
        for (const auto& [from, to] : five) {
          if (!read(from) && dialect == Dialect::in_cell) break;
          write(to.first, to.second);
        }
      }
    }
  }
  return program;
}

Dialect dialect_of(unsigned i) { return i % 2 == 0 ? Dialect::in_cell : Dialect::mixed; }

Cells random_cells(Random& random, unsigned rows, unsigned columns) {
  Cells cells(rows, std::vector<bool>(columns));
  for (auto& row : cells)
    for (unsigned column = 0; column < columns; ++column) row[column] = random.one_in(2);
  return cells;
}

Subarray subarray_with(const Cells& cells) {
  Subarray subarray(static_cast<unsigned>(cells.size()), static_cast<unsigned>(cells.front().size()));
  for (unsigned row = 0; row < subarray.rows(); ++row)
    for (unsigned column = 0; column < subarray.columns(); ++column) subarray.set_bit(row, column, cells[row][column]);
  return subarray;
}

Cells cells_of(const Subarray& subarray) {
  Cells cells(subarray.rows(), std::vector<bool>(subarray.columns()));
  for (unsigned row = 0; row < subarray.rows(); ++row)
    for (unsigned column = 0; column < subarray.columns(); ++column) cells[row][column] = subarray.bit(row, column);
  return cells;
}

std::string text_of(const CellEvents& events) {
  std::string text;
  for (std::size_t i = 0; i < events.counts.size(); ++i)
    text += std::string(name_of(static_cast<CellEvent>(i))) + " " + std::to_string(events.counts[i]) + "\n";
  return text;
}

// Runs the program on every vector width and holds cells and events against the interpreter.
void check_against_interpreter(const MicroProgram& program, const Placement& placement, const Cells& before, unsigned first, unsigned count,
                               std::uint64_t scalar) {
  REQUIRE(check(program, placement, static_cast<unsigned>(before.size())));
  const RunnableProgram runnable(program, placement);
  Cells wanted = before;
  const CellEvents events = Interpreter(wanted, first, count, scalar).run(place(program, placement));
  for (const VectorWidth width : widths_of_this_host()) {
    INFO(program.listing());
    CAPTURE(static_cast<unsigned>(width), before.front().size(), first, count, scalar);
    Subarray subarray = subarray_with(before);
    const CellEvents counted = subarray.run(runnable, first, count, scalar, width);
    REQUIRE((cells_of(subarray) == wanted));
    REQUIRE(text_of(counted) == text_of(events));
  }
}

}  // namespace

TEST_CASE("words stored in columns come back from them, at any offset and count, and leave all other cells as they are") {
  Random random(1);
  for (unsigned i = 0; i < 300; ++i) {
    const unsigned columns = 32 * (1 + random.below(8)), first = random.below(columns), count = 1 + random.below(columns - first);
    const unsigned bits = 1 + random.below(32), first_row = random.below(8), rows = first_row + bits + 2;
    CAPTURE(columns, first, count, bits, first_row);
    const Cells before = random_cells(random, rows, columns);
    Subarray subarray = subarray_with(before);
    std::vector<std::uint32_t> words(count);
    for (std::uint32_t& word : words) word = random.below(0xffffffffu);
    subarray.load_words(first_row, bits, first, words);

    Cells wanted = before;
    for (unsigned k = 0; k < count; ++k)
      for (unsigned bit = 0; bit < bits; ++bit) wanted[first_row + bit][first + k] = ((words[k] >> bit) & 1u) != 0;
    REQUIRE((cells_of(subarray) == wanted));

    std::vector<std::uint32_t> back(count, 0xffffffffu);
    subarray.store_words(first_row, bits, first, back);
    for (std::uint32_t& word : words) word &= static_cast<std::uint32_t>((std::uint64_t{1} << bits) - 1);
    REQUIRE(back == words);
  }
}

TEST_CASE("random programs leave the bits and count the events that a cell-by-cell interpreter says, on every vector width") {
  Random random(2);
  for (unsigned i = 0; i < 300; ++i) {
    const MicroProgram program = random_program(random, 30, dialect_of(i));
    const unsigned columns = 32 * (1 + random.below(6));
    check_against_interpreter(program, {.a = 3, .b = 0, .d = 6, .work = 10}, random_cells(random, 15, columns), 0, columns, random.below(8));
  }
}

TEST_CASE("columns outside the range keep what they hold and are counted nowhere, wherever the range begins and ends") {
  Random random(3);
  for (unsigned i = 0; i < 100; ++i) {
    const MicroProgram program = random_program(random, 20, dialect_of(i));
    const unsigned columns = 32 * (1 + random.below(50)), first = random.below(columns), count = 1 + random.below(columns - first);
    check_against_interpreter(program, {.a = 3, .b = 0, .d = 6, .work = 10}, random_cells(random, 15, columns), first, count, random.below(8));
  }
}

TEST_CASE("rows of one, two, three and eight whole vectors of 512 columns run alike") {
  Random random(4);
  for (const unsigned columns : {512u, 1024u, 1536u, 4096u})
    for (unsigned i = 0; i < 4; ++i) {
      const MicroProgram program = random_program(random, 25, dialect_of(i));
      const Cells cells = random_cells(random, 15, columns);
      check_against_interpreter(program, {.a = 3, .b = 0, .d = 6, .work = 10}, cells, 0, columns, random.below(8));
      if (columns > 512) check_against_interpreter(program, {.a = 3, .b = 0, .d = 6, .work = 10}, cells, 512, columns - 512, random.below(8));
    }
}

TEST_CASE("the five writes of a full adder count as five writes with the flips of each, in all lanes and in the masked ones") {
  for (const bool masked : {false, true}) {
    MicroProgram program;
    program.name = "full adder";
    program.a_rows = 1, program.d_rows = 2;
    program.reads_d = true;
    const Row a = 0, p = 1, c = 2;
    program.lists = {{a, true}};
    if (masked) program.steps.push_back({.kind = StepKind::search, .list = 0, .list_size = 1});
    for (const auto& [from, kind, to] : {std::tuple{c, StepKind::write_xor, p},
                                         {a, StepKind::write_xor, c},
                                         {p, StepKind::write_or, c},
                                         {a, StepKind::write_xor, p},
                                         {p, StepKind::write_xor, c}}) {
      program.steps.push_back({.kind = StepKind::read, .a = from});
      program.steps.push_back({.kind = kind, .masked = masked, .d = to});
    }
    Random random(5);
    const Placement placement{.a = 0, .b = 1, .d = 1, .work = 3};
    CHECK(RunnableProgram(program, placement).operations().size() == (masked ? 2 : 1));  // translated into one
    check_against_interpreter(program, placement, random_cells(random, 3, 96), 0, 96, 0);
    check_against_interpreter(program, placement, random_cells(random, 3, 1024), 5, 1000, 0);
    // The sum and the carry of each column.
    Subarray subarray(3, 32);
    for (unsigned column = 0; column < 8; ++column)
      for (unsigned row = 0; row < 3; ++row) subarray.set_bit(row, column, ((column >> row) & 1u) != 0);
    subarray.run(RunnableProgram(program, placement), 0, 8);
    for (unsigned column = 0; column < 8; ++column) {
      const bool adds = !masked || (column & 1u) != 0;
      const unsigned sum = (column & 1u) + ((column >> 1) & 1u) + ((column >> 2) & 1u);
      CHECK(subarray.bit(p, column) == (adds ? (sum & 1u) != 0 : ((column >> 1) & 1u) != 0));
      CHECK(subarray.bit(c, column) == (adds ? sum >= 2 : ((column >> 2) & 1u) != 0));
    }
  }
}

TEST_CASE("a program placed with the destination on an operand replaces it") {
  Random random(6);
  MicroProgram program;  // d = a and b, through a work row
  program.name = "and";
  program.a_rows = program.b_rows = program.d_rows = program.work_rows = 1;
  program.steps = {{.kind = StepKind::read, .a = 0},      {.kind = StepKind::write_copy, .d = 3}, {.kind = StepKind::read, .a = 1},
                   {.kind = StepKind::write_and, .d = 3}, {.kind = StepKind::read, .a = 3},       {.kind = StepKind::write_copy, .d = 2}};
  for (const Placement placement : {Placement{0, 1, 0, 2}, Placement{0, 1, 1, 2}, Placement{1, 1, 1, 0}})
    check_against_interpreter(program, placement, random_cells(random, 3, 64), 0, 64, 0);
}

TEST_CASE("no columns are no work") {
  Random random(7);
  const MicroProgram program = random_program(random, 10, Dialect::mixed);
  const Cells before = random_cells(random, 15, 64);
  Subarray subarray = subarray_with(before);
  CHECK(subarray.run(RunnableProgram(program, {.a = 3, .b = 0, .d = 6, .work = 10}), 7, 0) == CellEvents{});
  CHECK(cells_of(subarray) == before);
}

TEST_CASE("the steps that a translated program takes are those of the program, for any bits of the scalar") {
  Random random(8);
  for (unsigned i = 0; i < 50; ++i) {
    const MicroProgram program = random_program(random, 30, dialect_of(i));
    const RunnableProgram runnable(program, {.a = 3, .b = 0, .d = 6, .work = 10});
    CHECK(runnable.counts() == program.counts());
    for (std::uint64_t scalar = 0; scalar < 8; ++scalar) CHECK(runnable.counts(scalar) == program.counts(scalar));
  }
}
