#include "program.h"

#include <algorithm>

#include "items.h"
#include "tests/unit/riscv/assembler.h"

namespace spinvp::conformance {
namespace {

namespace as = riscv::test;
using Kind = Item::Kind;
using u8 = std::uint8_t;
using u32 = std::uint32_t;

constexpr unsigned items_of_a_program = 120;

Reserved draw_reserved(Random& random) {
  Reserved r;
  // Compressed accesses go through x2 and x8 to x15.
  const unsigned kind = random.below(3);
  r.base = static_cast<u8>(kind == 0 ? 2 : kind == 1 ? 8 + random.below(8) : 1 + random.below(31));
  const auto another = [&] {
    for (;;)
      if (const unsigned x = 1 + random.below(31); !r.holds(x)) return static_cast<u8>(x);
  };
  r.signature = another();
  for (u8& counter : r.counters) counter = another();
  return r;
}

std::vector<std::uint64_t> draw_window(Random& random) {
  std::vector<std::uint64_t> words(window_size / 8);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = random.one_in(2) ? integer_operand(random) : float_register(random);
  for (unsigned f = 0; f < 32; ++f) words[float_word + f] = float_register(random);
  words[fcsr_word] = random.below(5) << 5 | random.below(32);
  return words;
}

struct Weighted {
  unsigned weight;
  Item (ItemDraw::*draw)();
};

Item draw_item(Random& random, ItemDraw& draw) {
  static constexpr Weighted choices[] = {{22, &ItemDraw::integer},          {10, &ItemDraw::operand},          {12, &ItemDraw::compressed},
                                         {12, &ItemDraw::memory},           {6, &ItemDraw::compressed_memory}, {5, &ItemDraw::atomic},
                                         {3, &ItemDraw::conditional_store}, {26, &ItemDraw::rounding_float},   {10, &ItemDraw::other_float},
                                         {4, &ItemDraw::float_control},     {10, &ItemDraw::control},          {1, &ItemDraw::patched_code},
                                         {12, &ItemDraw::bit_manipulation}};
  unsigned sum = 0;
  for (const Weighted& choice : choices) sum += choice.weight;
  unsigned at = random.below(sum);
  const Weighted* choice = choices;
  for (; at >= choice->weight; ++choice) at -= choice->weight;
  return (draw.*choice->draw)();
}

unsigned size_of(const Item& item) {
  switch (item.kind) {
    case Kind::straight: return static_cast<unsigned>(2 * item.code.size());
    case Kind::compressed_branch:
    case Kind::compressed_jump: return 2;
    case Kind::jump_register:
    case Kind::loop_end: return 8;
    case Kind::compressed_jump_register: return 10;
    default: return 4;
  }
}

// The items with unclosed loops closed and ends of missing loops left out.
std::vector<Item> closed(const std::vector<Item>& items) {
  std::vector<Item> result;
  std::vector<Item> open;
  for (const Item& item : items) {
    if (item.kind == Kind::loop_end) {
      if (open.empty() || open.back().level != item.level) continue;
      open.pop_back();
    }
    if (item.kind == Kind::loop_begin) open.push_back(item);
    result.push_back(item);
  }
  for (; !open.empty(); open.pop_back()) {
    result.push_back(open.back());
    result.back().kind = Kind::loop_end;
  }
  return result;
}

class Assembler {
 public:
  explicit Assembler(const Program& program) : program_(program), items_(closed(program.items)) {
    starts_.push_back(0);
    for (const Item& item : items_) starts_.push_back(starts_.back() + size_of(item));
  }

  std::vector<u8> bytes() {
    for (std::size_t i = 0; i < items_.size(); ++i) put_item(i);
    return std::move(bytes_);
  }
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }

 private:
  const Program& program_;
  std::vector<Item> items_;
  std::vector<unsigned> starts_;
  std::vector<unsigned> loops_;  // where the bodies of open loops start
  std::vector<u8> bytes_;

  void half(u32 parcel) {
    bytes_.push_back(static_cast<u8>(parcel));
    bytes_.push_back(static_cast<u8>(parcel >> 8));
  }
  void word(u32 w) {
    half(w);
    half(w >> 16);
  }
  [[nodiscard]] int here() const { return static_cast<int>(bytes_.size()); }

  void put_item(std::size_t i) {
    const Item& item = items_[i];
    const int distance = static_cast<int>(starts_[std::min(i + 1 + item.skip, items_.size())]) - here();
    const auto d = static_cast<u32>(distance);
    const auto bit = [d](unsigned from, unsigned to) { return (d >> from & 1) << to; };
    switch (item.kind) {
      case Kind::straight:
        for (const u32 parcel : item.code) half(parcel);
        break;
      case Kind::branch: word(as::b_type(distance, item.rs2, item.rs1, item.funct3)); break;
      case Kind::compressed_branch:
        half(0xc001 | static_cast<u32>(item.funct3) << 13 | bit(8, 12) | bit(4, 11) | bit(3, 10) | (item.rs1 - 8u) << 7 | bit(7, 6) | bit(6, 5) | bit(2, 4) |
             bit(1, 3) | bit(5, 2));
        break;
      case Kind::jump: word(as::jal(item.rd, distance)); break;
      case Kind::compressed_jump:
        half(0xa001 | bit(11, 12) | bit(4, 11) | bit(9, 10) | bit(8, 9) | bit(10, 8) | bit(6, 7) | bit(7, 6) | bit(3, 5) | bit(2, 4) | bit(1, 3) | bit(5, 2));
        break;
      case Kind::jump_register:
        word(as::auipc(item.rs1, 0));
        word(as::jalr(item.rd, item.rs1, distance + (item.odd_target ? 1 : 0)));
        break;
      case Kind::compressed_jump_register:
        word(as::auipc(item.rs1, 0));
        word(as::addi(item.rs1, item.rs1, distance));
        half(0x8002 | static_cast<u32>(item.rd != 0) << 12 | static_cast<u32>(item.rs1) << 7);
        break;
      case Kind::loop_begin:
        word(as::addi(program_.reserved.counters[item.level], 0, item.iterations));
        loops_.push_back(static_cast<unsigned>(here()));
        break;
      case Kind::loop_end: {
        const u32 counter = program_.reserved.counters[item.level];
        word(as::addi(counter, counter, -1));
        // Leaves at zero and below: a branch into the loop finds a counter that is used up.
        word(as::b_type(static_cast<int>(loops_.back()) - here(), counter, 0, 4));
        loops_.pop_back();
        break;
      }
    }
  }
};

}  // namespace

std::vector<u8> Program::assemble() const { return Assembler(*this).bytes(); }

Program draw_program(std::uint64_t seed) {
  Program program;
  program.seed = seed;
  Random random(seed);
  program.reserved = draw_reserved(random);
  program.window = draw_window(random);
  program.window[program.reserved.counters[0]] = program.window[program.reserved.counters[1]] = 0;
  ItemDraw draw(random, program.reserved);
  std::vector<unsigned> left;  // items to come in each open loop
  while (program.items.size() < items_of_a_program || !left.empty()) {
    if (!left.empty() && left.back()-- == 0) {
      left.pop_back();
      Item end;
      end.kind = Kind::loop_end;
      end.level = static_cast<u8>(left.size());
      program.items.push_back(end);
    } else if (left.size() < program.reserved.counters.size() && random.one_in(15)) {
      Item begin;
      begin.kind = Kind::loop_begin;
      begin.level = static_cast<u8>(left.size());
      begin.iterations = static_cast<u8>(left.empty() ? 2 + random.below(8) : 2 + random.below(4));
      program.items.push_back(begin);
      left.push_back(2 + random.below(10));
    } else {
      program.items.push_back(draw_item(random, draw));
    }
  }
  return program;
}

}  // namespace spinvp::conformance
