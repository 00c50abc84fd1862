// Names of control and status registers, as the manual spells them.
#pragma once

#include <string>

namespace spinvp::riscv {

// "mstatus" for 0x300; "unknown" where the manual has none that the hart knows.
std::string csr_name(unsigned number);

}  // namespace spinvp::riscv
