// Completes a graph that an importer made: rules, order, shapes, shape arithmetic, roles.
#pragma once

#include <map>
#include <set>
#include <string>

#include "workloads/graph/graph.h"

namespace spinvp::workloads {

struct InferenceOptions {
  bool allow_unknown = false;  // charge unknown operators as element-wise passes
  std::map<std::string, TensorType> declared =
      {};  // types that the file states, by tensor: taken for outputs of unknown operators; all others must have the stated shape
  std::set<std::string> open_inputs = {};  // inputs whose extents the file leaves open: never weights
};

// Throws InputError, naming the node: an operator that is not known in its opset (with the list of those that are), a missing input, a cycle, shapes that disagree with each other or
// with what the file declares, extents beyond 64-bit arithmetic.
void complete_graph(Graph& graph, const InferenceOptions& options = {});

}  // namespace spinvp::workloads
