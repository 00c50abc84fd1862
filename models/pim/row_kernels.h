// The inner loop of Subarray::run, compiled once for each vector width. Internal to models/pim.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spinvp::pim::kernels {

// Codes of RunnableProgram::Operation. The five writes of a full adder in the sot family are one code.
enum Code : std::uint8_t { code_copy, code_and, code_or, code_xor, code_set, code_reset, code_nor, code_search, code_latch, code_combine, code_full_add };

struct OperationView {  // of RunnableProgram::Operation
  std::uint8_t code, guard;
  bool masked;
  std::uint8_t f, g;
  std::uint16_t d, a, b, c;
  std::uint32_t list, list_size;
};
struct RowBit {  // of KeyedRow
  std::uint16_t row;
  bool bit;
};

// Counts that depend on values or masks. Cells of unmasked steps follow from the program and are added by the caller.
struct Tally {
  std::uint64_t write_flips = 0, nor_flips = 0, init_flips = 0;
  std::uint64_t masked_writes = 0, masked_nors = 0, masked_inits = 0;  // cells driven by masked steps
};

struct Run {
  const OperationView* operations;
  std::size_t count;
  const RowBit* lists;
  std::uint64_t* rows;          // row 0, first vector
  std::size_t stride;           // words from row to row
  std::size_t vectors;          // 8 words each, 1 to 8
  const std::uint64_t* active;  // columns that take part; null: all of them
  std::uint64_t scalar;
  bool init_is_write;
};

void run_portable(const Run& run, Tally& tally);
void run_avx2(const Run& run, Tally& tally);
void run_avx512(const Run& run, Tally& tally);

}  // namespace spinvp::pim::kernels
