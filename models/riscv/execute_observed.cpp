// Execution under an observer: one instruction at a time, in the blocks that the fast loop would take.
#include "models/riscv/atomic_operation.h"
#include "models/riscv/interpreter.h"

namespace spinvp::riscv {
namespace {

using u64 = std::uint64_t;
using File = Executed::RegisterWrite::File;

constexpr u64 low_bytes(u64 value, unsigned size) { return size >= 8 ? value : value & ((u64{1} << (8 * size)) - 1); }

}  // namespace

void Interpreter::observe(InstructionObserver* observer) { observer_ = observer; }

// What must be known before the instruction changes it.
void Interpreter::begin_record(const Block& block, const ThreadedOp& op) {
  Executed& record = record_;
  record = Executed{};
  record.hart = csr_.hart_id();
  record.pc = block.pc_of(op);
  record.privilege = static_cast<unsigned>(privilege());
  record.operation = op.operation;
  record.length = 2u * ((&op + 1)->half_offset - op.half_offset);
  std::array<std::uint8_t, 4> bytes{};
  port_.fetch(record.pc, bytes.data(), record.length);
  for (unsigned i = 0; i < record.length; ++i) record.word |= static_cast<std::uint32_t>(bytes[i]) << (8 * i);
  const Operation o = op.operation;
  if (is_load(o)) record.accessed(false, access_bytes(o), state_.x[op.rs1] + static_cast<u64>(op.immediate), 0);
  if (is_store(o)) {
    const bool floating = o == Operation::fsw || o == Operation::fsd;
    const unsigned size = access_bytes(o);
    record.accessed(true, size, state_.x[op.rs1] + static_cast<u64>(op.immediate), low_bytes(floating ? state_.f[op.rs2] : state_.x[op.rs2], size));
  }
  observed_address_ = state_.x[op.rs1];
  observed_operand_ = state_.x[op.rs2];
}

void Interpreter::record_atomic(const ThreadedOp& op) {
  using enum Operation;
  const Operation o = op.operation;
  const unsigned size = access_bytes(o);
  const u64 result = state_.x[op.rd];  // x0's writes go to a register of their own
  if (o == sc_w || o == sc_d) {
    if (result == 0) record_.accessed(true, size, observed_address_, low_bytes(observed_operand_, size));
    return;
  }
  record_.accessed(false, size, observed_address_, 0);
  if (o == lr_w || o == lr_d) return;
  const u64 operand = size == 4 ? static_cast<u64>(static_cast<std::int64_t>(static_cast<std::int32_t>(observed_operand_))) : observed_operand_;
  record_.accessed(true, size, observed_address_, low_bytes(combine_atomic(o, result, operand), size));
}

void Interpreter::end_record(const ThreadedOp& op, unsigned raised_flags) {
  if (is_atomic(op.operation)) record_atomic(op);
  switch (destination_of(op.operation)) {
    case Destination::none: break;
    case Destination::integer:
      if (op.rd != scratch_register) record_.wrote(File::integer, op.rd, state_.x[op.rd]);
      break;
    case Destination::floating: record_.wrote(File::floating, op.rd, state_.f[op.rd]); break;
  }
  if (raised_flags != 0) record_.wrote(File::csr, csr_number::fflags, csr_.flags());
  observer_->on_executed(record_);
}

Interpreter::ExitInfo Interpreter::execute_observed(Block* block) {
  for (std::uint32_t n = 0;; ++n) {
    const ThreadedOp& op = block->ops[n];
    begin_record(*block, op);
    const unsigned flags_before = csr_.take_flags();
    const u64 cycles_before = cycles_;
    Block* const single = builder_.single(*block, n);
    const ExitInfo info = execute(single, single->cycles);
    link_block_ = nullptr;
    const unsigned raised = csr_.flags();
    csr_.raise_flags(flags_before);
    if (info.kind == Exit::trap || info.kind == Exit::system || info.kind == Exit::breakpoint) return {info.kind, block, &op};
    end_record(op, raised);
    if (info.kind == Exit::attention || n + 1 == block->size) return {Exit::attention, block, &op};
    // As close_port() has it: what an access took may have brought a moment that matters into the rest of the block.
    const ThreadedOp& next = block->ops[n + 1];
    if (cycles_ - cycles_before != static_cast<u64>(single->cycles) && cycles_ + static_cast<u64>(block->cycles - next.cycles_before) > exact_end_)
      return {Exit::attention, block, &op};
  }
}

// A system instruction that retired.
void Interpreter::record_system(const ThreadedOp& op) {
  const Operation o = op.operation;
  if (o >= Operation::csrrw && o <= Operation::csrrci) {
    const auto number = static_cast<unsigned>(op.immediate & 0xfff);
    const CounterView now{cycles_, instructions(), 0};
    const auto log = [&](unsigned csr) { record_.wrote(File::csr, csr, csr_.read(csr, now).value_or(0)); };
    const bool writes = o == Operation::csrrw || o == Operation::csrrwi || op.rs1 != 0;
    if (writes && number == csr_number::fcsr) {
      log(csr_number::fflags);
      log(csr_number::frm);
    } else if (writes && csr_.lists_write(number)) {
      log(number);
    }
  } else if (o == Operation::mret) {
    record_.wrote(File::csr, csr_number::mstatus, csr_.read(csr_number::mstatus, {}).value_or(0));
  }
  if (o == Operation::ebreak) record_.wrote(File::integer, 10, state_.x[10]);  // a call to the host has its result in a0
  end_record(op, 0);
}

}  // namespace spinvp::riscv
