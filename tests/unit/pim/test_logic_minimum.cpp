// How many writes the adders of the sot family need at least: an exhaustive search over all step sequences; and that the family emits sequences of that length
// which compute the right functions.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>
#include <vector>

#include "models/pim/logic_family.h"
#include "models/pim/subarray.h"

using namespace spinvp::pim;

namespace {

// What a row holds, for all eight values of the inputs p, a and c at once: bit p + 2 a + 4 c.
using Table = std::uint8_t;
constexpr Table p_in = 0xaa, a_in = 0xcc, c_in = 0xf0, sum_of_three = p_in ^ a_in ^ c_in;
constexpr Table carry_of_three = (p_in & a_in) | (p_in & c_in) | (a_in & c_in);
constexpr Table not_p = static_cast<Table>(~p_in), borrow_of_three = (not_p & a_in) | (not_p & c_in) | (a_in & c_in);

// Up to four rows and the latch, a byte each: the latch is the fifth. Rows that a search does not have hold 0 and are never touched.
using State = std::uint64_t;
constexpr unsigned latch = 4;
Table held(State state, unsigned place) { return static_cast<Table>(state >> (8 * place)); }
State with(State state, unsigned place, Table table) { return (state & ~(State{0xff} << (8 * place))) | State{table} << (8 * place); }

constexpr unsigned operations = 4;  // copy, AND, OR, XOR of the latch
Table apply(unsigned operation, Table row, Table latch_value) {
  switch (operation) {
    case 0: return latch_value;
    case 1: return row & latch_value;
    case 2: return row | latch_value;
    default: return row ^ latch_value;
  }
}

struct Machine {
  unsigned rows;
  bool two_destinations = false;  // a step may write a second row from the same latch, with an operation of its own

  // Calls visit(state) for all that one step may leave. The latch takes any row first, or keeps what it read earlier.
  template <typename Visit>
  void for_each_successor(State state, bool latch_read, Visit&& visit) const {
    for (unsigned source = 0; source <= rows; ++source) {
      if (source == rows && !latch_read) break;
      const State read = source == rows ? state : with(state, latch, held(state, source));
      for (unsigned d = 0; d < rows; ++d)
        for (unsigned operation = 0; operation < operations; ++operation) {
          const State first = with(read, d, apply(operation, held(read, d), held(read, latch)));
          visit(first);
          if (!two_destinations) continue;
          for (unsigned e = d + 1; e < rows; ++e)
            for (unsigned second = 0; second < operations; ++second) visit(with(first, e, apply(second, held(read, e), held(read, latch))));
        }
    }
  }

  // Least number of steps to a state that is as wanted; nothing if `most` steps do not reach one.
  template <typename Wanted>
  std::optional<unsigned> least_steps(State start, Wanted&& wanted, unsigned most) const {
    std::vector<State> frontier{start};
    std::unordered_set<State> seen{start};
    for (unsigned steps = 1; steps <= most; ++steps) {
      std::vector<State> next;
      bool found = false;
      for (const State state : frontier) {
        for_each_successor(state, steps > 1, [&](State after) {
          found = found || wanted(after);
          if (steps < most && seen.insert(after).second) next.push_back(after);
        });
        if (found) return steps;
      }
      frontier = std::move(next);
    }
    return std::nullopt;
  }
};

State rows_of(Table w0, Table w1, Table w2, Table w3 = 0) { return w0 | State{w1} << 8 | State{w2} << 16 | State{w3} << 24; }

// Each table of the list in some row.
struct Holds {
  unsigned rows;
  std::vector<Table> tables;
  bool operator()(State state) const {
    return std::all_of(tables.begin(), tables.end(), [&](Table table) {
      for (unsigned row = 0; row < rows; ++row)
        if (held(state, row) == table) return true;
      return false;
    });
  }
};

// What a search may start from: the operands alone, or a fourth row that happens to hold a useful constant. A row of unknown contents cannot do better, for
// what works whatever it holds works if it holds 0.
std::vector<std::pair<unsigned, State>> starts(Table p, Table a, Table c) {
  return {{3, rows_of(p, a, c)}, {4, rows_of(p, a, c, 0x00)}, {4, rows_of(p, a, c, 0xff)}};
}

// Runs what `emit` assembles in the sot family on all values of three bits: window a holds p, a and c, the two bits of d receive what it leaves in p and c.
struct Emitted {
  MicroProgram program;
  Table first = 0, second = 0;
  bool kept_operands = false;
  std::uint64_t writes = 0;  // without the copies of p and c at the beginning and of the results at the end

  template <typename Emit>
  explicit Emitted(Emit&& emit) {
    const auto as = logic_family("sot").assembler({.name = "sequence", .windows = {.a = 3, .b = 0, .d = 2}});
    {
      const Word operands = as->operand_a();
      Word results;
      results.push_back(as->copy(operands[0]));
      results.push_back(as->copy(operands[2]));
      emit(*as, results[0], operands[1], results[1]);
      as->result(results);
    }
    program = as->finish();
    writes = program.counts().writes / 2 - 4;  // counts are in halves

    Subarray subarray(program.rows(), 32);
    for (unsigned column = 0; column < 8; ++column)
      for (unsigned row = 0; row < 3; ++row) subarray.set_bit(row, column, ((column >> row) & 1u) != 0);
    subarray.run(RunnableProgram(program, {.a = 0, .b = 3, .d = 3, .work = 5}), 0, 8);
    const auto table = [&](unsigned row) { return static_cast<Table>(subarray.row(row)[0]); };
    first = table(3), second = table(4);
    kept_operands = table(0) == p_in && table(1) == a_in && table(2) == c_in;
  }
};

}  // namespace

// Not keeping a is the weaker demand, so what cannot be done without keeping it cannot be done at all.
TEST_CASE("no four writes with one destination each leave sum and carry of three bits") {
  for (const auto& [rows, start] : starts(p_in, a_in, c_in)) {
    CAPTURE(rows, start);
    CHECK_FALSE(Machine{rows}.least_steps(start, Holds{rows, {sum_of_three, carry_of_three}}, 4));
  }
}

TEST_CASE("no four writes with one destination each leave difference and borrow of three bits") {
  for (const auto& [rows, start] : starts(p_in, a_in, c_in)) {
    CAPTURE(rows, start);
    CHECK_FALSE(Machine{rows}.least_steps(start, Holds{rows, {sum_of_three, borrow_of_three}}, 4));
  }
}

TEST_CASE("five writes leave sum and carry, or difference and borrow, in two rows beside an operand that is kept") {
  const State start = rows_of(p_in, a_in, c_in);
  CHECK(Machine{3}.least_steps(start, Holds{3, {sum_of_three, carry_of_three, a_in}}, 5) == 5u);
  CHECK(Machine{3}.least_steps(start, Holds{3, {sum_of_three, borrow_of_three, a_in}}, 5) == 5u);
}

TEST_CASE("where a step may write two rows with different operations, four steps make a full adder and three do not") {
  for (const auto& [rows, start] : starts(p_in, a_in, c_in)) {
    CAPTURE(rows, start);
    CHECK_FALSE(Machine{rows, true}.least_steps(start, Holds{rows, {sum_of_three, carry_of_three}}, 3));
  }
  // With a kept, and no row beside the operands' own.
  CHECK(Machine{3, true}.least_steps(rows_of(p_in, a_in, c_in), Holds{3, {sum_of_three, carry_of_three, a_in}}, 4) == 4u);
}

TEST_CASE("sum and carry of two bits take three writes, difference and borrow two") {
  constexpr Table sum = p_in ^ c_in, carry = p_in & c_in, borrow = not_p & c_in;
  for (const State start : {rows_of(p_in, c_in, 0x00, 0x00), rows_of(p_in, c_in, 0xff, 0x00)})
    for (const unsigned rows : {2u, 3u, 4u}) {
      CAPTURE(rows, start);
      CHECK(Machine{rows}.least_steps(start, Holds{rows, {sum, carry}}, 3) == 3u);
      CHECK(Machine{rows}.least_steps(start, Holds{rows, {sum, borrow}}, 2) == 2u);
    }
}

TEST_CASE("the sot family adds and subtracts three bits in the five writes that are the least") {
  const Emitted add([](Assembler& as, Bit& p, const Bit& a, Bit& c) { as.full_add(p, a, c); });
  CHECK(add.first == sum_of_three);
  CHECK(add.second == carry_of_three);
  CHECK(add.kept_operands);
  CHECK(add.writes == 5);

  const Emitted subtract([](Assembler& as, Bit& p, const Bit& a, Bit& c) { as.full_subtract(p, a, c); });
  CHECK(subtract.first == sum_of_three);  // p - a - c is odd where p + a + c is
  CHECK(subtract.second == borrow_of_three);
  CHECK(subtract.kept_operands);
  CHECK(subtract.writes == 5);
}

TEST_CASE("the sot family adds two bits in three writes and subtracts them in two") {
  const Emitted add([](Assembler& as, Bit& p, const Bit&, Bit& c) { as.half_add(p, c); });
  CHECK(add.first == (p_in ^ c_in));
  CHECK(add.second == (p_in & c_in));
  CHECK(add.writes == 3);

  const Emitted subtract([](Assembler& as, Bit& p, const Bit&, Bit& c) { as.half_subtract(p, c); });
  CHECK(subtract.first == (p_in ^ c_in));
  CHECK(subtract.second == (not_p & c_in));
  CHECK(subtract.writes == 2);
}
