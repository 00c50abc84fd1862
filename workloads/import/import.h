// Brings a network in from a file: ONNX (.onnx), a SCALE-Sim topology (.csv) or our own form (.yaml, .yml); or one that ships, by name.
//
// The result is a complete graph (graph/inference.h). Wrong input throws core::InputError, one line `file[:line[:column]]: [node '...':] what is wrong, what is allowed`; a file that
// cannot be read throws core::FileError.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "workloads/graph/graph.h"

namespace spinvp::workloads {

struct ImportOptions {
  // Images, sequences, rows at once. Not given: what the file says, 1 where it leaves it open. SCALE-Sim's topologies have no batch: each row is worked on that many times.
  std::optional<std::uint64_t> batch = {};
  // Other extents that the file names without a number (ONNX), or gives a default for (our YAML, `sizes`): "sequence" -> 384.
  std::map<std::string, std::uint64_t> sizes = {};
  bool allow_unknown = false;  // charge unknown operators as element-wise passes
  bool keep_weights = false;   // keep the values of large tensors; small ones (shape arithmetic) are always kept
};

// `network`: a file that ends in .onnx, .csv, .yaml or .yml, or the name of a network that ships.
Graph import_network(const std::string& network, const ImportOptions& options = {});

// The importers alone. `source`: how errors name the text.
Graph import_onnx(const std::string& bytes, const std::filesystem::path& source, const ImportOptions& options = {});
Graph import_topology(const std::string& text, const std::string& source, const ImportOptions& options = {});
Graph import_yaml(const std::string& text, const std::string& source, const ImportOptions& options = {});

// "name=extent" texts of the command line. Throws core::InputError (usage) with the text and what is allowed.
std::map<std::string, std::uint64_t> sizes_of(const std::vector<std::string>& texts);

inline constexpr std::uint64_t most_batch = 1 << 20;

}  // namespace spinvp::workloads
