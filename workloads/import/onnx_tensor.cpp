#include "workloads/import/onnx_tensor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>

#include "models/core/error.h"
#include "workloads/graph/graph.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

struct Code {
  int code;
  ElementType type;
};
// TensorProto.DataType. Debian's library ends at 16; later codes are numbers to it and arrive all the same.
constexpr std::array codes = {Code{1, ElementType::float32},   Code{2, ElementType::uint8},    Code{3, ElementType::int8},    Code{4, ElementType::uint16},
                              Code{5, ElementType::int16},     Code{6, ElementType::int32},    Code{7, ElementType::int64},   Code{9, ElementType::boolean},
                              Code{10, ElementType::float16},  Code{11, ElementType::float64}, Code{12, ElementType::uint32}, Code{13, ElementType::uint64},
                              Code{16, ElementType::bfloat16}, Code{17, ElementType::float8},  Code{18, ElementType::float8}, Code{19, ElementType::float8},
                              Code{20, ElementType::float8},   Code{21, ElementType::uint4},   Code{22, ElementType::int4}};

void store(std::vector<std::byte>& to, std::uint64_t word, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) to.push_back(static_cast<std::byte>(word >> 8 * i & 255));
}

// One entry of a typed list an element, cut to the element's width.
template <typename List, typename Word>
Bytes packed(const List& list, ElementType type, Word word) {
  auto bytes = std::make_shared<std::vector<std::byte>>();
  for (const auto v : list) store(*bytes, word(v), bits_of(type) / 8);
  return bytes;
}

Bytes packed(const std::string& raw) {
  auto bytes = std::make_shared<std::vector<std::byte>>(raw.size());
  if (!raw.empty()) std::memcpy(bytes->data(), raw.data(), raw.size());
  return bytes;
}

std::uint64_t number_of(const std::string& text, const std::string& refused) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw core::InputError(refused + " names the place '" + printable(text) + "' of its values, a number is needed");
  return value;
}

Bytes external_values(const onnx::TensorProto& stored, const TensorType& type, const std::filesystem::path& folder, const std::string& refused) {
  std::string location;
  std::uint64_t offset = 0, length = bytes_of(elements(type.shape), type.element);
  const std::uint64_t needed = length;
  for (const auto& entry : stored.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = number_of(entry.value(), refused);
    if (entry.key() == "length") length = number_of(entry.value(), refused);
  }
  const std::filesystem::path relative(location);
  bool inside = !location.empty() && relative.is_relative();
  for (const auto& part : relative) inside = inside && part != "..";
  if (!inside) throw core::InputError(refused + " has its values in '" + printable(location) + "', allowed are files in the folder of the model");
  if (length != needed) throw core::InputError(refused + " has " + std::to_string(length) + " bytes of values, " + std::to_string(needed) + " are needed");
  std::ifstream file(folder / relative, std::ios::binary | std::ios::ate);
  if (!file) return nullptr;  // shapes alone serve
  const auto size = static_cast<std::uint64_t>(std::max<std::streamoff>(file.tellg(), 0));
  if (offset > size || length > size - offset)
    throw core::InputError(refused + " has its values at byte " + std::to_string(offset) + " of '" + printable(location) + "', which ends at " +
                           std::to_string(size));
  std::string raw(length, '\0');
  file.seekg(static_cast<std::streamoff>(offset));
  if (!file.read(raw.data(), static_cast<std::streamsize>(length))) throw core::FileError((folder / relative).string() + ": cannot be read");
  return packed(raw);
}

}  // namespace

std::optional<ElementType> element_type_of_onnx(std::int64_t code) {
  for (const Code& c : codes)
    if (c.code == code) return c.type;
  return std::nullopt;
}

TensorType type_of_onnx(const onnx::TensorProto& stored, const std::string& refused) {
  const auto element = element_type_of_onnx(stored.data_type());
  if (!element) throw core::InputError(refused + " has element type " + std::to_string(stored.data_type()) + ", allowed are numbers and truth values");
  TensorType type{*element, {stored.dims().begin(), stored.dims().end()}};
  if (!checked_elements(type.shape)) throw core::InputError(refused + " is " + text_of(type.shape) + ", allowed are extents of at least 0 and 2^40 elements");
  return type;
}

Bytes values_of_onnx(const onnx::TensorProto& stored, const TensorType& type, const std::filesystem::path& folder, const std::string& refused) {
  if (stored.data_location() == onnx::TensorProto::EXTERNAL) return external_values(stored, type, folder, refused);
  const ElementType element = type.element;
  const auto unchanged = [](auto v) { return static_cast<std::uint64_t>(v); };
  Bytes bytes;
  if (stored.has_raw_data())
    bytes = packed(stored.raw_data());
  else if (stored.float_data_size() > 0 && element == ElementType::float32)
    bytes = packed(stored.float_data(), element, [](float v) { return std::uint64_t{std::bit_cast<std::uint32_t>(v)}; });
  else if (stored.double_data_size() > 0 && element == ElementType::float64)
    bytes = packed(stored.double_data(), element, [](double v) { return std::bit_cast<std::uint64_t>(v); });
  else if (stored.int64_data_size() > 0 && element == ElementType::int64)
    bytes = packed(stored.int64_data(), element, unchanged);
  else if (stored.uint64_data_size() > 0 && (element == ElementType::uint64 || element == ElementType::uint32))
    bytes = packed(stored.uint64_data(), element, unchanged);
  else if (stored.int32_data_size() > 0 && bits_of(element) >= 8 && bits_of(element) <= 32)  // float16 and the like as bit patterns
    bytes = packed(stored.int32_data(), element, unchanged);
  const std::uint64_t count = elements(type.shape), needed = bytes_of(count, element);
  if (bytes == nullptr) return count == 0 ? std::make_shared<const std::vector<std::byte>>() : nullptr;
  if (bytes->size() != needed)
    throw core::InputError(refused + " (" + std::string(name_of(element)) + ' ' + text_of(type.shape) + ") has " + std::to_string(bytes->size()) +
                           " bytes of values, " + std::to_string(needed) + " are needed");
  return bytes;
}

}  // namespace spinvp::workloads
