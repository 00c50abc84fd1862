#include "platform/debug/memory_check.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/riscv/csr.h"

namespace spinvp::platform {

namespace {

// By MemoryFault: one, several.
constexpr std::array<std::pair<const char*, const char*>, 5> kind_names = {{{"read of memory never written", "reads of memory never written"},
                                                                            {"stack overflow", "stack overflows"},
                                                                            {"write to read-only data", "writes to read-only data"},
                                                                            {"stray access", "stray accesses"},
                                                                            {"access to nothing", "accesses to nothing"}}};

// How far below its bound a stack pointer still belongs to that stack: no two frames lie further apart.
constexpr std::uint64_t frame_reach = 16 << 10, overflow_reach = 64 << 10;

}  // namespace

class MemoryCheck::Watch : public riscv::AccessWatch {
 public:
  Watch(MemoryCheck& check, std::string hart) : check_(check), hart_(std::move(hart)) {}

  void accessed(const riscv::Interpreter& hart, const riscv::WatchedAccess& access) override {
    follow_stack(hart, access);
    if (!access.answered) {
      pending_ = text_of(hart, access, "");
      pending_pc_ = hart.pc();
      return;
    }
    if (access.write)
      check_.written(access.address, access.size);
    else if (check_.written_.none(access.address, access.size))
      found(MemoryFault::unwritten, hart, access, "");
    const SectionRange* section = check_.symbols_.section_at(access.address);
    if (access.write && section != nullptr && !section->writable) found(MemoryFault::read_only, hart, access, "");
    if (section == nullptr && is_stray(hart, access.address)) found(MemoryFault::stray, hart, access, "");
    reaches_trap_stack(hart, access);
  }

  // The run has ended in the trap of an access that nothing answered.
  void finish() {
    if (last_ == nullptr || !pending_) return;
    const riscv::TrapRecord& trap = last_->trap_log().last_exception();
    if (trap.open && trap.pc == pending_pc_) report(MemoryFault::unanswered, pending_pc_, *pending_);
  }

 private:
  MemoryCheck& check_;
  std::string hart_;
  const riscv::Interpreter* last_ = nullptr;
  const Stack* stack_ = nullptr;  // that the stack pointer was last seen in
  std::uint64_t last_sp_ = 0;
  bool last_in_trap_ = false, overflowed_ = false;
  std::optional<std::string> pending_;
  std::uint64_t pending_pc_ = 0;

  void follow_stack(const riscv::Interpreter& hart, const riscv::WatchedAccess& access) {
    last_ = &hart;
    const std::uint64_t sp = hart.x(2);
    const bool in_trap = hart.trap_log().depth() != 0;
    if (sp == last_sp_ && in_trap == last_in_trap_) return;
    const Stack* now = check_.stack_at(sp, in_trap);
    const bool below = stack_ != nullptr && now != stack_ && in_trap == last_in_trap_ && sp < stack_->start;
    const bool next_frame = last_sp_ >= sp && last_sp_ - sp <= frame_reach;
    if (below && (next_frame || (stack_->start - sp <= overflow_reach && check_.symbols_.object_at(sp) == nullptr))) {
      if (!overflowed_)
        found(MemoryFault::stack_overflow, hart, access,
              fmt::format("sp {:#x} is {} bytes below the stack's end {:#x}: ", sp, stack_->start - sp, stack_->start));
      overflowed_ = true;
    } else {
      stack_ = now;
      overflowed_ = false;
    }
    last_sp_ = sp;
    last_in_trap_ = in_trap;
  }

  void reaches_trap_stack(const riscv::Interpreter& hart, const riscv::WatchedAccess& access) {
    if (last_in_trap_ || overflowed_ || stack_ == nullptr) return;
    for (const Stack& stack : check_.stacks_)
      if (stack.of_traps && stack.holds(access.address)) found(MemoryFault::stack_overflow, hart, access, "on the trap stack, outside a trap: ");
  }

  [[nodiscard]] bool is_stray(const riscv::Interpreter& hart, std::uint64_t address) const {
    const auto holds = [&](const std::vector<Area>& areas) { return std::any_of(areas.begin(), areas.end(), [&](const Area& a) { return a.holds(address); }); };
    if (!holds(check_.program_memories_) || holds(check_.allowed_)) return false;
    if (check_.knows_stack_) return true;
    // A stack whose bounds nobody says: what lies above the stack pointer.
    constexpr std::uint64_t guessed_stack = 1 << 20;
    return address < hart.x(2) || address - hart.x(2) > guessed_stack;
  }

  std::string text_of(const riscv::Interpreter& hart, const riscv::WatchedAccess& access, const std::string& detail) {
    HartState state;
    state.pc = hart.pc();
    for (unsigned i = 0; i < 32; ++i) state.x[i] = hart.x(i);
    state.entry = check_.entry_;
    state.trap_vector = hart.trap_log().handler();
    state.read = check_.services_.read;
    return fmt::format("{}{} of {} bytes at {}, pc {:#x}: {}", detail, access.write ? "store" : "load", access.size,
                       address_text(access.address, check_.symbols_, check_.services_.place), state.pc,
                       callers_text(Backtrace(check_.symbols_, state), check_.symbols_));
  }
  void found(MemoryFault kind, const riscv::Interpreter& hart, const riscv::WatchedAccess& access, const std::string& detail) {
    if (check_.seen_.contains({hart.pc(), kind})) return;
    report(kind, hart.pc(), text_of(hart, access, detail));
  }
  void report(MemoryFault kind, std::uint64_t pc, const std::string& text) {
    if (!check_.seen_.insert({pc, kind}).second) return;
    const auto index = static_cast<std::size_t>(kind);
    ++check_.by_kind_[index];
    ++check_.findings_;
    if (check_.findings_ <= most_findings) check_.services_.tell(hart_, fmt::format("check-memory: {}: {}", kind_names[index].first, text));
    if (check_.findings_ == most_findings) check_.services_.tell(hart_, "check-memory: more findings are only counted");
  }
};

MemoryCheck::MemoryCheck(const Symbols& symbols, const ElfImage& image, std::vector<Area> memories, Services services)
    : symbols_(symbols), entry_(image.entry), services_(std::move(services)) {
  for (const Area& memory : memories) written_.add_memory(memory.start, memory.end - memory.start);
  find_stacks(image);
  find_allowed(image, memories);
}

MemoryCheck::~MemoryCheck() = default;

void MemoryCheck::find_stacks(const ElfImage& image) {
  struct Names {
    const char *top, *size;
    bool of_traps;
  };
  for (const Names& names : {Names{"__stack_top", "__stack_size", false}, Names{"__stack", "__stack_size", false}, Names{"_stack_top", "_stack_size", false},
                             Names{"__trap_stack_top", "__trap_stack_size", true}}) {
    const auto top = image.symbol(names.top), size = image.symbol(names.size);
    if (!top || !size || *size == 0 || *size > *top) continue;
    Stack stack;
    stack.start = *top - *size;
    stack.end = *top;
    stack.of_traps = names.of_traps;
    stacks_.push_back(stack);
    allowed_.push_back(stack);
    knows_stack_ = true;
  }
}

void MemoryCheck::find_allowed(const ElfImage& image, const std::vector<Area>& memories) {
  for (const auto& [start, end] : {std::pair{"__heap_start", "__heap_end"}, std::pair{"_heap_start", "_heap_end"}}) {
    const auto first = image.symbol(start), last = image.symbol(end);
    if (first && last && *first < *last) allowed_.push_back({*first, *last});
  }
  const bool has_boot_block = image.symbol("spinvp_boot").has_value();
  for (const Area& memory : memories) {
    std::uint64_t end = 0;
    for (const ElfImage::Segment& segment : image.segments)
      if (memory.holds(segment.address)) end = std::max(end, segment.end());
    if (end == 0) continue;
    program_memories_.push_back(memory);
    if (has_boot_block) allowed_.push_back({end, memory.end});  // data and all free memory: the boot block says where
  }
}

const MemoryCheck::Stack* MemoryCheck::stack_at(std::uint64_t address, bool in_trap) const {
  for (const Stack& stack : stacks_)
    if (address >= stack.start && address <= stack.end && (in_trap || !stack.of_traps)) return &stack;
  return nullptr;
}

riscv::AccessWatch* MemoryCheck::watch(const std::string& hart) { return watches_.emplace_back(std::make_unique<Watch>(*this, hart)).get(); }

void MemoryCheck::finish() {
  for (const auto& watch : watches_) watch->finish();
}

std::string MemoryCheck::summary() const {
  std::string text = fmt::format("check-memory: {} finding{}", findings_, findings_ == 1 ? "" : "s");
  const char* separator = ": ";
  for (std::size_t kind = 0; kind < by_kind_.size(); ++kind) {
    if (by_kind_[kind] == 0) continue;
    text += fmt::format("{}{} {}", separator, by_kind_[kind], by_kind_[kind] == 1 ? kind_names[kind].first : kind_names[kind].second);
    separator = ", ";
  }
  return text;
}

}  // namespace spinvp::platform
