// The registers and addresses of a built platform, as text for three kinds of readers: C firmware, debuggers (CMSIS-SVD), people (Markdown).
//
// The C header names registers by device type (`NS16550A_LCR`, offset in bytes), their fields (`NS16550A_LCR_DLAB_SHIFT`, `_MASK`), arrays (`_COUNT`,
// `_STRIDE`), and instances by their names (`UART0_BASE`, `UART0_SIZE`, `UART0_IRQ`; a second window: `PIM_ARRAYS_BASE`). It is valid C11.
#pragma once

#include <string>
#include <vector>

#include "platform/soc/soc.h"

namespace spinvp::platform {

// One window of one device.
struct WindowDescription {
  std::string instance, type, name;  // of the window: "registers", "memory"
  std::string text;                  // about the type
  std::uint64_t base = 0, size = 0, irq = 0;
  bool first = true;  // of its device; later ones carry their name
  const core::RegisterBank* bank = nullptr;
};

// In the order of their addresses.
std::vector<WindowDescription> register_map(const Soc& soc);

std::string to_c_header(const std::vector<WindowDescription>& map);
std::string to_svd(const std::vector<WindowDescription>& map, const std::string& version);
std::string to_markdown(const std::vector<WindowDescription>& map);

// What the three share.
std::uint64_t stride_of(const core::RegisterSpec& spec);
const char* access_text(core::Access access);  // "read-write", ... as SVD has it
std::string upper(const std::string& text);

}  // namespace spinvp::platform
