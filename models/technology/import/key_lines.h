// The grammar that NVSim's `.cell` and `.cfg` files share: one `-Key (unit): value` a line, `//` and `#` start lines that are ignored.
//
// The tool matches keys by prefix and reads the value with a fixed format, so a key with another unit, or without its unit, is silently left at zero there. Here the
// first is an error and the second a warning. A key that is given twice: the last one counts, as in the tool, and it is said.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/technology/import/import_text.h"

namespace spinvp::technology {

struct KeyRule {
  std::string_view name;
  std::string_view unit = {};                  // as in the parentheses; empty: none, or (a note that is no unit) anything
  std::vector<std::string_view> choices = {};  // of a word; empty: a number, or any text
  double least = 0, most = 0;                  // of a number; least == most: not a number
  bool used = true;                            // false: known, but without a counterpart here
};

// Of a number in [least, most].
KeyRule number_key(std::string_view name, std::string_view unit, double least, double most);
KeyRule word_key(std::string_view name, std::vector<std::string_view> choices);
KeyRule text_key(std::string_view name);
KeyRule unused_key(std::string_view name);

struct KeyValue {
  unsigned line = 0;
  double number = 0;      // NaN where the file says `nan`
  std::string_view text;  // of a word
};

// All keys of a text that `rules` know, checked; keys by their rule's name. A rule may be given for several units of one key: then its name holds the unit, as "Capacity (MB)".
class KeyLines {
 public:
  KeyLines(std::string_view text, const std::vector<KeyRule>& rules, ImportLog& log);

  [[nodiscard]] const KeyValue* find(std::string_view name) const;
  // Zero where the key is absent or `nan`.
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] std::string_view word(std::string_view name) const;
  // The line of a key; of the last line of the text where it is absent.
  [[nodiscard]] unsigned line(std::string_view name) const;
  [[nodiscard]] unsigned last_line() const { return last_line_; }
  [[nodiscard]] bool empty() const { return values_.empty(); }

 private:
  std::map<std::string, KeyValue, std::less<>> values_;
  unsigned last_line_ = 1;
};

}  // namespace spinvp::technology
