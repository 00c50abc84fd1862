// Tensors as ONNX stores them: their types and values.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "workloads/graph/tensor.h"

// What Debian's library was built with.
#define ONNX_ML        1
#define ONNX_NAMESPACE onnx
#include <onnx/onnx_pb.h>

namespace spinvp::workloads {

// Nothing for strings, complex numbers and what came after the types we know.
std::optional<ElementType> element_type_of_onnx(std::int64_t code);

// Type and shape of a stored tensor. `refused` names it in errors: "file: initializer 'x'".
TensorType type_of_onnx(const onnx::TensorProto& stored, const std::string& refused);

// Its values, packed; null where the file holds none. Values in a file of their own are read from `folder`; where that file is missing, there are none. Throws core::InputError where
// there are more or fewer values than the shape says, or the other file lies outside of `folder`.
Bytes values_of_onnx(const onnx::TensorProto& stored, const TensorType& type, const std::filesystem::path& folder, const std::string& refused);

}  // namespace spinvp::workloads
