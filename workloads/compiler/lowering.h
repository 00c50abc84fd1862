// From the graph's nodes to kernels. What an operator becomes is a row in the file of its family (lowering/*.cpp): name and function. A new operator is a row; a new family is a file and
// one line in lowering.cpp. Arithmetic is that of the contract: fp32 within a node, one operation at a time in a fixed order, one rounding to each output's type.
#pragma once

#include <string_view>
#include <vector>

#include "workloads/compiler/compile.h"
#include "workloads/compiler/emitter.h"

namespace spinvp::workloads::compiler {

struct LoweringRow {
  std::string_view name;
  void (*lower)(Emitter&);
};

// Null where there is none.
const LoweringRow* find_lowering(std::string_view name);
// In the order of the alphabet.
std::vector<std::string_view> lowering_names();

// Kernels of all nodes of the graph, in its order. Throws InputError naming the node and its operator where there is no row for it.
Draft lower(const Graph& graph, const CompileRequest& request, const CompileOptions& options);

// x^exponent for an exponent that is known: products for 2 and 3, a root for 0.5, otherwise exp(exponent * log(x)).
Value power_of(Expression& e, Value x, float exponent);

// The families.
const std::vector<LoweringRow>& elementwise_lowerings();
const std::vector<LoweringRow>& activation_gradient_lowerings();
const std::vector<LoweringRow>& product_lowerings();
const std::vector<LoweringRow>& convolution_lowerings();
const std::vector<LoweringRow>& reduction_lowerings();
const std::vector<LoweringRow>& normalisation_lowerings();
const std::vector<LoweringRow>& pooling_lowerings();
const std::vector<LoweringRow>& movement_lowerings();
const std::vector<LoweringRow>& view_lowerings();
const std::vector<LoweringRow>& training_lowerings();

}  // namespace spinvp::workloads::compiler
