#include "workloads/graph/values.h"

#include <bit>
#include <cstring>
#include <limits>

#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

// Byte order is fixed by hand, so that a big-endian host would read the same.
std::uint64_t load(const std::byte* from, std::size_t bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes; ++i) word |= std::uint64_t{std::to_integer<std::uint8_t>(from[i])} << 8 * i;
  return word;
}

void store(std::vector<std::byte>& to, std::uint64_t word, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) to.push_back(static_cast<std::byte>(word >> 8 * i & 255));
}

bool is_signed(ElementType element) {
  return element == ElementType::int64 || element == ElementType::int32 || element == ElementType::int16 || element == ElementType::int8;
}

std::int64_t extended(std::uint64_t word, ElementType element) {
  const unsigned unused = 64 - bits_of(element);
  if (is_signed(element)) return static_cast<std::int64_t>(word << unused) >> unused;
  return static_cast<std::int64_t>(word);
}

}  // namespace

bool is_computable(ElementType element) {
  if (is_floating(element)) return element == ElementType::float64 || element == ElementType::float32;
  return bits_of(element) >= 8;
}

Values Values::picked(const std::vector<std::size_t>& places, Shape shape) const {
  Values result{{type.element, std::move(shape)}, {}, {}};
  for (const std::size_t place : places) {
    if (is_floating(type.element))
      result.real.push_back(real[place]);
    else
      result.whole.push_back(whole[place]);
  }
  return result;
}

Values Values::reshaped(Shape shape) const {
  Values result = *this;
  result.type.shape = std::move(shape);
  return result;
}

Values whole_values(ElementType element, Shape shape, std::vector<std::int64_t> values) { return {{element, std::move(shape)}, std::move(values), {}}; }

std::optional<Values> values_of(const Tensor& tensor) {
  const ElementType element = tensor.type.element;
  const std::uint64_t count = elements(tensor.type.shape);
  if (tensor.values == nullptr || !is_computable(element) || count > most_folded) return std::nullopt;
  const std::size_t width = bits_of(element) / 8;
  Values values{tensor.type, {}, {}};
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t word = load(tensor.values->data() + i * width, width);
    if (element == ElementType::float64)
      values.real.push_back(std::bit_cast<double>(word));
    else if (element == ElementType::float32)
      values.real.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(word)));
    else
      values.whole.push_back(extended(word, element));
  }
  return values;
}

Bytes bytes_of(const Values& values) {
  auto bytes = std::make_shared<std::vector<std::byte>>();
  const ElementType element = values.type.element;
  const std::size_t width = bits_of(element) / 8;
  for (const double v : values.real)
    store(*bytes, element == ElementType::float64 ? std::bit_cast<std::uint64_t>(v) : std::bit_cast<std::uint32_t>(static_cast<float>(v)), width);
  for (const std::int64_t v : values.whole) store(*bytes, static_cast<std::uint64_t>(v), width);
  return bytes;
}

}  // namespace spinvp::workloads
