#include "workloads/graph/precision.h"

namespace spinvp::workloads {

void narrow(Graph& graph) {
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    Tensor& t = graph.tensor(TensorId{static_cast<std::uint32_t>(i)});
    if (t.type.element == ElementType::float32 && t.role != Role::constant && t.role != Role::statistics) t.type.element = ElementType::bfloat16;
  }
}

}  // namespace spinvp::workloads
