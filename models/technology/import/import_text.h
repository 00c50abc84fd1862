// Text of other tools, read with care: lines with their numbers, numbers with units, and a log of what was odd.
//
// Nothing here trusts its input: a text of any bytes gives values, warnings or one core::InputError (`file:line: what is wrong, what is allowed`).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spinvp::technology {

// Something odd in an imported file that did not stop the import; prints as `where: text`.
struct ImportWarning {
  std::string where;  // file:line
  std::string text;
};

// Warnings of one file, in the order in which their first line came.
class ImportLog {
 public:
  explicit ImportLog(std::string file) : file_(std::move(file)) {}

  // The same `text` on many lines becomes one warning at the first of them, with their number.
  void warn(unsigned line, const std::string& text);
  // Throws core::InputError.
  [[noreturn]] void refuse(unsigned line, const std::string& text) const;

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] std::string place(unsigned line) const;
  [[nodiscard]] std::vector<ImportWarning> warnings() const;

 private:
  struct Entry {
    unsigned line;
    std::string text;
    unsigned lines;
  };
  std::string file_;
  std::vector<Entry> entries_;
  std::map<std::string, std::size_t> known_;
};

struct NumberedLine {
  unsigned number;  // from 1
  std::string_view text;
};
// Without line ends; LF, CRLF.
std::vector<NumberedLine> lines_of(std::string_view text);

std::string_view trimmed(std::string_view text);
// Shortened, control bytes replaced: fit for a name.
std::string printable(std::string_view text);
// In quotes, shortened, control bytes replaced: fit for one line of a message.
std::string quoted(std::string_view text);
// The last part of a path.
std::string_view file_name_of(std::string_view path);

// A decimal number that is all of the text but blanks; `nan` and `inf` count as numbers.
std::optional<double> number_of(std::string_view text);
// The number at the start; the rest, without leading blanks, goes to `rest`.
std::optional<double> leading_number(std::string_view text, std::string_view& rest);

enum class Dimension { time, energy, power, area, bandwidth };
// `1.808W`, `289587.642um^2`, `27.175GB/s`, to SI units. Prefixes are decimal. Nothing for a number without its unit or with one of another dimension.
std::optional<double> measure_of(std::string_view text, Dimension dimension);
// The units of a dimension, for messages.
const char* units_of(Dimension dimension);

// Columns of a line, split at commas, without blanks around them.
std::vector<std::string_view> columns_of(std::string_view line);

}  // namespace spinvp::technology
