// What a firmware engineer is told when a hart crashes: the trap by name, what lies at the faulting address, the registers, and who called whom.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "platform/debug/backtrace.h"

namespace spinvp::platform {

// "device uart, offset 0x5", "memory dram"; empty: nothing answers at that address.
using PlaceText = std::function<std::string(std::uint64_t address)>;

struct CrashFacts {
  std::string hart;
  std::uint64_t cause = 0, value = 0;  // mcause, mtval
  HartState state;                     // pc is the trapped instruction's
  std::string why;                     // why the run ended with it
};

// "store access fault", "machine timer interrupt", "cause 0x18".
std::string trap_name(std::uint64_t cause);
// "0x10 (null pointer: nothing answers there)", "0x80001000 (memory dram: weights+0x10 in .data)".
std::string address_text(std::uint64_t address, const Symbols& symbols, const PlaceText& place);
// One line, for the log and the report's warnings, with the functions of the backtrace.
std::string crash_line(const CrashFacts& facts, const Symbols& symbols, const PlaceText& place);
// Several lines, without a newline at the end.
std::string crash_text(const CrashFacts& facts, const Symbols& symbols, const PlaceText& place);
// "f (a.c:1) < main (a.c:9)": the innermost function first, `most` at most.
std::string callers_text(const Backtrace& backtrace, const Symbols& symbols, std::size_t most = 8);

}  // namespace spinvp::platform
