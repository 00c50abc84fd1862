// Configuration fields, each declared once: name, default, unit, range, text. Parsing, defaults, the JSON schema and the reference come from that.
//
//   struct UartConfig {
//     std::uint64_t fifo_depth = 16;
//     Frequency clock = 3686400_Hz;
//     static const Schema& schema() {
//       static const Schema schema = Schema::of<UartConfig>()
//           .field("fifo_depth", &UartConfig::fifo_depth, {.least = 1, .most = 256, .text = "bytes in each direction"})
//           .field("clock", &UartConfig::clock, {.least = 1, .text = "input clock of the baud generator"});
//       return schema;
//     }
//   };
//
// Types: bool, std::uint64_t (counts; `64`, `0x40`), Bytes (`64MiB`), double, std::string (with `choices` if limited), and quantities (`1GHz`, `10ms`, `3.9pJ`, `350K`).
// A bare number of a quantity takes the field's unit. Names may hold dots (`cycles.load`): they nest in YAML. Ranges are in the field's unit.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/core/units.h"

namespace spinvp::core {

// A size in bytes; prints as `64MiB`.
struct Bytes {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(Bytes, Bytes) = default;
};

enum class FieldKind { boolean, count, bytes, real, text, quantity };

// The limits and the words of a field.
struct FieldNotes {
  double least = std::numeric_limits<double>::lowest();
  double most = std::numeric_limits<double>::max();
  std::string unit = {};                  // of bare numbers and of the range; empty: the type's base unit (`s`, `Hz`, `J`, ...)
  std::vector<std::string> choices = {};  // of text
  std::string source = {};                // where the default comes from, for technology numbers: "published: ...", "derived: ...", "assumed: ..."
  std::string text = {};
  bool what_if = false;  // may be another in a run that goes on from a snapshot: no saved state has its shape or its value (Schema::what_if)
};

using FieldValue = std::variant<bool, std::uint64_t, double, std::string>;  // quantities as SI doubles

struct FieldInfo {
  std::string name;
  FieldKind kind;
  std::string dimension;  // of a quantity: "time", "frequency", ...; otherwise empty
  FieldNotes notes;
  FieldValue default_value;
  std::function<void(void* config, const FieldValue& value)> store;
};

// "a number of bytes from 1KiB to 4GiB": what a field allows, for messages and the reference.
std::string allowed(const FieldInfo& field);
// The value as it is written in YAML (`10us`, `64MiB`, `true`).
std::string to_text(const FieldInfo& field, const FieldValue& value);
// Parses and checks; on failure returns nullopt and says in `problem` what is wrong and what is allowed.
std::optional<FieldValue> parse(const FieldInfo& field, std::string_view text, std::string& problem);

// Values that differ from the defaults, by field name. What a config file says, already parsed and checked.
using FieldValues = std::map<std::string, FieldValue>;

class Schema {
 public:
  // Defaults come from a default-constructed Config.
  template <typename Config>
  static Schema of() {
    return Schema();
  }

  template <typename Config, typename Member>
  Schema&& field(std::string name, Member Config::*member, FieldNotes notes) &&;

  // Marks fields declared above: by name, or all whose names begin with one that ends in a dot (`cycles.`).
  Schema&& what_if(const std::vector<std::string>& names) &&;

  [[nodiscard]] const std::vector<FieldInfo>& fields() const { return fields_; }
  [[nodiscard]] const FieldInfo* find(std::string_view name) const;
  // A config with `values` over the defaults.
  template <typename Config>
  [[nodiscard]] Config make(const FieldValues& values) const {
    Config config;
    for (const FieldInfo& f : fields_)
      if (const auto v = values.find(f.name); v != values.end()) f.store(&config, v->second);
    return config;
  }

 private:
  std::vector<FieldInfo> fields_;
  void add(FieldInfo info) { fields_.push_back(std::move(info)); }
};

// Helpers that message writers share.
// The member of `names` nearest to `wrong` in edit distance, or empty if none is near.
std::string nearest(std::string_view wrong, const std::vector<std::string>& names);
// Parses `10ms`, `1.5GHz`, ... to SI; nullopt if it is not a number with a unit of that dimension.
std::optional<double> parse_quantity(std::string_view text, std::string_view dimension, std::string_view bare_unit);
std::optional<std::uint64_t> parse_bytes(std::string_view text);
std::string bytes_text(std::uint64_t bytes);
std::string quantity_text(double si, std::string_view dimension);

// --- implementation of the typed part ---
namespace detail {
template <typename T>
struct FieldTraits;
#define SPINVP_FIELD_TRAITS(type, kind_, dimension_, to, from) \
  template <>                                                  \
  struct FieldTraits<type> {                                   \
    static constexpr FieldKind kind = FieldKind::kind_;        \
    static constexpr const char* dimension = dimension_;       \
    static FieldValue pack(const type& v) { return to; }       \
    static type unpack(const FieldValue& f) { return from; }   \
  }
SPINVP_FIELD_TRAITS(bool, boolean, "", FieldValue(v), std::get<bool>(f));
SPINVP_FIELD_TRAITS(std::uint64_t, count, "", FieldValue(v), std::get<std::uint64_t>(f));
SPINVP_FIELD_TRAITS(Bytes, bytes, "", FieldValue(v.value), Bytes{std::get<std::uint64_t>(f)});
SPINVP_FIELD_TRAITS(double, real, "", FieldValue(v), std::get<double>(f));
SPINVP_FIELD_TRAITS(std::string, text, "", FieldValue(v), std::get<std::string>(f));
#define SPINVP_QUANTITY_TRAITS(type, dimension) SPINVP_FIELD_TRAITS(type, quantity, dimension, FieldValue(v.si()), type::from_si(std::get<double>(f)))
SPINVP_QUANTITY_TRAITS(Time, "time");
SPINVP_QUANTITY_TRAITS(Frequency, "frequency");
SPINVP_QUANTITY_TRAITS(Energy, "energy");
SPINVP_QUANTITY_TRAITS(Power, "power");
SPINVP_QUANTITY_TRAITS(Area, "area");
SPINVP_QUANTITY_TRAITS(Length, "length");
SPINVP_QUANTITY_TRAITS(Temperature, "temperature");
SPINVP_QUANTITY_TRAITS(Voltage, "voltage");
SPINVP_QUANTITY_TRAITS(Current, "current");
#undef SPINVP_QUANTITY_TRAITS
#undef SPINVP_FIELD_TRAITS
}  // namespace detail

template <typename Config, typename Member>
Schema&& Schema::field(std::string name, Member Config::*member, FieldNotes notes) && {
  using Traits = detail::FieldTraits<Member>;
  add({std::move(name), Traits::kind, Traits::dimension, std::move(notes), Traits::pack(Config{}.*member),
       [member](void* config, const FieldValue& value) { static_cast<Config*>(config)->*member = Traits::unpack(value); }});
  return std::move(*this);
}

}  // namespace spinvp::core
