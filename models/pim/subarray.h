// A subarray as bits: rows x columns cells, packed 64 columns to a word, and the machine that runs micro-programs on it (micro_program.h).
//
// Values, cells driven and cells that flip are exact, step by step. Rows are worked on 512 columns at a time with the widest vectors that the host has; all
// widths give the same bits and counts.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/pim/cell_events.h"
#include "models/pim/micro_program.h"
#include "models/pim/vector_width.h"

namespace spinvp::pim {

// A placed program, translated once for the host: each write knows its source row, a full adder is one operation. Same bits, same counts.
class RunnableProgram {
 public:
  // The program must have passed check(program, placement, rows) for the subarrays that will run it.
  RunnableProgram(const MicroProgram& program, const Placement& placement);
  [[nodiscard]] const MicroProgram& program() const { return program_; }  // placed
  [[nodiscard]] const StepCounts& counts() const { return counts_; }      // all guards open
  [[nodiscard]] StepCounts counts(std::uint64_t scalar) const;
  // Cells driven in `lanes` lanes whatever their values: all but masked steps and flips.
  [[nodiscard]] CellEvents fixed_events(std::uint64_t scalar, std::uint64_t lanes) const;
  [[nodiscard]] unsigned rows() const { return rows_; }  // a subarray needs at least these

  struct Operation {
    std::uint8_t code, guard;
    bool masked;
    std::uint8_t f, g;
    std::uint16_t d, a, b, c;       // rows
    std::uint32_t list, list_size;  // entries of lists()
  };
  [[nodiscard]] std::span<const Operation> operations() const { return operations_; }
  [[nodiscard]] std::span<const KeyedRow> lists() const { return program_.lists; }

 private:
  MicroProgram program_;
  std::vector<Operation> operations_;
  StepCounts counts_;
  // What a run takes: index 0 without a guard, 1 + g what guard g adds. Events a lane; row_step once.
  struct Share {
    StepCounts counts;
    CellEvents events;
  };
  std::vector<Share> shares_;
  unsigned rows_ = 0;
};

class Subarray {
 public:
  // Columns a multiple of 32, at most 4096 (std::length_error). All cells 0.
  Subarray(unsigned rows, unsigned columns);
  [[nodiscard]] unsigned rows() const { return rows_; }
  [[nodiscard]] unsigned columns() const { return columns_; }

  // The row's columns, 64 to a word; the last words may hold columns that do not exist (zero).
  [[nodiscard]] std::span<std::uint64_t> row(unsigned row) { return {cells_.get() + std::size_t{row} * stride_, words()}; }
  [[nodiscard]] std::span<const std::uint64_t> row(unsigned row) const { return {cells_.get() + std::size_t{row} * stride_, words()}; }
  // All cells, rows one behind the other (padded): for snapshots.
  [[nodiscard]] std::span<std::uint64_t> cells() { return {cells_.get(), std::size_t{rows_} * stride_}; }
  [[nodiscard]] bool bit(unsigned r, unsigned column) const { return ((row(r)[column / 64] >> (column % 64)) & 1u) != 0; }
  void set_bit(unsigned r, unsigned column, bool value);

  // `bits` rows from `first_row` = the low bits of words (bit i to row first_row + i), for the columns first .. first + words.size() - 1; and back (upper bits zero).
  void load_words(unsigned first_row, unsigned bits, unsigned first, std::span<const std::uint32_t> words);
  void store_words(unsigned first_row, unsigned bits, unsigned first, std::span<std::uint32_t> words) const;
  // The same of words of up to 64 bits.
  void load_words(unsigned first_row, unsigned bits, unsigned first, std::span<const std::uint64_t> words);
  void store_words(unsigned first_row, unsigned bits, unsigned first, std::span<std::uint64_t> words) const;

  // Runs the program in the columns first .. first + count - 1; the others keep what they hold. `scalar`: the bits that open guards.
  CellEvents run(const RunnableProgram& program, unsigned first, unsigned count, std::uint64_t scalar = ~std::uint64_t{0},
                 VectorWidth width = widest_vectors());

 private:
  struct Free {
    void operator()(std::uint64_t* p) const;
  };
  unsigned rows_, columns_, stride_;
  std::unique_ptr<std::uint64_t[], Free> cells_;
  [[nodiscard]] std::size_t words() const { return (columns_ + 63) / 64; }
};

}  // namespace spinvp::pim
