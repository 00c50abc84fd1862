#include "models/riscv/call_profile.h"

#include <algorithm>

namespace spinvp::riscv {

FunctionRanges::Range FunctionRanges::around(std::uint64_t address) const {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), address, [](std::uint64_t at, const Range& range) { return at < range.start; });
  const std::uint64_t gap_end = after == ranges_.end() ? ~std::uint64_t{0} : after->start;
  if (after == ranges_.begin()) return {0, gap_end};
  const Range& before = *std::prev(after);
  return before.holds(address) ? before : Range{before.end, gap_end};
}

JumpKind jump_kind(Operation operation, unsigned rd, unsigned rs1) {
  const auto is_link = [](unsigned r) { return r == 1 || r == 5; };
  if (operation == Operation::jal) return is_link(rd) ? JumpKind::call : JumpKind::none;
  if (!is_link(rd)) return is_link(rs1) ? JumpKind::leave : JumpKind::indirect;
  return is_link(rs1) && rs1 != rd ? JumpKind::leave_and_call : JumpKind::call;
}

CallProfile::CallProfile(FunctionRanges functions)
    : functions_(std::move(functions)), nodes_(1), frames_(64), top_(frames_.data()), last_frame_(&frames_.back()) {
  top_->node = &nodes_.front();
}

// Also in the midst of an execution, where a run may end: what its jumps have accounted for is not counted again.
void CallProfile::account(const Moment& now) {
  Cost& own = top_->node->own;
  own.cycles += now.cycles - cycles_;
  cycles_ = now.cycles;
  for (std::size_t c = 0; c < energy_classes; ++c) {
    const std::uint64_t before = last_[c] + (packed_ >> (16 * c) & 0xffff);
    own.instructions[c] += now.instructions[c] - before;
    last_[c] += now.instructions[c] - before;
  }
}

void CallProfile::unpack_both(Node& node, std::uint64_t fresh) {
  unpack(node.packed, node.own);
  unpack(fresh, node.own);
  node.packed = 0;
}

bool CallProfile::grow() {
  if (frames_.size() >= most_frames) return false;
  const std::size_t at = depth();
  frames_.resize(2 * frames_.size());
  top_ = &frames_[at];
  last_frame_ = &frames_.back();
  return true;
}

CallProfile::Node& CallProfile::add_node(Node& parent, std::uint32_t depth) {
  Node& node = nodes_.emplace_back();
  node.number = static_cast<std::uint32_t>(nodes_.size() - 1);
  node.parent = &parent;
  node.depth = depth;
  node.sibling = parent.child;
  parent.child = &node;
  return node;
}

CallProfile::Node* CallProfile::find_child(Node& parent, std::uint64_t target, bool trap) {
  for (Node* child = parent.child; child != nullptr; child = child->sibling)
    if (child != deeper_ && child->entry == target && child->trap == trap) return trap ? child : parent.recent = child;
  const bool too_deep = parent.depth >= deepest_node || nodes_.size() >= most_nodes;
  if (too_deep && &parent != deeper_) {
    if (deeper_ == nullptr) deeper_ = &add_node(nodes_.front(), 0);
    return find_child(*deeper_, target, trap);
  }
  Node& node = add_node(parent, &parent == deeper_ ? deepest_node : parent.depth + 1);
  node.entry = target;
  node.function = functions_.around(target);
  node.trap = trap;
  return trap ? &node : parent.recent = &node;
}

void CallProfile::push(std::uint64_t target, std::uint64_t link, std::uint64_t sp, bool trap) {
  if (top_ == last_frame_ && !grow()) return;
  enter(*find_child(*top_->node, target, trap), link, sp);
}

void CallProfile::start(std::uint64_t pc, const Moment& now) {
  account(now);
  top_ = frames_.data();
  push(pc, no_link, ~std::uint64_t{0}, false);
}

void CallProfile::begin(std::uint64_t pc, const Moment& now) {
  cycles_ = now.cycles;
  packed_ = 0;
  last_ = now.instructions;
  start(pc, now);
}

void CallProfile::replace_top(std::uint64_t target) {
  if (depth() == 0 || top_->node->function.holds(target)) return;
  top_->node = find_child(*top_->node->parent, target, top_->node->trap);
  ++top_->node->calls;
}

// A return to nobody's call: the frames below this stack pointer are dead.
void CallProfile::resynchronise(std::uint64_t target, std::uint64_t sp) {
  while (depth() > 1 && top_->sp <= sp) --top_;
  replace_top(target);
}

// An outer frame, left in one go, is known by both its link and its stack pointer.
void CallProfile::leave(std::uint64_t target, std::uint64_t sp) {
  for (Frame* frame = top_; frame > frames_.data(); --frame)
    if (frame->link == target && (frame == top_ || frame->sp == sp)) {
      top_ = frame - 1;
      return;
    }
  resynchronise(target, sp);
}

void CallProfile::jump(JumpKind kind, std::uint64_t target, std::uint64_t link, std::uint64_t sp, std::uint64_t cycles, std::uint64_t packed) {
  if (kind == JumpKind::none || (kind == JumpKind::indirect && top_->node->function.holds(target))) return;  // a table of cases
  account(cycles, packed);
  if (kind == JumpKind::leave || kind == JumpKind::leave_and_call) leave(target, sp);
  if (kind == JumpKind::call || kind == JumpKind::leave_and_call) push(target, link, sp, false);
  if (kind == JumpKind::indirect || kind == JumpKind::tail) replace_top(target);
}

void CallProfile::trap(std::uint64_t handler, std::uint64_t sp, const Moment& now) {
  account(now);
  push(handler, no_link, sp, true);
}

void CallProfile::trap_return(std::uint64_t target, const Moment& now) {
  account(now);
  for (Frame* frame = top_; frame > frames_.data(); --frame)
    if (frame->node->trap) {
      top_ = frame - 1;
      break;
    }
  replace_top(target);
}

void CallProfile::clock_changes(std::uint64_t period_ps, const Moment& now) {
  account(now);
  for (Node& node : nodes_) {
    unpack(node.packed, node.own);
    node.packed = 0;
    node.own.time_ps += node.own.cycles * period_ps;
    node.own.wait_ps += node.own.wait_cycles * period_ps;
    node.own.cycles = node.own.wait_cycles = 0;
  }
}

}  // namespace spinvp::riscv
