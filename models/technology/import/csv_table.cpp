#include "models/technology/import/csv_table.h"

#include <algorithm>

#include <fmt/format.h>

namespace spinvp::technology {

namespace {

std::vector<std::string_view> columns_without_tail(std::string_view line) {
  auto columns = columns_of(line);
  if (columns.size() > 1 && columns.back().empty()) columns.pop_back();
  return columns;
}

}  // namespace

CsvTable::CsvTable(std::string_view text, const ImportLog& log) {
  for (const auto& [number, line] : lines_of(text)) {
    if (trimmed(line).empty()) continue;
    auto columns = columns_without_tail(line);
    if (header_.empty()) {
      header_ = std::move(columns);
      header_line_ = number;
      continue;
    }
    if (columns == header_) continue;
    if (columns.size() != header_.size())
      log.refuse(number, fmt::format("{} columns, allowed are the {} of the header in line {}", columns.size(), header_.size(), header_line_));
    rows_.push_back({number, std::move(columns)});
  }
}

std::size_t CsvTable::column(std::string_view name) const {
  return static_cast<std::size_t>(std::find(header_.begin(), header_.end(), name) - header_.begin());
}

std::size_t CsvTable::needed_column(std::string_view name, const ImportLog& log) const {
  const std::size_t place = column(name);
  if (place == header_.size()) log.refuse(header_line_, fmt::format("the header has no column '{}'", name));
  return place;
}

double CsvTable::number(const CsvRow& row, std::size_t column, const ImportLog& log) const {
  const auto value = number_of(row.values[column]);
  if (!value) log.refuse(row.line, fmt::format("'{}' is {}, allowed is a number", header_[column], quoted(row.values[column])));
  return *value;
}

}  // namespace spinvp::technology
