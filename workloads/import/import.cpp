#include "workloads/import/import.h"

#include <array>
#include <charconv>

#include "models/core/error.h"
#include "models/core/fields.h"
#include "workloads/import/text_file.h"
#include "workloads/networks/shipped.h"

namespace spinvp::workloads {
namespace {

struct Form {
  const char* ending;
  Graph (*import)(const std::string& text, const std::filesystem::path& source, const ImportOptions& options);
};

constexpr std::array forms = {
    Form{".onnx", import_onnx},
    Form{".csv",
         [](const std::string& text, const std::filesystem::path& source, const ImportOptions& o) { return import_topology(text, source.string(), o); }},
    Form{".yaml", [](const std::string& text, const std::filesystem::path& source, const ImportOptions& o) { return import_yaml(text, source.string(), o); }},
    Form{".yml", [](const std::string& text, const std::filesystem::path& source, const ImportOptions& o) { return import_yaml(text, source.string(), o); }},
};

}  // namespace

std::map<std::string, std::uint64_t> sizes_of(const std::vector<std::string>& texts) {
  constexpr std::uint64_t most = 1ull << 30;
  std::map<std::string, std::uint64_t> sizes;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) throw core::InputError("--size " + printable(text) + ": must be name=extent", core::ExitStatus::usage);
    std::uint64_t extent = 0;
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data() + equals + 1, end, extent);
    if (error != std::errc() || last != end || extent < 1 || extent > most)
      throw core::InputError("--size " + printable(text) + ": allowed are whole numbers from 1 to " + std::to_string(most), core::ExitStatus::usage);
    sizes[text.substr(0, equals)] = extent;
  }
  return sizes;
}

Graph import_network(const std::string& network, const ImportOptions& options) {
  if (const ShippedNetwork* shipped = find_shipped_network(network)) return import_yaml(shipped->text, network + ".yaml", options);
  const std::filesystem::path path(network);
  for (const Form& form : forms)
    if (path.extension() == form.ending) return form.import(read_text_file(path), path, options);
  std::vector<std::string> names;
  std::string list;
  for (const ShippedNetwork& n : shipped_networks()) {
    names.push_back(n.name);
    list += (list.empty() ? "" : ", ") + n.name;
  }
  const std::string near = core::nearest(network, names);
  throw core::InputError(printable(network) + ": no network of that name" + (near.empty() ? "" : " (nearest is '" + near + "')") +
                         " and no file that is known by its ending, allowed are .onnx, .csv, .yaml, .yml and the names " + list);
}

}  // namespace spinvp::workloads
