// In which numbers an inference is computed.
#pragma once

#include "workloads/graph/graph.h"

namespace spinvp::workloads {

// Activations and weights in bf16. Constants and statistics stay as they are: maps read any format.
void narrow(Graph& graph);

}  // namespace spinvp::workloads
