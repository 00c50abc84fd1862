#include "models/core/fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace spinvp::core {

namespace {

struct Unit {
  std::string_view dimension, suffix;
  double factor;
};

// The largest unit first within a dimension: printing takes the first that gives a number of at least one.
constexpr std::array units = {
    Unit{"time", "s", 1.0},        Unit{"time", "ms", 1e-3},      Unit{"time", "us", 1e-6},      Unit{"time", "ns", 1e-9},     Unit{"time", "ps", 1e-12},
    Unit{"frequency", "GHz", 1e9}, Unit{"frequency", "MHz", 1e6}, Unit{"frequency", "kHz", 1e3}, Unit{"frequency", "Hz", 1.0}, Unit{"energy", "J", 1.0},
    Unit{"energy", "mJ", 1e-3},    Unit{"energy", "uJ", 1e-6},    Unit{"energy", "nJ", 1e-9},    Unit{"energy", "pJ", 1e-12},  Unit{"energy", "fJ", 1e-15},
    Unit{"power", "W", 1.0},       Unit{"power", "mW", 1e-3},     Unit{"power", "uW", 1e-6},     Unit{"power", "nW", 1e-9},    Unit{"area", "mm2", 1e-6},
    Unit{"area", "um2", 1e-12},    Unit{"length", "mm", 1e-3},    Unit{"length", "um", 1e-6},    Unit{"length", "nm", 1e-9},   Unit{"temperature", "K", 1.0},
    Unit{"voltage", "V", 1.0},     Unit{"voltage", "mV", 1e-3},   Unit{"current", "A", 1.0},     Unit{"current", "mA", 1e-3},  Unit{"current", "uA", 1e-6},
};

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> byte_units = {
    {{"TiB", 1ull << 40}, {"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}, {"B", 1}}};

std::string_view base_unit(std::string_view dimension) {
  for (const Unit& u : units)
    if (u.dimension == dimension && (u.factor == 1.0 || dimension == "area" || dimension == "length")) return u.suffix;
  return "";
}

double factor_of(std::string_view dimension, std::string_view suffix) {
  for (const Unit& u : units)
    if (u.dimension == dimension && u.suffix == suffix) return u.factor;
  return 0;
}

// A decimal number without a sign of overflow; the rest of the text goes to `rest`.
std::optional<double> leading_number(std::string_view text, std::string_view& rest) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;  // from_chars reads `inf` and `nan` as numbers
  rest = text.substr(static_cast<std::size_t>(end - text.data()));
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  return value;
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  std::string digits(text);
  std::erase(digits, '_');  // 0x1000_0000
  if (digits.empty()) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error == std::errc() && end == digits.data() + digits.size()) return value;
  // `1e6` is a count as well if it is a whole number.
  std::string_view rest;
  const auto real = base == 10 ? leading_number(digits, rest) : std::nullopt;
  if (real && rest.empty() && *real >= 0 && *real < 1.8e19 && *real == static_cast<double>(static_cast<std::uint64_t>(*real)))
    return static_cast<std::uint64_t>(*real);
  return std::nullopt;
}

// A limit in the words of the field's kind.
std::string limit_text(const FieldInfo& field, double limit) {
  if (field.kind == FieldKind::bytes) return bytes_text(static_cast<std::uint64_t>(limit));
  if (field.kind == FieldKind::quantity) {
    const std::string_view unit = field.notes.unit.empty() ? base_unit(field.dimension) : std::string_view(field.notes.unit);
    return quantity_text(limit * factor_of(field.dimension, unit), field.dimension);
  }
  return fmt::format("{}", limit);
}

double numeric(const FieldInfo& field, const FieldValue& value) {
  if (const auto* count = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*count);
  if (const auto* real = std::get_if<double>(&value)) {
    if (field.kind != FieldKind::quantity) return *real;
    const std::string_view unit = field.notes.unit.empty() ? base_unit(field.dimension) : std::string_view(field.notes.unit);
    return *real / factor_of(field.dimension, unit);
  }
  return 0;
}

}  // namespace

std::optional<double> parse_quantity(std::string_view text, std::string_view dimension, std::string_view bare_unit) {
  std::string_view suffix;
  const auto value = leading_number(text, suffix);
  if (!value) return std::nullopt;
  if (suffix.empty()) suffix = bare_unit.empty() ? base_unit(dimension) : bare_unit;
  const double factor = factor_of(dimension, suffix);
  if (factor == 0) return std::nullopt;
  // Dividing by the exact inverse, a power of ten, keeps `22nm` the nearest double to 2.2e-8; 1 / 1e-9 itself is not 1e9.
  return factor < 1 ? *value / std::round(1 / factor) : *value * factor;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  if (const auto plain = parse_count(text)) return plain;
  std::string_view suffix;
  const auto value = leading_number(text, suffix);
  if (!value || *value < 0) return std::nullopt;
  for (const auto& [name, factor] : byte_units) {
    const double bytes = *value * static_cast<double>(factor);
    if (suffix == name && bytes < 1.8e19 && bytes == std::floor(bytes)) return static_cast<std::uint64_t>(bytes);
  }
  return std::nullopt;
}

std::string bytes_text(std::uint64_t bytes) {
  for (const auto& [name, factor] : byte_units)
    if (bytes >= factor && bytes % factor == 0) return fmt::format("{}{}", bytes / factor, name);
  return fmt::format("{}B", bytes);
}

std::string quantity_text(double si, std::string_view dimension) {
  const Unit* smallest = nullptr;
  const double magnitude = si < 0 ? -si : si;
  for (const Unit& u : units) {
    if (u.dimension != dimension) continue;
    smallest = &u;
    if (magnitude >= u.factor * (1 - 1e-12)) return fmt::format("{:.10g}{}", si / u.factor, u.suffix);
  }
  if (smallest == nullptr) return fmt::format("{:.10g}", si);
  return si == 0 ? fmt::format("0{}", base_unit(dimension)) : fmt::format("{:.10g}{}", si / smallest->factor, smallest->suffix);
}

std::string allowed(const FieldInfo& field) {
  static constexpr std::array<std::string_view, 6> kinds = {"true or false", "a whole number", "a number of bytes (64MiB)", "a number", "a text", "a quantity"};
  std::string text(kinds[static_cast<std::size_t>(field.kind)]);
  if (field.kind == FieldKind::quantity) text = fmt::format("a {} ({})", field.dimension, to_text(field, field.default_value));
  if (!field.notes.choices.empty()) return fmt::format("one of {}", fmt::join(field.notes.choices, ", "));
  const bool least = field.notes.least > std::numeric_limits<double>::lowest(), most = field.notes.most < std::numeric_limits<double>::max();
  if (least && most) return fmt::format("{} from {} to {}", text, limit_text(field, field.notes.least), limit_text(field, field.notes.most));
  if (least) return fmt::format("{} of at least {}", text, limit_text(field, field.notes.least));
  if (most) return fmt::format("{} of at most {}", text, limit_text(field, field.notes.most));
  return text;
}

std::string to_text(const FieldInfo& field, const FieldValue& value) {
  switch (field.kind) {
    case FieldKind::boolean: return std::get<bool>(value) ? "true" : "false";
    case FieldKind::bytes: return bytes_text(std::get<std::uint64_t>(value));
    case FieldKind::count:
      return field.notes.unit == "hex" ? fmt::format("{:#x}", std::get<std::uint64_t>(value)) : fmt::format("{}", std::get<std::uint64_t>(value));
    case FieldKind::real: return fmt::format("{:.12g}", std::get<double>(value));
    case FieldKind::quantity: return quantity_text(std::get<double>(value), field.dimension);
    case FieldKind::text: return std::get<std::string>(value);
  }
  return {};
}

std::optional<FieldValue> parse(const FieldInfo& field, std::string_view text, std::string& problem) {
  std::optional<FieldValue> value;
  switch (field.kind) {
    case FieldKind::boolean:
      if (text == "true" || text == "false") value = FieldValue(text == "true");
      break;
    case FieldKind::count:
      if (const auto v = parse_count(text)) value = FieldValue(*v);
      break;
    case FieldKind::bytes:
      if (const auto v = parse_bytes(text)) value = FieldValue(*v);
      break;
    case FieldKind::real: {
      std::string_view rest;
      if (const auto v = leading_number(text, rest); v && rest.empty()) value = FieldValue(*v);
      break;
    }
    case FieldKind::quantity:
      if (const auto v = parse_quantity(text, field.dimension, field.notes.unit)) value = FieldValue(*v);
      break;
    case FieldKind::text: value = FieldValue(std::string(text)); break;
  }
  const auto refuse = [&] {
    problem = fmt::format("{}: '{}' is not allowed: {}", field.name, text, allowed(field));
    return std::nullopt;
  };
  if (!value) return refuse();
  if (field.kind == FieldKind::text) {
    const auto& choices = field.notes.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end()) return refuse();
  } else if (field.kind != FieldKind::boolean) {
    const double number = numeric(field, *value);
    // A relative hair of slack: 10us parsed and divided by 1e-6 need not be 10 exactly.
    const auto slack = [](double limit) { return (limit < 0 ? -limit : limit) * 1e-12; };
    if (!(number >= field.notes.least - slack(field.notes.least)) || !(number <= field.notes.most + slack(field.notes.most))) return refuse();
  }
  return value;
}

Schema&& Schema::what_if(const std::vector<std::string>& names) && {
  for (const std::string& name : names) {
    bool found = false;
    for (FieldInfo& field : fields_)
      if (field.name == name || (name.ends_with('.') && field.name.starts_with(name))) field.notes.what_if = found = true;
    if (!found) throw std::logic_error("there is no field " + name);
  }
  return std::move(*this);
}

const FieldInfo* Schema::find(std::string_view name) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const FieldInfo& f) { return f.name == name; });
  return found == fields_.end() ? nullptr : &*found;
}

std::string nearest(std::string_view wrong, const std::vector<std::string>& names) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, wrong.size() / 2);
  for (const std::string& name : names) {
    std::vector<std::size_t> row(name.size() + 1);
    for (std::size_t j = 0; j <= name.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= wrong.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= name.size(); ++j) {
        const std::size_t substitute = diagonal + (wrong[i - 1] == name[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = name;
    }
  }
  return best;
}

}  // namespace spinvp::core
