#include "platform/debug/crash_report.h"

#include <array>

#include <fmt/format.h>

#include "models/abi/trap_names.h"

namespace spinvp::platform {

namespace {

constexpr std::array<const char*, 32> register_names = {"zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
                                                        "a6",   "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

bool has_address(std::uint64_t cause) { return cause == 0 || cause == 1 || (cause >= 4 && cause <= 7); }

std::string headline(const CrashFacts& facts, const Symbols& symbols, const PlaceText& place) {
  std::string text = trap_name(facts.cause);
  if (has_address(facts.cause)) text += " at address " + address_text(facts.value, symbols, place);
  if (facts.cause == 2) text += fmt::format(" {:#x}", facts.value);
  return text;
}

}  // namespace

std::string trap_name(std::uint64_t cause) {
  static constexpr std::array<const char*, 12> interrupts = {"", "supervisor software", "", "machine software",    "", "supervisor timer",
                                                             "", "machine timer",       "", "supervisor external", "", "machine external"};
  const std::uint64_t number = cause & ~(std::uint64_t{1} << 63);
  if (number != cause && number < interrupts.size() && *interrupts[number] != '\0') return fmt::format("{} interrupt", interrupts[number]);
  if (cause < SPINVP_EXCEPTION_NAMES) return spinvp_exception_names[cause];
  return fmt::format("cause {:#x}", cause);
}

std::string address_text(std::uint64_t address, const Symbols& symbols, const PlaceText& place) {
  constexpr std::uint64_t null_page = 4096;
  const std::string where = place(address), what = symbols.data_text(address);
  if (where.empty()) return fmt::format("{:#x} ({}nothing answers there)", address, address < null_page ? "null pointer: " : "");
  return fmt::format("{:#x} ({}{}{})", address, where, what.empty() ? "" : ": ", what);
}

std::string callers_text(const Backtrace& backtrace, const Symbols& symbols, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < backtrace.frames().size(); ++i) {
    if (i == most) return text + " < ...";
    const StackFrame& frame = backtrace.frames()[i];
    text += fmt::format("{}{}{}", i == 0 ? "" : " < ", frame.guessed ? "? " : "", symbols.code_text(i == 0 ? frame.pc : frame.pc - 1));
  }
  return text;
}

std::string crash_line(const CrashFacts& facts, const Symbols& symbols, const PlaceText& place) {
  return fmt::format("crash: {}, pc {:#x}: {}; {}", headline(facts, symbols, place), facts.state.pc, facts.why,
                     callers_text(Backtrace(symbols, facts.state), symbols));
}

std::string crash_text(const CrashFacts& facts, const Symbols& symbols, const PlaceText& place) {
  std::string text = fmt::format("{}: {}\n  at pc {:#x} {}: {}\n", facts.hart, headline(facts, symbols, place), facts.state.pc,
                                 symbols.function_at(facts.state.pc) != nullptr ? symbols.code_text(facts.state.pc) : "(no function)", facts.why);
  constexpr unsigned columns = 4;
  for (unsigned i = 1; i < 32; ++i) {
    const bool last = i % columns == 0 || i == 31;
    text += fmt::format("  {:>3} {:016x}{}", register_names[i], facts.state.x[i], last ? "\n" : "");
  }
  for (const std::string& line : Backtrace(symbols, facts.state).lines("  ")) text += line + "\n";
  text.pop_back();
  return text;
}

}  // namespace spinvp::platform
