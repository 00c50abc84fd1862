#include "models/riscv/interpreter.h"

#include <algorithm>
#include <utility>

namespace spinvp::riscv {
namespace {

// Counts of a slice are kept in 16 bits a class, and every instruction costs a cycle at least; one block may come on top.
constexpr std::uint64_t slice_cycles = 65535 - longest_block;

constexpr std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) { return a > ~b ? ~std::uint64_t{0} : a + b; }

std::uint64_t most_cycles_of_a_block(const CycleTable& table) {
  return std::uint64_t{longest_block} * (*std::max_element(table.of_class.begin(), table.of_class.end()) + std::uint64_t{table.load_use}) + table.branch_taken;
}

}  // namespace

Interpreter::Interpreter(MemoryPort& port, std::uint64_t hart_id, const CycleTable& cycles, const CacheShapes& caches)
    : port_(port),
      cycle_table_(cycles.clamped()),
      csr_(hart_id),
      builder_(port, csr_.pmp(), handler_table(), cycle_table_, caches.instruction.on() ? caches.instruction.line : 0) {
  if (caches.instruction.on()) instruction_cache_.emplace(caches.instruction);
  if (!caches.data.on()) return;
  data_cache_.emplace(caches.data);
  cached_pages_ = std::make_unique<PageCache>();
}

void Interpreter::clear_pages() {
  pages_.clear();
  if (cached_pages_) cached_pages_->clear();
}

void Interpreter::clear_instruction_cache() {
  if (instruction_cache_) instruction_cache_->clear();
  fetched_line_ = no_line;
}

// The labels live inside execute(): it gives them away when it is called without a block, and touches nothing of the object then.
HandlerTable Interpreter::handler_table() {
  HandlerTable table = nullptr;
  execute(nullptr, 0, &table);
  return table;
}

void Interpreter::reset(std::uint64_t pc) {
  state_ = State{};
  state_.pc = pc & ~std::uint64_t{1};
  csr_.reset();
  clear_pages();
  blocks_.flush();
  protection_ = Protection{};
  clear_instruction_cache();
  if (data_cache_) data_cache_->clear();
  link_block_ = nullptr;
  open_block_ = nullptr;
  attention_ = stop_requested_ = flush_requested_ = entering_trap_ = crashed_ = false;
  run_ = {};
  crash_ = CrashReport{};
  trap_log_ = TrapLog{};
  if (profile_ != nullptr) profile_->start(state_.pc, moment());
}

void Interpreter::follow_protection() {
  const Protection now{csr_.data_privilege(), csr_.pmp().changes(), csr_.pmp().machine_changes()};
  if (now == protection_) return;
  clear_pages();
  if (now.machine_changes != protection_.machine_changes)
    blocks_.flush();
  else if (now.changes != protection_.changes)
    blocks_.forget_user();
  protection_ = now;
}

Block* Interpreter::find_or_build(std::uint64_t pc) {
  const DecodeContext context = csr_.context();
  if (Block* known = blocks_.find(pc, context)) return known;
  const Block* fresh = builder_.build(pc, context);
  return fresh == nullptr ? nullptr : blocks_.insert(*fresh, context);
}

// The block at pc; nullptr after a fetch fault, which is then pending.
Block* Interpreter::fetch_block() {
  if (Block* block = find_or_build(state_.pc)) return block;
  if (entering_trap_)
    crashed_ = true;  // crash_ holds the trap whose handler is not there
  else
    take_trap(static_cast<std::uint64_t>(Cause::fetch_access), builder_.fault_address(), state_.pc);
  return nullptr;
}

void Interpreter::take_trap(std::uint64_t cause, std::uint64_t value, std::uint64_t pc) {
  crash_ = {cause, pc, value, !csr_.has_trap_vector()};
  trap_log_.enter(cause, value, pc, csr_.trap_vector(), state_.x);
  ++traps_;
  if (crash_.no_vector) {
    crashed_ = true;
    return;
  }
  const CallProfile::Moment before = profile_ != nullptr ? moment() : CallProfile::Moment{};
  cycles_ += cycle_table_.trap;
  state_.pc = csr_.enter_trap(cause, value, pc);
  if (profile_ != nullptr) profile_->trap(state_.pc, state_.x[2], before);
  entering_trap_ = true;
}

void Interpreter::profile_jump(const Block& block, const ThreadedOp& op, std::int64_t budget, std::uint64_t counts) {
  const std::uint64_t cycles = execute_end_ - static_cast<std::uint64_t>(budget);
  const bool direct = op.operation == Operation::jal;
  const std::uint64_t target = direct ? block.targets[0] : (state_.x[op.rs1] + static_cast<std::uint64_t>(op.immediate)) & ~std::uint64_t{1};
  profile_->jump(static_cast<JumpKind>(op.rs3), target, block.end, state_.x[2], cycles, counts);
}

// Building the successor may flush the cache; then the block that leads there is gone.
void Interpreter::link_successor() {
  if (link_block_ == nullptr) return;
  const std::uint64_t generation = blocks_.generation();
  Block* const target = find_or_build(state_.pc);
  if (target != nullptr && generation == blocks_.generation()) link_block_->successors[link_slot_] = target;
  link_block_ = nullptr;
}

Stop Interpreter::run(RunLimit limit) {
  if (!limit.resumed) {
    run_.exact = limit.exact_cycles <= saturating_add(limit.cycles, most_cycles_of_a_block(cycle_table_));
    run_.end = saturating_add(cycles_, run_.exact ? limit.exact_cycles : limit.cycles);
    run_.progressed = false;
    run_.block_end = 0;
    exact_end_ = saturating_add(cycles_, limit.exact_cycles);
  }
  bool stepped = false;
  for (;;) {
    attention_ = false;
    if (flush_requested_) {
      flush_requested_ = false;
      blocks_.flush();
    }
    if (stepped && !crashed_) return Stop::step;
    if (halt_requested_) {
      halt_requested_ = false;
      return Stop::halt;
    }
    if (stop_requested_) {
      stop_requested_ = false;
      return Stop::requested;
    }
    if (const auto interrupt = csr_.takeable_interrupt()) {
      take_trap(interrupt_cause | *interrupt, 0, state_.pc);
      if (stepped = limit.single; stepped) continue;
    }
    if (crashed_) return Stop::crash;
    follow_protection();
    if (cycles_ >= run_.end) return Stop::budget;
    Block* block = fetch_block();
    if (block == nullptr) {
      stepped = limit.single;  // the fault's trap
      continue;
    }
    const std::uint64_t remaining = run_.end - cycles_;
    // A stop broke a block off: what is left of it ends where it would have.
    const bool rest = run_.block_end > state_.pc && block->end > run_.block_end;
    std::uint64_t block_end = rest ? run_.block_end : block->end;
    run_.block_end = 0;
    if (rest) block = builder_.truncate(*block, std::numeric_limits<std::int64_t>::max(), block_end);
    const bool fits = static_cast<std::uint64_t>(block->cycles) <= remaining, whole = fits && !rest && !limit.single;
    if (!fits) {
      if (!run_.exact && run_.progressed) return Stop::budget;
      block = builder_.truncate(*block, static_cast<std::int64_t>(remaining));
      block_end = block->end;
    }
    if (limit.single) block = builder_.truncate(*block, 0);
    const DecodeContext context = csr_.context();
    host_.set_mode(context.host_rounding());
    jumps_ = &blocks_.jump_table(context);
    // No cycles are left behind a single instruction.
    const std::int64_t budget = limit.single ? block->cycles : static_cast<std::int64_t>(std::min(remaining, slice_cycles));
    const ExitInfo info = observer_ != nullptr ? execute_observed(block) : execute(block, budget);
    run_.progressed = true;
    entering_trap_ = false;
    stepped = limit.single;
    if (limit.single) {
      if (info.kind == Exit::resolve && state_.pc == block->end) run_.block_end = block_end;
    } else if (halt_requested_ && info.kind == Exit::attention) {
      run_.block_end = info.block == block ? block_end : info.block->end;
    }
    switch (info.kind) {
      case Exit::budget:
      case Exit::attention: break;
      case Exit::resolve:
        if (whole) link_successor();
        link_block_ = nullptr;
        break;
      case Exit::trap:
        if (trap_cause_ == watch_cause) {
          run_.block_end = info.block == block ? block_end : info.block->end;
          return Stop::watchpoint;
        }
        take_trap(trap_cause_, trap_value_, state_.pc);
        break;
      case Exit::breakpoint: run_.block_end = info.block == block ? block_end : info.block->end; return Stop::breakpoint;
      case Exit::system: {
        Stop stop = Stop::budget;
        const std::uint64_t traps = traps_;
        const bool goes_on = system_instruction(*info.block, *info.op, stop);
        if (observer_ != nullptr && traps_ == traps) record_system(*info.op);
        if (!goes_on) return stop;
        break;
      }
    }
  }
}

std::array<std::uint64_t, energy_classes> Interpreter::class_counts() const {
  auto counts = class_counts_;
  if (open_block_ != nullptr) {
    std::uint64_t packed = open_counts_;
    for (const ThreadedOp* rest = open_op_; rest != open_block_->ops.data() + open_block_->size; ++rest) packed -= packed_count(rest->operation);
    for (std::size_t c = 0; c < energy_classes; ++c) counts[c] += packed >> (16 * c) & 0xffff;
  }
  return counts;
}

void Interpreter::not_retired(const ThreadedOp& op) {
  cycles_ -= cost_of(op);
  --class_counts_[static_cast<std::size_t>(energy_class_of(timing_class_of(op.operation)))];
}

bool Interpreter::system_instruction(const Block& block, const ThreadedOp& op, Stop& stop) {
  const std::uint64_t pc = state_.pc;
  const auto trap = [&](Cause cause, std::uint64_t value) {
    not_retired(op);
    take_trap(static_cast<std::uint64_t>(cause), value, pc);
  };
  state_.pc = block.end;
  switch (op.operation) {
    case Operation::ecall: trap(csr_.privilege() == Privilege::user ? Cause::ecall_user : Cause::ecall_machine, 0); break;
    case Operation::ebreak:
      state_.pc = pc;
      if (!port_.host_call(pc))
        trap(Cause::breakpoint, pc);
      else
        state_.pc = block.end;
      break;
    case Operation::mret:
      state_.pc = csr_.leave_trap();
      trap_log_.leave();
      if (profile_ != nullptr) profile_->trap_return(state_.pc, moment());
      break;
    case Operation::fence_i:
      flush_requested_ = true;
      clear_instruction_cache();
      break;
    case Operation::wfi:
      if (csr_.refuses_wait()) {
        trap(Cause::illegal_instruction, static_cast<std::uint64_t>(op.immediate));
      } else if (!csr_.wakes()) {
        stop = Stop::wait;
        return false;
      }
      break;
    case Operation::illegal: trap(Cause::illegal_instruction, static_cast<std::uint64_t>(op.immediate)); break;
    default:
      if (!csr_instruction(op)) trap(Cause::illegal_instruction, static_cast<std::uint64_t>(op.immediate) >> 32);
      break;
  }
  return true;
}

bool Interpreter::csr_instruction(const ThreadedOp& op) {
  const auto number = static_cast<unsigned>(op.immediate & 0xfff);
  if (!csr_.accessible(number)) return false;
  const bool from_field = op.operation >= Operation::csrrwi;
  const std::uint64_t source = from_field ? op.rs1 : state_.x[op.rs1];
  const bool replaces = op.operation == Operation::csrrw || op.operation == Operation::csrrwi;
  const CounterView next{cycles_, instructions(), 0};
  CounterView now{cycles_ - cost_of(op), instructions() - 1, 0};
  if (number == csr_number::time) {
    cycles_ = now.cycles;  // the port reads the clock at this instruction's start
    now.time = port_.time();
    cycles_ = next.cycles;
  }
  const auto old = csr_.read(number, now);
  if (!old) return false;
  if (replaces || op.rs1 != 0) {
    const bool sets = op.operation == Operation::csrrs || op.operation == Operation::csrrsi;
    const std::uint64_t value = replaces ? source : sets ? *old | source : *old & ~source;
    if (!csr_.write(number, value, next)) return false;
  }
  state_.x[op.rd] = *old;
  return true;
}

void Interpreter::invalidate_code(std::uint64_t first, std::uint64_t last) {
  if (!blocks_.holds_code(first, last)) return;
  flush_requested_ = attention_ = true;
}

void Interpreter::set_breakpoints(std::unordered_set<std::uint64_t> addresses) {
  builder_.set_breakpoints(std::move(addresses));
  flush_requested_ = attention_ = true;
}

void Interpreter::set_watches(std::vector<Watch> watches) {
  watches_ = std::move(watches);
  clear_pages();
}

void Interpreter::invalidate_reservation(std::uint64_t address, std::uint64_t length) {
  const std::uint64_t line = state_.reservation & ~(reservation_bytes - 1);
  if (address < line + reservation_bytes && line < saturating_add(address, length)) state_.reserved = false;
}

void Interpreter::describe_state(core::StateArchive& archive) {
  if (archive.reading()) {
    CallProfile* const profile = std::exchange(profile_, nullptr);
    reset(0);
    profile_ = profile;
  }
  archive.item("x", state_.x);
  archive.item("f", state_.f);
  archive.item("pc", state_.pc);
  archive.item("reservation", state_.reservation);
  archive.item("reserved", state_.reserved);
  csr_.describe_state(archive);
  trap_log_.describe_state(archive);
  archive.item("crash_cause", crash_.cause);
  archive.item("crash_pc", crash_.pc);
  archive.item("crash_value", crash_.value);
  archive.item("crash_no_vector", crash_.no_vector);
  archive.item("cycles", cycles_);
  archive.item("traps", traps_);
  archive.item("class_counts", class_counts_);
  archive.item("stop_requested", stop_requested_);
  archive.item("entering_trap", entering_trap_);
  archive.item("crashed", crashed_);
  archive.item("exact_end", exact_end_);
  archive.item("run_end", run_.end);
  archive.item("run_exact", run_.exact);
  archive.item("run_progressed", run_.progressed);
  archive.item("run_block_end", run_.block_end);
  archive.item("fetched_line", fetched_line_);
  if (instruction_cache_) instruction_cache_->describe_state(archive);
  if (data_cache_) data_cache_->describe_state(archive);
  if (archive.reading() && profile_ != nullptr) profile_->begin(state_.pc, moment());
}

}  // namespace spinvp::riscv
