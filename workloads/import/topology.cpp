// SCALE-Sim's topologies: one layer a line, comma-separated, below a header line.
//
//   Layer name, IFMAP height, IFMAP width, filter height, filter width, channels, num filter, strides,
//   Layer, M, N, K,
//
// The header tells the forms apart. A line that is empty but for commas is skipped; columns that no one reads are ignored as that tool ignores them, but for a sparsity ratio other than
// 1:1, which is refused. As there, a name with DP in it is a depth-wise convolution: each channel is convolved alone, with all its filters. Rows are independent of each other: sizes
// need not fit. The output of a convolution is ceil((extent - filter + stride) / stride), and nothing is padded.
#include <algorithm>
#include <charconv>
#include <sstream>

#include "models/core/error.h"
#include "workloads/graph/inference.h"
#include "workloads/import/graph_builder.h"
#include "workloads/import/import.h"

namespace spinvp::workloads {
namespace {

std::string trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return std::string(text);
}

// Tabs separate where there is no comma. Fields that are empty at the end do not count.
std::vector<std::string> fields_of(const std::string& line) {
  const char separator = line.find(',') == std::string::npos && line.find('\t') != std::string::npos ? '\t' : ',';
  std::vector<std::string> fields;
  std::istringstream text(line);
  for (std::string field; std::getline(text, field, separator);) fields.push_back(trimmed(field));
  while (!fields.empty() && fields.back().empty()) fields.pop_back();
  return fields;
}

class TopologyImport {
 public:
  TopologyImport(const std::string& source, const ImportOptions& options)
      : source_(printable(source)), batch_(static_cast<std::int64_t>(options.batch.value_or(1))) {}

  Graph run(const std::string& text) {
    graph_.source = source_;
    std::istringstream lines(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);  // a byte order mark
    for (std::string line; std::getline(lines, line);) {
      ++line_;
      const auto fields = fields_of(line);
      if (fields.empty() && line_ > 1) continue;
      if (line_ == 1)
        take_header(fields);
      else if (is_product_)
        add_product(fields);
      else
        add_convolution(fields);
    }
    if (graph_.nodes().empty()) throw core::InputError(source_ + ": no layers, a header and at least one layer below it are needed");
    complete_graph(graph_);
    return std::move(graph_);
  }

 private:
  std::string source_;
  std::int64_t batch_;
  Graph graph_;
  GraphBuilder builder_{graph_};
  bool is_product_ = false;
  std::size_t line_ = 0, sparsity_ = 0, second_stride_ = 0;  // columns; 0: there is none

  [[noreturn]] void refuse(const std::string& what) const { throw core::InputError(source_ + ':' + std::to_string(line_) + ": " + what); }

  void take_header(std::vector<std::string> names) {
    for (std::string& name : names)
      std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    is_product_ = names.size() >= 4 && names[1] == "m" && names[2] == "n" && names[3] == "k";
    if (!is_product_ && names.size() < 8)
      refuse(
          "no header of a SCALE-Sim topology, allowed are `Layer name, IFMAP height, IFMAP width, filter height, filter width, channels, num filter, strides` "
          "and "
          "`Layer, M, N, K`");
    for (std::size_t i = is_product_ ? 4 : 8; i < names.size(); ++i) {
      if (names[i].find("sparsity") != std::string::npos) sparsity_ = i;
      if (!is_product_ && i == 8 && names[i].find("stride") != std::string::npos) second_stride_ = i;
    }
  }

  std::int64_t number(const std::vector<std::string>& fields, std::size_t column, const char* what) const {
    constexpr std::int64_t most = 1 << 30;
    if (column >= fields.size()) refuse("the layer has no " + std::string(what) + ", column " + std::to_string(column + 1) + " is needed");
    const std::string& text = fields[column];
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > most)
      refuse(std::string(what) + " is '" + printable(text) + "', allowed are whole numbers from 1 to " + std::to_string(most));
    return value;
  }

  void begin(const std::vector<std::string>& fields) {
    builder_.where = source_ + ':' + std::to_string(line_);
    if (sparsity_ != 0 && sparsity_ < fields.size() && fields[sparsity_] != "1:1" && !fields[sparsity_].empty())
      refuse("a sparsity of '" + printable(fields[sparsity_]) + "' is not modelled, allowed is 1:1");
  }

  void add_product(const std::vector<std::string>& fields) {
    begin(fields);
    const std::int64_t m = number(fields, 1, "M"), n = number(fields, 2, "N"), k = number(fields, 3, "K");
    const std::string name = layer_name(fields[0]);
    const TensorId a = builder_.input(name + ".input", {builder_.element, {batch_ * m, k}}), b = builder_.parameter(name + ".weight", {k, n});
    graph_.add_output(builder_.node(name, "MatMul", {a, b}));
  }

  void add_convolution(const std::vector<std::string>& fields) {
    begin(fields);
    const std::int64_t height = number(fields, 1, "IFMAP height"), width = number(fields, 2, "IFMAP width");
    const std::int64_t rows = number(fields, 3, "filter height"), columns = number(fields, 4, "filter width");
    const std::int64_t channels = number(fields, 5, "channels"), filters = number(fields, 6, "num filter"), stride = number(fields, 7, "strides");
    const std::int64_t across = second_stride_ != 0 && second_stride_ < fields.size() ? number(fields, second_stride_, "stride width") : stride;
    const bool depthwise = fields[0].find("DP") != std::string::npos;
    const std::string name = layer_name(fields[0]);
    const TensorId image = builder_.input(name + ".input", {builder_.element, {batch_, channels, height, width}});
    const TensorId weight = builder_.parameter(name + ".weight", {depthwise ? channels * filters : filters, depthwise ? 1 : channels, rows, columns});
    Attributes attributes;
    attributes.set("strides", std::vector{stride, across});
    attributes.set("group", depthwise ? channels : std::int64_t{1});
    attributes.set("output_size", std::string("scale_sim"));
    graph_.add_output(builder_.node(name, "Conv", {image, weight}, std::move(attributes)));
  }

  // Two layers may have one name: nobody looks tensors up by name here.
  [[nodiscard]] static std::string layer_name(const std::string& name) { return name.empty() ? "layer" : name; }
};

}  // namespace

Graph import_topology(const std::string& text, const std::string& source, const ImportOptions& options) { return TopologyImport(source, options).run(text); }

}  // namespace spinvp::workloads
