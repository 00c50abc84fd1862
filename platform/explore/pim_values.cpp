#include "platform/explore/pim_values.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "models/core/error.h"

namespace spinvp::platform {

namespace {

constexpr unsigned most_lanes = 4096;

// The windows one after the other from row 0.
pim::Placement from_row_0(const pim::MicroProgram& program) { return {0, program.b_first(), program.d_first(), program.work_first()}; }

struct Column {
  std::string_view text;
  std::size_t at;  // counted from 1
};

std::vector<Column> columns_of(std::string_view line) {
  std::vector<Column> columns;
  line = line.substr(0, line.find('#'));
  constexpr std::string_view blank = " \t\r";
  for (std::size_t at = line.find_first_not_of(blank); at != std::string_view::npos; at = line.find_first_not_of(blank, at)) {
    const std::size_t end = std::min(line.find_first_of(blank, at), line.size());
    columns.push_back({line.substr(at, end - at), at + 1});
    at = end;
  }
  return columns;
}

std::vector<std::uint64_t> field(std::span<const LaneOperands> lanes, std::uint64_t LaneOperands::*member) {
  std::vector<std::uint64_t> words;
  words.reserve(lanes.size());
  for (const LaneOperands& lane : lanes) words.push_back(lane.*member);
  return words;
}

}  // namespace

ProgramArray::ProgramArray(const pim::MicroProgram& program, unsigned lanes)
    : placement_(from_row_0(program)), program_(program, placement_), array_(program_.rows(), (lanes + 31) / 32 * 32) {}

void ProgramArray::load(std::span<const LaneOperands> lanes) {
  const pim::MicroProgram& program = program_.program();
  array_.load_words(placement_.a, program.a_rows, 0, field(lanes, &LaneOperands::a));
  array_.load_words(placement_.b, program.b_rows, 0, field(lanes, &LaneOperands::b));
  if (program.reads_d) array_.load_words(placement_.d, program.d_rows, 0, field(lanes, &LaneOperands::d));
}

pim::CellEvents ProgramArray::run(unsigned lanes, std::uint64_t guards) { return array_.run(program_, 0, lanes, guards); }

std::vector<LaneResult> ProgramArray::results(unsigned lanes) const {
  const unsigned bits = program_.program().d_rows, low_bits = std::min(bits, 64u);
  std::vector<std::uint64_t> low(lanes), high(lanes);
  array_.store_words(placement_.d, low_bits, 0, low);
  if (bits > 64) array_.store_words(placement_.d + 64, bits - 64, 0, high);
  std::vector<LaneResult> results(lanes);
  for (unsigned i = 0; i < lanes; ++i) results[i] = {low[i], high[i]};
  return results;
}

std::vector<LaneResult> evaluate(const pim::LogicFamily& family, const PimOperation& operation, const std::vector<LaneOperands>& operands) {
  // Lines by the scalar that they share; all together where each lane has its own b.
  std::map<std::uint64_t, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < operands.size(); ++i) groups[operation.scalar ? operands[i].b : 0].push_back(i);
  std::vector<LaneResult> results(operands.size());
  ProgramArray array(program_of(family, operation), static_cast<unsigned>(std::min<std::size_t>(std::max<std::size_t>(operands.size(), 1), most_lanes)));
  for (const auto& [b, lines] : groups)
    for (std::size_t first = 0; first < lines.size(); first += array.lanes()) {
      const auto part = std::span(lines).subspan(first, std::min<std::size_t>(array.lanes(), lines.size() - first));
      std::vector<LaneOperands> lanes;
      for (const std::size_t line : part) lanes.push_back(operands[line]);
      array.load(lanes);
      array.run(static_cast<unsigned>(part.size()), operation.scalar ? guards_of(operation, b) : ~std::uint64_t{0});
      const auto values = array.results(static_cast<unsigned>(part.size()));
      for (std::size_t i = 0; i < part.size(); ++i) results[part[i]] = values[i];
    }
  return results;
}

std::vector<LaneOperands> read_operands(const std::string& path, const PimOperation& operation) {
  std::ifstream file(path);
  if (!file) throw core::FileError(fmt::format("{}: cannot be read", path));
  const OperandBits bits = operand_bits(operation);
  const std::size_t least = bits.b > 0 ? 2 : 1, most = least + (bits.reads_d ? 1 : 0);
  std::vector<LaneOperands> operands;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const auto columns = columns_of(line);
    if (columns.empty()) continue;
    if (columns.size() < least || columns.size() > most)
      throw core::InputError(fmt::format("{}:{}:{}: {} numbers, allowed are {}", path, number, columns.back().at, columns.size(),
                                         least == most ? fmt::format("{}", least) : fmt::format("{} or {}", least, most)));
    LaneOperands lane;
    const auto take = [&](const Column& column, unsigned width) {
      const auto value = hex_value(column.text, width);
      if (!value)
        throw core::InputError(
            fmt::format("{}:{}:{}: '{}' is no operand, allowed is a hex number of {} bits without prefix", path, number, column.at, column.text, width));
      return *value;
    };
    lane.a = take(columns[0], bits.a);
    if (least == 2) lane.b = take(columns[1], bits.b);
    if (columns.size() == 3) lane.d = take(columns[2], bits.d);
    operands.push_back(lane);
  }
  if (file.bad()) throw core::FileError(fmt::format("{}: cannot be read", path));
  return operands;
}

std::optional<std::uint64_t> hex_value(std::string_view text, unsigned bits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  if (bits < 64 && (value >> bits) != 0) return std::nullopt;
  return value;
}

std::string hex(const LaneResult& result, unsigned bits) {
  const unsigned digits = (bits + 3) / 4;
  if (digits <= 16) return fmt::format("{:0{}X}", result.low, digits);
  return fmt::format("{:0{}X}{:016X}", result.high, digits - 16, result.low);
}

}  // namespace spinvp::platform
