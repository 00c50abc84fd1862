// A table of comma-separated values with a header, as the array tools write them: blanks around values, a comma at the line's end, the header repeated where tables were
// joined or a tool appended to its file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/technology/import/import_text.h"

namespace spinvp::technology {

struct CsvRow {
  unsigned line;
  std::vector<std::string_view> values;
};

class CsvTable {
 public:
  // The first line that is not blank is the header. Throws core::InputError for a row of another length.
  CsvTable(std::string_view text, const ImportLog& log);

  [[nodiscard]] const std::vector<std::string_view>& header() const { return header_; }
  [[nodiscard]] unsigned header_line() const { return header_line_; }
  [[nodiscard]] const std::vector<CsvRow>& rows() const { return rows_; }
  // The column's place; throws core::InputError if it is absent.
  [[nodiscard]] std::size_t needed_column(std::string_view name, const ImportLog& log) const;
  // Past the end if it is absent.
  [[nodiscard]] std::size_t column(std::string_view name) const;
  // A number of a row; throws core::InputError for another text. NaN and infinity are numbers.
  [[nodiscard]] double number(const CsvRow& row, std::size_t column, const ImportLog& log) const;

 private:
  std::vector<std::string_view> header_;
  unsigned header_line_ = 1;
  std::vector<CsvRow> rows_;
};

}  // namespace spinvp::technology
