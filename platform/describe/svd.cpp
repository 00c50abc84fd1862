#include <map>

#include <fmt/format.h>

#include "platform/describe/register_map.h"

namespace spinvp::platform {

namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

class Xml {
 public:
  void open(const std::string& tag) {
    line("<" + tag + ">");
    ++depth_;
  }
  void close(const std::string& tag) {
    --depth_;
    line("</" + tag + ">");
  }
  void leaf(const std::string& tag, const std::string& text) { line(fmt::format("<{0}>{1}</{0}>", tag, escaped(text))); }
  void hex(const std::string& tag, std::uint64_t value) { leaf(tag, fmt::format("0x{:X}", value)); }
  void line(const std::string& text) { out_ += std::string(static_cast<std::size_t>(2 * depth_), ' ') + text + "\n"; }
  [[nodiscard]] std::string text() && { return std::move(out_); }

 private:
  std::string out_;
  int depth_ = 0;
};

void write_register(Xml& xml, const core::RegisterSpec& spec) {
  xml.open("register");
  if (spec.count > 1) {
    xml.leaf("dim", fmt::format("{}", spec.count));
    xml.hex("dimIncrement", stride_of(spec));
  }
  xml.leaf("name", spec.count > 1 ? spec.name + "[%s]" : spec.name);
  xml.leaf("description", spec.text.empty() ? spec.name : spec.text);
  xml.hex("addressOffset", spec.offset);
  xml.leaf("size", fmt::format("{}", 8 * spec.width));
  xml.leaf("access", access_text(spec.access));
  if (spec.access == core::Access::write_one_to_clear) xml.leaf("modifiedWriteValues", "oneToClear");
  xml.hex("resetValue", spec.reset);
  if (!spec.fields.empty()) {
    xml.open("fields");
    for (const core::RegisterField& field : spec.fields) {
      xml.open("field");
      xml.leaf("name", field.name);
      xml.leaf("description", field.text.empty() ? field.name : field.text);
      xml.leaf("bitOffset", fmt::format("{}", field.lsb));
      xml.leaf("bitWidth", fmt::format("{}", field.width));
      xml.close("field");
    }
    xml.close("fields");
  }
  xml.close("register");
}

void write_peripheral(Xml& xml, const WindowDescription& window, const std::string& name, const std::string& like) {
  xml.open(like.empty() ? "peripheral" : fmt::format("peripheral derivedFrom=\"{}\"", like));
  xml.leaf("name", name);
  if (like.empty()) xml.leaf("description", window.text);
  xml.hex("baseAddress", window.base);
  if (like.empty()) {
    xml.open("addressBlock");
    xml.hex("offset", 0);
    xml.hex("size", window.size);
    xml.leaf("usage", "registers");
    xml.close("addressBlock");
  }
  if (window.irq != 0) {
    xml.open("interrupt");
    xml.leaf("name", name);
    xml.leaf("value", fmt::format("{}", window.irq));
    xml.close("interrupt");
  }
  if (like.empty()) {
    xml.open("registers");
    for (const core::Register* reg : window.bank->registers()) write_register(xml, reg->spec());
    xml.close("registers");
  }
  xml.close("peripheral");
}

}  // namespace

std::string to_svd(const std::vector<WindowDescription>& map, const std::string& version) {
  Xml xml;
  xml.line(R"(<?xml version="1.0" encoding="utf-8"?>)");
  xml.open(R"(device schemaVersion="1.3" xmlns:xs="http://www.w3.org/2001/XMLSchema-instance" xs:noNamespaceSchemaLocation="CMSIS-SVD.xsd")");
  xml.leaf("name", "SpinVP");
  xml.leaf("version", version);
  xml.leaf("description", "Registers of the platform as it is configured");
  xml.leaf("addressUnitBits", "8");
  xml.leaf("width", "64");
  xml.leaf("size", "32");
  xml.leaf("access", "read-write");
  xml.open("peripherals");
  std::map<std::string, std::string> first_of_type;
  for (const WindowDescription& window : map) {
    if (window.bank == nullptr || window.bank->registers().empty()) continue;
    const std::string name = upper(window.instance) + (window.first ? "" : "_" + upper(window.name));
    const auto [known, is_new] = first_of_type.emplace(window.type + "/" + window.name, name);
    write_peripheral(xml, window, name, is_new ? "" : known->second);
  }
  xml.close("peripherals");
  xml.close("device");
  return std::move(xml).text();
}

}  // namespace spinvp::platform
