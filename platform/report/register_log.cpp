#include "platform/report/register_log.h"

#include <fmt/format.h>

namespace spinvp::platform {

namespace {

std::string fields_text(const core::RegisterSpec& spec, std::uint64_t value) {
  std::string text;
  for (const core::RegisterField& field : spec.fields) {
    const std::uint64_t mask = field.width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << field.width) - 1;
    text += fmt::format("{}{} {:#x}", text.empty() ? "" : ", ", field.name, (value >> field.lsb) & mask);
  }
  return text.empty() ? text : " (" + text + ")";
}

}  // namespace

void RegisterLog::on_access(const core::RegisterAccess& access) {
  const std::string head =
      fmt::format("{:.6f}us  {}{}  {}", access.at.seconds() * 1e6, access.debug ? "debug " : "", access.write ? "write" : "read", access.device.name());
  std::string tail = fmt::format("  {}", access.initiator.empty() ? "-" : access.initiator);
  if (access.pc != 0) tail += fmt::format("  pc {:#x}", access.pc);
  const auto slots = access.refused ? std::vector<core::RegisterBank::Slot>() : access.bank.touched(access.offset, access.data.size());
  if (slots.empty()) out_ << fmt::format("{}+{:#x}{}{}\n", head, access.offset, access.refused ? ": refused" : "", tail);
  for (const auto& slot : slots) {
    const core::RegisterSpec& spec = slot.reg->spec();
    std::uint64_t value = 0;
    for (std::uint64_t byte = 0; byte < slot.bytes; ++byte) value |= std::uint64_t{access.data[slot.at + byte]} << (8 * (slot.first_byte + byte));
    const std::string index = spec.count > 1 ? fmt::format("[{}]", slot.index) : "";
    const std::string part = slot.bytes < spec.width ? fmt::format(" bytes {} to {}", slot.first_byte, slot.first_byte + slot.bytes - 1) : "";
    out_ << fmt::format("{}.{}{}{} = {:#x}{}{}\n", head, spec.name, index, part, value, part.empty() ? fields_text(spec, value) : "", tail);
  }
}

}  // namespace spinvp::platform
