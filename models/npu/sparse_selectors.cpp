#include "models/npu/sparse_selectors.h"

#include <bit>

#include <fmt/format.h>

#include "models/core/component.h"
#include "models/technology/logic.h"

namespace spinvp::npu {

unsigned index_bits(std::uint64_t reach) { return reach < 2 ? 0 : static_cast<unsigned>(std::bit_width(reach - 1)); }

SparseEvents declare_sparse_energy(core::Simulation& simulation, core::ComponentId id, const std::string& node, std::uint64_t reach) {
  SparseEvents events;
  if (reach == 0) return events;
  const technology::LogicEnergies& table = *technology::find_logic_table(node);
  const unsigned levels = index_bits(reach);
  const auto comparison = [&](const char* event, unsigned bits) {
    return simulation.energy.declare(
        id, event, "sparsity", table.int32_add * (bits / 32.0),
        fmt::format("derived: a comparison of magnitudes is an integer subtraction of {} bits at {}; {}", bits, node, table.arithmetic_source));
  };
  const auto selection = [&](const char* event, unsigned bits) {
    return simulation.energy.declare(id, event, "sparsity", table.int32_add * (levels * bits / 32.0),
                                     fmt::format("assumed: {} levels of {} multiplexers, each at most an integer adder of that width at {}; {}", levels, bits,
                                                 node, table.arithmetic_source));
  };
  events.comparison_fp32 = comparison("sparse_comparison_fp32", 32);
  events.comparison_bf16 = comparison("sparse_comparison_bf16", 16);
  events.selection_fp32 = selection("sparse_selection_fp32", 32);
  events.selection_bf16 = selection("sparse_selection_bf16", 16);
  const technology::PricedEnergy index = technology::scratch_access(table, levels);
  events.index = simulation.energy.declare(id, "sparse_index", "array operands", index.each, index.source);
  return events;
}

}  // namespace spinvp::npu
