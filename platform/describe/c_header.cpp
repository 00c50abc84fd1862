#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "platform/describe/register_map.h"

namespace spinvp::platform {

namespace {

// Collects definitions; two of one name would silently hide each other in C.
class Header {
 public:
  void comment(const std::string& text) { out_ += "/* " + text + " */\n"; }
  void blank() { out_ += "\n"; }
  void raw(const std::string& line) { out_ += line + "\n"; }
  void define(const std::string& name, const std::string& value, const std::string& about = "") {
    if (!names_.insert(name).second) throw std::logic_error("two registers or instances give the C name " + name);
    out_ += about.empty() ? fmt::format("#define {} {}\n", name, value) : fmt::format("#define {} {} /* {} */\n", name, value, about);
  }
  [[nodiscard]] std::string text() && { return std::move(out_); }

 private:
  std::string out_;
  std::set<std::string> names_;
};

// Unsigned, and 64 bits wide only where it must be.
std::string number(std::uint64_t value) { return fmt::format("{:#x}{}", value, value > 0xffffffffu ? "ull" : "u"); }

void define_register(Header& header, const std::string& type, const core::RegisterSpec& spec) {
  const std::string name = type + "_" + upper(spec.name);
  header.define(name, number(spec.offset), fmt::format("{} bytes, {}{}{}", spec.width, access_text(spec.access), spec.text.empty() ? "" : ": ", spec.text));
  if (spec.count > 1) {
    header.define(name + "_COUNT", fmt::format("{}u", spec.count));
    header.define(name + "_STRIDE", number(stride_of(spec)));
  }
  for (const core::RegisterField& field : spec.fields) {
    const std::uint64_t ones = field.width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << field.width) - 1;
    header.define(name + "_" + upper(field.name) + "_SHIFT", fmt::format("{}u", field.lsb), field.text);
    header.define(name + "_" + upper(field.name) + "_MASK", number(ones << field.lsb));
  }
}

}  // namespace

std::string to_c_header(const std::vector<WindowDescription>& map) {
  Header header;
  header.comment("Registers and addresses of the platform, written by `spinvp registers --format c`. Valid C11.");
  header.raw("#ifndef SPINVP_REGISTERS_H\n#define SPINVP_REGISTERS_H\n");
  header.comment("Where devices answer, and their numbers at the interrupt controller (0: none).");
  for (const WindowDescription& window : map) {
    const std::string name = upper(window.instance) + (window.first ? "" : "_" + upper(window.name));
    header.define(name + "_BASE", number(window.base), window.text);
    header.define(name + "_SIZE", number(window.size));
    if (window.first) header.define(name + "_IRQ", fmt::format("{}u", window.irq));
  }
  std::set<std::string> described;
  for (const WindowDescription& window : map) {
    const std::string type = upper(window.type) + (window.first ? "" : "_" + upper(window.name));
    if (window.bank == nullptr || !described.insert(type).second) continue;
    header.blank();
    header.comment(window.type + ": " + window.text + ". Offsets in bytes.");
    for (const core::Register* reg : window.bank->registers()) define_register(header, type, reg->spec());
  }
  header.raw("\n#endif");
  return std::move(header).text();
}

}  // namespace spinvp::platform
