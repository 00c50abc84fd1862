// A micro-program: the row steps that one operation takes in a subarray, on rows that are named symbolically.
//
// The machine. A subarray has rows x columns cells, every step works on all columns (lanes) at once. Beside the cells a column has a sense latch and a match
// latch (the mask). Steps that are `masked` drive only the columns whose match latch is set.
//
//   step          does                                              counted as
//   read a        latch = row a                                     1 read
//   write d op    row d = row d op latch, op: copy and or xor       1 write      (in-cell logic of the SOT family)
//   set, reset    the rows of the list = 1, 0                       1 init, all rows in the same step
//   nor d a b c   row d = row d and not (a or b or c)               1 NOR        (memristor: d must have been set)
//   search        match = columns where every row of the list       1 search, 2 where the key holds both ones and zeros: cells of one row each,
//                 holds its key bit                                 without complements, tell one of them at a time
//   combine d a b row d = f(a, b, latch), then latch = g(a, b, latch)   1 read of two rows + 1 write  (logic in the sense amplifiers; d may be none)
//
// Where a family writes constants with the same pulse as data (SOT, SRAM), its set and reset count as writes: MicroProgram::init_is_write.
//
// Rows are numbered from 0: the windows of the operands first (a, b, d), then the work rows. Placing a program (place()) gives each window a physical row.
// A step may be guarded by a bit of a scalar that all lanes share: it is skipped, at no cost, where that bit is zero.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "models/pim/step_counts.h"

namespace spinvp::pim {

using Row = std::uint16_t;
inline constexpr Row no_row = 0xffff;

enum class StepKind : std::uint8_t { read, write_copy, write_and, write_or, write_xor, set, reset, nor, search, combine };
const char* name_of(StepKind kind);

struct Step {
  StepKind kind;
  bool masked = false;
  bool joined = false;            // a write in the same step as the one before: drives cells, takes no time of its own
  std::uint8_t guard = no_guard;  // bit of the scalar's significand that must be one
  std::uint8_t f = 0, g = 0;      // combine: truth tables over a + 2 b + 4 latch
  Row d = no_row, a = no_row, b = no_row, c = no_row;
  std::uint32_t list = 0, list_size = 0;  // set, reset, search: entries of MicroProgram::lists
  static constexpr std::uint8_t no_guard = 0xff;
};

struct KeyedRow {
  Row row;
  bool bit;  // search: what it must hold
};

// A named part of a program, from its first step to the next part's.
struct Section {
  std::uint32_t first;
  std::string name;
};

struct MicroProgram {
  std::string name;
  Row a_rows = 0, b_rows = 0, d_rows = 0, work_rows = 0;  // sizes of the windows
  bool reads_d = false;                                   // the destination is an operand, too
  bool init_is_write = false;
  std::vector<Step> steps;
  std::vector<KeyedRow> lists;
  std::vector<Section> sections;  // ascending; what stands before the first has no name

  [[nodiscard]] Row b_first() const { return a_rows; }
  [[nodiscard]] Row d_first() const { return static_cast<Row>(a_rows + b_rows); }
  [[nodiscard]] Row work_first() const { return static_cast<Row>(a_rows + b_rows + d_rows); }
  [[nodiscard]] Row rows() const { return static_cast<Row>(work_first() + work_rows); }
  [[nodiscard]] std::span<const KeyedRow> list_of(const Step& step) const { return std::span(lists).subspan(step.list, step.list_size); }

  [[nodiscard]] StepCounts count_of(const Step& step) const;
  // Lockstep steps; those with a guard count where the scalar's bit is one.
  [[nodiscard]] StepCounts counts(std::uint64_t scalar = ~std::uint64_t{0}) const;
  // The same by section, in order of first appearance; sections of one name are added up.
  [[nodiscard]] std::vector<std::pair<std::string, StepCounts>> counts_by_section(std::uint64_t scalar = ~std::uint64_t{0}) const;
  // Steps that write each row, by symbolic row, of a placed program by physical row (a masked one counts: it may drive any cell of its row).
  [[nodiscard]] std::vector<std::uint32_t> writes_by_row(std::uint64_t scalar = ~std::uint64_t{0}) const;
  // One line a step: number, guard, what it does, with rows named a0.., b0.., d0.., w0...
  [[nodiscard]] std::string listing() const;
  [[nodiscard]] std::string row_name(Row row) const;
  [[nodiscard]] std::string text_of(const Step& step) const;
};

// Physical first rows of the windows. d may be exactly a or b (results are written last); any other overlap is refused.
struct Placement {
  Row a = 0, b = 0, d = 0, work = 0;
  friend bool operator==(const Placement&, const Placement&) = default;
};

// What is wrong with a program before it runs: a step that reads a row, the latch or the match latch before anything was written to it, reads or writes no row or
// a row beyond its windows, or writes an operand it may not. What guarded steps write is known to later steps under the same guard alone. The message names the step. `placement`, if given, is checked against a subarray of `rows` rows.
tl::expected<void, std::string> check(const MicroProgram& program);
tl::expected<void, std::string> check(const MicroProgram& program, const Placement& placement, unsigned rows);

// The program with physical rows. check() must have passed.
MicroProgram place(const MicroProgram& program, const Placement& placement);

}  // namespace spinvp::pim
