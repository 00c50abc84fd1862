// What the graph knows of an operator: one row for each, in the file of its family (operators/*.cpp).
//
// A new operator is a new row there; a new family is a new file and one line in operator_rules.cpp. Rules never see another node. A row has
//   name        ONNX's name, which our YAML uses too
//   inputs      least and most number; most 0: any number
//   attributes  all names that the rules know in any opset: another one refuses the node, since it could change what the node means
//   infer       element type and shape of each output (of the first ones: an output that is named beyond them refuses the node)
//   products    the matrix products that the node amounts to; null: it is a pass of the vector unit
//   evaluate    its values when all inputs are known, for shape arithmetic; null, or nothing returned: never at import
//   weights     inputs (as bits) that usually hold a parameter: a graph input that only fills such slots is a parameter whose values are missing
//   settings    inputs that hold shapes, axes, bounds: no data flows from them
//   statistics  inputs that hold running statistics
//   moves       how much a pass reads and writes beside its outputs
//   of_training only differentiation makes it: a file that names it names an unknown operator
//   first_opset the opset from which on we know its meaning; up to last_known_opset
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/graph/node_view.h"

namespace spinvp::workloads {

// The opsets whose operators these rows describe.
inline constexpr int least_opset = 7, last_known_opset = 24;

// `count` products of m x k by k x n. A convolution is its im2col product, one for each group: m output positions of all images, n filters and k = channels x window of one group.
struct MatrixProduct {
  std::uint64_t count = 1, m = 0, n = 0, k = 0;
  bool operator==(const MatrixProduct&) const = default;
};

enum class Moves : std::uint8_t {
  all,            // reads its inputs, writes its outputs
  what_it_takes,  // reads as many elements as it writes: Gather, Slice, Split
  nothing,        // a view: Reshape, Identity
};

struct OperatorRules {
  std::string_view name = {};
  struct {
    std::size_t least, most;
  } inputs = {1, 1};
  std::vector<std::string_view> attributes = {};
  std::vector<TensorType> (*infer)(const NodeView&) = nullptr;
  std::vector<MatrixProduct> (*products)(const NodeView&) = nullptr;
  std::optional<std::vector<Values>> (*evaluate)(const NodeView&) = nullptr;
  std::uint32_t weights = 0, settings = 0, statistics = 0;
  Moves moves = Moves::all;
  int first_opset = least_opset;
  bool needs_values = true;  // evaluate needs the values of the inputs, not their shapes alone
  bool of_training = false;
};

// Null where there is none.
const OperatorRules* find_operator(std::string_view name);
// Those that a file may name, in the order of the alphabet.
std::vector<std::string> operator_names();
// An operator that nobody knows, charged as an element-wise pass over its largest tensor (ImportOptions::allow_unknown).
const OperatorRules& unknown_operator();

// The families.
const std::vector<OperatorRules>& activation_gradient_operators();
const std::vector<OperatorRules>& constant_operators();
const std::vector<OperatorRules>& convolution_operators();
const std::vector<OperatorRules>& elementwise_operators();
const std::vector<OperatorRules>& gradient_operators();
const std::vector<OperatorRules>& matrix_operators();
const std::vector<OperatorRules>& movement_operators();
const std::vector<OperatorRules>& normalisation_operators();
const std::vector<OperatorRules>& pooling_operators();
const std::vector<OperatorRules>& reduction_operators();
const std::vector<OperatorRules>& shape_operators();
const std::vector<OperatorRules>& training_operators();

}  // namespace spinvp::workloads
