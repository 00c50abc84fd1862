#include "models/technology/import/key_lines.h"

#include <cmath>

#include <fmt/format.h>

#include "models/core/fields.h"

namespace spinvp::technology {

namespace {

struct SplitLine {
  std::string_view key, unit, value;  // unit: what stands in parentheses
  bool has_unit = false;
};

// `-Key (unit): value`, without the dash. Nothing where there is no colon after the key and its unit.
std::optional<SplitLine> split(std::string_view line) {
  SplitLine parts;
  std::size_t end = line.find_first_of("(:");
  if (end == std::string_view::npos) return std::nullopt;
  parts.key = trimmed(line.substr(0, end));
  if (line[end] == '(') {
    const std::size_t close = line.find(')', end);
    if (close == std::string_view::npos) return std::nullopt;
    parts.has_unit = true;
    parts.unit = trimmed(line.substr(end + 1, close - end - 1));
    end = line.find(':', close);
    if (end == std::string_view::npos) return std::nullopt;
  }
  parts.value = trimmed(line.substr(end + 1));
  return parts;
}

std::string range_text(const KeyRule& rule) {
  return fmt::format("a number from {:g} to {:g}{}{}", rule.least, rule.most, rule.unit.empty() ? "" : " ", rule.unit);
}

std::string list_text(const std::vector<std::string_view>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

// What follows a value is a comment of the writer; the tool stops reading there, too.
void warn_of_rest(ImportLog& log, unsigned line, std::string_view rest) {
  if (!rest.empty() && !rest.starts_with("//") && !rest.starts_with('#')) log.warn(line, fmt::format("{} after the value is ignored", quoted(rest)));
}

KeyValue value_of(const KeyRule& rule, const SplitLine& parts, unsigned line, ImportLog& log) {
  KeyValue value{.line = line, .number = 0, .text = parts.value};
  if (rule.least != rule.most) {
    std::string_view rest;
    const auto number = leading_number(parts.value, rest);
    if (!number || std::isinf(*number)) log.refuse(line, fmt::format("{} is {}, allowed is {}", rule.name, quoted(parts.value), range_text(rule)));
    if (std::isnan(*number)) {
      log.warn(line, fmt::format("{} is nan: taken as not given", rule.name));
    } else {
      if (*number < rule.least || *number > rule.most) log.refuse(line, fmt::format("{} is {:g}, allowed is {}", rule.name, *number, range_text(rule)));
      value.number = *number;
    }
    warn_of_rest(log, line, rest);
    return value;
  }
  if (rule.choices.empty()) return value;
  const std::size_t end = std::min(parts.value.find_first_of(" \t"), parts.value.size());
  value.text = parts.value.substr(0, end);
  if (std::find(rule.choices.begin(), rule.choices.end(), value.text) == rule.choices.end())
    log.refuse(line, fmt::format("{} is {}, allowed are {}", rule.name, quoted(value.text), list_text(rule.choices)));
  warn_of_rest(log, line, trimmed(parts.value.substr(end)));
  return value;
}

}  // namespace

KeyRule number_key(std::string_view name, std::string_view unit, double least, double most) {
  return {.name = name, .unit = unit, .choices = {}, .least = least, .most = most};
}
KeyRule word_key(std::string_view name, std::vector<std::string_view> choices) { return {.name = name, .unit = {}, .choices = std::move(choices)}; }
KeyRule text_key(std::string_view name) { return {.name = name}; }
KeyRule unused_key(std::string_view name) { return {.name = name, .unit = {}, .choices = {}, .least = 0, .most = 0, .used = false}; }

KeyLines::KeyLines(std::string_view text, const std::vector<KeyRule>& rules, ImportLog& log) {
  std::vector<std::string> names;
  for (const KeyRule& rule : rules) names.emplace_back(rule.name.substr(0, rule.name.find(' ')));
  std::vector<std::string> unused;
  unsigned first_unused = 0;
  for (const auto& [number, whole] : lines_of(text)) {
    last_line_ = number;
    const std::string_view line = trimmed(whole);
    if (line.empty() || line.starts_with("//") || line.starts_with('#')) continue;
    if (!line.starts_with('-')) {
      log.warn(number, fmt::format("{} is no line `-Key (unit): value` and is ignored", quoted(line)));
      continue;
    }
    const auto parts = split(line.substr(1));
    if (!parts) {
      log.warn(number, fmt::format("{} has no colon before a value and is ignored", quoted(line)));
      continue;
    }
    // Rules of one key with several units have the unit in their name.
    const std::string with_unit = fmt::format("{} ({})", parts->key, parts->unit);
    const KeyRule* rule = nullptr;
    std::vector<std::string_view> other_units;
    for (const KeyRule& r : rules) {
      if (r.name == parts->key || r.name == with_unit) rule = &r;
      if (r.name.substr(0, r.name.find(' ')) == parts->key && r.name != parts->key) other_units.push_back(r.name);
    }
    if (rule == nullptr && !other_units.empty())
      log.refuse(number, fmt::format("{} has the unit {}, allowed are {}", parts->key, parts->has_unit ? quoted(parts->unit) : "none", list_text(other_units)));
    if (rule == nullptr) {
      const std::string near = core::nearest(parts->key, names);
      log.warn(number, fmt::format("unknown key {} is ignored{}", quoted(parts->key), near.empty() ? "" : ", is " + near + " meant?"));
      continue;
    }
    if (!rule->used) {
      if (unused.empty()) first_unused = number;
      if (std::find(unused.begin(), unused.end(), rule->name) == unused.end()) unused.emplace_back(rule->name);
      continue;
    }
    if (rule->least != rule->most && rule->name == parts->key) {
      if (parts->has_unit && parts->unit != rule->unit && !rule->unit.empty())
        log.refuse(number, fmt::format("{} has the unit {}, allowed is ({}), whatever the value", rule->name, quoted(parts->unit), rule->unit));
      if (!parts->has_unit && !rule->unit.empty()) log.warn(number, fmt::format("{} has no unit: taken as {}", rule->name, rule->unit));
    }
    const KeyValue value = value_of(*rule, *parts, number, log);
    const auto [known, is_new] = values_.insert_or_assign(std::string(rule->name), value);
    if (!is_new) log.warn(number, fmt::format("{} is given again, the last one counts", rule->name));
  }
  if (!unused.empty()) log.warn(first_unused, fmt::format("known keys without a counterpart here are ignored: {}", fmt::join(unused, ", ")));
}

const KeyValue* KeyLines::find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

double KeyLines::number(std::string_view name) const {
  const KeyValue* value = find(name);
  return value == nullptr ? 0 : value->number;
}

std::string_view KeyLines::word(std::string_view name) const {
  const KeyValue* value = find(name);
  return value == nullptr ? std::string_view() : value->text;
}

unsigned KeyLines::line(std::string_view name) const {
  const KeyValue* value = find(name);
  return value == nullptr ? last_line_ : value->line;
}

}  // namespace spinvp::technology
