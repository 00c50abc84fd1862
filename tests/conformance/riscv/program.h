// Random programs that end: a list of items, drawn from a seed, that assembles to machine code.
//
// An item is a short piece of straight code, a forward branch over the next few items, or the begin or end of a counted loop. Any part of the list is a program
// of its own (loops that are not closed are closed at the end, branches beyond the end go there), so that a difference can be shrunk by leaving items out.
// Programs stay inside their memory window and never trap; what they compute is mixed into a signature register, so that no difference is lost on the way.
//
// Memory of a program, about its base: [-4096, -2048) register file to start from, and at the end the one it ended with; [-2048, -1024) operands that nobody
// writes; [-1024, 4096) data. The base is aligned to a page, so accesses about it cross pages.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "random.h"

namespace spinvp::conformance {

struct Item {
  enum class Kind : std::uint8_t { straight, branch, compressed_branch, jump, compressed_jump, jump_register, compressed_jump_register, loop_begin, loop_end };
  Kind kind = Kind::straight;
  std::vector<std::uint16_t> code;                    // straight: its parcels
  std::uint8_t funct3 = 0, rd = 0, rs1 = 0, rs2 = 0;  // of branches and jumps; compressed_branch: funct3 0 or 1; jump_register: rs1 holds the target
  bool odd_target = false;                            // jump_register: bit 0 of the target is set, to be ignored
  std::uint8_t skip = 0;                              // branches and jumps: items left out when taken
  std::uint8_t level = 0, iterations = 0;             // loops
};

// Registers that a program does not write freely.
struct Reserved {
  std::uint8_t base = 0, signature = 0;
  std::array<std::uint8_t, 2> counters{};  // of loops, by level
  [[nodiscard]] bool holds(unsigned x) const { return x == base || x == signature || x == counters[0] || x == counters[1]; }
};

inline constexpr std::uint64_t window_before_base = 4096, window_after_base = 4096, window_size = window_before_base + window_after_base;
inline constexpr int first_operand = -2048, first_data = -1024;
// The register file in memory, in words of eight bytes: x0 to x31, f0 to f31, fcsr.
inline constexpr unsigned float_word = 32, fcsr_word = 64, register_file_words = 65;

struct Program {
  std::uint64_t seed = 0;
  Reserved reserved;
  std::vector<Item> items;
  std::vector<std::uint64_t> window;  // at the start, in words, from base - 4096

  [[nodiscard]] std::vector<std::uint8_t> assemble() const;
};

Program draw_program(std::uint64_t seed);

// One line an instruction, for people.
std::vector<std::string> listing(const Program& program);
// Notes which of the decoder's operations stand in the program, and names those that were never noted.
void mark_operations(const Program& program, std::vector<bool>& drawn);
std::vector<std::string> never_drawn(const std::vector<bool>& drawn);

}  // namespace spinvp::conformance
