#include "platform/describe/register_map.h"

#include <algorithm>
#include <cctype>

namespace spinvp::platform {

std::vector<WindowDescription> register_map(const Soc& soc) {
  std::vector<WindowDescription> map;
  for (const Soc::Instance& instance : soc.devices()) {
    const PlacementFields& placement = instance.config->placement;
    bool first = true;
    for (const core::Device::Window& window : instance.device->windows()) {
      map.push_back({instance.config->name, placement.type, window.name, core::device_types().at(placement.type).text, Soc::base_of(instance, window),
                     window.size, first ? placement.irq : 0, first, window.bank});
      first = false;
    }
  }
  std::sort(map.begin(), map.end(), [](const auto& a, const auto& b) { return a.base < b.base; });
  return map;
}

std::uint64_t stride_of(const core::RegisterSpec& spec) { return spec.stride == 0 ? spec.width : spec.stride; }

const char* access_text(core::Access access) {
  switch (access) {
    case core::Access::read_only: return "read-only";
    case core::Access::write_only: return "write-only";
    case core::Access::read_write:
    case core::Access::write_one_to_clear: break;
  }
  return "read-write";
}

std::string upper(const std::string& text) {
  std::string result = text;
  for (char& c : result) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : '_';
  return result;
}

}  // namespace spinvp::platform
