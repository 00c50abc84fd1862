// What a hart's functions cost, by call stack: cycles, waiting and instructions, each counted once, in the innermost function.
//
// Calls and returns are told by the jump instructions' link registers, as the manual's hints for return-address stacks have them (volume I, table 2.1): x1 and x5. A jump without
// a link that leaves its function is a tail call: the callee takes the caller's place. A trap pushes its handler, mret pops it. A return that does not fit the stack (longjmp, another
// task's stack) goes back to the frame that it names, else to the frames whose stack pointer still lives; costs are never lost, at worst they stand under another caller.
//
// The interpreter tells of jumps at the ends of blocks, so a run that only loops pays nothing. Counts are sums since the hart's start: their sum over all nodes is the hart's own count.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "models/riscv/operations.h"

namespace spinvp::riscv {

// Where functions lie: disjoint ranges by address. What lies between two of them counts as one function.
class FunctionRanges {
 public:
  struct Range {
    std::uint64_t start = 0, end = 0;  // [start, end)
    [[nodiscard]] bool holds(std::uint64_t address) const { return address - start < end - start; }
  };
  FunctionRanges() = default;
  explicit FunctionRanges(std::vector<Range> sorted) : ranges_(std::move(sorted)) {}
  [[nodiscard]] Range around(std::uint64_t address) const;

 private:
  std::vector<Range> ranges_;
};

// How a jump changes the call stack.
enum class JumpKind : std::uint8_t { none, call, leave, leave_and_call, indirect, tail };

// Of jal and jalr; `links`: the destination is x1 or x5.
JumpKind jump_kind(Operation operation, unsigned rd, unsigned rs1);

class CallProfile {
 public:
  struct Cost {
    std::uint64_t cycles = 0;  // waiting included, under the present clock
    std::uint64_t wait_cycles = 0;
    std::array<std::uint64_t, energy_classes> instructions{};
    std::uint64_t time_ps = 0, wait_ps = 0;  // under earlier clocks; after finish() all of it
  };
  struct Node {
    std::uint64_t entry = 0;  // where it was entered: an address in the function
    Node* recent = nullptr;   // the child that was called last
    bool trap = false;        // entered by a trap
    std::uint32_t depth = 0;
    std::uint64_t calls = 0;
    std::uint64_t packed = 0;  // instructions that are not in `own` yet: 15 bits a class
    Cost own;
    FunctionRanges::Range function;
    std::uint32_t number = 0;  // in nodes()
    Node *parent = nullptr, *child = nullptr, *sibling = nullptr;
  };
  // The hart's counts at one moment.
  struct Moment {
    std::uint64_t cycles = 0;
    std::array<std::uint64_t, energy_classes> instructions{};
  };

  explicit CallProfile(FunctionRanges functions);
  CallProfile(const CallProfile&) = delete;
  CallProfile& operator=(const CallProfile&) = delete;

  // The hart begins, or begins anew, at `pc`.
  void start(std::uint64_t pc, const Moment& now);

  // The same, and nothing of what the hart did before counts: it goes on from a snapshot.
  void begin(std::uint64_t pc, const Moment& now);

  // While blocks execute: cycles are the hart's, instructions the packed counts of this execution so far (Block::counts).
  void call(std::uint64_t target, std::uint64_t link, std::uint64_t sp, std::uint64_t cycles, std::uint64_t packed) {
    account(cycles, packed);
    Node* child = top_->node->recent;
    if (top_ == last_frame_ || child == nullptr || child->entry != target) [[unlikely]]
      return push(target, link, sp, false);
    enter(*child, link, sp);
  }
  void leave(std::uint64_t target, std::uint64_t sp, std::uint64_t cycles, std::uint64_t packed) {
    account(cycles, packed);
    if (top_->link == target) [[likely]]
      --top_;
    else
      leave(target, sp);
  }
  void jump(JumpKind kind, std::uint64_t target, std::uint64_t link, std::uint64_t sp, std::uint64_t cycles, std::uint64_t packed);
  // The end of an execution, with the hart's counts as they are then.
  void pause(std::uint64_t packed, const Moment& now) {
    account(now.cycles, packed);
    packed_ = 0;
    last_ = now.instructions;
  }

  // Between executions.
  void trap(std::uint64_t handler, std::uint64_t sp, const Moment& now);
  void trap_return(std::uint64_t target, const Moment& now);
  // Of the cycles so far, the last `cycles` were spent asleep.
  void waited(std::uint64_t cycles) { top_->node->own.wait_cycles += cycles; }
  // Cycles up to `now` had this period.
  void clock_changes(std::uint64_t period_ps, const Moment& now);
  void finish(std::uint64_t period_ps, const Moment& now) { clock_changes(period_ps, now); }

  // Whether a direct jump without a link from `pc` is a tail call.
  [[nodiscard]] bool leaves_function(std::uint64_t pc, std::uint64_t target) const { return !functions_.around(pc).holds(target); }
  // In order of creation: parents before children. Node 0 is the root and has no costs.
  [[nodiscard]] const std::deque<Node>& nodes() const { return nodes_; }
  // Functions under way.
  [[nodiscard]] std::size_t depth() const { return static_cast<std::size_t>(top_ - frames_.data()); }

  // Deeper call stacks are kept, but their nodes hang flat below one node: trees of runaway recursion stay small.
  static constexpr std::uint32_t deepest_node = 256;
  static constexpr std::size_t most_nodes = std::size_t{1} << 20, most_frames = std::size_t{1} << 20;

 private:
  static constexpr std::uint64_t no_link = 1;  // odd: nothing returns there. Of what no call entered: the first function, trap handlers
  struct Frame {
    Node* node = nullptr;
    std::uint64_t link = no_link;  // where it returns to
    std::uint64_t sp = 0;          // when it was entered
  };
  FunctionRanges functions_;
  std::deque<Node> nodes_;  // they never move
  std::vector<Frame> frames_;
  Frame *top_, *last_frame_;  // frames_[0] is the root's, frames_[1] the function that the hart began with
  std::uint64_t cycles_ = 0, packed_ = 0;
  std::array<std::uint64_t, energy_classes> last_{};  // instructions before this execution
  Node* deeper_ = nullptr;                            // the node that collects what is too deep

  void account(std::uint64_t cycles, std::uint64_t packed) {
    Node& node = *top_->node;
    node.own.cycles += cycles - cycles_;
    const std::uint64_t fresh = packed - packed_, sum = node.packed + fresh;
    constexpr std::uint64_t full = 0x8000'8000'8000'8000;
    cycles_ = cycles;
    packed_ = packed;
    if (((fresh | sum) & full) == 0) [[likely]]
      node.packed = sum;
    else
      unpack_both(node, fresh);
  }
  static void unpack_both(Node& node, std::uint64_t fresh);
  static void unpack(std::uint64_t packed, Cost& cost) {
    for (std::size_t c = 0; c < energy_classes; ++c) cost.instructions[c] += packed >> (16 * c) & 0xffff;
  }
  void account(const Moment& now);
  void enter(Node& child, std::uint64_t link, std::uint64_t sp) {
    ++child.calls;
    *++top_ = {&child, link, sp};
  }
  void push(std::uint64_t target, std::uint64_t link, std::uint64_t sp, bool trap);
  bool grow();
  Node* find_child(Node& parent, std::uint64_t target, bool trap);
  Node& add_node(Node& parent, std::uint32_t depth);
  void leave(std::uint64_t target, std::uint64_t sp);
  void resynchronise(std::uint64_t target, std::uint64_t sp);
  void replace_top(std::uint64_t target);
};

}  // namespace spinvp::riscv
