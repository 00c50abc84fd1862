// Tells GDB which registers a hart has: features org.gnu.gdb.riscv.cpu, .fpu and .csr ("Debugging with GDB", appendix G.5.14).
#pragma once

#include <functional>
#include <string>

namespace spinvp::platform {

// `has_csr` says of a number (0 to 4095) whether the hart has that register now. Of the standard's names; performance counters that are always zero stay out.
std::string target_description(const std::function<bool(unsigned number)>& has_csr);

}  // namespace spinvp::platform
