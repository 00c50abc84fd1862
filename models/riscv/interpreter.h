// A RISC-V hart (RV64GC with Zba, Zbb and Zbs; machine and user mode, PMP) as a pure C++ machine: no simulation kernel, no threads, no time but its own cycles.
//
// run() executes blocks of threaded code (block.h) until a number of cycles is used up or something needs the caller. Loads and stores go through host pointers
// where the memory port grants them (page_cache.h), otherwise through the port. Time is static: each block costs the sum of its instructions' classes
// (timing.h), subtracted from the budget once; what a port access takes comes on top. Counts are static in the same way: of instructions, and of accesses to the
// memory that the window (page_cache.h) lies in. Traps are precise: what a block has not executed is given back.
//
// Protection costs nothing where it grants: pages enter the page cache with the rights that all their bytes have in the mode that loads and stores are checked
// for, blocks are decoded for one mode from bytes that it may execute, and both are dropped when PMP or that mode changes (follow_protection). Pages whose
// parts differ take the slow path, where each access is checked.
//
// The four parts stay apart so that another back end can replace the last one: decode (bytes to Instruction), BlockBuilder (to Block), BlockCache (who owns and
// finds blocks), execute() (handlers).
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "models/riscv/block_builder.h"
#include "models/riscv/block_cache.h"
#include "models/riscv/cache.h"
#include "models/riscv/call_profile.h"
#include "models/riscv/csr.h"
#include "models/riscv/host_float.h"
#include "models/riscv/memory_port.h"
#include "models/riscv/observer.h"
#include "models/riscv/page_cache.h"
#include "models/riscv/timing.h"
#include "models/riscv/trap_record.h"
#include "models/riscv/watch.h"

namespace spinvp::riscv {

// Why run() came back.
enum class Stop {
  budget,     // the cycles are used up
  wait,       // wfi, and nothing pending that is enabled: pc stands behind it
  crash,      // a trap that no handler can take: see crash()
  requested,  // request_stop()
  // For a debugger; a run with RunLimit::resumed goes on after them as if nothing had been.
  breakpoint,  // the instruction at pc is one of set_breakpoints(): it is not executed
  watchpoint,  // the instruction at pc would touch what set_watches() names, see watch_hit(): it is not executed
  step,        // RunLimit::single: one instruction is executed, or an interrupt taken
  halt,        // request_halt()
};

struct RunLimit {
  // Come back after about so many cycles (before the first block that does not fit, after one instruction at least).
  std::uint64_t cycles = 0;
  // Never start an instruction when so many have passed: the distance to the next change that is known, such as a timer. It falls on the same instruction whatever
  // `cycles` is.
  std::uint64_t exact_cycles = std::numeric_limits<std::uint64_t>::max();
  // Go on with the run that a stop for a debugger broke off: its limits hold, not those above, so that the run ends on the instruction it would have ended on.
  bool resumed = false;
  // Stop::step after one instruction.
  bool single = false;
};

struct CrashReport {
  std::uint64_t cause = 0, pc = 0, value = 0;  // of the trap that could not be taken
  bool no_vector = false;                      // mtvec was never written; otherwise the handler's first instruction cannot be fetched
};

class Interpreter {
 public:
  Interpreter(MemoryPort& port, std::uint64_t hart_id, const CycleTable& cycles = {}, const CacheShapes& caches = {});

  // As after power-on, at `pc`; pending interrupts are those set since, so callers set their lines anew. Counts of cycles() and instructions() go on.
  void reset(std::uint64_t pc);
  Stop run(RunLimit limit);

  // Counts since construction: they include what run() has executed so far, also inside a port call (up to the instruction that caused it).
  [[nodiscard]] std::uint64_t cycles() const { return cycles_; }
  [[nodiscard]] std::uint64_t instructions() const {
    const auto counts = class_counts();
    return counts[0] + counts[1] + counts[2] + counts[3];
  }
  // Instructions by EnergyClass.
  [[nodiscard]] std::array<std::uint64_t, energy_classes> class_counts() const;
  [[nodiscard]] std::uint64_t traps() const { return traps_; }
  // Null: there is none. The instruction cache is asked once for each line that fetching enters, so one that it stays in counts once.
  [[nodiscard]] const Cache* instruction_cache() const { return instruction_cache_ ? &*instruction_cache_ : nullptr; }
  [[nodiscard]] const Cache* data_cache() const { return data_cache_ ? &*data_cache_ : nullptr; }
  [[nodiscard]] const CrashReport& crash() const { return crash_; }
  // The last exception, and the handlers that have not returned.
  [[nodiscard]] const TrapLog& trap_log() const { return trap_log_; }
  [[nodiscard]] std::uint64_t trap_vector() const { return csr_.trap_vector(); }
  // Tells `profile` of calls, returns and traps from the next reset on; it outlives the interpreter.
  void set_profile(CallProfile* profile) {
    profile_ = profile;
    builder_.set_profile(profile);
  }
  [[nodiscard]] CallProfile::Moment moment() const { return {cycles_, class_counts()}; }
  // Time that passes while the hart does nothing: mcycle goes on, no instruction does. Not inside a port call: there the time goes into PortAccess::cycles.
  void idle(std::uint64_t cycles) { cycles_ += cycles; }

  // From outside, at any moment, port calls included.
  void set_interrupt(unsigned interrupt, bool level) {
    csr_.set_pending(interrupt, level);
    attention_ = true;
  }
  [[nodiscard]] bool wakes() const { return csr_.wakes(); }
  // run() returns Stop::requested after the current instruction.
  void request_stop() { stop_requested_ = attention_ = true; }
  // run() returns Stop::halt before the next instruction.
  void request_halt() { halt_requested_ = attention_ = true; }
  // Where run() returns Stop::breakpoint. Their handlers are bound when blocks are built: all others run as fast as ever.
  void set_breakpoints(std::unordered_set<std::uint64_t> addresses);
  // Which loads and stores give Stop::watchpoint. Pages that are watched lose their direct access; counts and times stay the same.
  void set_watches(std::vector<Watch> watches);
  [[nodiscard]] const WatchHit& watch_hit() const { return watch_hit_; }
  // Host pointers to [first, last] are no longer good.
  void invalidate_direct(std::uint64_t first, std::uint64_t last) {
    pages_.drop(first, last);
    if (cached_pages_) cached_pages_->drop(first, last);
  }
  // The bytes of [first, last] were changed by somebody else: blocks decoded from them are dropped. The hart's own stores need fence.i.
  void invalidate_code(std::uint64_t first, std::uint64_t last);
  // Somebody else stored to [address, address + length): a reservation on that line is lost.
  void invalidate_reservation(std::uint64_t address, std::uint64_t length);
  // The first byte of the reserved line of reservation_bytes.
  [[nodiscard]] std::optional<std::uint64_t> reserved_line() const {
    return state_.reserved ? std::optional(state_.reservation & ~(reservation_bytes - 1)) : std::nullopt;
  }
  static constexpr std::uint64_t reservation_bytes = 64;

  // For debuggers, loaders and tests; between calls of run(), pc() also inside port calls.
  [[nodiscard]] std::uint64_t pc() const { return state_.pc; }
  void set_pc(std::uint64_t pc) { state_.pc = pc & ~std::uint64_t{1}; }
  [[nodiscard]] std::uint64_t x(unsigned i) const { return state_.x[i]; }
  void set_x(unsigned i, std::uint64_t value) {
    if (i != 0 && i < 32) state_.x[i] = value;
  }
  [[nodiscard]] std::uint64_t f(unsigned i) const { return state_.f[i]; }
  void set_f(unsigned i, std::uint64_t value) { state_.f[i & 31] = value; }
  [[nodiscard]] Privilege privilege() const { return csr_.privilege(); }
  [[nodiscard]] std::optional<std::uint64_t> read_csr(unsigned number) { return csr_.read(number, counters()); }
  bool write_csr(unsigned number, std::uint64_t value) { return csr_.write(number, value, counters()); }

  // Tells `observer` of each instruction from now on; null: nobody. Between calls of run(). It outlives the hart or is taken away.
  void observe(InstructionObserver* observer);

  // All that a snapshot needs, between calls of run(); a run that a halt broke off goes on with RunLimit::resumed. Blocks and pages are found anew. A profile begins here.
  void describe_state(core::StateArchive& archive);

 private:
  struct State {
    std::array<std::uint64_t, 33> x{};  // 32: where writes to x0 go
    std::array<std::uint64_t, 32> f{};
    std::uint64_t pc = 0;
    std::uint64_t reservation = 0;
    bool reserved = false;
  };
  static constexpr std::uint64_t no_line = 1;

  // How execute() ended. Everything is settled then: cycles, counts, flags, pc.
  enum class Exit : std::uint8_t {
    budget,      // the next block does not fit; pc is its start
    resolve,     // the block at pc is not known; if link_block_ is set, its successor link_slot_ leads there
    system,      // op is a system instruction, counted as executed; pc is its own
    trap,        // trap_cause_, trap_value_; pc is the instruction's, which is not counted
    attention,   // a port call asks for a look around; pc is the next instruction
    breakpoint,  // pc is the instruction's, which is not executed
  };
  struct ExitInfo {
    Exit kind;
    const Block* block;
    const ThreadedOp* op;
  };
  // What a slow access hands back to its handler.
  struct SlowAccess {
    std::uint64_t value = 0;
    std::uint32_t cycles = 0;
    bool trapped = false, leave = false;
  };

  State state_;  // first: the handlers reach it with short displacements
  PageCache pages_;
  JumpTable* jumps_ = nullptr;
  MemoryPort& port_;
  CycleTable cycle_table_;
  CsrFile csr_;
  HostFloat host_;
  BlockCache blocks_;
  BlockBuilder builder_;
  std::optional<Cache> instruction_cache_, data_cache_;
  // With a data cache: the pages that it may hold lines of. pages_ stays empty then, so that every access comes by.
  std::unique_ptr<PageCache> cached_pages_;
  std::uint64_t fetched_line_ = no_line;
  std::uint64_t cycles_ = 0, traps_ = 0;
  std::array<std::uint64_t, energy_classes> class_counts_{};
  bool attention_ = false, stop_requested_ = false, flush_requested_ = false, entering_trap_ = false, crashed_ = false, halt_requested_ = false;
  CrashReport crash_;
  TrapLog trap_log_;
  CallProfile* profile_ = nullptr;
  std::uint64_t trap_cause_ = 0, trap_value_ = 0;
  // What page and block cache were filled for.
  struct Protection {
    Privilege data_privilege = Privilege::machine;
    std::uint32_t changes = 0, machine_changes = 0;
    bool operator==(const Protection&) const = default;
  } protection_;
  // While execute() runs: what cycles_ will be when its budget is used up, and where cycles_ must not go beyond.
  std::uint64_t execute_end_ = 0, exact_end_ = 0;
  // Inside a port call: the instruction that caused it, and the packed counts including all of its block.
  const Block* open_block_ = nullptr;
  const ThreadedOp* open_op_ = nullptr;
  std::uint64_t open_counts_ = 0;
  // Accesses of the blocks up to the instruction that opened the port, all of its block included; those that the tally has got; those since then that hit no window.
  AccessCounts open_accesses_{}, settled_accesses_{};
  DirectTally elsewhere_;
  unsigned slices_elsewhere_ = 0;  // in a row
  Block* link_block_ = nullptr;
  unsigned link_slot_ = 0;
  // The instruction that an observer is told of next, and its rs1 and rs2 before it ran.
  InstructionObserver* observer_ = nullptr;
  Executed record_;
  std::uint64_t observed_address_ = 0, observed_operand_ = 0;
  // What a resumed run goes on with: the last run's limits, and the block that it stopped in the middle of (its end, 0: none).
  struct {
    std::uint64_t end = 0;
    bool exact = false, progressed = false;
    std::uint64_t block_end = 0;
  } run_;
  std::vector<Watch> watches_;
  WatchHit watch_hit_;

  HandlerTable handler_table();
  // With no block: stores the label table through `table` and returns.
  ExitInfo execute(Block* block, std::int64_t budget, HandlerTable* table = nullptr);
  // The same for an observer, one instruction after the other; ends with `block`.
  ExitInfo execute_observed(Block* block);
  void begin_record(const Block& block, const ThreadedOp& op);
  void record_atomic(const ThreadedOp& op);
  void record_system(const ThreadedOp& op);
  void end_record(const ThreadedOp& op, unsigned raised_flags);
  Block* find_or_build(std::uint64_t pc);
  void follow_protection();
  Block* fetch_block();
  void link_successor();
  void profile_jump(const Block& block, const ThreadedOp& op, std::int64_t budget, std::uint64_t counts);
  void take_trap(std::uint64_t cause, std::uint64_t value, std::uint64_t pc);
  bool is_watched(std::uint64_t address, unsigned size, bool reads, bool writes);
  [[nodiscard]] CounterView counters() { return {cycles_, instructions(), port_.time()}; }
  [[nodiscard]] std::uint64_t cost_of(const ThreadedOp& op) const { return cycle_table_[timing_class_of(op.operation)]; }

  // System instructions; false: run() must return `stop`.
  bool system_instruction(const Block& block, const ThreadedOp& op, Stop& stop);
  bool csr_instruction(const ThreadedOp& op);
  void not_retired(const ThreadedOp& op);

  // Inside execute().
  SlowAccess slow_load(const Block* block, const ThreadedOp* op, std::int64_t budget, std::uint64_t address, unsigned size);
  SlowAccess slow_store(const Block* block, const ThreadedOp* op, std::int64_t budget, std::uint64_t address, unsigned size, std::uint64_t value);
  SlowAccess atomic(const Block* block, const ThreadedOp* op, std::int64_t budget);
  std::uint64_t soft_float(const ThreadedOp& op, std::uint64_t a, std::uint64_t b, std::uint64_t c);
  SlowAccess fetch_lines(const Block* block, const ThreadedOp* op, std::int64_t budget);
  void touch(Cache& cache, std::uint64_t first, std::uint64_t last, bool write, SlowAccess& access);
  void clear_instruction_cache();
  [[nodiscard]] AccessCounts executed_accesses() const;
  void settle_accesses(AccessCounts executed);
  void end_accesses(AccessCounts executed);
  void open_window(std::uint64_t page, const DirectPage& direct);
  bool port_load(std::uint64_t address, unsigned size, SlowAccess& access);
  bool port_store(std::uint64_t address, unsigned size, std::uint64_t value, SlowAccess& access, bool at_once = false);
  PageCache::Entry* direct_entry(std::uint64_t address, bool write);
  PageCache::Entry* granted_entry(PageCache& pages, std::uint64_t address, bool write);
  std::uint8_t* cached(std::uint64_t address, unsigned size, bool write);
  void clear_pages();
  // The first byte that a load, store or atomic may not touch, as mtval has it; nothing: all is allowed. A misaligned access is one of bytes.
  [[nodiscard]] std::optional<std::uint64_t> denied(std::uint64_t address, unsigned size, unsigned rights) const;
  void open_port(const Block* block, const ThreadedOp* op, std::int64_t budget);
  void close_port(const Block* block, const ThreadedOp* op, SlowAccess& access);
  SlowAccess fail(Cause cause, std::uint64_t value, SlowAccess access);
};

}  // namespace spinvp::riscv
