#include <set>

#include <fmt/format.h>

#include "models/core/fields.h"
#include "platform/describe/register_map.h"

namespace spinvp::platform {

namespace {

// A bar would end the cell.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string register_rows(const core::RegisterSpec& spec) {
  const std::string offset =
      spec.count > 1 ? fmt::format("{:#x} + {:#x} i, i < {}", spec.offset, stride_of(spec), spec.count) : fmt::format("{:#x}", spec.offset);
  const std::string access = spec.access == core::Access::write_one_to_clear ? "write 1 to clear" : access_text(spec.access);
  std::string rows = fmt::format("| {} | {} | {} | {} | {:#x} | {} |\n", offset, spec.name, spec.width, access, spec.reset, cell(spec.text));
  for (const core::RegisterField& field : spec.fields) {
    const std::string bits = field.width == 1 ? fmt::format("{}", field.lsb) : fmt::format("{}:{}", field.lsb + field.width - 1, field.lsb);
    rows += fmt::format("| | {} [{}] | | | | {} |\n", field.name, bits, cell(field.text));
  }
  return rows;
}

}  // namespace

std::string to_markdown(const std::vector<WindowDescription>& map) {
  std::string out = "# Registers\n\nWritten by `spinvp registers --format markdown`.\n\n| base | size | device | type | interrupt |\n|---|---|---|---|---|\n";
  for (const WindowDescription& window : map)
    out += fmt::format("| {:#x} | {} | {}{} | {} | {} |\n", window.base, core::bytes_text(window.size), window.instance, window.first ? "" : ", " + window.name,
                       window.type, window.irq == 0 ? std::string() : fmt::format("{}", window.irq));
  std::set<std::string> described;
  for (const WindowDescription& window : map) {
    if (window.bank == nullptr || window.bank->registers().empty() || !described.insert(window.type + "/" + window.name).second) continue;
    out += fmt::format("\n## {}{}\n\n{}.\n\n| offset | register, field [bits] | bytes | access | reset | what |\n|---|---|---|---|---|---|\n", window.type,
                       window.first ? "" : ", " + window.name, window.text);
    for (const core::Register* reg : window.bank->registers()) out += register_rows(reg->spec());
  }
  return out;
}

}  // namespace spinvp::platform
