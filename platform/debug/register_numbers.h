// The numbers that registers have in the target description and in packets, and how wide they are there.
#pragma once

namespace spinvp::platform::register_number {

inline constexpr unsigned x = 0, pc = 32, f = 33, csr = 65;  // the first of each group
inline constexpr unsigned fflags = csr + 1, frm = csr + 2, fcsr = csr + 3;
inline constexpr unsigned end = csr + 4096;
// x, pc and f are in the packets that hold them all.
inline constexpr unsigned in_general_packet = csr;

constexpr unsigned bytes(unsigned number) { return number >= fflags && number <= fcsr ? 4 : 8; }

}  // namespace spinvp::platform::register_number
