// A tensor of a network: name, element type, shape, who makes it and who uses it, and its values where they are known.
//
// Shapes list extents from the slowest to the fastest, as ONNX does; rank 0 is a scalar. An extent is at least 0 (0: an empty tensor, met in shape arithmetic alone). A tensor has at
// most 2^40 elements, so that products of extents stay in 64 bits (shape.h checks).
//
// Values are kept as raw little-endian bytes, packed, in the order of the shape. Large weights are kept only if the importer is asked to (ImportOptions::keep_weights); a parameter
// without values serves phantom runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workloads/graph/element_type.h"

namespace spinvp::workloads {

enum class TensorId : std::uint32_t {};
enum class NodeId : std::uint32_t {};
constexpr std::size_t index(TensorId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t index(NodeId id) { return static_cast<std::size_t>(id); }

using Shape = std::vector<std::int64_t>;

struct TensorType {
  ElementType element = ElementType::float32;
  Shape shape;
  bool operator==(const TensorType&) const = default;
};

enum class Role : std::uint8_t {
  input,       // of the network
  parameter,   // a weight: training changes it
  statistics,  // running mean and variance of a batch normalisation: stored beside the weights, no parameter
  constant,    // a fixed value: shapes, axes, scale factors
  derived,     // computed from parameters and constants alone, so the same for every input
  activation,  // computed from an input
};

using Bytes = std::shared_ptr<const std::vector<std::byte>>;

struct Tensor {
  std::string name = {};
  TensorType type = {};
  Role role = Role::activation;
  Bytes values = {};                    // null: shape only
  std::optional<NodeId> producer = {};  // none for inputs, parameters and constants
  std::vector<NodeId> consumers = {};   // in the order in which they were added; a node that reads it twice stands twice
  [[nodiscard]] bool varies() const { return role == Role::input || role == Role::activation; }
};

}  // namespace spinvp::workloads
