#include "models/npu/npu_config.h"

#include "models/technology/logic.h"

namespace spinvp::npu {

const core::Schema& NpuConfig::schema() {
  constexpr double most_address = 1.8446744073709550e19;
  const char* latency = "assumed: an iterative unit, two bits of the result a step and more";
  static const core::Schema schema = [&] {
    std::vector<std::string> nodes;
    for (const technology::LogicEnergies& table : technology::logic_tables()) nodes.push_back(table.node);
    return core::Schema::of<NpuConfig>()
        .field("cores", &NpuConfig::cores,
               {.least = 1,
                .most = most_cores,
                .text = "cores that share a job: each has an array, a vector unit, buffers, a bus port and its share of the scratch region"})
        .field("partition", &NpuConfig::partition,
               {.choices = {"auto", "batch", "channels", "rows"},
                .text = "what of a matrix product the cores divide among them (models/npu/partition.h); auto: for each one what takes the least cycles"})
        .field("partition_bytes", &NpuConfig::partition_bytes,
               {.least = 0,
                .most = 1 << 20,
                .unit = "bytes",
                .source = "the interconnect's width_bytes unless configured",
                .text = "that partition auto expects a core's port and the on-chip memory's to carry a cycle; 0: it looks at cycles alone"})
        .field("rows", &NpuConfig::rows, {.least = 1, .most = 1024, .text = "rows of the systolic array"})
        .field("columns", &NpuConfig::columns, {.least = 1, .most = 1024, .text = "columns of the systolic array"})
        .field("clock", &NpuConfig::clock, {.least = 1e6, .most = 1e10, .unit = "Hz", .text = "clock of the array and of the vector unit"})
        .field("dataflow", &NpuConfig::dataflow, {.choices = {"os", "ws", "is"}, .text = "what stays in the array: outputs, weights or inputs"})
        .field("fold_cost", &NpuConfig::fold_cost,
               {.choices = {"exact", "pipelined"}, .text = "a fold ends before the next begins, or they follow on each other's heels (models/npu/fold_law.h)"})
        .field("vector_lanes", &NpuConfig::vector_lanes, {.least = 1, .most = 4096, .text = "elements that the vector unit takes a cycle"})
        .field(
            "exp_cycles", &NpuConfig::exp_cycles,
            {.least = 1, .most = 1000, .unit = "cycles", .source = latency, .text = "an exponential, an error function or a hyperbolic tangent, on each lane"})
        .field("log_cycles", &NpuConfig::log_cycles, {.least = 1, .most = 1000, .unit = "cycles", .source = latency, .text = "a logarithm, on each lane"})
        .field("divide_cycles", &NpuConfig::divide_cycles,
               {.least = 1, .most = 1000, .unit = "cycles", .source = latency, .text = "a division or a square root, on each lane"})
        .field(
            "dispatch_cycles", &NpuConfig::dispatch_cycles,
            {.least = 1, .most = 100000, .unit = "cycles", .source = "assumed: a small sequencer", .text = "from a descriptor to the first load of its tiles"})
        .field("onchip_base", &NpuConfig::onchip_base,
               {.least = 0, .most = most_address, .text = "start of the on-chip memory: operands that lie there are read in place"})
        .field("onchip_size", &NpuConfig::onchip_size, {.least = 0, .most = most_address, .text = "size of the on-chip memory; 0: there is none"})
        .field("scratch_base", &NpuConfig::scratch_base, {.least = 0, .most = most_address, .text = "where tiles may lie: reset value of SCRATCH_BASE"})
        .field("scratch_size", &NpuConfig::scratch_size, {.least = 0, .most = most_address, .text = "reset value of SCRATCH_SIZE"})
        .field("tile_size", &NpuConfig::tile_size,
               {.least = 64, .most = 1 << 30, .text = "what a tile of an operand aims at: smaller ones overlap better, larger ones need fewer bursts"})
        .field("accumulator_size", &NpuConfig::accumulator_size,
               {.least = 64,
                .most = 1 << 30,
                .source = "assumed: as recalled of TPU v1 (4 MiB of 32-bit accumulators)",
                .text = "sums of a tile where weights or inputs are stationary"})
        .field("operand_buffer", &NpuConfig::operand_buffer,
               {.least = 0,
                .most = 1 << 30,
                .source = "assumed: three strips of 128 rows over k = 3072 that stay and two that pass, in bf16 (the second product of a feed-forward layer of "
                          "BERT-base)",
                .text = "memory between the on-chip memory and the array: blocks of operands that it holds are not read again; 0: none"})
        .field("stream_buffer", &NpuConfig::stream_buffer, {.least = 64, .most = 1 << 24, .text = "a chunk of each input of the vector unit; two are buffered"})
        .field("job_limit", &NpuConfig::job_limit, {.least = 1, .most = 1e18, .text = "multiply-accumulates of one descriptor beyond which it is refused"})
        .field("sparse_group", &NpuConfig::sparse_group,
               {.least = 0,
                .most = 64,
                .text = "largest M of N:M sparsity (network.sparsity) that the operand selectors reach (models/npu/sparse_product.h); 0: no selectors"})
        .field("mac_granule", &NpuConfig::mac_granule,
               {.least = 0,
                .most = 24,
                .unit = "bits",
                .text = "multipliers are made of bricks of so many bits a side, and narrow significands take fewer of them (docs/npu-options.md); 0: they are "
                        "of one piece"})
        .field("rebuild_lanes", &NpuConfig::rebuild_lanes,
               {.least = 0,
                .most = 4096,
                .unit = "elements",
                .text = "compressed weights that are rebuilt a cycle on their way to the array (docs/npu-options.md); 0: there is no unit that does"})
        .field("logic_node", &NpuConfig::logic_node, {.choices = nodes, .text = "process node of the energies of arithmetic (models/technology)"})
        .field("element_leakage", &NpuConfig::element_leakage,
               {.least = 0,
                .most = 1000,
                .unit = "uW",
                .source = "assumed: 0.1 to 1 % of the power of a working fp32 unit at 1 GHz",
                .text = "leakage of one processing element"})
        .field("element_clock", &NpuConfig::element_clock,
               {.least = 0,
                .most = 1000,
                .unit = "uW",
                .source = "assumed: three 32-bit registers of an idle processing element at 1 GHz",
                .text = "clock power of one processing element while powered and clocked"})
        .field("element_area", &NpuConfig::element_area,
               {.least = 0,
                .most = 1e9,
                .unit = "um2",
                .source = "assumed: recalled, fp32 multiplier 7700 um2 + adder 4184 um2 at 45 nm (Horowitz, ISSCC 2014 slides); registers left out",
                .text = "one processing element"})
        .field("selector_area", &NpuConfig::selector_area,
               {.least = 0,
                .most = 1e9,
                .unit = "um2",
                .source = "assumed: 32 multiplexers of two inputs, each 0.4 of a full adder; recalled, a 32-bit integer adder has 137 um2 at 45 nm (Horowitz, "
                          "ISSCC 2014 slides)",
                .text = "selectors of one processing element, for each of the sparse_group values beyond the first"})
        .what_if({"rows",       "columns",       "clock",           "dataflow",      "fold_cost",        "vector_lanes",   "exp_cycles",
                  "log_cycles", "divide_cycles", "dispatch_cycles", "tile_size",     "accumulator_size", "operand_buffer", "stream_buffer",
                  "job_limit",  "logic_node",    "element_leakage", "element_clock", "element_area",     "selector_area"});
  }();
  return schema;
}

}  // namespace spinvp::npu
